"""Whole files, read with errors that say what is wrong with the place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from nngraph.errors import Diagnostic, FileError, suggest


def read_bytes(path: Path, at_most: int | None = None) -> bytes:
    """The content of a file.

    Errors: FileError when it cannot be read or holds more than `at_most` bytes.
    """
    with reading(path), open(path, "rb") as file:
        content = file.read() if at_most is None else file.read(at_most + 1)
    if at_most is not None and len(content) > at_most:
        raise FileError(
            Diagnostic("E807", f"'{path}' is larger than the {at_most:,} bytes that are read")
        )
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
        raise FileError(
            Diagnostic(
                "E802",
                f"'{path}' is not UTF-8 text: byte {content[error.start]:#04x} in line {line}",
                help="save the file with the encoding UTF-8",
            )
        ) from None


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise FileError(
            Diagnostic("E801", f"there is no file '{path}'", help=_neighbours(Path(path)))
        ) from None
    except IsADirectoryError:
        raise FileError(Diagnostic("E802", f"'{path}' is a folder, not a file")) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileError(Diagnostic("E802", f"cannot read '{path}': {reason(error)}")) from error


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder '{path.parent}' does not exist either"
    with contextlib.suppress(OSError):
        return suggest(path.name, (entry.name for entry in path.parent.iterdir()))
    return ""


def reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]
