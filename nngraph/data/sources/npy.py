"""NumPy array files (.npy), mapped into memory: a row is read when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.arrays import array_column
from nngraph.data.columns import Column, RowPlace, Table
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import DataError, FileError, ModelFileError, diagnostic
from nngraph.files import map_array, read_bytes
from nngraph.words.own_data import NpyData


def _open(spec: NpyData, around: Surroundings) -> Table:
    if spec.path is not None:
        return npy_table(*_file(spec.path, around, "path"))
    files = {
        name: _file(shown, around, "files", name) for name, shown in (spec.files or {}).items()
    }
    return _npy_files_table(files)


def _file(name: str, around: Surroundings, *key: str) -> tuple[Path, str, RowPlace]:
    path, place = around.path(name, *key), around.places.at(*key)
    try:
        if not path.is_file():
            read_bytes(path, 0)  # says what is wrong with it
    except FileError as error:
        raise around.places.file_error(error, *key) from error
    return path, name, lambda row: place


def npy_table(path: Path, shown: str, place: RowPlace) -> Table:
    """One file: its array under the name of the file, and the columns of a table by number.

    The own pair of a table is its last column and all the others.

    Errors: FileError when it cannot be read; DataError when it is damaged or holds no numbers.
    """
    name = Path(shown).stem or "array"
    array = _mapped(path, shown, place)
    whole = array_column(name, array, shown, place)
    columns = {name: whole}
    if array.ndim == 2:
        columns |= {
            f"c{i}": Column(f"c{i}", whole.values[:, i], place=place) for i in range(array.shape[1])
        }
    numbered = tuple(column for column in columns if column != name)
    return Table(
        f"'{shown}'",
        tuple(columns),
        columns.__getitem__,
        own_inputs=numbered or (name,),
        own_target=numbered[-1] if len(numbered) > 1 else name,
    )


def _npy_files_table(files: Mapping[str, tuple[Path, str, RowPlace]]) -> Table:
    """Several files by the names of their arrays: path, what errors call it, its place.

    Errors: as `npy_table`.
    """
    columns = {
        name: array_column(name, _mapped(path, shown, place), shown, place)
        for name, (path, shown, place) in files.items()
    }
    has_pair = {"x", "y"} <= set(columns)
    return Table(
        "the source 'npy'",
        tuple(columns),
        columns.__getitem__,
        own_inputs=("x",) if has_pair else (),
        own_target="y" if has_pair else None,
    )


def _mapped(path: Path, shown: str, place: RowPlace) -> NDArray[Any]:
    try:
        array = map_array(path, shown)
    except ModelFileError as error:
        cause = error.diagnostics[0]
        problem, help = cause.message, cause.help
        raise DataError(diagnostic("E401:array", place(0), problem=problem, help=help)) from error
    # bytes of the other order are turned at once, which ends the mapping
    return array if array.dtype.isnative else np.asarray(array, array.dtype.newbyteorder("="))


NPY = Opener(NpyData, _open)
