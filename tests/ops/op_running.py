"""How the op tests run things: operands, expansions, calls into given arrays, derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from op_row import N, Row, normal

from nngraph.ir import (
    Builder,
    Call,
    Fill,
    Input,
    Ones,
    Op,
    Operand,
    Program,
    TensorType,
    Value,
    follow,
    interpret,
    parse_type,
)
from nngraph.passes import expand_into_calls

Array = NDArray[Any]
Layout = Callable[[tuple[int, ...], Any], Array]

AXES = {"N": N}


def seeded(row: Row) -> np.random.Generator:
    return np.random.default_rng(sum(map(ord, str(row))))


def types_of(row: Row, dtype: str = "float64") -> tuple[TensorType, ...]:
    """The row's types in a dtype; "always float64[]" stays what it is."""
    texts = (t if t.startswith("always") else t.replace("float64", dtype) for t in row.types)
    return tuple(parse_type(text.removeprefix("always ")) for text in texts)


def arrays_of(row: Row, dtype: str = "float64") -> list[Array]:
    """The row's operands as arrays of its types."""
    rng, types = seeded(row), types_of(row, dtype)
    makers = row.values or (normal,) * len(types)
    return [
        np.asarray(make(rng, t.sizes(AXES))).astype(t.dtype)
        for make, t in zip(makers, types, strict=True)
    ]


def in_dtype(op: Op, dtype: str) -> Op:
    """The op itself, or a cast to another dtype."""
    return replace(op, dtype=dtype) if hasattr(op, "dtype") else op  # type: ignore[type-var]


def results(op: Op, arrays: Sequence[Array]) -> tuple[Array, ...]:
    out = op.evaluate(*arrays)
    return out if isinstance(out, tuple) else (out,)


def as_tuple(out: Any) -> tuple[Any, ...]:
    return out if isinstance(out, tuple) else (out,)


# ---- legal execution ---------------------------------------------------------------------------


def is_legal(op: Op, types: Sequence[TensorType]) -> bool:
    return any(rule(*types) is not None for rule in (op.call, op.view, op.container))


def legal_program(op: Op, types: Sequence[TensorType]) -> Program:
    """The op as calls, views and containers alone."""
    leaves = [Input(t, f"x{i}") for i, t in enumerate(types)]
    builder = Builder(leaves)
    if is_legal(op, types):
        outs: Any = builder.apply(op, *leaves)
    else:
        outs = op.expand(builder, *leaves)
    return expand_into_calls(builder.done([(str(i), out) for i, out in enumerate(as_tuple(outs))]))


def run_legal(program: Program, arrays: Sequence[Array], layout: Layout) -> list[Array]:
    """Run a legal program: every call writes into an array of NaN with a given layout."""
    env: dict[Value, Array] = dict(zip(program.leaves, arrays, strict=True))
    for instr in program.body:
        types = [arg.type for arg in instr.args]
        operands = [env[arg] for arg in instr.args]
        assert is_legal(instr.op, types), f"{instr.op} needs one more expansion"
        if len(instr.outs) > 1:
            targets = [layout(o.type.sizes(AXES), np.dtype(o.type.dtype)) for o in instr.outs]
            call = instr.op.call(*types)
            assert call is not None
            run_call(call, operands, tuple(targets))
            env.update(zip(instr.outs, targets, strict=True))
            continue
        (out,) = instr.outs
        view, container = instr.op.view(*types), instr.op.container(*types)
        if view is not None:
            env[out] = view.apply(np.ascontiguousarray(operands[0]), AXES)
            continue
        target = layout(out.type.sizes(AXES), np.dtype(out.type.dtype))
        if container is not None:
            if container.fill is not None:
                target[...] = container.fill
            for path, operand in zip(container.paths, operands, strict=True):
                follow(path, target, AXES)[...] = operand
        else:
            call = instr.op.call(*types)
            assert call is not None
            run_call(call, operands, target)
        env[out] = target
    return [env[value] for _, value in program.outputs]


