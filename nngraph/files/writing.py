"""The one atomic writer."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

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
        _write_and_sync(temporary, data)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        why = _writing_help(path, error)
        raise FileError(diagnostic("E803", path=path, reason=reason(error), why=why)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _write_and_sync(path: Path, data: bytes | Callable[[BinaryIO], None]) -> None:
    with open(path, "xb") as file:
        if isinstance(data, bytes):
            file.write(data)
        else:
            data(file)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
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
