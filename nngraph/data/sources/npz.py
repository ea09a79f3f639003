"""NumPy archives: every array is a column."""

from __future__ import annotations

from nngraph.data.arrays import npz_table
from nngraph.data.columns import Table
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import FileError
from nngraph.words.own_data import NpzData


def _open(spec: NpzData, around: Surroundings) -> Table:
    path = around.path(spec.path, "path")
    try:
        return npz_table(path, spec.path, lambda row: around.places.at("path"))
    except FileError as error:
        raise around.places.file_error(error, "path") from error


NPZ = Opener(NpzData, _open)
