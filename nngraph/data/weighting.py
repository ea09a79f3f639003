"""Sample weights: a column that says how much each sample counts in the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.data.dataset import Port
from nngraph.data.matching import Match, match_named, numbers_of
from nngraph.data.offers import Offer
from nngraph.data.places import DataPlaces
from nngraph.words.sources import DataSpec

KEY = "sample_weight"


def match_weights(spec: DataSpec, offer: Offer, places: DataPlaces) -> Match | None:
    """The column of the weights, or None where every sample counts the same.

    Errors: DataError when there is no such column.
    """
    if spec.sample_weight is None:
        return None
    place = places.at(KEY)
    column = match_named(spec.sample_weight, offer, place)
    return Match(Port(KEY, (), "input"), (column,), place)


def read_weights(match: Match) -> NDArray[np.float64]:
    """The weights, float64[rows]: finite, 0 or more, and not all 0.

    Errors: DataError at the cell.
    """
    values = numbers_of(match)
    if values.reshape(len(values), -1).shape[1] != 1:
        message = f"{match.shown} holds {list(values.shape[1:])} values per sample"
        match.fail("E408", f"a sample has one weight, but {message}")
    weights: NDArray[np.float64] = values.reshape(-1).astype(np.float64)
    if (weights < 0).any():
        row = int((weights < 0).argmax())
        message = f"a sample weight is 0 or more, but {match.shown} holds {weights[row]:g}"
        match.fail("E409", message, row)
    if not weights.any():
        match.fail("E409", f"every sample weight in {match.shown} is 0")
    return weights
