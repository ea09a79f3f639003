"""What a data set holds: shapes, ranges, classes with their counts, what is missing, the parts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Normalizer, Part, Port, Values
from nngraph.insight.own_units import class_names, codes_of_classes, holds_shares, in_own_units
from nngraph.records import dataclass
from nngraph.train.learner import Learner
from nngraph.train.ports import ports_of

Array = NDArray[Any]
CHUNK_ROWS = 4096


@dataclass(frozen=True, slots=True)
class Range:
    """The values of one array over the training part."""

    low: float
    high: float
    mean: float
    stddev: float


@dataclass(frozen=True, slots=True)
class ColumnRange:
    """One column of an input over the training part: the range of its numbers, or how often each
    category comes; `missing` counts the cells without a value in the whole source."""

    name: str
    missing: int
    raw: Range | None = None
    categories: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class PortFacts:
    """One input or target.

    `raw` are the values as the source holds them, `seen` the range as the network gets them;
    `classes` counts each class by part; `columns` are those side by side in an input.
    """

    role: str
    name: str
    shape: tuple[int, ...]
    scaling: str
    raw: Range | None = None
    seen: Range | None = None
    classes: Mapping[str, Mapping[str, int]] | None = None
    columns: tuple[ColumnRange, ...] = ()


@dataclass(frozen=True)
class DataFacts:
    """What there is to say about a data set."""

    description: str
    rows: Mapping[str, int]
    dropped: int
    missing: Mapping[str, int]
    ports: tuple[PortFacts, ...]
    weights: Range | None
    augment: tuple[str, ...]
    digest: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def describe_data(learner: Learner, data: DataSet) -> DataFacts:
    """The facts of the data of a network; ranges are those of the training part."""
    train = data.parts["train"]
    ports = ports_of(learner.network, data.labels, data.normalizers)
    plan = train.augmentation
    return DataFacts(
        data.description,
        {name: part.rows for name, part in data.parts.items()},
        data.dropped,
        data.missing,
        tuple(_port(port, data) for port in ports),
        None if train.weights is None else _range(train.weights, Normalizer("none")),
        () if plan is None else tuple(spec.kind for spec in plan.specs),
        data.digest,
    )


def _port(port: Port, data: DataSet) -> PortFacts:
    is_input = port.role == "input"
    scales = data.normalizers.inputs if is_input else data.normalizers.targets
    scale = scales.get(port.name, Normalizer("none"))
    values = _values(data.parts["train"], port)
    if port.kind == "values" or (not is_input and holds_shares(port, values)):
        raw = _range(values, scale)
        seen = raw if scale.kind == "none" else _range(values, Normalizer("none"))
        columns = tuple(_columns(port, scale, values))
        return PortFacts(port.role, port.name, port.shape, scale.kind, raw, seen, columns=columns)
    classes = _class_counts(port, data)
    return PortFacts(port.role, port.name, port.shape, scale.kind, classes=classes)


def _columns(port: Port, scale: Normalizer, values: Values) -> Iterator[ColumnRange]:
    """Each column of an input that was made of named ones."""
    if not port.named_columns:
        return
    raw, start = in_own_units(scale, np.asarray(values)).reshape(len(values), -1), 0
    for column in port.named_columns:
        own = raw[:, start : start + column.width]
        start += column.width
        if column.categories is None:
            yield ColumnRange(column.name, column.missing, _range(own, Normalizer("none")))
            continue
        counts = (own > 0.99).sum(axis=0).tolist()
        known = dict(zip(column.categories, counts, strict=True))
        yield ColumnRange(column.name, column.missing, categories=known)


def _values(part: Part, port: Port) -> Values:
    return (part.inputs if port.role == "input" else part.targets)[port.name]


def _class_counts(port: Port, data: DataSet) -> dict[str, dict[str, int]]:
    """Class -> part -> how many; of masks the pixels are counted."""
    counts = {name: _counts(port, _values(part, port)) for name, part in data.parts.items()}
    names = class_names(port, data, max(len(found) for found in counts.values()))
    return {
        name: {part: int(found[i]) for part, found in counts.items()}
        for i, name in enumerate(names)
    }


def _counts(port: Port, values: Values) -> NDArray[np.int64]:
    classes = port.shape[-1] if port.kind == "classes" and port.shape else 2
    return np.bincount(codes_of_classes(port, values).ravel(), minlength=classes)


def _range(values: Values, scale: Normalizer) -> Range:
    """Range of values before scaling, chunk by chunk in float64."""
    low, high, total, squares = math.inf, -math.inf, 0.0, 0.0
    for start in range(0, len(values), CHUNK_ROWS):
        chunk = in_own_units(scale, values[start : start + CHUNK_ROWS])
        low, high = min(low, float(chunk.min())), max(high, float(chunk.max()))
        total += float(chunk.sum())
    mean = total / values.size
    for start in range(0, len(values), CHUNK_ROWS):
        squares += float(
            ((in_own_units(scale, values[start : start + CHUNK_ROWS]) - mean) ** 2).sum()
        )
    return Range(low, high, mean, math.sqrt(squares / values.size))
