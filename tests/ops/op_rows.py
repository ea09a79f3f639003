"""One row (or several, where regions differ) per op: operands, and a reference written by hand.

References use Python's `math` on single numbers, loops and sums; never the package.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import ops
from nngraph.ir import Op

Array = NDArray[Any]
Maker = Callable[[np.random.Generator, tuple[int, ...]], Array]

N = 4  # rows of a batch, wherever a type says "N"


@dataclass(frozen=True)
class Row:
    """An op on operands of some types and values.

    `derivative` says how its vjp is judged: "complex" step, "richardson" extrapolated
    differences, or "none" where there is none. `fixed` lists operands without a cotangent.
    `scale` is the absolute tolerance, for sums that may cancel.
    """

    op: Op
    types: tuple[str, ...]
    reference: Callable[..., Any]
    region: str = "normal"
    values: tuple[Maker, ...] = ()
    derivative: str = "complex"
    fixed: tuple[int, ...] = ()
    scale: float = 0.0

    def __str__(self) -> str:
        return f"{type(self.op).__name__}-{self.region}"


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.normal(size=shape)


def within(low: float, high: float) -> Maker:
    return lambda rng, shape: rng.uniform(low, high, size=shape)


def off_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of both signs at least 0.1 from 0, where kinks are."""
    return rng.uniform(0.1, 2.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def mask(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.random(shape) < 0.5


def one_hot(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


def probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    p = rng.uniform(0.05, 1.0, size=shape)
    return p / p.sum(axis=-1, keepdims=True)


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers at least 0.3 from each other, so that no difference quotient crosses a tie."""
    return (rng.permutation(math.prod(shape)).reshape(shape) - math.prod(shape) / 2) * 0.3


def zeros_in_it(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    x = rng.normal(size=shape)
    x[..., 0] = 0.0
    x[0, :2] = 0.0
    return x


def each(f: Callable[..., float]) -> Callable[..., Array]:
    """A function of numbers applied element by element, broadcast."""

    def apply(*arrays: Array) -> Array:
        full = np.broadcast_arrays(*arrays)
        values = [f(*(v.item() for v in vs)) for vs in zip(*(a.flat for a in full), strict=True)]
        return np.array(values).reshape(full[0].shape)

    return apply


def sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > 0 else math.exp(x) / (1.0 + math.exp(x))


def softplus(x: float) -> float:
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def mish(x: float) -> float:
    return x * math.tanh(softplus(x))


def elu(x: float, alpha: float) -> float:
    return x if x > 0 else alpha * math.expm1(x)


def clip(x: float, low: float, high: float) -> float:
    return low if x < low else high if x > high else x


def product(x: Array, W: Array) -> Array:
    out = np.zeros((x.shape[0], W.shape[1]))
    for n, i, j in itertools.product(range(x.shape[0]), range(x.shape[1]), range(W.shape[1])):
        out[n, j] += float(x[n, i]) * float(W[i, j])
    return out


def rows_of(f: Callable[[list[float]], list[float]]) -> Callable[[Array], Array]:
    """A function of the list of elements along the last axis."""

    def apply(x: Array) -> Array:
        flat = [f([float(v) for v in row]) for row in x.reshape(-1, x.shape[-1])]
        return np.array(flat).reshape(*x.shape[:-1], -1)

    return apply


def softmax(a: list[float]) -> list[float]:
    e = [math.exp(v - max(a)) for v in a]
    return [v / math.fsum(e) for v in e]


def log_softmax(a: list[float]) -> list[float]:
    return [v - max(a) - math.log(math.fsum(math.exp(u - max(a)) for u in a)) for v in a]


def per_sample(f: Callable[[float, float], float], mean: bool) -> Callable[[Array, Array], Array]:
    """Sum or mean of f over the values of each sample."""

    def apply(y: Array, t: Array) -> Array:
        out = []
        for a, b in zip(y, t, strict=True):
            values = [f(float(u), float(v)) for u, v in zip(a.flat, b.flat, strict=True)]
            out.append(math.fsum(values) / (len(values) if mean else 1))
        return np.array(out)

    return apply


def cross_entropy(p: float, t: float) -> float:
    return -t * math.log(p)


def binary_cross_entropy(p: float, t: float) -> float:
    return -t * math.log(p) - (1.0 - t) * math.log1p(-p)


def softmax_cross_entropy(a: Array, t: Array, mean: bool = False) -> tuple[Array, Array]:
    logs = rows_of(log_softmax)(a)
    return per_sample(lambda log, t: -t * log, mean)(logs, t), rows_of(softmax)(a)


def sigmoid_cross_entropy(a: Array, t: Array, mean: bool = False) -> tuple[Array, Array]:
    def value(a: float, t: float) -> float:
        return t * softplus(-a) + (1.0 - t) * softplus(a)

    return per_sample(value, mean)(a, t), each(sigmoid)(a)


def reduced(f: Callable[[list[float]], float], axis: int) -> Callable[[Array], Array]:
    return lambda x: np.apply_along_axis(lambda v: f([float(u) for u in v]), axis, x)


def running_product(backward: bool) -> Callable[[Array], Array]:
    def along(v: list[float]) -> list[float]:
        return [math.prod(v[i:] if backward else v[: i + 1]) for i in range(len(v))]

    return lambda x: np.apply_along_axis(lambda v: np.array(along(list(v))), 1, x)


def unary(
    op: Op,
    f: Callable[[float], float],
    region: str = "normal",
    make: Maker = normal,
    derivative: str = "complex",
) -> Row:
    """A row for an elementwise function of one operand."""
    return Row(op, ("float64[N, 3]",), each(f), region, (make,), derivative)


def activation(
    op: Op, f: Callable[[float], float], derivative: str = "complex", tail: float = 30.0
) -> list[Row]:
    """Rows for both signs, values near zero and both tails."""
    return [
        unary(op, f, "negative", within(-3.0, -0.1), derivative),
        unary(op, f, "positive", within(0.1, 3.0), derivative),
        unary(op, f, "tiny", within(1e-9, 1e-8), "none"),
        unary(op, f, "tiny-negative", within(-1e-8, -1e-9), "none"),
        unary(op, f, "far-negative", within(-tail, -tail / 2), "none"),
        unary(op, f, "far-positive", within(tail / 2, tail), "none"),
    ]


def binary(op: Op, f: Callable[[float, float], float], make: Maker = normal) -> list[Row]:
    """Rows for equal shapes and for every way of broadcasting."""
    shapes = [
        ("equal", "float64[N, 3]", "float64[N, 3]"),
        ("bias", "float64[N, 3]", "float64[3]"),
        ("scalar-left", "float64[]", "float64[N, 3]"),
        ("column", "float64[N, 1]", "float64[N, 3]"),
        ("both", "float64[N, 1, 2]", "float64[3, 1]"),
        ("scalars", "float64[]", "float64[]"),
    ]
    return [Row(op, (x, y), each(f), name, (make, make)) for name, x, y in shapes]


def choice(op: Op, f: Callable[[float, float], float]) -> list[Row]:
    """Maximum and minimum: distinct operands, so that no tie is near."""

    def shifted(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return distinct(rng, shape) + 0.1

    types = [("equal", "float64[N, 3]", "float64[N, 3]"), ("bias", "float64[N, 3]", "float64[3]")]
    return [Row(op, (x, y), each(f), name, (distinct, shifted)) for name, x, y in types]


def losses(op: type[Op], f: Callable[[float, float], float], y: Maker, t: Maker) -> list[Row]:
    """Rows for vectors, scalars and images, summed and averaged."""
    derivative = "richardson" if op is ops.AbsoluteError else "complex"
    return [
        Row(
            op(mean=mean),  # type: ignore[call-arg]
            (type_, type_),
            per_sample(f, mean),
            f"{type_}-{'mean' if mean else 'sum'}",
            (y, t),
            derivative,
            scale=1e-15,
        )
        for type_ in ("float64[N, 3]", "float64[N]", "float64[N, 2, 3]")
        for mean in (False, True)
    ]


def _linear_rows() -> list[Row]:
    return [
        Row(ops.MatMul(), ("float64[N, 3]", "float64[3, 5]"), product, scale=1e-14),
        Row(ops.MatMul(), ("float64[3, N]", "float64[N, 2]"), product, "gradient", scale=1e-14),
        Row(ops.MatMul(), ("float64[N, 1]", "float64[1, 1]"), product, "single", scale=1e-14),
    ]


def _shape_rows() -> list[Row]:
    ones = ops.AppendOne()
    return [
        Row(ops.Reshape(("N", 6)), ("float64[N, 2, 3]",), lambda x: x.reshape(N, 6), "flatten"),
        Row(ops.Reshape((3, "N", 2)), ("float64[3, N, 2]",), lambda x: x, "same"),
        Row(ops.Reshape((2, 3)), ("float64[6]",), lambda x: x.reshape(2, 3), "rows"),
        Row(ops.Reshape(("N", 1)), ("float64[N]",), lambda x: x[:, None], "column"),
        Row(ops.Transpose(), ("float64[N, 3]",), lambda x: np.array(list(zip(*x, strict=True)))),
        Row(ops.SliceAxis(1, 1, 3), ("float64[N, 5]",), lambda x: x[:, 1:3]),
        Row(ops.SliceAxis(-1, 0, 1), ("float64[N, 5]",), lambda x: x[:, :1], "last"),
        Row(ops.SliceAxis(0, 2, 3), ("float64[3, 2]",), lambda x: x[2:], "rows"),
        Row(ops.Place(1, 1, 5), ("float64[N, 3]",), lambda x: np.pad(x, ((0, 0), (1, 1)))),
        Row(
            ops.Place(-1, 0, 4, 1.0),
            ("float64[N, 3]",),
            lambda x: np.pad(x, ((0, 0), (0, 1)), constant_values=1.0),
            "filled",
        ),
        Row(
            ops.Concat(),
            ("float64[N, 2]", "float64[N, 3]", "float64[N, 1]"),
            lambda *xs: np.array([[*a, *b, *c] for a, b, c in zip(*xs, strict=True)]),
        ),
        Row(
            ops.Concat(1),
            ("float64[N, 2, 3]", "float64[N, 1, 3]"),
            lambda x, y: np.array([[*a, *b] for a, b in zip(x, y, strict=True)]),
            "middle",
        ),
        Row(ones, ("float64[N, 3]",), lambda z: np.array([[*row, 1.0] for row in z])),
        Row(
            ops.StackBias(),
            ("float64[3, 2]", "float64[2]"),
            lambda W, b: np.array([*W, b]),
        ),
        Row(ops.Copy(), ("float64[N, 3]",), lambda x: x),
        Row(ops.Copy(), ("bool[N, 3]",), lambda x: x, "mask", (mask,), "none"),
        Row(ops.Cast("float64"), ("bool[N, 3]",), each(float), "mask", (mask,), "none"),
        Row(
            ops.Cast("float64"),
            ("float64[N, 3]",),
            lambda x: x,
            "same",
            derivative="richardson",
        ),
        Row(
            ops.Cast("float64"),
            ("int64[]",),
            each(float),
            "whole",
            (lambda rng, shape: np.array(7),),
            "none",
        ),
    ]


def _sum_rows() -> list[Row]:
    total = reduced(math.fsum, 0)

    def all_of(x: Array) -> Array:
        return np.array(math.fsum(x.flat))

    def repeat(x: Array) -> Array:
        return np.array([x.tolist()] * N)

    def sum_to_column(x: Array) -> Array:
        return np.array([[math.fsum(x[:, i].flat)] for i in range(x.shape[1])])

    def inner(x: Array, y: Array) -> Array:
        return np.array(
            [math.fsum(u * v for u, v in zip(a, b, strict=True)) for a, b in zip(x, y, strict=True)]
        )

    def kept(f: Callable[[list[float]], float]) -> Callable[[Array], Array]:
        return rows_of(lambda row: [f(row)])

    x, image, s = "float64[N, 3]", "float64[N, 2, 3]", 1e-15
    return [
        Row(ops.BroadcastTo(("N", 3)), ("float64[N, 1]",), lambda x: np.repeat(x, 3, 1)),
        Row(ops.BroadcastTo((4, 3)), ("float64[3]",), repeat, "rows"),
        Row(ops.BroadcastLike(), ("float64[3]", x), lambda x, like: repeat(x), fixed=(1,)),
        Row(
            ops.BroadcastLike(),
            ("float64[]", "float64[N]"),
            lambda x, like: repeat(x),
            "scalar",
            fixed=(1,),
        ),
        Row(ops.SumTo((3,)), (x,), total, "rows", scale=s),
        Row(ops.SumTo(("N", 3)), (x,), lambda x: x, "same"),
        Row(ops.SumTo(()), (image,), all_of, "all", scale=s),
        Row(ops.SumTo(("N", 1)), (x,), kept(math.fsum), "column", scale=s),
        Row(ops.SumTo((2, 1)), (image,), sum_to_column, "both", scale=s),
        Row(
            ops.SumTo((1, 3)),
            (image,),
            lambda x: [total(x.reshape(-1, 3))],
            "lead-and-one",
            scale=s,
        ),
        Row(ops.SumRows(), (x,), total, scale=s),
        Row(ops.SumRows(), ("float64[N]",), all_of, "vector", scale=s),
        Row(ops.SumRows(), (image,), total, "image", scale=s),
        Row(ops.SumLast(), (image,), kept(math.fsum), scale=s),
        Row(ops.MaxLast(), (x,), kept(max), "", (distinct,)),
        Row(ops.SumAxis(1), (image,), reduced(math.fsum, 1), scale=s),
        Row(ops.SumAxis(-1), (image,), reduced(math.fsum, -1), "last", scale=s),
        Row(ops.ProductAxis(1), (image,), reduced(math.prod, 1)),
        Row(ops.ProductAxis(-1), (x,), reduced(math.prod, -1), "zeros", (zeros_in_it,)),
        Row(ops.ProductAxis(1), ("float64[N, 1, 2]",), reduced(math.prod, 1), "single"),
        Row(ops.CumulativeProduct(1), (image,), running_product(False), derivative="none"),
        Row(
            ops.CumulativeProduct(1, backward=True),
            (image,),
            running_product(True),
            "backward",
            derivative="none",
        ),
        Row(ops.MaximumAxis(1), (image,), reduced(max, 1), "", (distinct,)),
        Row(ops.MinimumAxis(1), (image,), reduced(min, 1), "", (distinct,)),
        Row(ops.SumAll(), (image,), all_of, scale=s),
        Row(ops.SumSample(), (image,), lambda x: np.array([math.fsum(v.flat) for v in x]), scale=s),
        Row(ops.DotSample(), (x, x), inner, scale=s),
    ]


def _arithmetic_rows() -> list[Row]:
    x = "float64[N, 3]"
    masked = [
        Row(ops.Multiply(), (x, "bool[N, 3]"), each(lambda x, m: x * m), "mask", (normal, mask)),
        Row(ops.Multiply(), ("bool[3]", x), each(lambda m, x: x * m), "mask-left", (mask, normal)),
    ]
    return [
        unary(ops.Negative(), lambda x: -x),
        unary(ops.ScaleBy(-2.5), lambda x: -2.5 * x),
        unary(ops.ShiftBy(0.75), lambda x: x + 0.75),
        unary(ops.SubtractFrom(1.0), lambda x: 1.0 - x),
        *binary(ops.Add(), lambda x, y: x + y),
        *binary(ops.Subtract(), lambda x, y: x - y),
        *binary(ops.Multiply(), lambda x, y: x * y),
        *masked,
        *binary(ops.Divide(), lambda x, y: x / y, off_zero),
        *choice(ops.Maximum(), max),
        *choice(ops.Minimum(), min),
        unary(ops.Square(), lambda x: x * x),
        unary(ops.Sqrt(), math.sqrt, "positive", within(0.1, 4.0)),
        unary(ops.Exp(), math.exp),
        unary(ops.Exp(), math.exp, "large", within(60.0, 80.0), "none"),
        unary(ops.Expm1(), math.expm1),
        unary(ops.Expm1(), math.expm1, "tiny", within(-1e-9, 1e-9), "none"),
        unary(ops.Log(), math.log, "positive", within(0.1, 4.0)),
        unary(ops.Log1p(), math.log1p, "normal", within(-0.9, 4.0)),
        unary(ops.Log1p(), math.log1p, "tiny", within(-1e-9, 1e-9), "none"),
        unary(ops.Abs(), abs, "both-signs", off_zero, "richardson"),
        unary(ops.Sign(), lambda x: math.copysign(1.0, x), "both-signs", off_zero, "none"),
        unary(ops.Sign(), lambda x: 0.0, "zero", lambda rng, shape: np.zeros(shape), "none"),
        *(
            row
            for at_zero in (0.0, 0.5, 1.0)
            for row in (
                unary(ops.Step(at_zero), lambda x: float(x > 0), "both-signs", off_zero, "none"),
                Row(
                    ops.Step(at_zero),
                    ("float64[N, 3]",),
                    lambda x, at_zero=at_zero: np.full(x.shape, at_zero),
                    "zero",
                    (lambda rng, shape: np.zeros(shape),),
                    "none",
                ),
            )
        ),
        unary(ops.Sin(), math.sin),
        unary(ops.Cos(), math.cos),
        unary(ops.Reciprocal(), lambda x: 1.0 / x, "both-signs", off_zero),
        unary(ops.Power(3.0), lambda x: x**3),
        unary(ops.Power(2.0), lambda x: x * x, "square"),
        unary(ops.Power(0.3), lambda x: x**0.3, "positive", within(0.1, 4.0)),
        unary(ops.Power(-1.5), lambda x: x**-1.5, "negative-exponent", within(0.5, 4.0)),
        unary(ops.Power(0.0), lambda x: 1.0, "constant", normal, "none"),
        unary(ops.ClampBelow(0.1), lambda x: max(x, 0.1), "both", distinct),
        unary(ops.ClampAbove(0.1), lambda x: min(x, 0.1), "both", distinct),
        Row(ops.Greater(0.1), (x,), each(lambda x: x > 0.1), derivative="none"),
        Row(ops.Less(0.1), (x,), each(lambda x: x < 0.1), derivative="none"),
        Row(ops.Between(-0.5, 0.5), (x,), each(lambda x: -0.5 < x < 0.5), derivative="none"),
        *(
            Row(op, types, each(f), region, (rounded, rounded), "none")
            for op, f in (
                (ops.GreaterThan(), lambda x, y: x > y),
                (ops.GreaterEqual(), lambda x, y: x >= y),
                (ops.Equal(), lambda x, y: x == y),
            )
            for region, types in (("equal", (x, x)), ("bias", (x, "float64[3]")))
        ),
        Row(
            ops.And(),
            ("bool[N, 3]", "bool[N, 3]"),
            each(lambda x, y: x and y),
            "",
            (mask, mask),
            "none",
        ),
    ]


def rounded(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Whole numbers from -1 to 1: many are equal."""
    return rng.integers(-1, 2, size=shape).astype(float)


def _activation_rows() -> list[Row]:
    inside, outside = within(-2.9, 2.9), lambda rng, shape: 4.0 * np.sign(normal(rng, shape))
    prelu = each(lambda x, alpha: x if x > 0 else alpha * x)
    return [
        *activation(ops.Relu(), lambda x: max(x, 0.0)),
        *activation(ops.LeakyRelu(0.1), lambda x: max(x, 0.1 * x)),
        *activation(ops.LeakyRelu(1.5), lambda x: min(x, 1.5 * x)),
        *activation(ops.LeakyRelu(-0.5), lambda x: x if x > 0 else -0.5 * x),
        Row(ops.PRelu(), ("float64[N, 3]", "float64[3]"), prelu, "each", (off_zero, normal)),
        Row(ops.PRelu(), ("float64[N, 3]", "float64[1]"), prelu, "one", (off_zero, normal)),
        Row(ops.PRelu(), ("float64[N, 2, 3]", "float64[3]"), prelu, "image", (off_zero, normal)),
        unary(ops.HardTanh(), lambda x: clip(x, -1, 1), "inside", within(-0.9, 0.9)),
        unary(ops.HardTanh(), lambda x: clip(x, -1, 1), "outside", outside),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "inside", within(0.1, 5.9)),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "below", within(-2.0, -0.1)),
        unary(ops.Relu6(), lambda x: clip(x, 0, 6), "above", within(6.1, 9.0)),
        unary(ops.HardSigmoid(), lambda x: clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.HardSigmoid(), lambda x: clip(x + 3, 0, 6) / 6, "outside", outside),
        unary(ops.HardSwish(), lambda x: x * clip(x + 3, 0, 6) / 6, "inside", inside),
        unary(ops.HardSwish(), lambda x: x * clip(x + 3, 0, 6) / 6, "outside", outside),
        *activation(ops.Sigmoid(), sigmoid, tail=700.0),
        *activation(ops.Tanh(), math.tanh),
        *activation(ops.Elu(1.0), lambda x: elu(x, 1.0)),
        *activation(ops.Elu(0.3), lambda x: elu(x, 0.3)),
        *activation(ops.Selu(), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
        *activation(ops.Celu(0.7), lambda x: x if x > 0 else 0.7 * math.expm1(x / 0.7)),
        *activation(ops.Erfc(), math.erfc, "richardson", tail=26.0),
        *activation(
            ops.Gelu(), lambda x: 0.5 * x * math.erfc(x * -math.sqrt(0.5)), "richardson", tail=37.0
        ),
        *activation(ops.Silu(), lambda x: x * sigmoid(x), tail=600.0),
        *activation(ops.Mish(), mish, tail=700.0),
        *activation(ops.Softplus(), softplus, "richardson", tail=700.0),
        *activation(ops.Softsign(), lambda x: x / (1 + abs(x)), "richardson", tail=1e6),
        *activation(ops.Gaussian(), lambda x: math.exp(-x * x), tail=26.0),
        Row(ops.Softmax(), ("float64[N, 3]",), rows_of(softmax)),
        Row(ops.Softmax(), ("float64[N, 2, 3]",), rows_of(softmax), "image"),
        Row(ops.Softmax(), ("float64[3]",), rows_of(softmax), "vector"),
        Row(
            ops.Softmax(), ("float64[N, 3]",), rows_of(softmax), "far", (within(-300, 300),), "none"
        ),
        Row(ops.LogSoftmax(), ("float64[N, 3]",), rows_of(log_softmax)),
        Row(ops.LogSoftmax(), ("float64[N, 2, 3]",), rows_of(log_softmax), "image"),
        Row(
            ops.LogSoftmax(),
            ("float64[N, 3]",),
            rows_of(log_softmax),
            "far",
            (within(-300, 300),),
            "none",
            scale=1e-15,
        ),
    ]


def _loss_rows() -> list[Row]:
    a, inside = "float64[N, 3]", within(0.05, 0.95)
    fused: list[Row] = []
    for type_ in (a, "float64[N, 2, 3]"):
        for mean in (False, True):
            fused += [
                Row(
                    ops.SoftmaxCrossEntropy(mean=mean),
                    (type_, type_),
                    lambda a, t, mean=mean: softmax_cross_entropy(a, t, mean),
                    f"{type_}-{mean}",
                    (normal, normal),
                    scale=1e-14,
                ),
                Row(
                    ops.SigmoidBinaryCrossEntropy(mean=mean),
                    (type_, type_),
                    lambda a, t, mean=mean: sigmoid_cross_entropy(a, t, mean),
                    f"{type_}-{mean}",
                    (normal, inside),
                    "richardson",
                    scale=1e-15,
                ),
            ]
    far = within(-600.0, 600.0)
    return [
        *losses(ops.SquaredError, lambda y, t: (y - t) ** 2, normal, normal),
        *losses(ops.AbsoluteError, lambda y, t: abs(y - t), off_zero, lambda r, s: np.zeros(s)),
        *losses(ops.CrossEntropy, cross_entropy, inside, normal),
        *losses(ops.NegativeLogLikelihood, lambda log, t: -t * log, normal, normal),
        *losses(ops.BinaryCrossEntropy, binary_cross_entropy, inside, inside),
        *fused,
        Row(
            ops.SoftmaxCrossEntropy(normalised=True),
            (a, a),
            softmax_cross_entropy,
            "one-hot",
            (normal, one_hot),
            fixed=(1,),
            scale=1e-14,
        ),
        Row(
            ops.SoftmaxCrossEntropy(),
            (a, a),
            softmax_cross_entropy,
            "far",
            (far, probabilities),
            "none",
            scale=1e-12,
        ),
        Row(
            ops.SigmoidBinaryCrossEntropy(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "scalar",
            (normal, inside),
            "richardson",
        ),
        Row(
            ops.SigmoidBinaryCrossEntropy(),
            ("float64[N]", "float64[N]"),
            sigmoid_cross_entropy,
            "sure-and-right",
            (within(20.0, 600.0), lambda rng, shape: np.ones(shape)),
            "none",
        ),
    ]


def _dropout_rows() -> list[Row]:
    """The mask itself is judged in a file of its own; a rate of 0 keeps everything."""

    def key(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.integers(2**63, size=shape).astype(np.uint64)

    def count(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return np.array(rng.integers(100))

    types = ("uint64[2]", "float64[N, 3]", "int64[]", "int64[]")
    return [
        Row(
            ops.DropoutMask(0.0),
            types,
            lambda key, x, step, row: np.ones(x.shape),
            "keep-all",
            (key, normal, count, count),
            "none",
        )
    ]


ROWS: tuple[Row, ...] = (
    *_linear_rows(),
    *_shape_rows(),
    *_sum_rows(),
    *_arithmetic_rows(),
    *_activation_rows(),
    *_loss_rows(),
    *_dropout_rows(),
)
