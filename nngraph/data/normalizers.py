"""Scaling: fitted on the training part, kept with the run, applied again to new inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import DataError, Diagnostic, diagnostic
from nngraph.ir import LARGEST
from nngraph.records import dataclass
from nngraph.words.normalizations import (
    MinMaxNormalization,
    NoNormalization,
    Normalization,
    ScaleNormalization,
    StandardNormalization,
)

AnyArray = NDArray[Any]
Floats = NDArray[np.float64]

CHUNK_ROWS = 4096  # float64 work on so many rows at a time keeps the memory small


@dataclass(frozen=True, slots=True)
class Normalizer:
    """y = (x - shift) / scale; one value for all, or one for each place of the last axis."""

    kind: str
    shift: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)

    def apply(self, values: AnyArray) -> Floats:
        """Scaled values, float64."""
        x: Floats = values.astype(np.float64)
        if self.kind != "none":
            x = (x - np.array(self.shift)) / np.array(self.scale)
        return x

    def invert(self, values: AnyArray) -> Floats:
        """The values before scaling, float64: y * scale + shift."""
        y: Floats = values.astype(np.float64) * np.array(self.scale) + np.array(self.shift)
        return y


@dataclass(frozen=True, slots=True)
class Normalizers:
    """What the training part taught about values: the fitted normalisers of all inputs and targets
    by name, the `categories` of columns of names, by input and column, and what `fills` the missing
    values of an input: the means of the training rows, one for each value of a sample."""

    inputs: Mapping[str, Normalizer] = field(default_factory=dict)
    targets: Mapping[str, Normalizer] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    fills: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON file; floats survive exactly."""
        scales: dict[str, Any] = {
            role: {
                name: {"kind": n.kind, "shift": list(n.shift), "scale": list(n.scale)}
                for name, n in normalizers.items()
            }
            for role, normalizers in (("inputs", self.inputs), ("targets", self.targets))
        }
        names = {
            name: {column: list(known) for column, known in columns.items()}
            for name, columns in self.categories.items()
        }
        fills = {name: list(values) for name, values in self.fills.items()}
        more = {"categories": names, "fills": fills}
        return {**scales, **{key: value for key, value in more.items() if value}}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Normalizers:
        """What `to_json` wrote."""
        inputs, targets = (
            {
                name: Normalizer(str(n["kind"]), _floats(n["shift"]), _floats(n["scale"]))
                for name, n in stored[role].items()
            }
            for role in ("inputs", "targets")
        )
        categories = {
            name: {column: tuple(map(str, known)) for column, known in columns.items()}
            for name, columns in stored.get("categories", {}).items()
        }
        fills = {name: _floats(values) for name, values in stored.get("fills", {}).items()}
        return Normalizers(inputs, targets, categories, fills)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def apply_normalizers(
    normalizers: Normalizers, inputs: Mapping[str, AnyArray], dtype: str = "float64"
) -> dict[str, AnyArray]:
    """New inputs [n, ...] scaled like the training data; a name without a normaliser stays.

    Errors: as `scaled_rows`.
    """
    unscaled = Normalizer("none")
    return {
        name: scaled_rows(normalizers.inputs.get(name, unscaled), np.asarray(values), dtype, name)
        for name, values in inputs.items()
    }


