"""Steps of optimisers over vectors: new weights and new moments from gradients, in one op each.

Where no kernel computes one whole it is spelled out in elementwise ops, a pass over memory each.
Learning rate and number of the step come in float64 and int64, so that what is made of them is
rounded once to the dtype of the vectors.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Op, ShapeError, TensorType, Value
from nngraph.ops.arithmetic import Add, Divide, Multiply, ScaleBy, ShiftBy, Subtract
from nngraph.ops.elementwise import Exp, Reciprocal, Sqrt, Square
from nngraph.ops.rearrange import Cast
from nngraph.ops.shared import FLOATS, listed_types
from nngraph.records import dataclass

SCALARS = {"rate": "float64", "count": "int64"}


class OptimizerStep(Op):
    """Some vectors of one float type, then scalars of the step; the results are vectors too."""

    vectors: ClassVar[int]
    cost: ClassVar[int]
    """Floating-point operations on each element."""

    def infer(self, *types: TensorType) -> tuple[TensorType, ...]:
        """One vector for the weights and each moment. Errors: ShapeError."""
        vector = types[0]
        scalars = zip(self.operands[self.vectors :], types[self.vectors :], strict=True)
        fits = all(_fits(name, given, vector) for name, given in scalars)
        if not fits or vector.dtype not in FLOATS or len({*types[: self.vectors]}) != 1:
            told = "expected vectors of one float type, then scalars of the step"
            raise ShapeError(f"{self.name}: {told}, got {listed_types(types)}")
        return (vector,) * (self.vectors - 1)

    def flops(self, *types: TensorType) -> tuple[int, int]:
        """By element, whatever the step's scalars cost."""
        size = types[0].count({"N": 1, "P": 1}) * self.cost
        return (size, 0) if types[0].batched else (0, size)


@dataclass(frozen=True)
class GradientStep(OptimizerStep):
    """w - rate g.

    Types   w: T[*d], g: T[*d], rate: float64[] -> T[*d].
    Errors  ShapeError where the types of w and g differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.41.
    """

    name: ClassVar[str] = "gradient_step"
    operands: ClassVar[tuple[str, ...]] = ("w", "g", "rate")
    vectors: ClassVar[int] = 2
    cost: ClassVar[int] = 2

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        w, g, rate = arrays
        return (np.asarray(w - rate.astype(w.dtype) * g),)

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        w, g, rate = operands
        return (builder(Subtract(), w, builder(Multiply(), g, _scalar(builder, rate, w))),)


@dataclass(frozen=True)
class MomentumStep(OptimizerStep):
    """v' = momentum v + g; w' = w - rate v', or w - rate (momentum v' + g) where `nesterov`.

    Types   w: T[*d], g: T[*d], v: T[*d], rate: float64[] -> w': T[*d], v': T[*d].
    Errors  ShapeError where the types of the vectors differ.
    Source  Sutskever et al., On the importance of initialization and momentum, ICML 2013.
    """

    momentum: float = 0.9
    nesterov: bool = False
    name: ClassVar[str] = "momentum_step"
    operands: ClassVar[tuple[str, ...]] = ("w", "g", "v", "rate")
    vectors: ClassVar[int] = 3
    cost: ClassVar[int] = 6

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        w, g, v, rate = arrays
        v = np.asarray(self.momentum * v + g)
        d = self.momentum * v + g if self.nesterov else v
        return np.asarray(w - rate.astype(w.dtype) * d), v

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        w, g, v, rate = operands
        eta = _scalar(builder, rate, w)
        d, v = self.direction(builder, g, v)
        return builder(Subtract(), w, builder(Multiply(), d, eta)), v

    def direction(self, builder: Builder, g: Value, v: Value) -> tuple[Value, Value]:
        """What is scaled by the rate and taken off the weights, and v'."""
        v = builder(Add(), builder(ScaleBy(self.momentum), v), g)
        if not self.nesterov:
            return v, v
        return builder(Add(), builder(ScaleBy(self.momentum), v), g), v


