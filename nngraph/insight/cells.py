"""Samples as people wrote them: a column each, by its name, numbers in their own units, categories
by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import ColumnFacts, Normalizers, Part, Port
from nngraph.insight.own_units import PLAIN, in_own_units
from nngraph.records import dataclass
from nngraph.render.words import number

DIGITS = 4
NO_NAME = "?"  # where a category was missing


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of samples: its name, and what stands in each row."""

    name: str
    texts: tuple[str, ...]


def input_cells(
    ports: Sequence[Port], learnt: Normalizers, part: Part, rows: NDArray[np.int64] | slice
) -> list[Cells]:
    """The inputs of some rows of a part, a column for each that they were learnt from."""
    found: list[Cells] = []
    for port in ports:
        if port.role == "input":
            scale = learnt.inputs.get(port.name, PLAIN)
            found += cells_of(port, in_own_units(scale, part.inputs[port.name][rows]))
    return found


def cells_of(port: Port, raw: NDArray[Any]) -> list[Cells]:
    """Raw values [n, *shape] of an input as columns."""
    flat = raw.reshape(len(raw), -1)
    if not port.named_columns:
        names = port.value_names
        return [Cells(name, _numbers(flat[:, k])) for k, name in enumerate(names)]
    found, start = [], 0
    for column in port.named_columns:
        values = flat[:, start : start + column.width]
        found.append(Cells(column.name, _texts(column, values)))
        start += column.width
    return found


def _texts(column: ColumnFacts, values: NDArray[Any]) -> tuple[str, ...]:
    if column.categories is None:
        return _numbers(values[:, 0])
    return tuple(_category(column.categories, row) for row in values)


def _category(names: tuple[str, ...], row: NDArray[Any]) -> str:
    """The name of a one-hot row; the shares that stand for a missing one are no name."""
    return names[int(row.argmax())] if row.max() > 0.99 else NO_NAME


def _numbers(values: NDArray[Any]) -> tuple[str, ...]:
    return tuple(number(float(value), DIGITS) for value in values)


def typed(cells: Sequence[Cells]) -> str:
    """The first row as `predict --given` takes it: "height=25, city='Rome, GA'"."""
    return ", ".join(f"{_quoted(one.name)}={_quoted(one.texts[0])}" for one in cells)


def _quoted(text: str) -> str:
    if not any(character in text for character in ",=[]{}()'\" "):
        return text
    quote = '"' if "'" in text else "'"
    return f"{quote}{text}{quote}"
