"""A .npy file as an array whose pages are read when they are used."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngraph.files.damage import damage
from nngraph.files.npy import check_length, read_header
from nngraph.files.reading import open_file, reading


def map_array(path: Path, shown: str | None = None) -> NDArray[Any]:
    """The array of a .npy file, read-only; `shown` is what errors call it.

    Errors: FileError when it cannot be read; ModelFileError when it is damaged, cut off or holds
    pickled objects.
    """
    with reading(path), damage(shown if shown is not None else path), open_file(path) as file:
        header = read_header(file.read)
        check_length(header.size + header.nbytes, file)
        if header.nbytes == 0:
            return np.empty(header.shape, header.dtype)
        order: Literal["F", "C"] = "F" if header.fortran else "C"
        mapped: NDArray[Any] = np.memmap(path, header.dtype, "r", header.size, header.shape, order)
        return mapped
