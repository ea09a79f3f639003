"""A .npy file as an array whose pages are read when they are used."""

from __future__ import annotations

import tokenize
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import ModelFileError, diagnostic
from nngraph.files.reading import open_file, reading

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000  # bytes; what NumPy itself takes to be harmless to evaluate


def map_array(path: Path, shown: str | None = None) -> NDArray[Any]:
    """The array of a .npy file, read-only; `shown` is what errors call it.

    Errors: FileError when it cannot be read; ModelFileError when it is damaged, cut off or holds
    pickled objects.
    """
    shown = shown if shown is not None else str(path)
    with reading(path), open_file(path) as file:
        start = file.read(len(MAGIC))
    if start != MAGIC:
        key = "E501:no-npy" if start else "E501:empty"
        raise ModelFileError(diagnostic(key, path=shown))
    try:
        array = _open(path)
    except (OSError, ValueError, EOFError, TypeError, KeyError, OverflowError) as error:
        raise _damaged(shown, error) from error
    except (SyntaxError, tokenize.TokenError, MemoryError, RecursionError) as error:  # its header
        raise _damaged(shown, error) from error
    if Path(path).stat().st_size != _end(array):
        raise ModelFileError(diagnostic("E501:longer", path=shown))
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


def _damaged(shown: str, error: Exception) -> ModelFileError:
    text = str(error)
    if "Python objects" in text or "Object arrays" in text:
        return ModelFileError(diagnostic("E501:pickled", path=shown))
    if "mmap length is greater" in text:
        return ModelFileError(diagnostic("E501:cut-off", path=shown))
    if "max_header_size" in text or "Header info length" in text:
        return ModelFileError(diagnostic("E501:header", path=shown, most=LONGEST_HEADER))
    reason = text.strip().split("\n")[0] or type(error).__name__
    return ModelFileError(diagnostic("E501:array", path=shown, reason=reason))
