"""Scaling: fitted on the training part, kept with the run, applied again to new inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nngraph.data.columns import ColumnFacts
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
RowNumbers = NDArray[np.int64]

HELD_BY_FLOAT32 = ("bool", "uint8", "int8", "uint16", "int16", "float16", "float32")
AT_ONCE = 2**20  # values: so few are scaled once and for all, which saves that work in each epoch
CHUNK_ROWS = 4096  # float64 work on so many rows at a time keeps the memory small


@dataclass(frozen=True)
class Normalizer:
    """y = (x - shift) / scale; one value for all, or one for each place of the last axis."""

    kind: str
    shift: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)

    @cached_property
    def _shift(self) -> Floats:
        return np.array(self.shift)

    @cached_property
    def _scale(self) -> Floats:
        return np.array(self.scale)

    def apply(self, values: AnyArray) -> Floats:
        """Scaled values, float64."""
        x: Floats = values.astype(np.float64)
        if self.kind != "none":
            x -= self._shift
            x /= self._scale
        return x

    def scaled(self, values: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
        """What `apply` gives, rounded to a type of numbers, as a new array.

        A quotient of two float32 that is rounded to float64 first and then to float32 is the same
        as the one that is rounded once, for 53 >= 2 * 24 + 2 digits (S. A. Figueroa, When is double
        rounding innocuous?, 1995): whatever a float32 holds is divided as such.
        """
        if dtype == np.float32 and values.dtype.name in HELD_BY_FLOAT32:
            if self.kind == "none":
                return values.astype(dtype)
            if self._divisor is not None:
                return np.divide(values, self._divisor, dtype=np.float32, casting="unsafe")
        return self.apply(values).astype(dtype)

    @cached_property
    def _divisor(self) -> NDArray[np.float32] | None:
        """What values are divided by, where that is all and float32 holds it."""
        with np.errstate(over="ignore"):
            divisor = self._scale.astype(np.float32)
        return None if self._shift.any() or (divisor != self._scale).any() else divisor

    def always_fits(self, values: np.dtype[Any], dtype: np.dtype[Any]) -> bool:
        """Whether whatever a type of whole numbers holds is, scaled, within a type of numbers."""
        if values.kind not in "biu":
            return False
        ends = (0, 1) if values.kind == "b" else (np.iinfo(values).min, np.iinfo(values).max)
        extremes = np.array([[float(end)] * len(self.shift) for end in ends])
        with np.errstate(over="ignore"):
            return bool(np.isfinite(self.apply(extremes).astype(dtype)).all())

    def invert(self, values: AnyArray) -> Floats:
        """The values before scaling, float64: y * scale + shift."""
        return np.asarray(values.astype(np.float64) * self._scale + self._shift)


UNSCALED = Normalizer("none")


@dataclass(frozen=True, slots=True)
class Normalizers:
    """What the training part taught about values: the fitted normalisers of all inputs and targets
    by name, the `columns` that each of them is made of, and what `fills` the missing values of an
    input: the means of the training rows, one for each value of a sample."""

    inputs: Mapping[str, Normalizer] = field(default_factory=dict)
    targets: Mapping[str, Normalizer] = field(default_factory=dict)
    columns: Mapping[str, tuple[ColumnFacts, ...]] = field(default_factory=dict)
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
        columns = {name: [c.to_json() for c in found] for name, found in self.columns.items()}
        fills = {name: list(values) for name, values in self.fills.items()}
        more = {"columns": columns, "fills": fills}
        return {**scales, **{key: value for key, value in more.items() if value}}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Normalizers:
        """What `to_json` wrote; older versions told only the columns of names."""
        inputs, targets = (
            {
                name: Normalizer(str(n["kind"]), _floats(n["shift"]), _floats(n["scale"]))
                for name, n in stored[role].items()
            }
            for role in ("inputs", "targets")
        )
        columns = {
            name: tuple(ColumnFacts(c, (), tuple(map(str, known))) for c, known in found.items())
            for name, found in stored.get("categories", {}).items()
        } | {
            name: tuple(map(ColumnFacts.from_json, found))
            for name, found in stored.get("columns", {}).items()
        }
        fills = {name: _floats(values) for name, values in stored.get("fills", {}).items()}
        return Normalizers(inputs, targets, columns, fills)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


# ---- rows of a part: few are scaled at once, many where they are read


@dataclass(frozen=True, eq=False)
class Scaled:
    """Rows of `values` [n, ...] as a network reads them: scaled, of type `dtype`.

    `rows` are the numbers of those that are meant, None means all. Pictures of bytes stay bytes: an
    array of them all in the network's numbers, four times as large, is never made.
    """

    values: AnyArray
    scale: Normalizer
    dtype: np.dtype[Any]
    rows: RowNumbers | None = None

    def __len__(self) -> int:
        return len(self.values) if self.rows is None else len(self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """As that of an array: [rows, ...]."""
        return (len(self), *self.values.shape[1:])

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self) * int(np.prod(self.values.shape[1:], dtype=np.int64))

    def __getitem__(self, index: int | np.integer[Any] | slice | RowNumbers) -> AnyArray:
        """One row by its number, or several as an array."""
        if isinstance(index, (int, np.integer)):
            row: AnyArray = self.take(np.array([index]))[0]
            return row
        return self._read(index if self.rows is None else self.rows[index])

    def take(self, rows: RowNumbers, axis: int = 0) -> AnyArray:
        """Rows by their numbers, as a new array; `axis` is that of an array's method."""
        assert axis == 0, "only rows are read"
        return self._read(rows if self.rows is None else self.rows.take(rows))

    def _read(self, index: slice | RowNumbers) -> AnyArray:
        values = self.values[index] if isinstance(index, slice) else self.values.take(index, axis=0)
        if self.scale.kind == "none" and values.dtype == self.dtype:
            return values
        return self.scale.scaled(values, self.dtype)

    def chunks(self) -> Iterator[AnyArray]:
        """All rows, some at a time."""
        for start in range(0, len(self), CHUNK_ROWS):
            yield self[start : start + CHUNK_ROWS]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        found, start = np.empty(self.shape, dtype or self.dtype), 0
        for rows in self.chunks():
            found[start : start + len(rows)] = rows
            start += len(rows)
        return found


