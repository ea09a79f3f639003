"""The four sets that lie in the package; sources and licence stand in `sets/README.md`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.offers import Column, Offer, offer_of_arrays

_CELL_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)

FEATURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "iris": ("sepal_length", "sepal_width", "petal_length", "petal_width"),
        "wine": (
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280_od315_of_diluted_wines",
            "proline",
        ),
        "breast_cancer": tuple(
            f"{of}_{measure}" if of != "error" else f"{measure}_error"
            for of in ("mean", "error", "worst")
            for measure in _CELL_MEASURES
        ),
    }
)
"""Names of the single columns of `x`, in its order."""

_CLASSES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "iris": ("species", ("setosa", "versicolor", "virginica")),
        "wine": ("cultivar", ("class_0", "class_1", "class_2")),
        "breast_cancer": ("diagnosis", ("malignant", "benign")),
    }
)


def digits_offer() -> Offer:
    """1,797 digits: `image` uint8[n, 8, 8, 1] from 0 to 16, `label` 0 to 9."""
    arrays = _arrays("digits")
    columns = {name: Column(name, arrays[name]) for name in ("image", "label")}
    return offer_of_arrays(
        "the source 'digits'",
        columns,
        own_inputs=("image",),
        own_target="label",
        also={"x": "image"},
    )


def measurements_offer(source: str) -> Offer:
    """iris, wine or breast_cancer: `x` float64[n, features], each feature by name, the class."""
    arrays = _arrays(source)
    target, class_names = _CLASSES[source]
    x = arrays["x"]
    columns = {"x": Column("x", x)}
    columns |= {name: Column(name, x[:, i]) for i, name in enumerate(FEATURES[source])}
    columns[target] = Column(target, arrays["label"], class_names)
    return offer_of_arrays(
        f"the source '{source}'",
        columns,
        own_inputs=("x",),
        own_target=target,
        also={"label": target},
    )


def _arrays(source: str) -> dict[str, NDArray[Any]]:
    file = resources.files("nngraph.data") / "sets" / f"{source}.npz"
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        return dict(archive)
