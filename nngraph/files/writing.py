"""The one atomic writer, folders that outlive a crash, and files that grow."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from nngraph.errors import FileError, diagnostic
from nngraph.files.reading import reason


def write_atomically(path: Path, data: bytes | Callable[[BinaryIO], None]) -> None:
    """Write a file so that at every moment it is either the old one or the new one, whole.

    `data` is the content, or a function that writes it into an open binary file. A temporary file
    in the same folder is filled, synced and renamed; if anything fails, it is removed.

    Errors: FileError when the folder or disk does not take it.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with writing(path):
            write_and_sync(temporary, data)
            os.replace(temporary, path)
            sync_folder(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def make_folder(path: Path, *, new: bool = False) -> None:
    """Make a folder and those on the way to it; when this returns they are on the disk.

    Errors: FileError when it cannot be made, or a file is in the way; FileExistsError where it
    has to be `new` and something is there.
    """
    path = Path(path)
    if path.is_dir() and not new:
        return
    if not path.parent.exists():
        make_folder(path.parent)
    try:
        path.mkdir()
        sync_folder(path)
        sync_folder(path.parent)
    except FileExistsError:
        if new:
            raise
        if not path.is_dir():  # another process may have made it just now
            raise FileError(diagnostic("E806", path=path)) from None
    except OSError as error:
        why = reason(error)
        raise FileError(diagnostic("E803:folder", folder=path, reason=why)) from error


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the system while a file is written, as FileError that names the file."""
    try:
        yield
    except OSError as error:
        why = _writing_help(path, error)
        raise FileError(diagnostic("E803", path=path, reason=reason(error), why=why)) from error


def write_and_sync(path: Path, data: bytes | Callable[[BinaryIO], None]) -> None:
    """Write a new file; it is on the disk when this returns, its name once its folder is synced.

    Errors: OSError, also for a file that is there already.
    """
    with open(path, "xb") as file:
        if isinstance(data, bytes):
            file.write(data)
        else:
            data(file)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk. Errors: OSError."""
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system without it
            raise
    finally:
        os.close(handle)


def _writing_help(path: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "make room on the disk; what was there before is untouched"
    if not path.parent.is_dir():
        return f"the folder '{path.parent}' does not exist"
    return f"'{path.name}' is a folder" if path.is_dir() else ""


class AppendedFile:
    """A file that grows, there to be read as soon as something is added.

    Use: `with AppendedFile(path, content) as file: file.append(more)`. It begins with `content`,
    whatever lay there before. What was added is on the disk after `sync`, and at the end.

    Errors: FileError when the folder or disk does not take it.
    """

    def __init__(self, path: Path, content: bytes = b"") -> None:
        self.path = Path(path)
        self._content = content
        self._file: IO[bytes] | None = None

    def __enter__(self) -> AppendedFile:
        write_atomically(self.path, self._content)
        with writing(self.path):
            self._file = open(self.path, "ab", buffering=0)
        return self

    def __exit__(self, *error: object) -> None:
        file, self._file = self._file, None
        if file is not None:
            with writing(self.path), file:
                os.fsync(file.fileno())

    def append(self, data: bytes) -> None:
        """Add something at the end."""
        assert self._file is not None
        with writing(self.path):
            left = memoryview(data)
            while left:  # a system call may take less than all
                left = left[self._file.write(left) :]

    def sync(self) -> None:
        """Wait until all that was added is on the disk."""
        assert self._file is not None
        with writing(self.path):
            os.fsync(self._file.fileno())
