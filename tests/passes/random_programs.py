"""Random programs: long chains of ops that share values, with laws' occasions strewn in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nngraph.ir import (
    Builder,
    Constant,
    Input,
    Op,
    Param,
    Program,
    ShapeError,
    State,
    TensorType,
    Value,
    verify_program,
)
from nngraph.ops import (
    Add,
    AppendOne,
    BroadcastLike,
    BroadcastTo,
    Cast,
    Concat,
    Copy,
    Divide,
    Greater,
    MatMul,
    Maximum,
    Minimum,
    Multiply,
    Negative,
    PlaceUnits,
    Reshape,
    ScaleBy,
    ShiftBy,
    SliceAxis,
    Square,
    StackBias,
    Subtract,
    SumLast,
    SumRows,
    SumTo,
    Tanh,
    Transpose,
    loss_word,
    word,
)

Make = Callable[[np.random.Generator, TensorType], Op | None]


def _number(rng: np.random.Generator) -> float:
    return float(rng.choice([0.0, 1.0, -1.0, 0.5, -2.0, 0.3]))


def _slice(rng: np.random.Generator, t: TensorType) -> Op | None:
    axis = _sized_axis(rng, t)
    if axis is None:
        return None
    size = int(t.shape[axis])
    start = int(rng.integers(0, size))
    stop = int(rng.integers(start + 1, size + 1))
    return SliceAxis(axis - len(t.shape) * int(rng.integers(0, 2)), start, stop)


def _place(rng: np.random.Generator, t: TensorType) -> Op | None:
    axis = _sized_axis(rng, t)
    if axis is None:
        return None
    before, behind = rng.integers(0, 3, 2)
    size = int(t.shape[axis]) + int(before + behind)
    return PlaceUnits(axis, int(before), size, float(rng.choice([0.0, 0.0, 1.0])))


def _sized_axis(rng: np.random.Generator, t: TensorType) -> int | None:
    axes = [k for k, d in enumerate(t.shape) if isinstance(d, int)]
    return int(rng.choice(axes)) if axes else None


def _reshape(rng: np.random.Generator, t: TensorType) -> Op | None:
    named = [d for d in t.shape if isinstance(d, str)]
    if named and t.shape[0] != named[0]:
        return None
    count = t.with_shape(t.sample_shape).count({})
    factor = int(rng.choice([f for f in range(1, count + 1) if count % f == 0]))
    shapes = [(count,), (factor, count // factor), (1, count), t.sample_shape]
    return Reshape((*named, *shapes[int(rng.integers(0, len(shapes)))]))


def _broadcast_to(rng: np.random.Generator, t: TensorType) -> Op | None:
    shape = tuple(2 if d == 1 and rng.random() < 0.5 else d for d in t.shape)
    return BroadcastTo(shape if t.batched else (*((2,) * int(rng.integers(0, 2))), *shape))


def _sum_to(rng: np.random.Generator, t: TensorType) -> Op | None:
    kept = t.shape[int(rng.integers(0, len(t.shape) + 1)) :]
    return SumTo(tuple(1 if rng.random() < 0.3 else d for d in kept))


UNARY: tuple[Make, ...] = (
    lambda rng, t: Tanh(),
    lambda rng, t: word("relu"),
    lambda rng, t: word("sigmoid"),
    lambda rng, t: word("softmax"),
    lambda rng, t: Square(),
    lambda rng, t: Negative(),
    lambda rng, t: Negative(),
    lambda rng, t: ScaleBy(_number(rng)),
    lambda rng, t: ScaleBy(_number(rng)),
    lambda rng, t: ShiftBy(_number(rng)),
    lambda rng, t: Copy(),
    lambda rng, t: Cast(t.dtype),
    lambda rng, t: Transpose(),
    lambda rng, t: SumRows(),
    lambda rng, t: SumLast(),
    lambda rng, t: AppendOne(),
    lambda rng, t: Greater(0.0),
    _slice,
    _slice,
    _place,
    _place,
    _reshape,
    _reshape,
    _broadcast_to,
    _sum_to,
    _sum_to,
)

BINARY: tuple[Op, ...] = (
    Add(),
    Add(),
    Add(),
    Subtract(),
    Multiply(),
    Multiply(),
    Maximum(),
    Minimum(),
    MatMul(),
    MatMul(),
    MatMul(),
    Concat(-1),
    Concat(1),
    BroadcastLike(),
    StackBias(),
)


def random_program(rng: np.random.Generator, length: int = 25) -> Program:
    """A program of about `length` instructions, most values small, a few of them outputs."""
    builder = Builder()
    values: list[Value] = [builder.leaf(leaf) for leaf in _leaves(rng)]
    constants = values[-4:]
    while len(builder.body) < length:
        _try_instruction(builder, rng, values, constants)
    results = [v for v in values if v.type.dtype == "float64"][-8:]
    picked = rng.choice(len(results), size=4, replace=False)
    outputs = [(f"y{k}", results[i]) for k, i in enumerate(picked)]
    state = next(leaf for leaf in builder.leaves if isinstance(leaf, State))
    news = [v for v in values if v.type == state.type and v is not state]
    return verify_program(builder.done(outputs, [(state, news[-1])] if news else []))


def _leaves(rng: np.random.Generator) -> list[Input | Param | State | Constant]:
    return [
        Input(TensorType(("N", 3)), "x"),
        Input(TensorType(("N", 2, 3)), "image"),
        Input(TensorType(()), "s"),
        Param(TensorType((3, 4)), "W"),
        Param(TensorType((4,)), "b"),
        Param(TensorType((4, 3)), "V"),
        Param(TensorType((3,)), "c"),
        State(TensorType((3,)), "state"),
        Constant(TensorType(()), "one", np.array(1.0)),
        Constant(TensorType((3,)), "zeros", np.zeros(3)),
        Constant(TensorType((1, 3)), "twos", np.full((1, 3), 2.0)),
        Constant(TensorType((3,)), "several", rng.standard_normal(3)),
    ]


def _try_instruction(
    builder: Builder, rng: np.random.Generator, values: list[Value], constants: list[Value]
) -> None:
    recent = values[-10:] if rng.random() < 0.7 else values
    x = recent[int(rng.integers(0, len(recent)))]
    try:
        if rng.random() < 0.55:
            op = UNARY[int(rng.integers(0, len(UNARY)))](rng, x.type)
            if op is not None and _is_small(result := builder(op, x)):
                values.append(result)
            return
        y = values[int(rng.integers(0, len(values)))]
        if rng.random() < 0.15:
            y = constants[int(rng.integers(0, len(constants)))]
        if y.type.dtype == "float64" and rng.random() < 0.1:
            values.append(builder(Divide(), x, builder(ShiftBy(2.0), builder(Square(), y))))
            return
        op = BINARY[int(rng.integers(0, len(BINARY)))]
        first, second = (x, y) if rng.random() < 0.5 else (y, x)
        if _is_small(result := builder(op, first, second)):
            values.append(result)
    except ShapeError:
        return  # these operands do not fit this op


def _is_small(value: Value) -> bool:
    return value.type.count({"N": 3}) <= 200


def random_classifier(rng: np.random.Generator) -> tuple[Program, list[Param]]:
    """A random network with a loss: layers with biases, skips, shared weights, several readers."""
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N", 3)), "x"))
    t = builder.leaf(Input(TensorType(("N", 2)), "target:y"))
    per_sample = builder.leaf(Input(TensorType(()), "per_sample"))
    params: list[Param] = []

    def param(*shape: int) -> Param:
        known = [p for p in params if p.type.shape == shape]
        if known and rng.random() < 0.2:
            return known[int(rng.integers(0, len(known)))]
        params.append(builder.leaf(Param(TensorType(shape), f"p{len(params)}")))
        return params[-1]

    values: list[Value] = [x]
    for _ in range(int(rng.integers(2, 6))):
        z = values[int(rng.integers(0, len(values)))]
        values.append(_layer(builder, rng, param, z, values, int(rng.choice([1, 2, 3, 5]))))
    a = builder(MatMul(), values[-1], param(int(values[-1].type.shape[1]), 2))
    p = builder(word("softmax"), builder(Add(), a, param(2)))
    loss = builder(
        SumRows(), builder(loss_word("cross_entropy", normalised=bool(rng.random() < 0.5)), p, t)
    )
    loss = builder(Multiply(), loss, per_sample)
    outputs = [("y", p), ("loss", loss), *((f"z{k}", v) for k, v in enumerate(values[1:]))]
    return verify_program(builder.done(outputs)), params


def _layer(
    builder: Builder,
    rng: np.random.Generator,
    param: Callable[..., Param],
    z: Value,
    values: list[Value],
    units: int,
) -> Value:
    if rng.random() < 0.2:
        z = builder(SliceAxis(1, 0, 1), z)
    a = builder(MatMul(), z, param(int(z.type.shape[1]), units))
    if rng.random() < 0.3:
        other = values[int(rng.integers(0, len(values)))]
        a = builder(Add(), a, builder(MatMul(), other, param(int(other.type.shape[1]), units)))
    if rng.random() < 0.8:
        a = builder(Add(), a, param(units))
    activations: list[Op] = [Tanh(), word("relu"), word("sigmoid"), Square()]
    if rng.random() < 0.8:
        a = builder(activations[int(rng.integers(0, 4))], a)
    if rng.random() < 0.3:
        a = builder(Concat(1), a, values[int(rng.integers(0, len(values)))])
    return a
