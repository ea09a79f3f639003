"""Where a file that a spec names may lie."""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from nngraph.errors import FileError, diagnostic


def resolve_inside(folder: Path, name: str, root: Path | None = None) -> Path:
    """The path of a file that a spec names, which must lie inside the spec's folder.

    With `root` (the command line's --data-root) it may lie there instead, by the same name.
    Symbolic links are followed before the place is judged. The file need not exist.

    Errors: FileError for absolute names and names that lead out; the caller adds the place.
    """
    if _is_absolute(name):
        raise _outside("E805:absolute", name, folder, root)
    inside = [
        path
        for path in (_within(base, name) for base in (folder, root) if base is not None)
        if path is not None
    ]
    if not inside:
        raise _outside("E805", name, folder, root)
    return next((path for path in inside if path.exists()), inside[0])


def relative_path(path: Path, folder: Path) -> str:
    """The way from a folder to a path, with "/", whether they are there or not; the absolute path
    where there is none, as between two drives of Windows."""
    path, folder = path.resolve(), folder.resolve()
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()


def _is_absolute(name: str) -> bool:
    windows = PureWindowsPath(name)
    return PurePosixPath(name).is_absolute() or bool(windows.drive or windows.root)


def _within(base: Path, name: str) -> Path | None:
    try:
        base = base.resolve()
        path = (base / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a NUL
        raise FileError(diagnostic("E802:path", name=name, reason=error)) from error
    return path if path.is_relative_to(base) else None


def _outside(key: str, name: str, folder: Path, root: Path | None) -> FileError:
    folders = f"'{folder}'" if root is None else f"'{folder}' or '{root}'"
    return FileError(diagnostic(key, name=name, folders=folders))