def scaled_rows(scale: Normalizer, values: AnyArray, dtype: str, name: str) -> AnyArray:
    """Finite values [n, ...] of an input or target, scaled, in the network's type.

    Errors: DataError for a value that the type cannot hold, with its row.
    """
    scaled = np.empty(values.shape, dtype)
    for start in range(0, len(values), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        try:
            with np.errstate(over="raise"):
                scaled[rows] = scale.apply(values[rows])
        except FloatingPointError:
            raise DataError(_beyond(scale, values, dtype, name)) from None
    return scaled


def _beyond(scale: Normalizer, values: AnyArray, dtype: str, name: str) -> Diagnostic:
    with np.errstate(over="ignore"):
        fits = np.isfinite(scale.apply(values).astype(dtype)).reshape(len(values), -1)
    row, place = map(int, np.argwhere(~fits)[0])
    return diagnostic(
        "E406:array",
        name=name,
        value=f"{float(values.reshape(len(values), -1)[row, place]):.8g}",
        row=f" (row {row}, counted from 0)" if len(values) > 1 else "",
        scaled=", scaled," if scale.kind != "none" else "",
        dtype=dtype,
        largest=f"{LARGEST[dtype]:.8g}",
    )


# ---- how each normalisation is fitted to the training part; its words are its row in `words`


@dataclass(frozen=True)
class TrainingColumns:
    """Some rows of values [n, ...] as columns, worked through once or more in chunks."""

    values: AnyArray
    rows: NDArray[np.int64]
    count: int

    def chunks(self) -> Iterator[Floats]:
        """Values [some, columns], row after row."""
        for start in range(0, len(self.rows), CHUNK_ROWS):
            chunk = self.values[self.rows[start : start + CHUNK_ROWS]].astype(np.float64)
            yield chunk.reshape(-1, self.count)

    @cached_property
    def extent(self) -> tuple[Floats, Floats, Floats, int]:
        """Per column: minimum, maximum, sum; and the number of values of one column."""
        low, high = np.full(self.count, np.inf), np.full(self.count, -np.inf)
        total, count = np.zeros(self.count), 0
        for chunk in self.chunks():
            low, high = np.minimum(low, chunk.min(axis=0)), np.maximum(high, chunk.max(axis=0))
            total += chunk.sum(axis=0)
            count += len(chunk)
        return low, high, total, count


def _none(rule: NoNormalization, columns: TrainingColumns) -> Normalizer:
    return Normalizer("none")


def _scale(rule: ScaleNormalization, columns: TrainingColumns) -> Normalizer:
    return Normalizer("scale", scale=(float(rule.divisor),))


def _minmax(rule: MinMaxNormalization, columns: TrainingColumns) -> Normalizer:
    low, high, _, _ = columns.extent
    return _normalizer("minmax", low, np.where(low == high, 1.0, high - low))


def _standard(rule: StandardNormalization, columns: TrainingColumns) -> Normalizer:
    low, high, total, count = columns.extent
    constant = low == high
    mean = np.where(constant, low, total / count)
    squares = np.zeros(columns.count)
    for chunk in columns.chunks():
        squares += ((chunk - mean) ** 2).sum(axis=0)
    return _normalizer("standard", mean, np.where(constant, 1.0, np.sqrt(squares / count)))


def _normalizer(kind: str, shift: Floats, scale: Floats) -> Normalizer:
    return Normalizer(kind, tuple(map(float, shift)), tuple(map(float, scale)))


@dataclass(frozen=True, slots=True)
class Fit:
    """How the normalisation of a row is fitted: its options and the columns -> shift and scale."""

    row: type[Normalization]
    fit: Callable[[Any, TrainingColumns], Normalizer]


FITS: tuple[Fit, ...] = (
    Fit(NoNormalization, _none),
    Fit(StandardNormalization, _standard),
    Fit(MinMaxNormalization, _minmax),
    Fit(ScaleNormalization, _scale),
)


def fit_normalizer(
    rule: Normalization, values: AnyArray, rows: NDArray[np.int64], axes: int
) -> Normalizer:
    """Fit on some rows of values [n, ...] with so many axes per sample.

    A vector has one value per column, an image one per channel, anything else one for all.
    A column that never changes keeps scale 1.

    Errors: FloatingPointError for values so large that their spread is beyond float64.
    """
    columns = TrainingColumns(values, rows, values.shape[-1] if axes in (1, 3) else 1)
    (found,) = (fit for fit in FITS if fit.row is type(rule))
    with np.errstate(over="raise"):
        return found.fit(rule, columns)
