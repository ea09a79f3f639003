"""A program: straight line, single assignment, no effects, no regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nngraph.errors import Span
from nngraph.ir.op import Op
from nngraph.ir.values import Leaf, Param, State, Value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an instruction comes from: a node or edge of the file, and what of it."""

    id: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Instr:
    """outs = op(args). Several origins after a fusion."""

    op: Op
    args: tuple[Value, ...]
    outs: tuple[Value, ...]
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Program:
    """Leaves, instructions in order, named outputs, and the updates committed after the step."""

    leaves: tuple[Leaf, ...]
    body: tuple[Instr, ...]
    outputs: tuple[tuple[str, Value], ...]
    updates: tuple[tuple[Param | State, Value], ...] = ()

    def output(self, name: str) -> Value:
        """The output of this name. Errors: KeyError."""
        return dict(self.outputs)[name]

    def results(self) -> Iterator[Value]:
        """Every value that must live to the end: outputs, then new contents of updated leaves."""
        yield from (value for _, value in self.outputs)
        yield from (value for _, value in self.updates)

    def leaf(self, id: str) -> Leaf:
        """The leaf of this id. Errors: KeyError."""
        for leaf in self.leaves:
            if leaf.id == id:
                return leaf
        raise KeyError(id)

    def __str__(self) -> str:
        from nngraph.ir.text import to_text

        return to_text(self)
