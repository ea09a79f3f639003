"""A program: straight line, single assignment, no effects, no regions; its builder and verifier.

The builder appends instructions; every result is typed by its op's own rule, which the verifier
asks again after lowering and after every pass.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import TypeAlias, TypeVar

from nngraph.errors import CapacityError, Span, VerifyError, diagnostic
from nngraph.ir.op import Call, Container, Op, ShapeError, arity_error
from nngraph.ir.roles import Role, parse_role
from nngraph.ir.types import TensorType
from nngraph.ir.values import Input, Leaf, Param, State, Value
from nngraph.ir.views import View
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an instruction comes from: a node or edge of the file, and what of it."""

    id: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a target calls in place of an op's own call."""

    target: str
    call: Call


Way: TypeAlias = tuple[Call | None, View | None, Container | None]


@dataclass(frozen=True, slots=True)
class Instr:
    """outs = op(args). Several origins after a fusion.

    `kernel` is chosen once all derivatives are taken: same types, same meaning, another call.
    What the op says of operands of these types is asked of it once: every pass, the plan and its
    verifier want to know.
    """

    op: Op
    args: tuple[Value, ...]
    outs: tuple[Value, ...]
    origins: tuple[Origin, ...] = ()
    kernel: Kernel | None = None
    _known: Way | None = field(default=None, init=False, repr=False, compare=False)

    def __hash__(self) -> int:
        """That of its results, which nothing else makes; its origins may be thousands."""
        return hash(self.outs)

    @property
    def types(self) -> tuple[TensorType, ...]:
        """The types of the operands."""
        return tuple([arg.type for arg in self.args])

    @property
    def call(self) -> Call | None:
        """What is called for it, its kernel or else NumPy; None where it is no call."""
        return self._way()[0]

    @property
    def view(self) -> View | None:
        """The view of operand 0 that the result is, if it is one."""
        return self._way()[1]

    @property
    def container(self) -> Container | None:
        """How the result holds the operands, if it does."""
        return self._way()[2]

    @property
    def is_legal(self) -> bool:
        """Whether it is one call, view or container."""
        return self._way() != (None, None, None)

    @property
    def is_work(self) -> bool:
        """Whether something runs for it: in a legal program, neither view nor container."""
        return self._way()[1:] == (None, None)

    def _way(self) -> Way:
        if self._known is None:
            op, types = self.op, self.types
            call = op.call(*types) if self.kernel is None else self.kernel.call
            object.__setattr__(self, "_known", (call, op.view(*types), op.container(*types)))
            assert self._known is not None
        return self._known

    def __str__(self) -> str:
        """The op, marked with the target whose kernel computes it."""
        return str(self.op) if self.kernel is None else f"{self.kernel.target} {self.op}"


@dataclass(frozen=True)
class Program:
    """Leaves, instructions in order, outputs by role, and the updates committed after the step."""

    leaves: tuple[Leaf, ...]
    body: tuple[Instr, ...]
    outputs: tuple[tuple[Role, Value], ...]
    updates: tuple[tuple[Param | State, Value], ...] = ()

    def output(self, role: Role | str) -> Value:
        """The output of this role, or of this text form of one. Errors: KeyError."""
        return self.named()[role] if isinstance(role, str) else dict(self.outputs)[role]

    def named(self) -> dict[str, Value]:
        """The outputs by the text form of their roles, for people and tests."""
        return {str(role): value for role, value in self.outputs}

    def results(self) -> Iterator[Value]:
        """Every value that must live to the end: outputs, then new contents of updated leaves."""
        yield from (value for _, value in self.outputs)
        yield from (value for _, value in self.updates)

    def pieces(self) -> set[Value]:
        """The values that containers hold."""
        holders = [instr for instr in self.body if instr.container is not None]
        return {arg for instr in holders for arg in instr.args}

    def leaf(self, id: str) -> Leaf:
        """The leaf of this id. Errors: KeyError."""
        for leaf in self.leaves:
            if leaf.id == id:
                return leaf
        raise KeyError(id)

    def __str__(self) -> str:
        from nngraph.ir.text import to_text

        return to_text(self)


# ---- how it is built


L = TypeVar("L", bound=Leaf)

MOST_NUMBERS = 2**48  # of one value for one sample: a pebibyte of float32, and indices still fit


