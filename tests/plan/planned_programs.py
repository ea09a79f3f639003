"""Programs for the tests of plan and source: random ones, and training steps of small networks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nngraph.codegen import generate
from nngraph.ir import (
    FLAT,
    Arenas,
    Array,
    Builder,
    Constant,
    Input,
    Leaf,
    Param,
    Program,
    State,
    TensorType,
    interpret,
)
from nngraph.lower import differentiate, lay_out
from nngraph.ops import (
    Add,
    Concat,
    Exp,
    MatMul,
    Multiply,
    PlaceUnits,
    ScaleBy,
    SliceAxis,
    Subtract,
    SumRows,
    Tanh,
    loss_word,
    word,
)
from nngraph.pipeline import FORWARD, LEGAL, drive
from nngraph.plan import (
    Plan,
    copy_results,
    find_tiles,
    make_plan,
    verify_plan,
)
from nngraph.run import Bound, aligned_empty, bind

F64 = "float64"


def matrix(*shape: int | str) -> TensorType:
    return TensorType(shape, "float64")


def classifier(widths: tuple[int, ...]) -> Program:
    """Gradients of a relu network with softmax and cross-entropy."""
    builder = Builder()
    value = x = builder.leaf(Input(matrix("N", widths[0]), "x"))
    target = builder.leaf(Input(matrix("N", widths[-1]), "target:y"))
    per_sample = builder.leaf(Input(matrix(), "per_sample"))
    params: list[Param] = []
    for k, (i, j) in enumerate(pairwise(widths)):
        w = builder.leaf(Param(matrix(i, j), f"w{k}"))
        b = builder.leaf(Param(matrix(j), f"b{k}"))
        params += [w, b]
        value = builder(Add(), builder(MatMul(), value, w), b)
        value = builder(word("relu") if k < len(widths) - 2 else word("softmax"), value)
    loss = builder(SumRows(), builder(loss_word("cross_entropy", normalised=False), value, target))
    loss = builder(Multiply(), loss, per_sample)
    program = builder.done([("y", value), ("x", x), ("loss", loss)])
    return drive(differentiate(drive(program, FORWARD), params), LEGAL)


def random_program(rng: np.random.Generator, length: int = 14) -> Program:
    """A random differentiable program whose values are used several times, with its gradients."""
    builder = Builder()
    width = int(rng.choice([3, 5, 70]))
    x = builder.leaf(Input(matrix("N", width), "x"))
    target = builder.leaf(Input(matrix("N", width), "target:y"))
    per_sample = builder.leaf(Input(matrix(), "per_sample"))
    params = [builder.leaf(Param(matrix(width, width), f"w{k}")) for k in range(2)]
    params += [builder.leaf(Param(matrix(width), f"b{k}")) for k in range(2)]
    values = [x, x]
    for _ in range(length):
        values.append(_random_step(builder, rng, values, params, width))
    loss = builder(SumRows(), builder(loss_word("squared_error", mean=True), values[-1], target))
    loss = builder(Multiply(), loss, per_sample)
    outputs = [("last", values[-1]), ("middle", values[len(values) // 2]), ("loss", loss)]
    program = builder.done(outputs)
    return drive(differentiate(drive(program, FORWARD), params), LEGAL)


def _random_step(builder, rng, values, params, width):  # type: ignore[no-untyped-def]
    def pick():  # type: ignore[no-untyped-def]
        return values[int(rng.integers(max(0, len(values) - 4), len(values)))]

    choice = int(rng.integers(8))
    if choice == 0:
        product = builder(MatMul(), pick(), params[int(rng.integers(2))])
        product = builder(ScaleBy(1 / width), product)
        return builder(Add(), product, params[2 + int(rng.integers(2))])
    if choice == 1:
        weights, bias = params[0], params[2]
        return builder(Tanh(), builder(Add(), builder(MatMul(), pick(), weights), bias))
    if choice == 2:
        left = builder(SliceAxis(1, 0, 2), pick())
        return builder(Concat(1), left, builder(SliceAxis(1, 0, width - 2), pick()))
    if choice == 3:
        return builder(PlaceUnits(1, 1, width), builder(SliceAxis(1, 0, width - 1), pick()))
    if choice == 4:
        return builder(word("softmax"), pick())
    if choice == 5:
        return builder(Subtract(), pick(), pick())
    op = [Tanh(), word("sigmoid"), word("relu"), Exp()][int(rng.integers(4))]
    return builder(op, builder(ScaleBy(0.3), builder(Add(), pick(), pick())))


def arenas_of(program: Program) -> Arenas:
    """Arenas for the weights and small states of a program, each bias behind its matrix."""
    stacks = [instr.args for instr in program.body if instr.op.name == "stack_bias"]
    leaves = [
        leaf
        for leaf in program.leaves
        if isinstance(leaf, Param | State) and leaf.type.shape != (FLAT,)
    ]
    return lay_out(leaves, {W.id: b.id for W, b in stacks}, F64)


@dataclass(frozen=True)
class Planned:
    """A program with its plan, ready to be bound."""

    program: Program
    arenas: Arenas
    plan: Plan

    def bind(self, leaves: dict[str, Array], rows: int) -> tuple[Bound, Array]:
        """The bound step with its leaves fed, and the flat gradient."""
        flat = aligned_empty((self.arenas.parameters.size,), F64)
        flat.fill(0.0)
        gradients = np.full_like(flat, np.nan)
        fixed = aligned_empty((self.arenas.fixed.size,), F64)
        shared = {
            ("parameters", "parameters"): flat,
            ("gradients", "gradients"): gradients,
            ("fixed", "fixed"): fixed,
        }
        axes = {"N": rows, "P": flat.size}
        bound = bind(self.program, self.plan, generate(self.program, self.plan), axes, shared)
        for leaf in self.program.leaves:
            if leaf.id in leaves:
                bound.array(leaf)[...] = leaves[leaf.id]
        for buffer, stored in zip(self.plan.buffers, bound.stored, strict=True):
            if buffer.role == "scratch" and buffer.fill is None:
                stored.fill(np.nan if buffer.dtype == F64 else 0)
        return bound, gradients


def planned(program: Program, tile: int | None = None) -> Planned:
    """`tile` samples at a time wherever that is possible; None: where it is worth it."""
    arenas = arenas_of(program)
    prepared = copy_results(program, arenas)
    tiling = find_tiles(prepared, tile, images_only=False) if tile is not None else None
    plan = make_plan(prepared, arenas, tiling)
    verify_plan(prepared, plan, arenas.parameters.size)
    return Planned(prepared, arenas, plan)


def leaf_arrays(program: Program, rng: np.random.Generator, rows: int) -> dict[str, Array]:
    """Random arrays for all leaves without data."""

    def array(leaf: Leaf) -> Array:
        values = rng.normal(size=leaf.type.sizes({"N": rows, "P": 1}))
        if leaf.id.startswith("target:"):
            return np.abs(values) / np.abs(values).sum(axis=-1, keepdims=True)
        return np.asarray(1 / rows) if leaf.id == "per_sample" else values

    return {
        leaf.id: array(leaf)
        for leaf in program.leaves
        if not (isinstance(leaf, Constant) and leaf.data is not None)
    }


def interpreted(program: Program, arrays: dict[str, Array]) -> dict[str, Array]:
    by_leaf = {leaf: arrays[leaf.id] for leaf in program.leaves if leaf.id in arrays}
    return interpret(program, by_leaf).outputs
