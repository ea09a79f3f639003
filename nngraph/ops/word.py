"""A word of the vocabulary as one op, and formulas written as programs.

A word stays one instruction until legalise: it carries its row, so that passes, targets and the
readable module see `sigmoid` and its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from nngraph.formula import Formula, FormulaStep, Named, Number
from nngraph.ir import (
    Array,
    Builder,
    Call,
    Cotangents,
    Op,
    ShapeError,
    TensorType,
    Value,
    broadcast_shapes,
)
from nngraph.ops import arithmetic, compare, elementwise, rearrange, reduce
from nngraph.ops.shared import (
    exp_limit,
    floating,
    largest_below_one,
    listed_types,
    only,
    sized_axis,
    smallest,
)
from nngraph.ops.spread import sum_to
from nngraph.records import dataclass
from nngraph.words.activations import ACTIVATIONS
from nngraph.words.row import Activation

PRIMITIVES: Mapping[str, type[Op]] = {
    op.name: op
    for op in (
        arithmetic.Negative,
        arithmetic.ScaleBy,
        arithmetic.ShiftBy,
        arithmetic.SubtractFrom,
        arithmetic.Add,
        arithmetic.Subtract,
        arithmetic.Multiply,
        arithmetic.Divide,
        arithmetic.Maximum,
        arithmetic.Minimum,
        compare.Greater,
        compare.Less,
        compare.Between,
        elementwise.Square,
        elementwise.Sqrt,
        elementwise.Exp,
        elementwise.Expm1,
        elementwise.Log,
        elementwise.Log1p,
        elementwise.Abs,
        elementwise.Sign,
        elementwise.Heaviside,
        elementwise.Sin,
        elementwise.Cos,
        elementwise.Tanh,
        elementwise.Erfc,
        elementwise.Reciprocal,
        elementwise.Power,
        elementwise.ClampBelow,
        elementwise.ClampAbove,
        reduce.MaxLast,
        reduce.SumLast,
    )
}
"""What the steps of formulas mean."""

NUMBERS: Mapping[str, Callable[[Any], float]] = {
    "exp_limit": exp_limit,
    "smallest": smallest,
    "largest_below_one": largest_below_one,
}
"""What the numbers mean that depend on the dtype."""

ROWS: Mapping[str, Activation] = {row.name: row for row in ACTIVATIONS}


@dataclass(frozen=True)
class Word(Op):
    """A word of the vocabulary; `values` are the numbers among its options.

    Types   a: T[*d], for each learned option T[J] or T[1] with J the last axis of a -> T[*d].
            Over the last axis, this must have a fixed size.
    VJP     by the row's `pull`.
    Errors  ShapeError where an operand is not float or does not fit.
    """

    row: Activation
    values: tuple[float, ...] = ()

    @property
    def name(self) -> str:  # type: ignore[override]
        """The word."""
        return self.row.name

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the word is applied to, and what it learns."""
        return ("a", *self.row.learned)

    @property
    def elementwise(self) -> bool:  # type: ignore[override]
        """Unless it couples the elements of the last axis."""
        return not self.row.over_last_axis

    @property
    def reduces_last_axis(self) -> bool:  # type: ignore[override]
        """Where it couples the elements of the last axis."""
        return self.row.over_last_axis

    def infer(self, *types: TensorType) -> TensorType:
        """The type of a."""
        a = floating(self, *types)
        if self.row.over_last_axis:
            sized_axis(self, a, -1)
        for slope in types[1:]:
            if len(slope.shape) != 1 or broadcast_shapes(a.shape, slope.shape) != a.shape:
                raise ShapeError(
                    f"{self.name}: the slope does not fit the units: {listed_types(types)}"
                )
        return a

    def evaluate(self, *arrays: Array) -> Array:
        """The formula, step by step."""
        (z,) = computed(self.row.steps(self.values), *arrays)
        assert z is not None
        return z

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        """The row's pull, summed where a learned number serves many elements."""
        pull = self.row.pull_steps(self.values)
        found = written(builder, pull, only(cotangents), outs[0], *operands)
        return tuple(
            value if value is None or value.type == operand.type
            else sum_to(builder, value, operand.type)
            for value, operand in zip(found, operands, strict=True)
        )  # fmt: skip

    def call(self, *types: TensorType) -> Call | None:
        """The call of the only step, where there is one."""
        formula = self.row.steps(self.values)
        if len(formula.steps) != 1:
            return None
        return op_of(formula.steps[0], types[0].dtype).call(*types)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The formula in primitives."""
        (z,) = written(builder, self.row.steps(self.values), *operands)
        assert z is not None
        return z

    def attributes(self) -> dict[str, Any]:
        """The numbers by the names of the options."""
        return dict(zip(self.row.numbers, self.values, strict=True))


def word(name: str, *values: float, **options: float) -> Op:
    """The op of a word: the primitive of this name, or the word itself.

    >>> print(word("leaky_relu", alpha=0.2), word("tanh"))
    leaky_relu{alpha=0.2} tanh
    """
    row = ROWS[name]
    given = dict(zip(row.numbers, values, strict=False)) | options
    known = dict(zip(row.numbers, row.defaults, strict=True))
    return op_for(row, tuple({**known, **given}[number] for number in row.numbers))


def op_for(row: Activation, values: tuple[float, ...]) -> Op:
    """The op of a row: the primitive of its name, or the word itself."""
    return PRIMITIVES[row.name](*values) if row.is_primitive else Word(row, values)


def row_of(op: Op) -> Activation | None:
    """The row of an op that is a word, or a primitive that serves as one."""
    return op.row if isinstance(op, Word) else ROWS.get(op.name)


def is_word(op: Op, name: str) -> bool:
    """Whether an op is this word."""
    return isinstance(op, Word) and op.row is ROWS[name]


WORDS: Mapping[str, Callable[..., Op]] = {
    row.name: partial(word, row.name)
    for row in ACTIVATIONS
    if row.steps(row.defaults).steps and not row.is_primitive
}
"""The words that are ops of their own, for reading the text form of programs back."""


def _number_in(number: Number, dtype: Any) -> float:
    """A number of a step, for operands of this dtype."""
    if isinstance(number, Named):
        return number.sign * NUMBERS[number.name](dtype)
    return number


def op_of(step: FormulaStep, dtype: Any) -> Op:
    """The op that a step names, with its numbers in this dtype."""
    if step.primitive == "number":
        return rearrange.Cast(dtype)
    primitive = PRIMITIVES.get(step.primitive)
    if primitive is None:
        return word(step.primitive)
    return primitive(*(_number_in(number, dtype) for number in step.numbers))


X = TypeVar("X", Value, Array)
Writer: TypeAlias = Callable[..., X | None]
"""`write(step, *operands)` is the result of a step that is more than an op; None leaves it."""


def written(
    builder: Builder, formula: Formula, *operands: Value, other: Writer[Value] | None = None
) -> Cotangents:
    """The results of a formula, each step an instruction, or what `other` writes for it."""
    dtype = operands[0].type.dtype

    def result(step: FormulaStep, *args: Value) -> Value:
        known = other(step, *args) if other is not None else None
        return builder(op_of(step, dtype), *args) if known is None else known

    return _walked(formula, operands, result)


def computed(
    formula: Formula, *operands: Array, other: Writer[Array] | None = None
) -> tuple[Array | None, ...]:
    """The results of a formula in plain NumPy."""
    dtype = operands[0].dtype

    def result(step: FormulaStep, *args: Array) -> Array:
        known = other(step, *args) if other is not None else None
        found = op_of(step, dtype).evaluate(*args) if known is None else known
        assert not isinstance(found, tuple)
        return found

    return _walked(formula, operands, result)


def _walked(
    formula: Formula, operands: tuple[X, ...], result: Callable[..., X]
) -> tuple[X | None, ...]:
    values = list(operands)
    for step in formula.steps:
        values.append(result(step, *(values[k] for k in step.operands)))
    return tuple(None if place is None else values[place] for place in formula.results)
