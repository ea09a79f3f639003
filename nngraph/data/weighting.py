"""Sample weights: a column that says how much each sample counts in the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import DataPlaces, Table
from nngraph.data.dataset import Port
from nngraph.data.matching import Match, match_named, numbers_of
from nngraph.errors import DataError, diagnostic
from nngraph.ir import LARGEST, OVERFLOW

KEY = "sample_weight"


def match_weights(name: str, table: Table, places: DataPlaces) -> Match:
    """The column of the weights.

    Errors: DataError when there is no such column.
    """
    place = places.at(KEY)
    column = match_named(name, table, place)
    return Match(Port(KEY, (), "input"), (column,), place)


def check_sample_weights(weights: NDArray[Any], rows: int, dtype: str) -> NDArray[np.float64]:
    """Weights that a program gives, float64[rows], held to the same.

    Errors: DataError.
    """
    if weights.shape != (rows,):
        raise DataError(diagnostic("E400:weights", rows=rows, shape=list(weights.shape)))
    if weights.dtype.kind not in "fiub":
        raise DataError(diagnostic("E400:weights-kind", dtype=weights.dtype))
    found: NDArray[np.float64] = weights.astype(np.float64)
    wrong = ~((found >= 0) & (found < OVERFLOW[dtype]))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(diagnostic("E400:weights-number", row=row, value=found[row]))
    if not found.any():
        raise DataError(diagnostic("E400:weights-zero"))
    return found


def read_sample_weights(match: Match, dtype: str) -> NDArray[np.float64]:
    """The weights, float64[rows]: finite in the network's type, 0 or more, and not all 0.

    Errors: DataError at the cell.
    """
    values = numbers_of(match)
    if values.reshape(len(values), -1).shape[1] != 1:
        match.fail("E408:weight", columns=match.shown, values=list(values.shape[1:]))
    weights: NDArray[np.float64] = values.reshape(-1).astype(np.float64)
    if (weights < 0).any():
        row = int((weights < 0).argmax())
        match.fail("E409:negative", row, columns=match.shown, value=weights[row])
    if (weights >= OVERFLOW[dtype]).any():
        row = int(weights.argmax())
        value, largest = f"{weights[row]:.8g}", f"{LARGEST[dtype]:.8g}"
        match.fail(
            "E406:weight", row, columns=match.shown, value=value, dtype=dtype, largest=largest
        )
    if not weights.any():
        match.fail("E409:zero", columns=match.shown)
    return weights
