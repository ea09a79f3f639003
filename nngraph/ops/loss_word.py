"""A loss that is a formula, as one op."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from nngraph.ir import Array, Builder, Cotangents, Op, TensorType, Value
from nngraph.ops.affine import Negative
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.loss import PerSample, per_sample, share, summed_sample
from nngraph.ops.sample import sum_sample
from nngraph.ops.shared import only
from nngraph.ops.word import computed, written
from nngraph.words import losses


@dataclass(frozen=True, slots=True)
class LossWord(PerSample):
    """The sum, or the mean, of a row's formula over the values of each sample.

    Types   y: T[N, *d], t: T[N, *d] -> T[N].
    VJP     into y: the row's slope times g; into t: the same with the other sign.
    Errors  ShapeError where the types differ.
    """

    row: losses.LossFormula
    mean: bool = True

    @property
    def name(self) -> str:  # type: ignore[override]
        """The word, without what `mean` says."""
        return self.row.op

    @property
    def operands(self) -> tuple[str, ...]:  # type: ignore[override]
        """Output and target."""
        return ("y", "t")

    def infer(self, *types: TensorType) -> TensorType:
        """One number a sample."""
        return per_sample(self, *types)

    def evaluate(self, *arrays: Array) -> Array:
        """The formula, step by step, and its sum."""
        (values,) = computed(self.row.steps, *arrays)
        assert values is not None
        return summed_sample(values) * share(self.mean, arrays[0])

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        """The slope times the cotangent of each sample."""
        w = self.weights(builder, only(cotangents), operands[0])
        (slope,) = written(builder, self.row.slope_steps, *operands)
        assert slope is not None
        into_y = builder(Multiply(), slope, w)
        return into_y, builder(Negative(), into_y)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """The formula in primitives, and its sum."""
        (values,) = written(builder, self.row.steps, *operands)
        assert values is not None
        return self.total(builder, sum_sample(builder, values), operands[0])

    def attributes(self) -> dict[str, Any]:
        """Whether it is the mean."""
        return {"mean": self.mean}


LOSS_WORDS: Mapping[str, Callable[..., Op]] = {
    row.op: partial(LossWord, row) for row in losses.LOSSES
}
"""For reading the text form of programs back."""
