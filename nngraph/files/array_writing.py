"""Writing array files: equal content gives equal bytes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from nngraph.files.writing import write_atomically

AnyArray = NDArray[Any]

SAFETENSORS_NAMES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint64": "U64",
    "uint32": "U32",
    "uint16": "U16",
    "uint8": "U8",
    "bool": "BOOL",
}


def write_safetensors(
    path: Path, arrays: Mapping[str, AnyArray], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays and a mapping of texts; equal content gives equal bytes."""
    write_atomically(path, safetensors_writer(*safetensors_parts(arrays, metadata)))


def safetensors_parts(
    arrays: Mapping[str, AnyArray], metadata: Mapping[str, str] | None = None
) -> tuple[bytes, list[AnyArray]]:
    """Header and arrays of a .safetensors file, in the order in which they are written.

    Made here because the library orders its metadata at random and stores the memory of
    non-contiguous arrays as it lies.
    """
    names = sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name))
    little = {n: _little_endian(arrays[n]) for n in names}
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))} if metadata else {}
    offset = 0
    for name, array in little.items():
        header[name] = {
            "dtype": SAFETENSORS_NAMES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text, list(little.values())


def safetensors_writer(header: bytes, arrays: Sequence[AnyArray]) -> Callable[[BinaryIO], None]:
    """What writes these parts into an open file."""

    def write(file: BinaryIO) -> None:
        file.write(header)
        for array in arrays:
            file.write(array.tobytes())  # in C order, however it lies in memory

    return write


def _little_endian(array: AnyArray) -> AnyArray:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def write_npz(path: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Write arrays under their names; equal content gives equal bytes."""

    def write(file: BinaryIO) -> None:
        # numpy.savez takes names as keywords, so an array called "file" would break it
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in arrays.items():
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, _c_order(array), allow_pickle=False)

    write_atomically(path, write)


def write_npy(path: Path, array: AnyArray) -> None:
    """Write one array."""
    write_atomically(
        path, lambda file: np.lib.format.write_array(file, _c_order(array), allow_pickle=False)
    )


def _c_order(array: AnyArray) -> AnyArray:
    return np.asarray(array, order="C")
