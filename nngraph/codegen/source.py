"""Legal program -> source text of one function, in a closed grammar.

The text is a function of the program's structure alone: names are minted, numbers, arrays and
functions enter through the namespace, no text of a spec ever reaches it.

    def step():
        matmul(v0, v1, out=v5)
        maximum(v5, c0, out=v6)

Instructions of a tile stand in a loop, whose variables are what differs from tile to tile: the
samples of values (p), the sums over them (s), arrays of one number (e), tuples of those (u).
What the tiles add is summed behind the loop.

        for p7, s8 in tiles:
            tanh(p7, out=p7)
            add_reduce(p7, out=s8, axis=k0)
        add_reduce(q8, out=v8, axis=k0)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from types import CodeType
from typing import Any, TypeAlias

import numpy as np

from nngraph.codegen.grammar import verify_source
from nngraph.errors import InternalError
from nngraph.ir import Argument, Call, Fill, Instr, Ones, Operand, Program, ScalarArgument, Value
from nngraph.ops import MatMul
from nngraph.plan import Plan, Tile
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Several:
    """A tuple of arrays: the results of a call that writes more than one."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """An array or number beside the operands, in the layout of the value `like`."""

    argument: Fill | Ones | ScalarArgument
    like: Value


@dataclass(frozen=True, slots=True)
class Turned:
    """A matrix with its axes in turned order."""

    value: Value


@dataclass(frozen=True, slots=True)
class Fixed:
    """The value of a fixed keyword; of its type, for 0 and false are equal to Python."""

    value: Any
    type: type


@dataclass(frozen=True, slots=True)
class Function:
    """A NumPy function or kernel."""

    function: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Halves:
    """A product that two workers compute together."""


@dataclass(frozen=True, slots=True)
class TileSum:
    """What one tile adds to a sum over the batch."""

    value: Value


@dataclass(frozen=True, slots=True)
class TileSums:
    """What all tiles add, one after the other along a new first axis."""

    value: Value


@dataclass(frozen=True, slots=True)
class Pieces:
    """For each tile of the batch, what the variables of the loop stand for."""

    tile: Tile
    variables: tuple[Binding, ...]


Binding: TypeAlias = (
    Value | Several | Extra | Turned | Fixed | Function | Halves | TileSum | TileSums | Pieces
)


@dataclass(frozen=True)
class Source:
    """The text, its code object, and what each name in it stands for."""

    text: str
    code: CodeType
    names: Mapping[str, Binding]


DOT = Function(
    np.ndarray.dot
)  # np.dot(a, b, out=c) without its look at what kind of arrays they are

Mark: TypeAlias = Callable[[int], object]
"""Called between the statements of a step, with the number of the instruction just done."""

BEGIN, EMPTY, TURN = -1, -2, -3
"""What marks say that belong to no instruction: the step begins; at once again, so that a mark's
own cost is known; a loop has taken its next tile."""


def generate(
    program: Program,
    plan: Plan,
    part: range | None = None,
    name: str = "step",
    mark: Mark | None = None,
) -> Source:
    """Write a planned program as source; verified against the grammar before it is compiled.

    With a `part`, only the instructions of these numbers are written, in a function of this `name`;
    tiles lie in one part. With a `mark`, that is called after each statement: the same calls on the
    same arrays, and something between them that looks at a clock.

    Errors: InternalError for an instruction that is no call, view or container.
    """
    part = range(len(program.body)) if part is None else part
    numbers = {out: k for k, instr in enumerate(program.body) for out in instr.outs}
    writer = _Writer(plan, mark, numbers)
    for value in (*program.leaves, *(v for i in program.body[: part.start] for v in i.outs)):
        writer.mint_value(value)
    lines = [*writer.marked(BEGIN), *writer.marked(EMPTY)]
    at = part.start
    for tile in (tile for tile in plan.tiling.tiles if tile.start in part):
        lines += writer.statements(program.body[at : tile.start])
        lines += writer.loop(tile, program.body[tile.start : tile.stop])
        at = tile.stop
    lines += writer.statements(program.body[at : part.stop])
    text = "\n".join([f"def {name}():", *(f"    {line}" for line in lines or ["return ()"])]) + "\n"
    verify_source(text, writer.names)
    module = compile(text, "<nngraph step>", "exec", dont_inherit=True)
    code = next(c for c in module.co_consts if isinstance(c, CodeType))
    return Source(text, code, writer.names)


@dataclass
class _Writer:
    plan: Plan
    mark: Mark | None
    numbers: Mapping[Value, int]  # of the instructions that make values
    names: dict[str, Binding] = field(default_factory=dict)
    values: dict[Value, str] = field(default_factory=dict)
    others: dict[Binding, str] = field(default_factory=dict)
    minted: Counter[str] = field(default_factory=Counter)
    count: int = 0
    variables: dict[Binding, str] | None = None  # of the loop that is being written

    def statements(self, body: Sequence[Instr]) -> list[str]:
        """The calls of instructions one after the other."""
        return [line for instr in body for line in self.statement(instr)]

    def loop(self, tile: Tile, body: Sequence[Instr]) -> list[str]:
        """The calls of a tile in a loop, and the sums of what the tiles add."""
        self.variables = {}
        inside = [*self.marked(TURN), *self.statements(body)]
        pieces = Pieces(tile, tuple(self.variables))
        names = ", ".join(self.variables.values())
        sums = [b.value for b in self.variables if isinstance(b, TileSum)]
        sums += [
            v
            for b in self.variables
            if isinstance(b, Several)
            for v in b.values
            if not v.type.batched
        ]
        self.variables = None
        head = (
            f"for {names}{',' if len(pieces.variables) == 1 else ''} in {self.other(pieces, 't')}:"
        )
        add = self.other(Function(np.add.reduce), "np_add_reduce")
        axis = self.other(Fixed(0, int), "k")
        return [
            head,
            *(f"    {line}" for line in inside),
            *(
                line
                for v in sums
                for line in (
                    f"{add}({self.other(TileSums(v), 'q')}, out={self.value(v)}, axis={axis})",
                    *self.marked(self.numbers[v]),
                )
            ),
        ]

    def marked(self, number: int) -> list[str]:
        """The call of the mark, where there is one."""
        if self.mark is None:
            return []
        name = self.other(Function(self.mark), "mark")
        return [f"{name}({self.other(Fixed(number, int), 'k')})"]

    def statement(self, instr: Instr) -> list[str]:
        """The call of an instruction; views and containers cost nothing at run time."""
        for out in instr.outs:
            self.mint_value(out)
        call = instr.call
        if not instr.is_work:
            return []
        if call is None:
            raise InternalError(f"{instr} is no call, view or container: legalise first")
        if self.is_turned(instr):
            names = [self.other(Turned(value), "r") for value in (*instr.args[::-1], *instr.outs)]
            line = f"{self.other(DOT, 'np_dot')}({names[0]}, {names[1]}, out={names[2]})"
            return [line, *self.marked(self.numbers[instr.outs[0]])]
        arguments = call.arguments
        if arguments is None:
            arguments = tuple(Operand(n) for n in range(len(instr.args)))
        parts = [self.argument(a, instr) for a in arguments]
        parts.append(f"out={self.result(instr)}")
        parts += [
            f"{key}={self.other(Fixed(value, type(value)), 'k')}" for key, value in call.keywords
        ]
        line = f"{self.function(call, instr)}({', '.join(parts)})"
        return [line, *self.marked(self.numbers[instr.outs[0]])]

    def mint_value(self, value: Value) -> None:
        """Give a value its number; the name enters the namespace when it is used."""
        self.values[value] = f"v{self.count}"
        self.count += 1

    def value(self, value: Value) -> str:
        name = self.values[value]
        if self.variables is not None and value.type.batched:
            return self.variables.setdefault(value, f"p{name[1:]}")
        self.names[name] = value
        return name

    def result(self, instr: Instr) -> str:
        inside = self.variables is not None
        if len(instr.outs) > 1:
            several = Several(instr.outs)
            return self.variable(several, "u") if inside else self.other(several, "t")
        (out,) = instr.outs
        if inside and not out.type.batched:
            return self.variable(TileSum(out), "s")
        return self.value(out)

    def argument(self, argument: Argument, instr: Instr) -> str:
        if isinstance(argument, Operand):
            return self.value(instr.args[argument.index])
        extra = Extra(argument, instr.args[argument.like])
        if self.variables is not None and extra.like.type.batched:
            return self.variable(extra, "e")
        return self.other(extra, "c")

    def variable(self, binding: Binding, prefix: str) -> str:
        """The name that a binding has in the loop that is being written."""
        assert self.variables is not None
        return self.variables.setdefault(binding, f"{prefix}{len(self.variables)}")

    def function(self, call: Call, instr: Instr) -> str:
        out = instr.outs[0]
        if out in self.plan.halved:
            return self.other(Halves(), "matmul_in_halves")
        if call.function is np.matmul and self.can_be_dot(instr):
            return self.other(DOT, "np_dot")
        return self.other(Function(call.function), _identifier(call.name))

    def can_be_dot(self, instr: Instr) -> bool:
        """Whether `dot`, the same product with less overhead (0.3 of 0.9 us), can write it:
        it wants vectors or matrices, and a dense result."""
        if self.plan.tiling.tiles or max(len(arg.type.shape) for arg in instr.args) > 2:
            return False
        return self.plan.places[instr.outs[0]].is_dense

    def is_turned(self, instr: Instr) -> bool:
        """Whether a product is written by columns: (x W)^T = W^T x^T is written by rows."""
        out = instr.outs[0]
        if not isinstance(instr.op, MatMul) or instr.kernel is not None or out in self.plan.halved:
            return False
        return self.plan.places[out].is_turned and not self.plan.tiling.tiles

    def other(self, binding: Binding, prefix: str) -> str:
        """The name of a binding that is no value; equal ones share a name."""
        if binding not in self.others:
            taken = self.minted[prefix]
            self.minted[prefix] += 1
            plain = isinstance(binding, Function | Halves) and taken == 0
            name = prefix if plain else f"{prefix}_{taken}"
            self.others[binding] = name
            self.names[name] = binding
        return self.others[binding]


def _identifier(name: str) -> str:
    """A name from the compiler's own vocabulary as an identifier."""
    return re.sub(r"\W", "_", name)
