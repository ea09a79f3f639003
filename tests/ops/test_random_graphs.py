"""Gradients of random programs against derivatives from values alone, along random directions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest

from nngraph import ops
from nngraph.ir import (
    Array,
    Builder,
    Input,
    Leaf,
    Op,
    Param,
    Program,
    TensorType,
    Value,
    interpret,
    verify_program,
)
from nngraph.lower.reverse import differentiate

N = 3
STEPS = 12
COMPLEX, RICHARDSON = range(200), range(200, 300)


SQUARED, SOFTMAX, SIGMOID = (
    ops.OPS_BY_NAME[name]
    for name in ("squared_error", "softmax_cross_entropy", "sigmoid_binary_cross_entropy")
)


def words(*names: str) -> tuple[Callable[[], Op], ...]:
    """Makers of these words."""
    return tuple(partial(ops.word, name) for name in names)


ANALYTIC: tuple[Callable[[], Op], ...] = (
    ops.Tanh, *words("sigmoid", "silu", "mish", "elu", "selu"), lambda: ops.word("celu", 0.8),
    *words("gaussian"), ops.Square, ops.Sin, ops.Cos, ops.Negative, *words("softmax"),
    *words("log_softmax"),
    lambda: ops.ScaleBy(-0.7), lambda: ops.ShiftBy(0.3), lambda: ops.SubtractFrom(1.0),
)  # fmt: skip
KINKED: tuple[Callable[[], Op], ...] = (
    *words("relu"), lambda: ops.word("leaky_relu", 0.1),
    *words("hard_tanh", "hard_swish", "hard_sigmoid"),
    lambda: ops.word("elu", 0.5), ops.MaxLast, lambda: ops.ClampBelow(0.1),
)  # fmt: skip
NOT_COMPLEX: tuple[Callable[[], Op], ...] = (*words("gelu", "softplus"), ops.Erfc)
"""Smooth functions whose definitions take no complex numbers."""


class Grower:
    """Adds random instructions to a program; every operand is drawn from all values so far."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.smooth = seed in RICHARDSON
        self.builder = Builder()
        self.given: dict[Leaf, Array] = {}
        self.params: list[Param] = []
        x = self.leaf(Input(TensorType(("N", 3)), "x"), (N, 3))
        self.values: list[Value] = [x, self.product(x)]

    def leaf(self, leaf: Any, shape: tuple[int, ...]) -> Any:
        self.given[self.builder.leaf(leaf)] = self.rng.normal(size=shape)
        return leaf

    def param(self, *shape: int) -> Param:
        """A parameter: an old one of this shape, every other time."""
        known = [p for p in self.params if p.type.shape == shape]
        if known and self.rng.random() < 0.5:
            return known[self.rng.integers(len(known))]
        leaf: Param = self.leaf(Param(TensorType(shape), f"w{len(self.params)}"), shape)
        self.params.append(leaf)
        return leaf

    def pick(self) -> Value:
        return self.values[self.rng.integers(len(self.values))]

    def width(self, value: Value) -> int:
        size = value.type.shape[-1]
        assert isinstance(size, int)
        return size

    def grow(self) -> None:
        kinds = [self.activate, self.combine, self.product, self.stacked, self.pieces]
        kinds += [self.aggregate, self.broadcast, self.slopes]
        kind = kinds[self.rng.integers(len(kinds))]
        # a bounded operand keeps the numbers of long programs within reach of differences
        operand = self.pick()
        if self.rng.random() < 0.3:
            operand = self.builder(ops.Tanh(), operand)
        self.values.append(kind(operand))

    def activate(self, x: Value) -> Value:
        choices = ANALYTIC + (NOT_COMPLEX if self.smooth else KINKED)
        return self.builder(choices[self.rng.integers(len(choices))](), x)

    def combine(self, x: Value) -> Value:
        fits = [v for v in self.values if v.type.shape[-1] in (1, x.type.shape[-1])]
        y = fits[self.rng.integers(len(fits))]
        choices: list[Op] = [ops.Add(), ops.Subtract(), ops.Multiply()]
        if not self.smooth:
            choices += [ops.Maximum(), ops.Minimum()]
        return self.builder(choices[self.rng.integers(len(choices))], x, y)

    def product(self, x: Value) -> Value:
        W = self.param(self.width(x), int(self.rng.integers(2, 4)))
        return self.builder(ops.MatMul(), x, W)

    def stacked(self, x: Value) -> Value:
        units = int(self.rng.integers(2, 4))
        W = self.builder(ops.Transpose(), self.param(units, self.width(x)))
        if self.rng.random() < 0.5:
            return self.builder(ops.Add(), self.builder(ops.MatMul(), x, W), self.param(units))
        stacked = self.builder(ops.StackBias(), W, self.param(units))
        return self.builder(ops.MatMul(), self.builder(ops.AppendOne(), x), stacked)

    def pieces(self, x: Value) -> Value:
        size = self.width(x)
        start = int(self.rng.integers(size))
        piece = self.builder(ops.SliceAxis(1, start, size), x)
        if self.rng.random() < 0.5:
            return self.builder(ops.Concat(), x, piece, self.pick())
        return self.builder(ops.PlaceUnits(-1, 1, size + 1, 0.5), piece)

    def aggregate(self, x: Value) -> Value:
        """Single connections W_ij z_i, combined over i."""
        column = self.builder(ops.Reshape(("N", self.width(x), 1)), x)
        singles = self.builder(ops.Multiply(), column, self.param(self.width(x), 2))
        choices: list[Op] = [ops.SumAxis(1), ops.ProductAxis(1)]
        if not self.smooth:
            choices += [ops.MaximumAxis(1), ops.MinimumAxis(1)]
        return self.builder(choices[self.rng.integers(len(choices))], singles)

    def broadcast(self, x: Value) -> Value:
        total = self.builder(ops.SumLast(), x)
        if self.rng.random() < 0.5:
            mean = self.builder(ops.ScaleBy(1 / N), self.builder(ops.SumRows(), x))
            return self.builder(ops.Subtract(), x, mean)
        safe = self.builder(ops.ShiftBy(2.0), self.builder(ops.Square(), total))
        return self.builder(ops.Divide(), x, safe)

    def slopes(self, x: Value) -> Value:
        if self.smooth:
            return self.builder(ops.Multiply(), x, self.param(self.width(x)))
        return self.builder(ops.word("prelu"), x, self.param(self.width(x)))

    def loss(self) -> Value:
        """Every value counts a little, and the last ones are compared with targets."""
        total: Value | None = None
        for y in (*self.values[-2:], *self.builder.body[-1].outs):
            t = self.leaf(Input(y.type, f"t{len(self.given)}"), (N, *y.type.sample_shape))
            choices: list[Op] = [SQUARED(mean=True), SQUARED(mean=False)]
            choices += [SOFTMAX(normalised=False), SOFTMAX(mean=True, normalised=False)]
            if self.smooth:
                choices += [SIGMOID()]
            op = choices[self.rng.integers(len(choices))]
            each = self.builder.apply(op, self.builder(ops.Tanh(), y), t)[0]
            term = self.builder(ops.ScaleBy(1 / N), self.builder(ops.SumRows(), each))
            total = term if total is None else self.builder(ops.Add(), total, term)
        assert total is not None
        return total


