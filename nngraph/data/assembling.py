"""The last step: rows into their parts, scaled, in the network's number type, and told in a few
lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from nngraph.data.augmentations.effect import AugmentPlan
from nngraph.data.columns import Column, ColumnFacts, Table, facts_of
from nngraph.data.dataset import DataSet, DType, Part
from nngraph.data.matching import Match
from nngraph.data.normalizers import (
    AT_ONCE,
    CHUNK_ROWS,
    UNSCALED,
    Normalizer,
    Normalizers,
    Values,
    as_read,
    fit_normalizer,
)
from nngraph.errors import CapacityError, DataError, diagnostic, join_words
from nngraph.files.memory import in_units, memory_limit
from nngraph.ir import ITEM_BYTES, LARGEST, OVERFLOW
from nngraph.records import dataclass
from nngraph.words.sources import DataSpec

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Field:
    """One port's values [rows, ...] in the source's number type.

    For inputs: `categories` of columns of names; whether missing values take means, and which.
    For targets: `labels` that the data bring along, and the class of each row, where it has one.
    """

    match: Match
    values: NDArray[Any]
    labels: tuple[str, ...] | None = None
    classes: Rows | None = None
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes_means: bool = False
    fill: tuple[float, ...] | None = None

    def column_of(self, place: int) -> Column:
        """The column that a value of a sample, by its number, comes from."""
        columns = self.match.columns
        widths = [
            len(self.categories[c.name])
            if c.name in self.categories
            else math.prod(c.values.shape[1:])
            for c in columns
        ]
        found = int(np.searchsorted(np.cumsum(widths), place, "right"))
        return columns[min(found, len(columns) - 1)]

    def facts(self, missing: Mapping[str, int]) -> tuple[ColumnFacts, ...]:
        """What is kept of its columns; `missing` counts the rows without a value by column."""
        if self.match.equals is not None:
            return (ColumnFacts(self.match.port.name),)
        return tuple(
            facts
            for c in self.match.columns
            for facts in facts_of(c, self.categories.get(c.name), missing.get(c.name, 0))
        )


def assemble(
    spec: DataSpec,
    fields: Sequence[Field],
    parts: Mapping[str, Rows],
    row_numbers: Rows,
    dtype: DType,
    table: Table,
    weights: NDArray[np.float64] | None = None,
    missing: Mapping[str, int] = MappingProxyType({}),
) -> DataSet:
    """Scale every field by its rule, fitted on the training rows, and cut it into parts.

    `weights` [rows] of the samples are cut along; `missing` counts the rows without a value.

    Errors: DataError; CapacityError where the machine's memory does not hold all samples.
    """
    _check_memory(fields, dtype)
    train = parts["train"]
    filled = [_with_means(f, train) if f.takes_means else f for f in fields]
    fitted = [_fit(spec, field, train) for field in filled]
    arrays = {
        (name, field.match.port.role, field.match.port.name): _cut(field, normalizer, rows, dtype)
        for field, normalizer in zip(filled, fitted, strict=True)
        for name, rows in parts.items()
    }
    normalizers = Normalizers(
        **{
            f"{role}s": {
                field.match.port.name: normalizer
                for field, normalizer in zip(filled, fitted, strict=True)
                if field.match.port.role == role
            }
            for role in ("input", "target")
        },
        columns={f.match.port.name: f.facts(missing) for f in filled},
        fills={f.match.port.name: f.fill for f in filled if f.fill is not None},
    )
    cut = {
        name: Part(
            inputs={p: a for (n, role, p), a in arrays.items() if (n, role) == (name, "input")},
            targets={p: a for (n, role, p), a in arrays.items() if (n, role) == (name, "target")},
            row_numbers=row_numbers[rows],
            weights=None if weights is None else weights[rows].astype(dtype),
        )
        for name, rows in parts.items()
    }
    labels = {f.match.port.name: f.labels for f in filled if f.labels is not None}
    matches = [field.match for field in filled]
    told = _described(table.title, matches, parts, normalizers)
    return DataSet(cut, normalizers, labels, told, missing)


def _check_memory(fields: Sequence[Field], dtype: DType) -> None:
    """All samples lie in memory as the source gives them, or few as the network reads them."""
    size, limit = sum(_kept_bytes(f.values, dtype) for f in fields), memory_limit()
    if size > limit:
        needs, allows = in_units(size), in_units(limit)
        raise CapacityError(diagnostic("E602:data", needs=needs, limit=allows))


def _kept_bytes(values: NDArray[Any], dtype: DType) -> int:
    return values.size * ITEM_BYTES[dtype] if values.size <= AT_ONCE else values.nbytes


def with_augmentation(data: DataSet, plan: AugmentPlan | None) -> DataSet:
    """The same data set whose training part is varied."""
    if plan is None:
        return data
    train = replace(data.parts["train"], augmentation=plan)
    return replace(data, parts={**data.parts, "train": train})


def missing_cells(matches: Sequence[Match]) -> dict[str, int]:
    """How many cells of each column in use have no value; columns without such are left out."""
    counts = {c.name: int(c.is_missing.sum()) for match in matches for c in match.columns}
    return {name: count for name, count in counts.items() if count}


def fill_missing(values: NDArray[Any], fill: Sequence[float]) -> NDArray[Any]:
    """The values [rows, ...] with `fill`, one number for each value of a sample, where NaN is."""
    columns = values.reshape(len(values), -1)
    return np.where(np.isnan(columns), np.array(fill), columns).reshape(values.shape)


def _with_means(field: Field, train: Rows) -> Field:
    """Put what was learnt, or the mean of the training rows, in place of missing values."""
    fill = field.match.port.fill or _means(field, train)
    return replace(field, values=fill_missing(field.values.astype(np.float64), fill), fill=fill)


def _means(field: Field, train: Rows) -> tuple[float, ...]:
    columns = field.values.reshape(len(field.values), -1)[train].astype(np.float64)
    present = ~np.isnan(columns)
    counts = present.sum(axis=0)
    if not counts.all():
        name = field.column_of(int(counts.argmin())).name
        field.match.fail("E405:training", column=name)
    with np.errstate(over="ignore"):
        means = np.where(present, columns, 0.0).sum(axis=0) / counts
    if not np.isfinite(means).all():
        field.match.fail("E406:spread", values=field.match.shown, rule="mean")
    return tuple(map(float, means))


def _fit(spec: DataSpec, field: Field, train: Rows) -> Normalizer:
    port = field.match.port
    is_input = port.role == "input"
    rule = spec.rule_for(port.name) if is_input else spec.rule_for_target(port.name)
    if port.role == "target" and rule.kind != "none" and _is_class(field):
        raise DataError(diagnostic("E414:class", field.match.place, target=port.name))
    try:
        return fit_normalizer(rule, field.values, train, len(port.shape))
    except FloatingPointError:
        field.match.fail("E406:spread", values=field.match.shown, rule=rule.kind)


def _is_class(field: Field) -> bool:
    return field.match.port.kind != "values" or field.classes is not None


def _cut(field: Field, normalizer: Normalizer, rows: Rows, dtype: DType) -> Values:
    """The values of some rows as the network reads them, once all were looked at."""
    with np.errstate(over="ignore"):  # found below
        part = as_read(field.values, normalizer, dtype, rows)
    is_target = field.match.port.role == "target"  # answers are told in its own scale
    if _always_fits(field, normalizer, dtype, is_target):
        return part
    for start in range(0, len(rows), CHUNK_ROWS):
        with np.errstate(over="ignore"):
            finite = np.isfinite(part[start : start + CHUNK_ROWS])
        chunk = rows[start : start + CHUNK_ROWS]
        if is_target:
            finite &= np.abs(field.values[chunk]) < OVERFLOW[dtype]
        if not finite.all():
            _too_large(field, chunk, finite.reshape(len(chunk), -1), dtype)
    return part


def _always_fits(field: Field, normalizer: Normalizer, dtype: DType, is_target: bool) -> bool:
    given, wanted = field.values.dtype, np.dtype(dtype)
    scales = (normalizer, UNSCALED) if is_target else (normalizer,)
    return all(scale.always_fits(given, wanted) for scale in scales)


def _too_large(field: Field, rows: Rows, finite: NDArray[np.bool_], dtype: DType) -> NoReturn:
    row, place = map(int, np.argwhere(~finite)[0])
    column, at = field.column_of(place), int(rows[row])
    value = float(field.values[at].reshape(-1)[place])
    field.match.fail(
        "E406:dtype" if abs(value) >= OVERFLOW[dtype] else "E406:scaled",
        at,
        column,
        column=column.name,
        value=f"{value:.8g}",
        dtype=dtype,
        largest=f"{LARGEST[dtype]:.8g}",
    )


def _described(
    title: str,
    matches: Sequence[Match],
    parts: Mapping[str, NDArray[np.int64]],
    normalizers: Normalizers,
) -> str:
    """Rows per part, then a line for each input and target: where it comes from, how it is scaled.

    digits: 1,797 rows: 1,258 train, 180 validation and 359 test
      input  x      [64]  column 'image'  standard
      target label  [10]  column 'label'
    """
    counts = [f"{len(rows):,} {name}" for name, rows in parts.items()]
    total = sum(len(rows) for rows in parts.values())
    head = title.removeprefix("the source ")
    head = head.strip("'") if head.startswith("'") else head
    lines = [f"{head}: {total:,} row{'s' * (total != 1)}: {join_words(counts)}"]
    width = max(len(match.port.name) for match in matches)
    for match in matches:
        port = match.port
        scaled = (normalizers.inputs if port.role == "input" else normalizers.targets)[port.name]
        rule = "" if scaled.kind == "none" else f"  {scaled.kind}"
        derived = "" if match.equals is None else f" equals {_shown(match.equals)}"
        shape = list(port.shape)
        lines.append(f"  {port.role:6} {port.name:{width}}  {shape}  {match.shown}{derived}{rule}")
    return "\n".join(lines)


def _shown(value: float | str) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:g}"
