"""The four sets that lie in the package; sources and licence stand in `sets/README.md`."""

from __future__ import annotations

from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, Table, table_of_arrays
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.words.published_sets import (
    BreastCancerData,
    DigitsData,
    IrisData,
    MeasuredData,
    WineData,
)


def _digits(spec: DigitsData, around: Surroundings) -> Table:
    """1,797 digits: `image` uint8[n, 8, 8, 1] from 0 to 16, `label` 0 to 9."""
    arrays = _arrays("digits")
    columns = {name: Column(name, arrays[name]) for name in ("image", "label")}
    return table_of_arrays(
        "the source 'digits'",
        columns,
        own_inputs=("image",),
        own_target="label",
        also={"x": "image"},
    )


def _measurements(spec: MeasuredData, around: Surroundings) -> Table:
    """`x` float64[n, features], each feature by name, the class."""
    arrays = _arrays(spec.source)
    x = arrays["x"]
    columns = {"x": Column("x", x, value_names=spec.columns_of_x)}
    columns |= {name: Column(name, x[:, i]) for i, name in enumerate(spec.columns_of_x)}
    columns[spec.target] = Column(spec.target, arrays["label"], spec.classes)
    return table_of_arrays(
        f"the source '{spec.source}'",
        columns,
        own_inputs=("x",),
        own_target=spec.target,
        also={"label": spec.target},
    )


def _arrays(source: str) -> dict[str, NDArray[Any]]:
    file = resources.files("nngraph.data") / "sets" / f"{source}.npz"
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return dict(archive)


DIGITS = Opener(DigitsData, _digits)
IRIS = Opener(IrisData, _measurements)
WINE = Opener(WineData, _measurements)
BREAST_CANCER = Opener(BreastCancerData, _measurements)
