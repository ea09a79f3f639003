"""The .npy format: what the header says, checked before a value is read.

Source: the NumPy enhancement proposal 1, "A simple file format for NumPy arrays".
"""

from __future__ import annotations

import io
import math
import os
import warnings
from collections.abc import Callable
from io import BufferedReader
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.files.damage import BrokenArray
from nngraph.records import dataclass

MAGIC = b"\x93NUMPY"
VERSIONS = (b"\x01\x00", b"\x02\x00", b"\x03\x00")
LONGEST_HEADER = 10_000  # bytes; what NumPy itself takes to be harmless to evaluate
PIECE = 2**20  # bytes that are unpacked at a time


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """Shape, dtype and order of an array; `size` bytes stand before its first value."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    size: int

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize

    def array(self, values: NDArray[np.uint8]) -> NDArray[Any]:
        """The array whose values are these bytes."""
        flat = values.view(self.dtype)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


def read_header(read: Callable[[int], bytes]) -> NpyHeader:
    """The header of an array, from what reads so many bytes of its beginning.

    Errors: BrokenArray, and what NumPy raises for a header that is none.
    """
    start = read(len(MAGIC) + 2)
    if not start:
        raise BrokenArray("E501:empty")
    if not start.startswith(MAGIC):
        raise BrokenArray("E501:no-npy")
    if start[len(MAGIC) :] not in VERSIONS:
        raise BrokenArray("E501:array", reason="it is of no version of the format that there is")
    is_first = start.endswith(VERSIONS[0])  # from the second on the length is longer
    written = read(2 if is_first else 4)
    length = int.from_bytes(written, "little")
    if length > LONGEST_HEADER:
        raise BrokenArray("E501:header", most=LONGEST_HEADER)
    text = io.BytesIO(written + read(length))
    parse = np.lib.format.read_array_header_1_0 if is_first else np.lib.format.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of headers that Python 2 wrote
        shape, fortran, dtype = parse(text, max_header_size=LONGEST_HEADER)
    _check(shape, dtype)
    return NpyHeader(shape, dtype, fortran, len(start) + len(written) + length)


def _check(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype.hasobject:
        raise BrokenArray("E501:pickled")
    if dtype.itemsize == 0 or any(extent < 0 for extent in shape):
        raise BrokenArray("E501:array", reason=f"no array is {dtype} of the shape {shape}")


def check_length(wanted: int, file: BufferedReader) -> None:
    """Refuse a file that is shorter or longer than its array. Errors: BrokenArray."""
    there = os.fstat(file.fileno()).st_size
    if there != wanted:
        raise BrokenArray("E501:cut-off" if there < wanted else "E501:longer")


def read_values(header: NpyHeader, read: Callable[[int], bytes]) -> NDArray[Any]:
    """The array behind its header. Errors: BrokenArray where there is less of it."""
    values = np.empty(header.nbytes, np.uint8)
    for start in range(0, header.nbytes, PIECE):
        wanted = min(PIECE, header.nbytes - start)
        piece = read(wanted)
        if len(piece) != wanted:
            raise BrokenArray("E501:cut-off")
        values[start : start + wanted] = np.frombuffer(piece, np.uint8)
    return header.array(values)
