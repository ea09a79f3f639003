"""What the network asks for (`Port`) and what it gets (`DataSet`)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nngraph.data.augmentations.effect import AugmentPlan
from nngraph.data.normalizers import Normalizers

PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = get_args(PartName)
DType = Literal["float32", "float64"]
AnyArray = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Port:
    """One array that the network takes in: an input node, or a target of a loss.

    `shape` is per sample. A target of kind "classes" is wanted as one-hot rows [n, classes], of
    kind "binary" as 0 and 1, of "signs" these or -1 and 1, of "values" numbers. `labels` are the
    names of the classes where the spec gives them; `aliases` are further names under which a
    column may be found. `categories` are the names that columns of an input held when the network
    learnt, by column, None before; `fill` are the means that stand for its missing values.
    """

    name: str
    shape: tuple[int, ...]
    role: Literal["input", "target"]
    kind: Literal["values", "classes", "binary", "signs"] = "values"
    classes: int | None = None
    labels: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] | None = field(default=None, compare=False)
    fill: tuple[float, ...] | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """Values per sample."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one part; arrays are [rows, ...] and C-contiguous.

    `row_numbers` are the rows of the source, counted from 0, that these are. `weights` [rows] say
    how much each sample counts, None that all count 1. The training part alone may have an
    `augmentation`: how its rows are varied in each epoch.
    """

    inputs: Mapping[str, AnyArray]
    targets: Mapping[str, AnyArray]
    row_numbers: NDArray[np.int64]
    weights: AnyArray | None = None
    augmentation: AugmentPlan | None = None

    @property
    def rows(self) -> int:
        """Number of samples."""
        return len(self.row_numbers)


@dataclass(frozen=True)
class DataSet:
    """The parts "train", "validation" and "test", absent when they have no rows.

    `missing` counts the cells without a value by column; `dropped` rows were left out for them.
    `shapes` are those of a sample in the source, by input: an image may feed a vector.
    """

    parts: Mapping[str, Part]
    normalizers: Normalizers = field(default_factory=Normalizers)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    missing: Mapping[str, int] = field(default_factory=dict)
    dropped: int = 0
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays, their names, types and shapes, in hexadecimal."""
        digest = hashlib.sha256()
        for part_name in sorted(self.parts):
            part = self.parts[part_name]
            for role, arrays in (("input", part.inputs), ("target", part.targets)):
                for name in sorted(arrays):
                    array = arrays[name]
                    head = [part_name, role, name, array.dtype.name, *map(str, array.shape)]
                    digest.update("|".join(head).encode())
                    digest.update(np.ascontiguousarray(array).data)
            if part.weights is not None:
                digest.update(f"{part_name}|weights|{part.weights.dtype.name}".encode())
                digest.update(np.ascontiguousarray(part.weights).data)
        return digest.hexdigest()
