"""A program: straight line, single assignment, no effects, no regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from nngraph.errors import Span
from nngraph.ir.op import Call, Container, Op
from nngraph.ir.roles import Role
from nngraph.ir.types import TensorType
from nngraph.ir.values import Leaf, Param, State, Value
from nngraph.ir.views import View


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
