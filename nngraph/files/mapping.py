"""A .npy file as an array whose pages are read when they are used."""

from __future__ import annotations

import tokenize
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic, ModelFileError
from nngraph.files.reading import reading

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000  # bytes; what NumPy itself takes to be harmless to evaluate


def map_array(path: Path, shown: str | None = None) -> NDArray[Any]:
    """The array of a .npy file, read-only; `shown` is what errors call it.

    Errors: FileError when it cannot be read; ModelFileError when it is damaged, cut off or holds
    pickled objects.
    """
    shown = shown if shown is not None else str(path)
    with reading(path), open(path, "rb") as file:
        start = file.read(len(MAGIC))
    if start != MAGIC:
        what = "is empty" if not start else "does not begin like a .npy file"
        raise _damaged(f"'{shown}' {what}")
    try:
        array = _open(path)
    except (OSError, ValueError, EOFError, TypeError, KeyError, OverflowError) as error:
        raise _damaged(_why(shown, error), _advice(error)) from error
    except (SyntaxError, tokenize.TokenError, MemoryError, RecursionError) as error:  # its header
        raise _damaged(_why(shown, error), _advice(error)) from error
    if Path(path).stat().st_size != _end(array):
        raise _damaged(f"'{shown}' is damaged: there is more in it than its array")
    return array


def _open(path: Path) -> NDArray[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        array: NDArray[Any] = np.lib.format.open_memmap(
            path, mode="r", max_header_size=LONGEST_HEADER
        )
    return array


def _end(array: NDArray[Any]) -> int:
    """Where the last value ends in the file."""
    assert isinstance(array, np.memmap)
    return int(array.offset) + array.nbytes


def _why(shown: str, error: Exception) -> str:
    text = str(error)
    if _holds_objects(text):
        return f"'{shown}' holds pickled objects, which may carry code and are never read"
    if "mmap length is greater" in text:
        return f"'{shown}' is damaged: it is cut off before the end of its array"
    if "max_header_size" in text or "Header info length" in text:
        return f"'{shown}' is damaged: its header is longer than {LONGEST_HEADER:,} bytes"
    return f"'{shown}' is damaged: {text.strip().split(chr(10))[0] or type(error).__name__}"


def _holds_objects(text: str) -> bool:
    return "Python objects" in text or "Object arrays" in text


def _advice(error: Exception) -> str:
    if _holds_objects(str(error)):
        return "save plain arrays of numbers, without objects"
    return "save the array again with numpy.save"


def _damaged(message: str, help: str = "") -> ModelFileError:
    return ModelFileError(Diagnostic("E501", message, help=help))
