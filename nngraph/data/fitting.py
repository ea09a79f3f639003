"""How each normalisation is fitted to the training part; its words are its row in `words`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.normalizers import Normalizer
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