@dataclass(frozen=True)
class AdamStep(OptimizerStep):
    """M' = beta1 M + g; V' = beta2 V + g^2; w' = w - alpha M' / (sqrt(V') + epsilon / s) with

        s = sqrt((1 - beta2) / (1 - beta2^t)),  alpha = rate (1 - beta1) / ((1 - beta1^t) s)

    The moments are kept rescaled, M = m / (1 - beta1) and V = v / (1 - beta2), and the
    corrections of their start lie in two scalars; t is `count`, from 1.

    Types   w, g, M, V: T[*d], rate: float64[], count: int64[] -> w', M', V': T[*d].
    Errors  ShapeError where the types of the vectors differ.
    Source  Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    name: ClassVar[str] = "adam_step"
    operands: ClassVar[tuple[str, ...]] = ("w", "g", "M", "V", "rate", "count")
    vectors: ClassVar[int] = 4
    cost: ClassVar[int] = 10

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        w, g, M, V, rate, count = arrays
        s = np.sqrt((1.0 - self.beta2) / (1.0 - self.beta2 ** float(count)))
        alpha = rate * (1.0 - self.beta1) / ((1.0 - self.beta1 ** float(count)) * s)
        epsilon = (self.epsilon / s).astype(w.dtype)
        M = np.asarray(self.beta1 * M + g)
        V = np.asarray(self.beta2 * V + g * g)
        return np.asarray(w - alpha.astype(w.dtype) * (M / (np.sqrt(V) + epsilon))), M, V

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        w, *others = operands
        step, M, V = self.step(builder, *others)
        return builder(Subtract(), w, step), M, V

    def step(
        self, builder: Builder, g: Value, M: Value, V: Value, rate: Value, count: Value
    ) -> tuple[Value, Value, Value]:
        """What is taken off the weights, M' and V': ten passes with the subtraction."""
        t = builder(Cast("float64"), count)
        into_s = builder(ScaleBy(1.0 - self.beta2), _over_correction(builder, self.beta2, t))
        s_inverse = builder(Reciprocal(), builder(Sqrt(), into_s))
        alpha = builder(ScaleBy(1.0 - self.beta1), _over_correction(builder, self.beta1, t))
        alpha = builder(Multiply(), builder(Multiply(), alpha, s_inverse), rate)
        epsilon = builder(ScaleBy(self.epsilon), s_inverse)
        M = builder(Add(), builder(ScaleBy(self.beta1), M), g)
        V = builder(Add(), builder(ScaleBy(self.beta2), V), builder(Square(), g))
        divisor = builder(Add(), builder(Sqrt(), V), _scalar(builder, epsilon, g))
        ratio = builder(Divide(), M, divisor)
        return builder(Multiply(), ratio, _scalar(builder, alpha, g)), M, V


@dataclass(frozen=True)
class AdamWStep(OptimizerStep):
    """w - rate decay w first, then the step of Adam, whose moments see no decay.

    Types   w, g, M, V: T[*d], rate: float64[], count: int64[], decay: T[] or T[*d]
            -> w', M', V': T[*d].
    Errors  ShapeError where the types of the vectors differ.
    Source  Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    name: ClassVar[str] = "adamw_step"
    operands: ClassVar[tuple[str, ...]] = ("w", "g", "M", "V", "rate", "count", "decay")
    vectors: ClassVar[int] = 4
    cost: ClassVar[int] = 13

    @property
    def adam(self) -> AdamStep:
        """The step without the decay."""
        return AdamStep(self.beta1, self.beta2, self.epsilon)

    def evaluate(self, *arrays: Array) -> tuple[Array, ...]:
        w, *others, decay = arrays
        rate = others[3].astype(w.dtype)
        return self.adam.evaluate(np.asarray(w - rate * (decay * w)), *others)

    def expand(self, builder: Builder, *operands: Value) -> tuple[Value, ...]:
        w, *others, decay = operands
        pull = builder(Multiply(), w, decay)
        w = builder(Subtract(), w, builder(Multiply(), pull, _scalar(builder, others[3], w)))
        return self.adam.expand(builder, w, *others)


def _fits(name: str, given: TensorType, vector: TensorType) -> bool:
    """Whether a scalar of the step, or a decay for each weight, has the type that is read."""
    if name in SCALARS:
        return (given.shape, given.dtype) == ((), SCALARS[name])
    return given.dtype == vector.dtype and given.shape in ((), vector.shape)


def _over_correction(builder: Builder, beta: float, t: Value) -> Value:
    """1 / (1 - beta^t), float64."""
    if beta == 0.0:
        power = builder(ScaleBy(0.0), t)
    else:
        power = builder(Exp(), builder(ScaleBy(math.log(beta)), t))
    return builder(Reciprocal(), builder(ShiftBy(1.0), builder(ScaleBy(-1.0), power)))


def _scalar(builder: Builder, value: Value, like: Value) -> Value:
    """A float64 scalar in the dtype of the vectors."""
    return builder(Cast(like.type.dtype), value)