class Builder:
    """A program under construction.

    What it makes comes from its `origins`; `with builder.at(origin): ...` sets them for a while.
    """

    def __init__(self, leaves: Iterable[Leaf] = (), body: Iterable[Instr] = ()) -> None:
        self.leaves: dict[Leaf, None] = dict.fromkeys(leaves)
        self.body: list[Instr] = list(body)
        self.origins: tuple[Origin, ...] = ()

    def leaf(self, leaf: L) -> L:
        """Make a leaf known; the same one twice is once. Errors: CapacityError."""
        self._refuse_vast(leaf.type)
        self.leaves[leaf] = None
        return leaf

    @contextmanager
    def at(self, *origins: Origin) -> Iterator[None]:
        """Instructions built inside carry these origins."""
        before, self.origins = self.origins, origins
        try:
            yield
        finally:
            self.origins = before

    def __call__(self, op: Op, *args: Value) -> Value:
        """Append `op(args)` and return its only result. Errors: ShapeError, CapacityError."""
        outs = self.apply(op, *args)
        if len(outs) != 1:
            raise ShapeError(f"{op.name} has {len(outs)} results; use apply")
        return outs[0]

    def apply(self, op: Op, *args: Value) -> tuple[Value, ...]:
        """Append `op(args)` and return all its results. Errors: ShapeError, CapacityError."""
        if (problem := arity_error(op, len(args))) is not None:
            raise ShapeError(problem)
        types = op.infer(*(a.type for a in args))
        outs = tuple(Value(t) for t in (types if isinstance(types, tuple) else (types,)))
        for out in outs:
            self._refuse_vast(out.type)
        self.body.append(Instr(op, args, outs, self.origins))
        return outs

    def _refuse_vast(self, type_: TensorType) -> None:
        """Refuse what no machine can hold, before its size overflows an index."""
        numbers = math.prod(type_.sample_shape)
        if numbers <= MOST_NUMBERS:
            return
        origin = self.origins[0] if self.origins else None
        raise CapacityError(
            diagnostic(
                "E601:value",
                origin.span if origin is not None else None,
                id=origin.id if origin is not None else "the network",
                shape=" x ".join(map(str, type_.sample_shape)),
            )
        )

    def done(
        self,
        outputs: Sequence[tuple[Role | str, Value]],
        updates: Sequence[tuple[Param | State, Value]] = (),
    ) -> Program:
        """The finished program; outputs may be given by the text form of their roles."""
        roles = tuple(
            (parse_role(role, self.leaves) if isinstance(role, str) else role, value)
            for role, value in outputs
        )
        return Program(tuple(self.leaves), tuple(self.body), roles, tuple(updates))


# ---- what holds after lowering and after every pass


def verify_program(
    program: Program, after: str = "building", known: Collection[Instr] = ()
) -> Program:
    """Check a program and hand it back.

    Holds: each value is assigned once and before its uses; every type is what its op's rule
    says; outputs have distinct names; updated leaves exist, once, with values of their own type.
    Of instructions that are `known`, verified as part of another program, only the place is
    looked at: they are frozen, so their types are right still.

    Errors: VerifyError, which names the stage `after` which the program is broken.
    """
    seen: set[Value] = set(program.leaves)
    if len(seen) != len(program.leaves):
        raise VerifyError(f"after {after}: a leaf is listed twice")
    ids = [(leaf.id, leaf.fed_with if isinstance(leaf, Input) else None) for leaf in program.leaves]
    if len(set(ids)) != len(ids):
        twice = sorted({id_ for id_, feed in ids if ids.count((id_, feed)) > 1})
        raise VerifyError(f"after {after}: leaf ids {twice} occur twice")
    typed = set(map(id, known))
    for number, instr in enumerate(program.body):
        problem = _misplaced(instr, seen)
        if problem is None and id(instr) not in typed:
            problem = _mistyped(instr)
        if problem is not None:
            raise VerifyError(f"after {after}: instruction {number} ({instr}) {problem}")
        seen.update(instr.outs)
    _verify_results(program, seen, after)
    return program


def _misplaced(instr: Instr, seen: set[Value]) -> str | None:
    """What is wrong with where an instruction stands, or None."""
    if not seen.issuperset(instr.args):
        return "uses a value before its definition"
    if not seen.isdisjoint(instr.outs):
        return "assigns a value twice"
    return None


def _mistyped(instr: Instr) -> str | None:
    """What is wrong with an instruction by itself, or None."""
    if (problem := arity_error(instr.op, len(instr.args))) is not None:
        return f"breaks its op's contract: {problem}"
    try:
        types = instr.op.infer(*instr.types)
    except ShapeError as error:
        return f"breaks its op's rule: {error}"
    inferred = types if isinstance(types, tuple) else (types,)
    stated = tuple(out.type for out in instr.outs)
    if inferred != stated:
        says = ", ".join(map(str, inferred))
        return f"has type {', '.join(map(str, stated))}; its rule says {says}"
    return None


def _verify_results(program: Program, seen: set[Value], after: str) -> None:
    roles = [role for role, _ in program.outputs]
    if len(set(roles)) != len(roles):
        raise VerifyError(f"after {after}: two outputs share a name: {list(map(str, roles))}")
    for role, value in program.outputs:
        if value not in seen:
            raise VerifyError(f"after {after}: output {str(role)!r} is never defined")
    targets = [leaf for leaf, _ in program.updates]
    if len(set(targets)) != len(targets):
        raise VerifyError(f"after {after}: a leaf is updated twice")
    for leaf, value in program.updates:
        if leaf not in seen or not isinstance(leaf, Param | State):
            raise VerifyError(f"after {after}: {leaf.id!r} is updated but is no parameter or state")
        if value not in seen:
            raise VerifyError(f"after {after}: the update of {leaf.id!r} is never defined")
        if value.type != leaf.type:
            raise VerifyError(f"after {after}: {leaf.id!r} is {leaf.type}, its update {value.type}")
