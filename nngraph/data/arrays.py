"""Arrays of NumPy files as columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.offers import Column, Offer, RowPlace
from nngraph.errors import DataError, Diagnostic, ModelFileError
from nngraph.files import array_names, read_array


def npz_offer(path: Path, shown: str, place: RowPlace) -> Offer:
    """The arrays of an npz file, each loaded when it is used; its own pair is `x` and `y`.

    Errors: FileError when it cannot be read; DataError when it is damaged or holds pickles.
    """
    names = _as_data(lambda: array_names(path), path, shown, place)
    if not names:
        raise DataError(Diagnostic("E402", f"'{shown}' holds no arrays", place(0)))

    def column(name: str) -> Column:
        values = _as_data(lambda: read_array(path, name), path, shown, place)
        return array_column(name, values, shown, place)

    has_pair = {"x", "y"} <= set(names)
    return Offer(
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
            Diagnostic(
                "E413",
                f"array '{name}' of '{shown}' holds values of type {values.dtype}, not numbers",
                place(0),
                help="save it as float32, float64 or integers",
            )
        )
    if values.ndim == 0 or len(values) == 0:
        what = "is a single value" if values.ndim == 0 else "has no rows"
        message = f"array '{name}' of '{shown}' {what}; the first axis counts the samples"
        raise DataError(Diagnostic("E402", message, place(0)))
    if values.dtype.kind in "US":
        values = values.astype(np.str_).astype(object)
    return Column(name, values, place=place)


def _as_data(read: Callable[[], Any], path: Path, shown: str, place: RowPlace) -> Any:
    try:
        return read()
    except ModelFileError as error:
        cause = error.diagnostics[0]
        message = cause.message.replace(f"'{path}'", f"'{shown}'")
        raise DataError(Diagnostic("E401", message, place(0), help=cause.help)) from error