def grown(seed: int) -> tuple[Program, Mapping[Leaf, Array], list[Param]]:
    grower = Grower(seed)
    for _ in range(STEPS):
        grower.grow()
    program = grower.builder.done([("loss", grower.loss())])
    return verify_program(program), grower.given, grower.params


def slope_along(
    program: Program, given: Mapping[Leaf, Array], direction: Mapping[Param, Array], smooth: bool
) -> float:
    """dL/ds for parameters w + s v, from values alone."""

    def loss(s: complex) -> Any:
        moved = {leaf: given[leaf] + s * v for leaf, v in direction.items()}
        return interpret(program, {**given, **moved}).outputs["loss"]

    if not smooth:
        return float(np.imag(loss(1e-30j)) / 1e-30)
    table: list[float] = []
    for level in range(6):
        h = 0.02 / 2**level
        fresh = [float(np.real(loss(h) - loss(-h))) / (2 * h)]
        for k, coarse in enumerate(table):
            fresh.append(fresh[-1] + (fresh[-1] - coarse) / (4 ** (k + 1) - 1))
        table = fresh
    return table[-1]


@pytest.mark.parametrize("block", range(0, 300, 20))
def test_the_gradient_is_the_slope_along_every_direction(block: int) -> None:
    for seed in range(block, block + 20):
        program, given, params = grown(seed)
        both = verify_program(differentiate(program, params))
        found = interpret(both, given).outputs
        rng = np.random.default_rng(1000 + seed)
        direction = {p: rng.normal(size=p.type.shape) for p in params}
        slopes = {p: np.sum(found[f"gradient:{p.id}"] * v) for p, v in direction.items()
                  if f"gradient:{p.id}" in found}  # fmt: skip
        expected = slope_along(program, given, direction, seed in RICHARDSON)
        size = sum(abs(float(s)) for s in slopes.values()) + 1e-3
        rtol = 1e-9 if seed in RICHARDSON else 1e-13
        assert abs(sum(slopes.values()) - expected) <= rtol * size, f"seed {seed}\n{program}"


def test_random_programs_reuse_values_and_meet_every_family() -> None:
    uses: Counter[Value] = Counter()
    names: Counter[str] = Counter()
    for seed in (*range(40), *range(200, 240)):
        program, _, _ = grown(seed)
        used = Counter(arg for instr in program.body for arg in instr.args)
        uses.update({value: count for value, count in used.items() if count > 1})
        names.update(instr.op.name for instr in program.body)
    assert len(uses) > 400
    assert {"matmul", "softmax", "product_axis", "maximum_axis", "prelu", "gelu"} <= set(names)
    assert len(names) > 40


def test_a_value_used_twice_gets_the_sum_of_both_cotangents() -> None:
    w = Param(TensorType(()), "w")
    builder = Builder([w])
    square = builder(ops.Multiply(), w, w)
    cube = builder(ops.Multiply(), square, w)
    loss = builder(ops.Add(), cube, square)
    program = differentiate(builder.done([("loss", loss)]), [w])
    found = interpret(program, {w: np.array(5.0)}).outputs["gradient:w"]
    assert found == 3 * 25 + 2 * 5
