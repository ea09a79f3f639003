"""Ops as plain NumPy expressions: one row of a table for each op.

A row says how the op reads in Python, how tightly that binds, and how tightly each operand must.
An op without a row is printed as its expansion, or as the one NumPy function that it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from nngraph import ops
from nngraph.codegen.readable.helpers import HELPERS
from nngraph.codegen.readable.templates import (
    ANY,
    ATOM,
    COMPARISON,
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Template,
    number_template,
    shape_template,
)
from nngraph.ir import Op, TensorType

Types: TypeAlias = tuple[TensorType, ...]
Row: TypeAlias = Callable[[Any, Types], tuple[Template, ...]]
"""One template for each result of the op."""


def _one(text: str, level: int = ATOM, *needs: int, **more: Any) -> tuple[Template, ...]:
    return (Template(text, level, needs, **more),)


def _same(text: str, level: int = ATOM, *needs: int, **more: Any) -> Row:
    """A row that depends on neither attributes nor types."""
    return lambda op, types: _one(text, level, *needs, **more)


def _infix(symbol: str, level: int) -> Row:
    return _same(f"{{0}} {symbol} {{1}}", level, level, level + 1)


def _function(name: str) -> Row:
    return _same(f"{name}({{0}})")


def _helper(name: str, *operands: str) -> Row:
    return _same(f"{name}({', '.join(operands or ('{0}',))})", helpers=(name,))


def _reduce(name: str, keepdims: bool = False) -> Row:
    """A reduction over the axis that the op names, the last one by default."""

    def row(op: Any, types: Types) -> tuple[Template, ...]:
        kept = ", keepdims=True" if keepdims else ""
        return _one(f"np.{name}({{0}}, axis={getattr(op, 'axis', -1)}{kept})")

    return row


def _over_first(name: str) -> Row:
    """A reduction over the first axes."""

    def row(op: Any, types: Types) -> tuple[Template, ...]:
        axes = tuple(range(op.axes))
        return _one(f"np.{name}({{0}}, axis={axes[0] if len(axes) == 1 else axes})")

    return row


def _reshape(op: ops.Reshape, types: Types) -> tuple[Template, ...]:
    old, new = types[0].shape, op.shape
    if new == (*old, 1):
        return _one(f"{{0}}[{':, ' * len(old)}None]", ATOM, ATOM)
    if old == (*new, 1):
        return _one(f"{{0}}[{':, ' * len(new)}0]", ATOM, ATOM)
    if old == (1, *new):
        return _one("{0}[0]", ATOM, ATOM)
    sizes = ", ".join("-1" if isinstance(d, str) else str(d) for d in new)
    return _one(f"{{0}}.reshape({sizes or '()'})", ATOM, ATOM)


def _slice(op: ops.SliceAxis, types: Types) -> tuple[Template, ...]:
    axis = op.axis % len(types[0].shape)
    last = op.stop == types[0].shape[axis]
    start = "" if op.start == 0 else str(op.start)
    return _one(f"{{0}}[{':, ' * axis}{start}:{'' if last else op.stop}]", ATOM, ATOM)


def _place(op: ops.PlaceUnits, types: Types) -> tuple[Template, ...]:
    fill = "" if op.fill == 0.0 else f", fill={number_template(op.fill)}"
    axis = op.axis % len(types[0].shape)
    text = f"place({{0}}, axis={axis}, start={op.start}, size={op.size}{fill})"
    return _one(text, helpers=("place",))


def _concatenate(op: ops.Concat, types: Types) -> tuple[Template, ...]:
    places = ", ".join(f"{{{k}}}" for k in range(len(types)))
    return _one(f"np.concatenate([{places}], axis={op.axis % len(types[0].shape)})")


def _broadcast_to(op: ops.BroadcastTo, types: Types) -> tuple[Template, ...]:
    return _one(f"np.broadcast_to({{0}}, {shape_template(op.shape)})")


def _sum_to(op: ops.SumTo, types: Types) -> tuple[Template, ...]:
    old = types[0].shape
    lead = len(old) - len(op.shape)
    ones = [lead + k for k, d in enumerate(op.shape) if d == 1 and old[lead + k] != 1]
    axes = [*range(lead), *ones]
    axis = axes[0] if len(axes) == 1 else tuple(axes)
    if not ones:
        return _one(f"np.sum({{0}}, axis={axis})")
    kept = f"np.sum({{0}}, axis={axis}, keepdims=True)"
    return _one(kept + (f".reshape{shape_template(op.shape)}" if lead else ""))


def _sum_rows(op: ops.SumRows, types: Types) -> tuple[Template, ...]:
    return _one("np.sum({0})" if len(types[0].shape) == 1 else "np.sum({0}, axis=0)")


def _within_sample(types: Types) -> str:
    """The axes of one sample, as the value of `axis=`."""
    rank = len(types[0].shape)
    return "1" if rank == 2 else str(tuple(range(1, rank)))


def _sum_sample(op: ops.SumSample, types: Types) -> tuple[Template, ...]:
    return _one(f"np.sum({{0}}, axis={_within_sample(types)})")


def _error(inner: str, level: int) -> Row:
    """A loss that sums or averages something of y and t over each sample."""

    def row(op: Any, types: Types) -> tuple[Template, ...]:
        if len(types[0].shape) == 1:
            return _one(inner, level, SUM, PRODUCT)
        name = "mean" if op.mean else "sum"
        return _one(f"np.{name}({inner}, axis={_within_sample(types)})", ATOM, SUM, PRODUCT)

    return row


def _entropy(name: str) -> Row:
    """A loss by a helper that sums over each sample."""

    def row(op: Any, types: Types) -> tuple[Template, ...]:
        size = types[0].with_shape(types[0].shape[1:]).count({})
        text = f"{name}({{0}}, {{1}})"
        if op.mean and size != 1:
            return _one(f"{text} / {size}", PRODUCT, helpers=(name,))
        return _one(text, helpers=(name,))

    return row


def _with_output(loss: str, activation: str) -> Row:
    """A loss fused with the activation before it: two results."""

    def row(op: Any, types: Types) -> tuple[Template, ...]:
        return *_entropy(loss)(op, types), *_helper(activation)(op, types)

    return row


def _scale(op: ops.ScaleBy, types: Types) -> tuple[Template, ...]:
    return _one(f"{number_template(op.factor)} * {{0}}", PRODUCT, SIGN)


def _shift(op: ops.ShiftBy, types: Types) -> tuple[Template, ...]:
    sign = "-" if op.term < 0 else "+"
    return _one(f"{{0}} {sign} {number_template(abs(op.term))}", SUM, SUM)


def _cumulative(op: ops.CumulativeProduct, types: Types) -> tuple[Template, ...]:
    axis = op.axis
    if not op.backward:
        return _one(f"np.cumprod({{0}}, axis={axis})")
    return _one(f"np.flip(np.cumprod(np.flip({{0}}, {axis}), axis={axis}), {axis})")


ROWS: Mapping[type[Op], Row] = {
    ops.MatMul: _infix("@", PRODUCT),
    ops.Reshape: _reshape,
    ops.Transpose: _same("{0}.T", ATOM, ATOM),
    ops.SliceAxis: _slice,
    ops.PlaceUnits: _place,
    ops.Concat: _concatenate,
    ops.AppendOne: _same("np.hstack([{0}, np.ones_like({0}[:, :1])])", named=(0,)),
    ops.StackBias: _same("np.vstack([{0}, {1}])"),
    ops.BroadcastTo: _broadcast_to,
    ops.BroadcastLike: _same("np.broadcast_to({0}, {1}.shape)", ATOM, ANY, ATOM),
    ops.SumTo: _sum_to,
    ops.SumRows: _sum_rows,
    ops.Copy: _same("{0}.copy()", ATOM, ATOM),
    ops.Cast: lambda op, types: _one(f"{{0}}.astype(np.{op.dtype})", ATOM, ATOM),
    ops.Negative: _same("-{0}", SIGN, SIGN),
    ops.ScaleBy: _scale,
    ops.ShiftBy: _shift,
    ops.SubtractFrom: lambda op, types: _one(f"{number_template(op.term)} - {{0}}", SUM, PRODUCT),
    ops.Add: _infix("+", SUM),
    ops.Subtract: _infix("-", SUM),
    ops.Multiply: _infix("*", PRODUCT),
    ops.Divide: _infix("/", PRODUCT),
    ops.Maximum: _same("np.maximum({0}, {1})"),
    ops.Minimum: _same("np.minimum({0}, {1})"),
    ops.Square: _same("{0} ** 2", POWER, ATOM),
    ops.Sqrt: _function("np.sqrt"),
    ops.Exp: _function("np.exp"),
    ops.Expm1: _function("np.expm1"),
    ops.Log: _function("np.log"),
    ops.Log1p: _function("np.log1p"),
    ops.Abs: _function("np.abs"),
    ops.Sign: _function("np.sign"),
    ops.Sin: _function("np.sin"),
    ops.Cos: _function("np.cos"),
    ops.Reciprocal: _same("1.0 / {0}", PRODUCT, SIGN),
    ops.Power: lambda op, types: _one(f"{{0}} ** {number_template(op.exponent)}", POWER, ATOM),
    ops.ClampBelow: lambda op, types: _one(f"np.maximum({{0}}, {number_template(op.floor)})"),
    ops.ClampAbove: lambda op, types: _one(f"np.minimum({{0}}, {number_template(op.cap)})"),
    ops.Greater: lambda op, types: _one(
        f"{{0}} > {number_template(op.threshold)}", COMPARISON, SUM
    ),
    ops.Less: lambda op, types: _one(f"{{0}} < {number_template(op.threshold)}", COMPARISON, SUM),
    ops.GreaterThan: _same("{0} > {1}", COMPARISON, SUM, SUM),
    ops.GreaterEqual: _same("{0} >= {1}", COMPARISON, SUM, SUM),
    ops.Equal: _same("{0} == {1}", COMPARISON, SUM, SUM),
    ops.And: _same("np.logical_and({0}, {1})"),
    ops.Heaviside: lambda op, types: _one(f"np.heaviside({{0}}, {number_template(op.at_zero)})"),
    ops.Tanh: _function("np.tanh"),
    ops.SumLast: _reduce("sum", keepdims=True),
    ops.MaxLast: _reduce("max", keepdims=True),
    ops.SumAxis: _reduce("sum"),
    ops.ProductAxis: _reduce("prod"),
    ops.SumFirst: _over_first("sum"),
    ops.MaximumFirst: _over_first("max"),
    ops.MaximumAxis: _reduce("max"),
    ops.MinimumAxis: _reduce("min"),
    ops.CumulativeProduct: _cumulative,
    ops.SortAxis: lambda op, types: _one(f"np.sort({{0}}, axis={op.axis}, kind='stable')"),
    ops.UnsortAxis: lambda op, types: _one(
        f"np.take_along_axis({{0}}, np.argsort(np.argsort({{1}}, axis={op.axis}, kind='stable'), "
        f"axis={op.axis}), axis={op.axis})"
    ),
    ops.SumAll: _same("np.sum({0})"),
    ops.SumSample: _sum_sample,
    ops.DotSample: _same("np.sum({0} * {1}, axis=1)", ATOM, PRODUCT, SIGN),
}

WORD_ROWS: Mapping[str, Row] = {
    "absolute_error": _error("np.abs({0} - {1})", ATOM),
    "squared_error": _error("({0} - {1}) ** 2", POWER),
}
"""Words that read better as an expression than as their expansion or a helper."""


def row_for(op: Op) -> Row | None:
    """How an op reads, where it has a form of its own; a word that is a helper calls it."""
    if not isinstance(op, ops.WORD_OPS):
        return ROWS.get(type(op))
    if op.name not in HELPERS:
        return WORD_ROWS.get(op.name)
    if isinstance(op, ops.ExactLoss):
        return _with_output(op.name, op.form.activation)
    return _entropy(op.name) if isinstance(op, ops.LossWord) else _helper(op.name)
