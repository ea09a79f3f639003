"""The contract of an op: one frozen class says all that the compiler knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from nngraph.ir.types import TensorType
from nngraph.ir.values import Array, Value
from nngraph.ir.views import View
from nngraph.records import dataclass

if TYPE_CHECKING:
    from nngraph.ir.program import Builder

Types: TypeAlias = TensorType | tuple[TensorType, ...]
Cotangents: TypeAlias = tuple[Value | None, ...]


class ShapeError(Exception):
    """Operand types break an op's rule: the bare fact, to which upper layers add the place."""


@dataclass(frozen=True, slots=True)
class Operand:
    """Argument of a call: operand number `index`."""

    index: int


@dataclass(frozen=True, slots=True)
class Fill:
    """Argument of a call: an array filled once at binding, of the type of operand `like`.

    NumPy's SIMD loops want an array where a scalar would do (`maximum(x, zeros)`).
    """

    value: float
    like: int = 0


@dataclass(frozen=True, slots=True)
class Ones:
    """Argument of a call: a vector of ones along axis 0 of operand `like`, made at binding."""

    like: int = 0


@dataclass(frozen=True, slots=True)
class ScalarArgument:
    """Argument of a call: a number in the dtype of operand `like`, made at binding."""

    value: float
    like: int = 0


Argument: TypeAlias = Operand | Fill | Ones | ScalarArgument


@dataclass(frozen=True, slots=True)
class Call:
    """The one NumPy function or kernel that computes an op into `out`.

    `arguments` None means the operands in order. `keywords` are fixed and hashable.
    `overwrites` lists operands whose own array may be given as `out` (same type, elementwise);
    where there are several results, for each of them the one operand that it may replace.
    """

    function: Callable[..., Any]
    name: str
    arguments: tuple[Argument, ...] | None = None
    keywords: tuple[tuple[str, Any], ...] = ()
    overwrites: tuple[int, ...] = ()

    def may_overwrite(self, operand: int, result: int, results: int) -> bool:
        """Whether a result, one of so many, may lie where an operand does."""
        if results == 1:
            return operand in self.overwrites
        return self.overwrites[result : result + 1] == (operand,)


@runtime_checkable
class Prepared(Protocol):
    """A function that keeps what it made for its arrays: each binding of a step takes its own.

    It is an instance of a class that is called with `made_of`.
    """

    made_of: tuple[Any, ...]

    def fresh(self) -> Callable[..., Any]:
        """The same function, which has made nothing yet."""


@dataclass(frozen=True, slots=True)
class Container:
    """An op whose result holds its operands as pieces: a path into the result for each operand.

    `fill`, if given, is written once at binding into all that no operand covers.
    """

    paths: tuple[tuple[View, ...], ...]
    fill: float | None = None


class Op:
    """All that nngraph knows about one op. Attributes are the fields of its frozen dataclass.

    An op is legal for a target when it is a call, a view or a container; anything else expands.
    """

    name: ClassVar[str]
    operands: ClassVar[tuple[str, ...]]
    """Names of the operands; a last name that starts with "*" takes any number."""
    elementwise: ClassVar[bool] = False
    """Each result element comes from the operands' elements at its place (after broadcasting)."""
    reduces_last_axis: ClassVar[bool] = False
    """Faster where the last axis lies outermost in memory (class-major), if that axis is short."""
    additive: ClassVar[bool] = False
    """op(a + b, c + d) = op(a, c) + op(b, d): linear in all operands together (add, views)."""
    multilinear: ClassVar[bool] = False
    """Linear in each operand while the others stay (multiply, products)."""

    def infer(self, *types: TensorType) -> Types:
        """Result type (or types) for operand types. Errors: ShapeError."""
        raise NotImplementedError

    def evaluate(self, *arrays: Array) -> Array | tuple[Array, ...]:
        """The definition in the plainest NumPy; never writes its operands."""
        raise NotImplementedError

    def vjp(
        self,
        builder: Builder,
        cotangents: Cotangents,
        outs: tuple[Value, ...],
        *operands: Value,
    ) -> Cotangents:
        """Cotangents of the operands from those of the results; None where there is none."""
        raise NotImplementedError(f"{self.name} has no derivative")

    def call(self, *types: TensorType) -> Call | None:
        """The call for operands of these types, if the op is one call."""
        return None

    def expand(self, builder: Builder, *operands: Value) -> Value | tuple[Value, ...] | None:
        """The op written in smaller ones, if it is not one call, view or container."""
        return None

    def view(self, *types: TensorType) -> View | None:
        """The view of operand 0 that the result is, if it is one."""
        return None

    def container(self, *types: TensorType) -> Container | None:
        """How the result holds the operands, if it does."""
        return None

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """Floating-point operations as (per sample, per step): one per result element by default.

        Views and containers that override nothing count as elementwise; they set 0 themselves.
        """
        out = self.infer(*types)
        total = [0, 0]
        for t in out if isinstance(out, tuple) else (out,):
            total[0 if t.batched else 1] += t.count({"N": 1, "P": 1})
        return total[0], total[1]

    def attributes(self) -> dict[str, Any]:
        """The fields of the dataclass by name."""
        return dict(vars(self))

    def __str__(self) -> str:
        inner = ", ".join(f"{k}={v!r}" for k, v in self.attributes().items())
        return f"{self.name}{{{inner}}}" if inner else self.name


def arity_error(op: Op, count: int) -> str | None:
    """What is wrong with `count` operands for this op, or None."""
    names = op.operands
    variadic = bool(names) and names[-1].startswith("*")
    if variadic and count >= len(names) - 1:
        return None
    if not variadic and count == len(names):
        return None
    return f"{op.name}: expected operands {', '.join(names) or 'none'}, got {count}"
