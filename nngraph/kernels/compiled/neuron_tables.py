"""Wiring and functions of a stretch as one array of whole numbers, as its kernels read it.

A kernel is called with few arrays, for each costs a tenth of a microsecond. The array begins with
the bounds of its parts; `PARTS` names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.error_function import erfc
from nngraph.kernels.neurons import Functions
from nngraph.kernels.rows import RowFunction
from nngraph.kernels.wiring import Segment, Wiring
from nngraph.records import dataclass

PARTS = (
    "sizes",
    "sources",
    "slots",
    "offsets",
    "biases",
    "slopes",
    "segments",
    "steps",
    "rows",
    "out_offsets",
    "out_rows",
    "out_slots",
    "learned_slots",
    "learned_rows",
)
SIZES = (
    "columns",
    "neurons",
    "height",
    "edges",
    "segments",
    "slopes",
    "learned",
    "terms",
)
SEGMENT = 16
"""Numbers of a segment: start, stop, aggregate, whether it averages, first and last step forward,
where z ends up, first and last step back, where the cotangents of a and of two learned numbers end
up, where those of learned numbers and of edges begin."""

_KNOWN: tuple[Callable[..., Any], ...] = (
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.maximum,
    np.minimum,
    np.greater,
    np.greater_equal,
    np.less,
    np.logical_and,
    np.heaviside,
    np.power,
    np.negative,
    np.absolute,
    np.square,
    np.sqrt,
    np.sign,
    np.reciprocal,
    np.exp,
    np.expm1,
    np.log,
    np.log1p,
    np.tanh,
    np.sin,
    np.cos,
    erfc,
)
CODES: Mapping[Callable[..., Any], int] = {function: code for code, function in enumerate(_KNOWN)}
"""NumPy's functions, and ours, by the numbers under which `elementary` knows them."""

AGGREGATES: Mapping[np.ufunc, int] = {np.add: 0, np.multiply: 1, np.maximum: 2, np.minimum: 3}


@dataclass(frozen=True, slots=True, eq=False)
class NeuronTables:
    """Whole numbers, and what their reader must have beside them: so many registers, then one for
    each of the constants that formulas name.

    `reads_a`: some pre-activation has a cotangent of its own.
    """

    wiring: Wiring
    whole: NDArray[np.int32]
    registers: int
    numbers: tuple[float, ...]


def _can_be_compiled(functions: Functions) -> bool:
    """Whether all that the formulas call has a number."""
    formulas = [formula for f in functions for formula in (f.forward, f.back)]
    known = all(call.function in CODES for formula in formulas for call in formula.calls)
    return known and all(f.combine in AGGREGATES for f in functions)


@lru_cache(maxsize=8)  # the four ops of a stretch ask for the same
def tables_of(wiring: Wiring, functions: Functions) -> NeuronTables | None:
    """The tables of a stretch; None where its formulas call what no kernel knows."""
    if not _can_be_compiled(functions):
        return None
    formulas = [_Formula(f) for function in functions for f in (function.forward, function.back)]
    numbers = list(dict.fromkeys(n for formula in formulas for n in formula.function.numbers))
    temporary = max(formula.registers for formula in formulas)
    starts = np.cumsum([0, *(len(formula.steps) for formula in formulas)]).tolist()
    parts: dict[str, Any] = {
        "sources": wiring.sources,
        "slots": wiring.slots,
        "offsets": wiring.offsets,
        "biases": wiring.biases,
        "slopes": wiring.slopes,
        "segments": [
            number
            for segment in wiring.plan
            for number in _segment(wiring, segment, functions, formulas, starts)
        ],
        "steps": [n for f in formulas for step in f.placed(numbers, temporary) for n in step],
        "rows": wiring.rows,
        "out_offsets": wiring.out_offsets,
        "out_rows": wiring.rows[wiring.out_edges],
        "out_slots": wiring.slots[wiring.out_edges],
        "learned_slots": wiring.learned[0],
        "learned_rows": wiring.learned[1],
        "sizes": (
            wiring.columns,
            wiring.neurons,
            wiring.height,
            wiring.edges,
            len(wiring.plan),
            wiring.slopes.shape[1],
            len(wiring.learned[0]),
            wiring.most_terms,
        ),
    }
    whole = _packed([parts[name] for name in PARTS])
    return NeuronTables(wiring, whole, temporary, tuple(numbers))


def _packed(parts: Sequence[Iterable[int]]) -> NDArray[np.int32]:
    flat = [np.asarray(part, np.int32).ravel() for part in parts]
    bounds = len(parts) + 1 + np.cumsum([0, *map(len, flat)])
    return np.concatenate([bounds.astype(np.int32), *flat])


def _segment(
    wiring: Wiring,
    segment: Segment,
    functions: Functions,
    formulas: Sequence[_Formula],
    starts: Sequence[int],
) -> list[int]:
    which = segment.which
    forward, back = formulas[2 * which], formulas[2 * which + 1]
    found = [
        segment.start,
        segment.stop,
        AGGREGATES[functions[which].combine],
        int(segment.aggregate.averages),
        starts[2 * which],
        starts[2 * which + 1],
        forward.results[0],
        starts[2 * which + 1],
        starts[2 * which + 2],
        segment.apart,
        len(segment.learned),
        segment.learned[0] if segment.learned else -1,
        *back.results,
    ]
    return found + [-1] * (SEGMENT - len(found))


class _Formula:
    """The steps of a formula, none of which writes over what it reads, for such loops vectorise.

    A step is a code, two operands and a result; the last number -1 - k stands for constant k.
    """

    def __init__(self, function: RowFunction) -> None:
        self.function = function
        first_number = function.operands + len(function.results) + function.floats + function.bools
        version = {k: k for k in range(function.operands)}
        written: list[tuple[int, list[int], int]] = []
        for call in function.calls:
            operands = [
                first_number - 1 - k if k >= first_number else version[k] for k in call.operands
            ]
            result = function.operands + len(written)
            version[call.out] = result
            written.append((CODES[call.function], operands, result))
        ends = [-1 if place is None else version.get(place, place) for place in function.results]
        self._place(written, ends)

    def _place(self, written: Sequence[tuple[int, list[int], int]], ends: Sequence[int]) -> None:
        """Registers, each used again once nothing reads it."""
        last = {k: at for at, (_, operands, _) in enumerate(written) for k in operands}
        last |= {k: len(written) for k in ends}
        place = {k: k for k in range(self.function.operands)}
        self.registers = self.function.operands
        free: list[int] = []
        self.steps: list[tuple[int, int, int, int]] = []
        for at, (code, operands, result) in enumerate(written):
            if not free:
                free.append(self.registers)
                self.registers += 1
            place[result] = free.pop()
            x, y = (operands * 2)[:2]
            self.steps.append((code, place.get(x, x), place.get(y, y), place[result]))
            own = {k for k in (*operands, result) if k >= self.function.operands}
            free += [place[k] for k in own if last.get(k, -1) <= at]
        self.results = [place.get(k, k) for k in ends]

    def placed(
        self, numbers: Sequence[float], temporary: int
    ) -> Iterable[tuple[int, int, int, int]]:
        """The steps, with constants behind all registers of all formulas."""

        def register(k: int) -> int:
            return k if k >= 0 else temporary + numbers.index(self.function.numbers[-1 - k])

        for code, x, y, result in self.steps:
            yield code, register(x), register(y), result
