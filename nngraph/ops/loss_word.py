"""A loss of the vocabulary as one op, alone or with the activation with which it is exact.

Their formulas add up the values of each sample; `_within_samples` says what that is in ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from nngraph.formula import FormulaStep, Named
from nngraph.ir import Array, Builder, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Add, Negative, ScaleBy
from nngraph.ops.linear import column, dot_sample, sample_size, sum_sample
from nngraph.ops.reduce import MaxLast
from nngraph.ops.shared import listed_types, only, same_type, sized_axis
from nngraph.ops.word import ROWS, Word, Writer, computed, written
from nngraph.records import dataclass
from nngraph.words.losses import LOSSES
from nngraph.words.row import ExactWith, LossRow, Setting

LOSS_ROWS: Mapping[str, LossRow] = {row.op: row for row in LOSSES}
"""By their names in programs."""


class _PerSample(Op):
    """A row's formula: one number for each sample, its values added up or averaged (`mean`)."""

    row: LossRow
    mean: bool
    settings: tuple[Setting, ...]

    def loss_type(self, types: tuple[TensorType, ...], over_last_axis: bool) -> TensorType:
        """T[N] for operands of one type T[N, *d]. Errors: ShapeError."""
        x = same_type(self, *types)
        if not x.shape:
            got = listed_types(types)
            raise ShapeError(f"{self.name}: expected one row for each sample, got {got}")
        if over_last_axis:
            sized_axis(self, x, -1)
        return x.with_shape(x.shape[:1])

    def attributes(self) -> dict[str, Any]:
        """Whether it is the mean, where that is a choice, and the numbers by their names."""
        mean = {} if self.row.values is None else {"mean": self.mean}
        return mean | dict(zip(self.row.numbers, self.settings, strict=True))


@dataclass(frozen=True)
class LossWord(_PerSample):
    """A loss of the vocabulary; `settings` are the numbers among its options.

    Types   y: T[N, *d], t: T[N, *d] -> T[N]; over the last axis, this must have a fixed size.
    VJP     by the row's `pull`.
    Errors  ShapeError where the types differ.
    """

    row: LossRow
    mean: bool = False
    settings: tuple[Setting, ...] = ()

    @property
    def name(self) -> str:  # type: ignore[override]
        """The word, without what `mean` says."""
        return self.row.op

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """Output and target."""
        return ("y", "t")

    @property
    def reduces_last_axis(self) -> bool:  # type: ignore[override]
        """Where it couples the elements of the last axis."""
        return self.row.over_last_axis

    def infer(self, *types: TensorType) -> TensorType:
        """One number a sample."""
        return self.loss_type(types, self.row.over_last_axis)

    def evaluate(self, *arrays: Array) -> Array:
        """The formula, step by step."""
        formula = self.row.traced(self.row.formula, 2, self.settings)
        (loss,) = computed(formula, *arrays, other=_of_samples(self.mean))
        assert loss is not None
        return loss

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        """The row's pull."""
        assert self.row.pull is not None
        pull = self.row.traced(self.row.pull, 3, self.settings)
        other = _within_samples(builder, self.mean)
        return written(builder, pull, only(cotangents), *operands, other=other)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The formula in primitives."""
        (loss,) = spelled_out(
            builder, self.row, self.row.formula, self.mean, self.settings, *operands
        )
        return loss


@dataclass(frozen=True)
class ExactLoss(_PerSample):
    """A loss and the activation before it, exact however sure the network is.

    Types   a: T[N, *d], t: T[N, *d] -> loss: T[N], z: T[N, *d]; where the activation is over the
            last axis, this must have a fixed size.
    VJP     by the pull of the row's `exact_with`, and by that of the activation from z's cotangent.
    Errors  ShapeError where the types differ.
    """

    row: LossRow
    form: ExactWith
    mean: bool = False
    settings: tuple[Setting, ...] = ()

    @property
    def name(self) -> str:  # type: ignore[override]
        """Both words."""
        return f"{self.form.activation}_{self.row.op}"

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """What the activation is applied to, and the target."""
        return ("a", "t")

    @property
    def activation(self) -> Word:
        """The activation alone."""
        return Word(ROWS[self.form.activation])

    @property
    def reduces_last_axis(self) -> bool:  # type: ignore[override]
        """Where the activation couples the elements of the last axis."""
        return self.activation.reduces_last_axis

    def infer(self, *types: TensorType) -> tuple[TensorType, TensorType]:
        """One number a sample, and the type of a."""
        return self.loss_type(types, self.reduces_last_axis), types[0]

    def evaluate(self, *arrays: Array) -> tuple[Array, Array]:
        """The formula, step by step."""
        formula = self.row.traced(self.form.formula, 2, self.settings)
        loss, z = computed(formula, *arrays, other=_of_samples(self.mean))
        assert loss is not None
        assert z is not None
        return loss, z

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        """The form's pull; what comes from z goes through the activation alone."""
        (g, h), (_, z), (a, t) = cotangents, outs, operands
        through_z = None if h is None else self.activation.vjp(builder, (h,), (z,), a)[0]
        if g is None:
            return through_z, None
        assert self.form.pull is not None
        pull = self.row.traced(self.form.pull, 4, self.settings)
        other = _within_samples(builder, self.mean)
        into_a, into_t = written(builder, pull, g, z, a, t, other=other)
        if into_a is not None and through_z is not None:
            into_a = builder(Add(), into_a, through_z)
        return into_a, into_t

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        """The formula in primitives."""
        return spelled_out(
            builder, self.row, self.form.formula, self.mean, self.settings, *operands
        )