def run_call(call: Call, operands: Sequence[Array], out: Array | tuple[Array, ...]) -> None:
    """Call the function as generated source does."""
    arguments = call.arguments or tuple(Operand(i) for i in range(len(operands)))
    values: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Operand):
            values.append(operands[argument.index])
        elif isinstance(argument, Fill):
            values.append(np.full_like(operands[argument.like], argument.value))
        elif isinstance(argument, Ones):
            like = operands[argument.like]
            values.append(np.ones(like.shape[0], like.dtype))
        else:
            values.append(np.asarray(argument.value, operands[argument.like].dtype))
    call.function(*values, out=out, **dict(call.keywords))


def poisoned(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array of NaN, or of true."""
    return np.full(shape, {"f": np.nan, "b": True}.get(dtype.kind, 77), dtype)


def contiguous(shape: tuple[int, ...], dtype: Any) -> Array:
    return poisoned(shape, dtype)


def transposed(shape: tuple[int, ...], dtype: Any) -> Array:
    """The last axis lies outermost in memory: class-major."""
    return poisoned(shape[::-1], dtype).T


def strided(shape: tuple[int, ...], dtype: Any) -> Array:
    """Part of a wider array, as a piece of a container or padded rows are."""
    if not shape:
        return poisoned((), dtype)
    wide = poisoned((*shape[:-1], 2 * shape[-1] + 3), dtype)
    return wide[..., 1 : 2 * shape[-1] : 2]


LAYOUTS: Mapping[str, Layout] = {
    "contiguous": contiguous,
    "transposed": transposed,
    "strided": strided,
}

# ---- derivatives -------------------------------------------------------------------------------


def pulled_back(
    op: Op, types: Sequence[TensorType], arrays: Sequence[Array], cotangents: Sequence[Array | None]
) -> list[Array | None]:
    """Cotangents of the operands by the op's own rule, checked to have the operands' types."""
    leaves = [Input(t, f"x{i}") for i, t in enumerate(types)]
    builder = Builder(leaves)
    outs = builder.apply(op, *leaves)
    given: dict[Any, Array] = dict(zip(leaves, arrays, strict=True))
    seeds: list[Value | None] = []
    for i, (out, array) in enumerate(zip(outs, cotangents, strict=True)):
        seed = None if array is None else builder.leaf(Input(out.type, f"g{i}"))
        seeds.append(seed)
        if seed is not None and array is not None:
            given[seed] = array
    back = op.vjp(builder, tuple(seeds), outs, *leaves)
    assert len(back) == len(leaves)
    for cotangent, leaf in zip(back, leaves, strict=True):
        assert cotangent is None or cotangent.type == leaf.type
    found = [(str(i), value) for i, value in enumerate(back) if value is not None]
    outputs = interpret(builder.done(found), given).outputs
    return [outputs.get(str(i)) for i in range(len(leaves))]


def complex_step(f: Callable[[Array], float | complex], x: Array) -> Array:
    """Derivative of f by f(x + ih).imag / h: no difference, so no cancellation."""
    slope = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[index] += 1e-30j
        slope[index] = complex(f(moved)).imag / 1e-30
    return slope


def richardson(f: Callable[[Array], float], x: Array, step: float = 0.04) -> Array:
    """Derivative of f by central differences, extrapolated to step 0 from five steps."""
    slope = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        table: list[float] = []
        for level in range(5):
            h = step / 2**level
            up, down = x.copy(), x.copy()
            up[index] += h
            down[index] -= h
            fresh = [(f(up) - f(down)) / (2 * h)]
            for k, coarse in enumerate(table):
                fresh.append(fresh[-1] + (fresh[-1] - coarse) / (4 ** (k + 1) - 1))
            table = fresh
        slope[index] = table[-1]
    return slope


def numeric_cotangent(
    row: Row, arrays: Sequence[Array], cotangents: Sequence[Array], operand: int
) -> Array:
    """The cotangent of one operand from values alone."""

    def weighted(x: Array) -> Any:
        moved = [x if i == operand else a for i, a in enumerate(arrays)]
        outs = results(row.op, moved)
        return sum(np.sum(g * out) for g, out in zip(cotangents, outs, strict=True))

    method = complex_step if row.derivative == "complex" else richardson
    return method(weighted, arrays[operand])
