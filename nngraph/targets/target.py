"""A target as data: its name, and the table of what it calls in place of an op's own call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from nngraph.ir import Call, Instr, Kernel, Op, TensorType
from nngraph.ops import WORD_OPS
from nngraph.records import dataclass

Row: TypeAlias = Callable[..., Call | None]
"""The call for the row's op or word on operands of these types; None leaves it to NumPy.

A row is asked only where its target can run, so it may import what it calls.
"""


@dataclass(frozen=True)
class Target:
    """What stands in for NumPy's calls: a table from an op or a word to its row."""

    name: str
    rows: Mapping[type[Op] | str, Row]
    """By the class of an op, or the name of a word."""
    made_by: Callable[[], str]
    """Who makes its calls; with a version where that is told nowhere else."""

    def call(self, op: Op, *types: TensorType) -> Call | None:
        """What is called for an op on operands of these types; None where NumPy stays."""
        row = self.rows.get(op.name if isinstance(op, WORD_OPS) else type(op))
        return row(op, *types) if row is not None else None

    def chosen(self, instr: Instr) -> Instr:
        """The instruction with this target's kernel; itself where it has one or there is none."""
        if instr.kernel is not None:
            return instr
        call = self.call(instr.op, *instr.types)
        return instr if call is None else replace(instr, kernel=Kernel(self.name, call))


NUMPY = Target("NumPy", {}, lambda: "NumPy")
"""Each op's own call, and nothing instead."""