def loss_word(name: str, *, mean: bool | None = None, **options: Setting) -> LossWord:
    """The op of a loss by its name in programs; what is not said is as in a file that says nothing.

    >>> print(loss_word("huber", delta=0.5), loss_word("hinge", mean=True))
    huber{mean=True, delta=0.5} hinge{mean=True}
    """
    row = LOSS_ROWS[name]
    known = dict(zip(row.numbers, row.defaults, strict=True)) | options
    if mean is None:
        mean = row.values == "mean"
    return LossWord(row, mean, tuple(known[number] for number in row.numbers))


def exact_loss(loss: LossWord, activation: str) -> ExactLoss:
    """A loss and the activation before it as one op; its row has such a form."""
    form = loss.row.exact(activation)
    assert form is not None
    return ExactLoss(loss.row, form, loss.mean, loss.settings)


def _exact_word(name: str, activation: str, **options: Any) -> ExactLoss:
    return exact_loss(loss_word(name, **options), activation)


LOSS_WORDS: Mapping[str, Callable[..., Op]] = {
    **{name: partial(loss_word, name) for name, row in LOSS_ROWS.items() if row.pull},
    **{
        f"{form.activation}_{name}": partial(_exact_word, name, form.activation)
        for name, row in LOSS_ROWS.items()
        for form in row.exact_with
        if form.pull
    },
}
"""The losses that are ops of their own, for reading the text form of programs back."""


def share_of(mean: bool, x: TensorType) -> float:
    """By what the sum of the values of x within a sample is multiplied."""
    return 1.0 / sample_size(x) if mean else 1.0


def spelled_out(
    builder: Builder,
    row: LossRow,
    function: Callable[..., Any],
    mean: bool,
    settings: tuple[Setting, ...],
    *operands: Value,
) -> tuple[Value, ...]:
    """A formula of a loss in primitives."""
    formula = row.traced(function, 2, settings)
    found = written(builder, formula, *operands, other=_within_samples(builder, mean))
    return tuple(value for value in found if value is not None)


def _another(step: FormulaStep, mean: bool) -> LossWord | None:
    """The other loss that a step names."""
    row = LOSS_ROWS.get(step.primitive)
    settings = tuple(number for number in step.numbers if not isinstance(number, Named))
    return None if row is None else LossWord(row, mean, settings)


def _within_samples(builder: Builder, mean: bool) -> Writer[Value]:
    """The steps that only formulas of losses take: sums within samples, and other losses."""

    def times(factor: float, x: Value) -> Value:
        if factor == -1.0:
            return builder(Negative(), x)
        return x if factor == 1.0 else builder(ScaleBy(factor), x)

    def write(step: FormulaStep, x: Value, *others: Value) -> Value | None:
        match step.primitive, step.numbers:
            case "total", (float(factor),):
                return times(factor * share_of(mean, x.type), sum_sample(builder, x))
            case "dot", (float(factor),):
                summed = dot_sample(builder, x, *others)
                return times(factor * share_of(mean, x.type), summed)
            case "spread", (float(factor),):
                (like,) = others
                factor *= share_of(mean, like.type)
                return column(builder, x if factor == 1.0 else builder(ScaleBy(factor), x), like)
            case "to_greatest", ():
                greatest, among = others
                return MaxLast().vjp(builder, (x,), (greatest,), among)[0]
        another = _another(step, mean)
        return None if another is None else builder(another, x, *others)

    return write


def _of_samples(mean: bool) -> Writer[Array]:
    """The same in plain NumPy, without what only pulls do."""

    def compute(step: FormulaStep, x: Array, *others: Array) -> Array | None:
        match step.primitive, step.numbers, others:
            case "total", (float(factor),), ():
                values = x
            case "dot", (float(factor),), (y,):
                values = x * y
            case _:
                another = _another(step, mean)
                return None if another is None else another.evaluate(x, *others)
        summed = values.sum(axis=tuple(range(1, values.ndim)))
        return np.asarray(summed * (factor * (len(x) / x.size if mean and x.size else 1.0)))

    return compute
