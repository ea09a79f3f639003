"""Functions of many rows at once, as calls into arrays that are used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass

Rows = NDArray[Any]


@dataclass(frozen=True, slots=True)
class RowCall:
    """A NumPy function with `out`; its one or two operands and its result by their registers."""

    function: Callable[..., Any]
    operands: tuple[int, ...]
    out: int


@dataclass(frozen=True, slots=True)
class RowFunction:
    """What is computed from arrays of one shape, call by call.

    Registers are the operands, the results, spare arrays of floats and of bools, and numbers.
    `results` names the register in which each result ends up; None for one that is zero.
    """

    operands: int
    calls: tuple[RowCall, ...]
    results: tuple[int | None, ...]
    floats: int
    bools: int
    numbers: tuple[float, ...]

    def __call__(self, *operands: Rows, outs: Sequence[Rows], spare: Spare) -> None:
        """Write all results."""
        for call in self.prepared(operands, outs, spare):
            call()

    def prepared(
        self, operands: Sequence[Rows], outs: Sequence[Rows], spare: Spare
    ) -> Iterator[Callable[[], object]]:
        """The calls that write all results of these arrays, to be made in order."""
        registers: list[Any] = [*operands, *outs]
        if self.floats or self.bools:
            rows = len(outs[0])
            registers += [array[:rows] for array in spare.floats[: self.floats]]
            registers += [array[:rows] for array in spare.bools[: self.bools]]
        registers += self.numbers
        for call in self.calls:
            given = (registers[operand] for operand in call.operands)
            yield partial(call.function, *given, out=registers[call.out])
        for at, place in enumerate(self.results, self.operands):
            if place is None:
                yield partial(registers[at].fill, 0)
            elif place != at:
                yield partial(np.copyto, registers[at], registers[place])


class Spare:
    """Arrays that several functions use one after the other."""

    def __init__(
        self, functions: Sequence[RowFunction], shape: tuple[int, int], dtype: np.dtype[Any]
    ) -> None:
        floats = max((function.floats for function in functions), default=0)
        bools = max((function.bools for function in functions), default=0)
        self.floats = [np.empty(shape, dtype) for _ in range(floats)]
        self.bools = [np.empty(shape, bool) for _ in range(bools)]
