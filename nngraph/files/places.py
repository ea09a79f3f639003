"""Where a file that a spec names may lie."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from nngraph.errors import Diagnostic, FileError


def resolve_inside(folder: Path, name: str, root: Path | None = None) -> Path:
    """The path of a file that a spec names, which must lie inside the spec's folder.

    With `root` (the command line's --data-root) it may lie there instead, by the same name.
    Symbolic links are followed before the place is judged. The file need not exist.

    Errors: FileError for absolute names and names that lead out; the caller adds the place.
    """
    if _is_absolute(name):
        raise _outside(f"'{name}' is an absolute path", folder, root)
    inside = [
        path
        for path in (_within(base, name) for base in (folder, root) if base is not None)
        if path is not None
    ]
    if not inside:
        raise _outside(f"'{name}' leads out of the folder of the spec", folder, root)
    return next((path for path in inside if path.exists()), inside[0])


def _is_absolute(name: str) -> bool:
    windows = PureWindowsPath(name)
    return PurePosixPath(name).is_absolute() or bool(windows.drive or windows.root)


def _within(base: Path, name: str) -> Path | None:
    try:
        base = base.resolve()
        path = (base / name).resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a NUL
        raise FileError(Diagnostic("E802", f"'{name}' is no usable path: {error}")) from error
    return path if path.is_relative_to(base) else None


def _outside(what: str, folder: Path, root: Path | None) -> FileError:
    also = "" if root is None else f" or '{root}'"
    return FileError(
        Diagnostic(
            "E805",
            f"{what}; a spec reads only files inside its own folder",
            help=f"write a path inside '{folder}'{also}, or give --data-root FOLDER",
        )
    )