Values: TypeAlias = AnyArray | Scaled
"""Values of the rows of a part, [n, ...]: an array, or what is scaled as it is read."""


def as_read(
    values: Values, scale: Normalizer, dtype: str, rows: RowNumbers | None = None
) -> Values:
    """Some rows of values [n, ...], by default all, as a network reads them.

    What need not be scaled is the very array; few values are scaled at once.
    """
    wanted = np.dtype(dtype)
    if isinstance(values, Scaled):
        is_plain = values.scale.kind == "none" and np.can_cast(values.values.dtype, values.dtype)
        if rows is not None or not is_plain:
            return as_read(np.asarray(values), scale, dtype, rows)
        return as_read(values.values, scale, dtype, values.rows)
    if rows is not None and len(rows) and _follow_each_other(rows):
        values, rows = values[rows[0] : rows[-1] + 1], None
    if rows is None and scale.kind == "none" and values.dtype == wanted:
        return values
    found = Scaled(values, scale, wanted, rows)
    return found if found.size > AT_ONCE else np.asarray(found)


def _follow_each_other(rows: RowNumbers) -> bool:
    return bool(rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all())


# ---- what comes later, scaled as the training part was


def read_scaled(
    scales: Mapping[str, Normalizer], values: Mapping[str, Values], dtype: str
) -> dict[str, Values]:
    """Finite values [n, ...] by name as a network reads them; without a scale they stay.

    Errors: as `scaled_rows`.
    """
    return {
        name: _looked_at(scales.get(name, UNSCALED), found, dtype, name)
        for name, found in values.items()
    }


def _looked_at(scale: Normalizer, values: Values, dtype: str, name: str) -> Values:
    with _no_overflow(scale, values, dtype, name):
        found = as_read(values, scale, dtype)
        if isinstance(found, Scaled) and not scale.always_fits(found.values.dtype, found.dtype):
            for _ in found.chunks():
                pass
    return found


def apply_normalizers(
    normalizers: Normalizers, inputs: Mapping[str, AnyArray], dtype: str = "float64"
) -> dict[str, AnyArray]:
    """New inputs [n, ...] scaled like the training data; a name without a normaliser stays.

    Errors: as `scaled_rows`.
    """
    return {
        name: scaled_rows(normalizers.inputs.get(name, UNSCALED), np.asarray(values), dtype, name)
        for name, values in inputs.items()
    }


def scaled_rows(scale: Normalizer, values: AnyArray, dtype: str, name: str) -> AnyArray:
    """Finite values [n, ...] of an input or target, scaled, in the network's type.

    Errors: DataError for a value that the type cannot hold, with its row.
    """
    with _no_overflow(scale, values, dtype, name):
        return np.asarray(Scaled(values, scale, np.dtype(dtype)))


@contextmanager
def _no_overflow(scale: Normalizer, values: ArrayLike, dtype: str, name: str) -> Iterator[None]:
    """Where some of these values are scaled: one that the type cannot hold is refused with its row.

    Errors: DataError.
    """
    try:
        with np.errstate(over="raise"):
            yield
    except FloatingPointError:
        raise DataError(_beyond(scale, values, dtype, name)) from None


def _beyond(scale: Normalizer, given: ArrayLike, dtype: str, name: str) -> Diagnostic:
    values = np.asarray(given)
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
        """Values [some, columns], row after row; each valid until the next."""
        memory = np.empty((min(CHUNK_ROWS, len(self.rows)), *self.values.shape[1:]))
        for start in range(0, len(self.rows), CHUNK_ROWS):
            taken = self.values.take(self.rows[start : start + CHUNK_ROWS], axis=0)
            memory[: len(taken)] = taken
            yield memory[: len(taken)].reshape(-1, self.count)

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
        chunk -= mean
        squares += np.square(chunk, out=chunk).sum(axis=0)
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
