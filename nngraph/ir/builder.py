"""Appends instructions to a program; every result is typed by its op's own rule."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from nngraph.errors import CapacityError, diagnostic
from nngraph.ir.op import Op, ShapeError, arity_error
from nngraph.ir.program import Instr, Origin, Program
from nngraph.ir.roles import Role, parse_role
from nngraph.ir.types import TensorType
from nngraph.ir.values import Leaf, Param, State, Value

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
