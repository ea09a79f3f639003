"""Whole files, read with errors that say what is wrong with the place."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from nngraph.errors import FileError, diagnostic, suggest
from nngraph.files.memory import check_fits

LISTED = 6  # files that are named where one is missing


def read_bytes(path: Path, at_most: int | None = None) -> bytes:
    """The content of a file.

    Errors: FileError when it cannot be read or holds more than `at_most` bytes; CapacityError where
    it would not fit into memory.
    """
    with reading(path), open_file(path) as file:
        there = os.fstat(file.fileno()).st_size
        if at_most is None:
            check_fits(path, there)
            return file.read()
        content = file.read(at_most + 1) if there <= at_most else b""
    if there > at_most or len(content) > at_most:  # it may have grown since
        raise FileError(diagnostic("E807", path=path, most=at_most))
    return content


def read_text(path: Path, at_most: int | None = None) -> str:
    """The content of a UTF-8 text file, line breaks as they are, a byte-order mark removed.

    Errors: FileError when it cannot be read or is not UTF-8.
    """
    content = read_bytes(path, at_most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise FileError(diagnostic("E802:encoding", path=path, byte=byte, line=line)) from None


def open_file(path: Path) -> BufferedReader:
    """A regular file, opened to read its bytes; within `reading`.

    A pipe, a socket or a device is refused, and never waited for.

    Errors: FileError for what is no regular file; those of `open`.
    """
    path = Path(path)
    waits_not = getattr(os, "O_NONBLOCK", 0)  # for the other end of a pipe
    handle = os.open(path, os.O_RDONLY | waits_not | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError
        if not stat.S_ISREG(mode):
            raise FileError(diagnostic("E802:no-file", path=path))
        return open(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        nearby = _neighbours(Path(path))
        raise FileError(diagnostic("E801", path=path, nearby=nearby)) from None
    except IsADirectoryError:
        raise FileError(diagnostic("E802:folder", path=path)) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileError(diagnostic("E802", path=path, reason=reason(error))) from error


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder '{path.parent}' does not exist either"
    with contextlib.suppress(OSError):
        names = sorted(entry.name for entry in path.parent.iterdir())
        alike = [name for name in names if name.endswith(path.suffix or "/")][:LISTED]
        where = "here" if path.parent == Path() else f"in '{path.parent}'"
        there = (
            f"{where} there are {', '.join(alike)}"
            if alike
            else f"nothing {where} is like it; look for its name and folder"
        )
        return suggest(path.name, names) or there
    return ""


def reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]
