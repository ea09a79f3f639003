"""Single units of many nodes as the columns of one value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nngraph.ir import BATCH, Value
from nngraph.lower.context import Lowering
from nngraph.lower.singles import Unit
from nngraph.ops import Concat, Reshape, SliceAxis

MOST_RUNS = 8  # more slices of one value than this are not worth it


def gather(
    lowering: Lowering, units: Iterable[Unit], *, exact: bool
) -> tuple[Value, dict[Unit, int]]:
    """Units side by side, [N, K], and the column of each.

    Neighbours in one value stay neighbours, so that few slices are needed, or none. Unless
    `exact`, columns that nobody asked for may lie between.
    """
    wanted: dict[Value, dict[int, list[Unit]]] = {}
    for unit in dict.fromkeys(units):
        value, column = _place(lowering, unit)
        wanted.setdefault(value, {}).setdefault(column, []).append(unit)
    pieces: list[Value] = []
    columns: dict[Unit, int] = {}
    width = 0
    for value, asked in wanted.items():
        for start, stop in _runs(sorted(asked), exact):
            pieces.append(_slice(lowering, value, start, stop))
            for column in range(start, stop):
                columns |= dict.fromkeys(asked.get(column, ()), width + column - start)
            width += stop - start
    together = pieces[0] if len(pieces) == 1 else lowering.builder(Concat(1), *pieces)
    return together, columns


def _place(lowering: Lowering, unit: Unit) -> tuple[Value, int]:
    """The value that a unit lies in, and its column there."""
    node, number = unit
    if node in lowering.columns:
        return lowering.columns[node]
    return lowering.values[node], number


def _runs(columns: Sequence[int], exact: bool) -> list[tuple[int, int]]:
    """Start and stop (excluded) of neighbouring columns."""
    runs: list[tuple[int, int]] = []
    for column in columns:
        if runs and runs[-1][1] == column:
            runs[-1] = (runs[-1][0], column + 1)
        else:
            runs.append((column, column + 1))
    return runs if exact or len(runs) <= MOST_RUNS else [(columns[0], columns[-1] + 1)]


def _slice(lowering: Lowering, value: Value, start: int, stop: int) -> Value:
    shape = value.type.sample_shape
    if not shape:
        return lowering.builder(Reshape((BATCH, 1)), value)
    if (start, stop) == (0, shape[0]):
        return value
    return lowering.builder(SliceAxis(1, start, stop), value)
