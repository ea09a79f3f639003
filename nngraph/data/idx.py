"""IDX files: arrays of bytes, as they are or gzipped, read strictly.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits" (file format).
"""

from __future__ import annotations

import gzip
import math
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import DataError, FileError, diagnostic
from nngraph.files import check_fits, open_file

LARGEST = 2**32


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The bytes of one IDX file with so many axes, plain or gzipped.

    Errors: FileError when it cannot be read; DataError when it is no such file, or too short or
    too long for the shape it states.
    """
    try:
        with open_file(path) as raw:
            if path.suffix != ".gz":
                return _decode(raw, path.name, axes)
            with gzip.open(raw, "rb") as unpacked:
                return _decode(unpacked, path.name, axes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        told = diagnostic("E401:gzip", file=path.name, reason=str(error).rstrip("."))
        raise DataError(told) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(diagnostic("E802", path=path, reason=reason)) from error


def _decode(file: BufferedIOBase, name: str, axes: int) -> NDArray[np.uint8]:
    header = file.read(4 + 4 * axes)
    magic, expected = header[:4].hex(), f"0000080{axes}"
    if magic != expected:
        raise DataError(
            diagnostic("E410", file=name, axes=axes, magic=magic or "missing", expected=expected)
        )
    shape = tuple(np.frombuffer(header[4:].ljust(4 * axes, b"\0"), ">u4").tolist())
    count = math.prod(shape)
    if not 0 < count <= LARGEST:
        raise DataError(diagnostic("E410:shape", file=name, shape=list(shape)))
    check_fits(name, 2 * count)  # the parts of the set lie behind one another in a second array
    content = file.read(count + 1)
    if len(content) != count:
        there = f"only {len(content):,}" if len(content) < count else "more"
        raise DataError(
            diagnostic("E410:bytes", file=name, shape=list(shape), bytes=count, there=there)
        )
    return np.frombuffer(content, np.uint8).reshape(shape)
