"""The lock of a run folder."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO

from nngraph.errors import FileError, diagnostic
from nngraph.files.reading import reason

LOCK_NAME = ".lock"
PATIENCE = 0.1  # seconds: somebody may only be looking whether it is locked


class FolderLock:
    """Keeps a second run out of a folder; ends with its process, however that ends.

    Use: `with FolderLock(folder): ...`

    Errors: FileError when another process holds it, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / LOCK_NAME
        self._file: IO[str] | None = None

    def __enter__(self) -> FolderLock:
        until = time.monotonic() + PATIENCE
        while self._file is None:
            self._file = self._acquire(until)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # removed while held: nobody holds a lock on nothing
            self.path.unlink()
        self._file.close()
        self._file = None

    def _acquire(self, until: float) -> IO[str] | None:
        """The file, locked; None where it is worth another try."""
        try:
            file = open(self.path, "a+", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            told = diagnostic("E803:lock", folder=self.path.parent, reason=reason(error))
            raise FileError(told) from error
        if not _lock(file):
            owner = _owner(file)
            file.close()
            if time.monotonic() < until:
                time.sleep(PATIENCE / 10)
                return None
            raise _in_use(self.path.parent, owner)
        if not self._is_still(file):  # its owner removed it between our open and our lock
            file.close()
            return None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return file

    def _is_still(self, file: IO[str]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), os.stat(self.path))
        except FileNotFoundError:
            return False


class WaitingLock:
    """One at a time, the others wait; ends with its process, however that ends.

    Use: `with lock: ...`. The file stays, so that taking the lock touches no disk.

    Errors: FileError where the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            told = diagnostic("E803:lock", folder=path.parent, reason=reason(error))
            raise FileError(told) from error

    def __enter__(self) -> WaitingLock:
        if sys.platform == "win32":
            import msvcrt

            while True:
                with contextlib.suppress(PermissionError):
                    os.lseek(self._handle, 0, os.SEEK_SET)
                    msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)
                    return self
                time.sleep(PATIENCE / 10)
        import fcntl

        fcntl.flock(self._handle, fcntl.LOCK_EX)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(self._handle, 0, os.SEEK_SET)
            msvcrt.locking(self._handle, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(self._handle, fcntl.LOCK_UN)

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            os.close(self._handle)


def check_unlocked(folder: Path) -> None:
    """Refuse a folder that another process has locked; nothing in it is touched.

    Errors: FileError.
    """
    path = Path(folder) / LOCK_NAME
    try:
        file = open(path, "r+", encoding="utf-8")  # noqa: SIM115
    except OSError:  # no lock, or none that we may know of
        return
    with file:
        if not _lock(file):
            raise _in_use(path.parent, _owner(file))


def _in_use(folder: Path, owner: str) -> FileError:
    return FileError(diagnostic("E804", owner=owner, folder=folder))


def _owner(file: IO[str]) -> str:
    with contextlib.suppress(OSError, ValueError):
        file.seek(0)
        return f" (process {int(file.read(20))})"
    return ""


def _lock(file: IO[str]) -> bool:
    """Lock the file for this process without waiting; False if another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
