"""Array files: .npz, .npy and .safetensors; nothing is ever read that could carry code.

A missing or unreadable file is a `FileError`, a damaged or pickled one a `ModelFileError`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic, ModelFileError, diagnostic, join_words, suggest
from nngraph.files.array_writing import SAFETENSORS_NAMES
from nngraph.files.damage import BrokenArray, damage
from nngraph.files.memory import check_fits
from nngraph.files.nested import KeyTwice, parse_json
from nngraph.files.npy import check_length, read_header, read_values
from nngraph.files.npz import NpzArchive
from nngraph.files.reading import open_file, reading
from nngraph.files.singles import packed_names, unpack_singles

AnyArray = NDArray[Any]

_ITEM_BYTES = {code: np.dtype(name).itemsize for name, code in SAFETENSORS_NAMES.items()}
LONGEST_SAFETENSORS_HEADER = 100_000_000  # bytes; the library reads no longer one


def read_arrays(path: Path) -> dict[str, AnyArray]:
    """All arrays of an .npz or .safetensors file by name, in the machine's byte order.

    Errors: FileError when it cannot be read; ModelFileError when it is damaged or holds pickles;
    CapacityError where its arrays would not fit into memory.
    """
    with reading(path), damage(path), _archive(path) as archive:
        check_fits(path, sum(archive.nbytes(name) for name in archive))
        return {name: _native(array) for name, array in archive.items()}


def array_names(path: Path) -> tuple[str, ...]:
    """The names in an .npz or .safetensors file, without loading the arrays."""
    with reading(path), damage(path), _archive(path) as archive:
        return tuple(archive)


def read_array(path: Path, key: str | None = None, held: int = 0) -> AnyArray:
    """One array of an .npz, .safetensors or .npy file; `key` may be left out when it has only one.

    `held` bytes of other arrays must fit into memory beside it.

    Errors: as `read_arrays`; ModelFileError when there is no such name, or several and no key.
    """
    if Path(path).suffix == ".npy" and key is None:
        with reading(path), damage(path), open_file(path) as file:
            return _native(_single(path, file, held))
    with reading(path), damage(path), _archive(path) as archive:
        names = list(archive)
        if key is None and len(names) == 1:
            key = names[0]
        if key is None or key not in names:
            raise ModelFileError(_no_such_array(path, key, names))
        check_fits(path, archive.nbytes(key) + held)
        return _native(archive[key])


def _single(path: Path, file: BufferedReader, held: int) -> AnyArray:
    header = read_header(file.read)
    check_length(header.size + header.nbytes, file)
    check_fits(path, header.nbytes + held)
    return read_values(header, file.read)


def _no_such_array(path: Path, key: str | None, names: list[str]) -> Diagnostic:
    there = join_words([repr(name) for name in names[:12]]) or "nothing"
    if len(names) > 12:
        there += f" and {len(names) - 12} more"
    if key is None:
        return diagnostic("E502:no-key", path=path, there=there)
    return diagnostic("E502", path=path, key=key, there=there, help=suggest(key, names))


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[NpzArchive | _Tensors]:
    """The open file as a mapping from names to arrays."""
    match Path(path).suffix:
        case ".npz":
            with open_file(path) as file:
                yield NpzArchive(file)
        case ".safetensors":
            with _safetensors(path) as (tensors, _):
                yield tensors
        case other:
            kind = f"'{other}' files" if other else "files without an extension"
            raise ModelFileError(diagnostic("E503", path=path, kind=kind))


class _Tensors(Mapping[str, AnyArray]):
    """The tensors of an open safetensors file, loaded when asked for; packed ones at once."""

    def __init__(self, file: Any, metadata: Mapping[str, str]) -> None:
        self._file = file
        inner = packed_names(metadata)
        self._singles = unpack_singles({n: np.asarray(file.get_tensor(n)) for n in inner}, metadata)
        others = [name for name in file.keys() if name not in inner]  # noqa: SIM118
        self._names = sorted([*others, *self._singles])
        if len(set(self._names)) != len(self._names):
            raise ValueError("a packed array has the name of another")

    def __getitem__(self, name: str) -> AnyArray:
        single = self._singles.get(name)
        return np.asarray(self._file.get_tensor(name)) if single is None else single

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def nbytes(self, name: str) -> int:
        """Bytes of a tensor, from the header."""
        if (single := self._singles.get(name)) is not None:
            return single.nbytes
        tensor = self._file.get_slice(name)
        shape: list[int] = tensor.get_shape()
        return _ITEM_BYTES.get(tensor.get_dtype(), 8) * math.prod(shape)


@contextlib.contextmanager
def _safetensors(path: Path) -> Iterator[tuple[_Tensors, dict[str, str]]]:
    import safetensors

    with open_file(path) as file:  # a missing file is told by us, not by the library
        length = int.from_bytes(file.read(8), "little")
        header = file.read(length) if length <= LONGEST_SAFETENSORS_HEADER else b""
    try:
        with safetensors.safe_open(path, framework="np") as opened:
            _check_names(header)
            metadata = dict(opened.metadata() or {})
            yield _Tensors(opened, metadata), metadata
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error


def _check_names(header: bytes) -> None:
    """The library takes the last of two tensors of one name."""
    try:
        parse_json(header)
    except KeyTwice as error:
        raise BrokenArray("E501:twice", name=error.key) from error


def read_safetensors(path: Path) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """Arrays and metadata of a .safetensors file. Errors: as `read_arrays`."""
    with reading(path), damage(path), _safetensors(path) as (tensors, metadata):
        return {name: _native(array) for name, array in tensors.items()}, metadata


def _native(array: AnyArray) -> AnyArray:
    return array.astype(array.dtype.newbyteorder("="), copy=False)
