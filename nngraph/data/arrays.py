"""Arrays of NumPy files as columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, RowPlace, Table
from nngraph.errors import DataError, ModelFileError, diagnostic
from nngraph.files import array_names, read_array


def npz_table(path: Path, shown: str, place: RowPlace) -> Table:
    """The arrays of an npz file, each loaded when it is used; its own pair is `x` and `y`.

    Errors: FileError when it cannot be read; DataError when it is damaged or holds pickles.
    """
    names = _as_data(lambda: array_names(path), path, shown, place)
    if not names:
        raise DataError(diagnostic("E402:arrays", place(0), file=shown))

    held: dict[str, int] = {}

    def column(name: str) -> Column:
        beside = sum(size for other, size in held.items() if other != name)
        values = _as_data(lambda: read_array(path, name, beside), path, shown, place)
        held[name] = values.nbytes
        return array_column(name, values, shown, place)

    has_pair = {"x", "y"} <= set(names)
    return Table(
        f"'{shown}'",
        names,
        column,
        own_inputs=("x",) if has_pair else (),
        own_target="y" if has_pair else None,
    )


def array_column(name: str, values: NDArray[Any], shown: str, place: RowPlace) -> Column:
    """An array of a file as a column: numbers, bools or names with a row per sample.

    Errors: DataError for other kinds of values, for scalars and empty arrays.
    """
    if values.dtype.kind not in "biufUS":
        raise DataError(
            diagnostic("E413:dtype", place(0), array=name, file=shown, dtype=values.dtype)
        )
    if values.ndim == 0 or len(values) == 0:
        key = "E402:single-value" if values.ndim == 0 else "E402:no-rows"
        raise DataError(diagnostic(key, place(0), array=name, file=shown))
    if values.dtype.kind in "US":
        values = values.astype(np.str_).astype(object)
    return Column(name, values, place=place)


def _as_data(read: Callable[[], Any], path: Path, shown: str, place: RowPlace) -> Any:
    try:
        return read()
    except ModelFileError as error:
        cause = error.diagnostics[0]
        problem, help = cause.message.replace(f"'{path}'", f"'{shown}'"), cause.help
        raise DataError(diagnostic("E401:array", place(0), problem=problem, help=help)) from error
