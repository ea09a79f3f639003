"""Products, sums along axes, and what only moves numbers about."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nngraph.interop.onnx.elementwise import Row
from nngraph.interop.onnx.writer import Way, Writer, axis_of
from nngraph.ir import BATCH, Instr, Op
from nngraph.ops import (
    AppendOne,
    BroadcastLike,
    BroadcastTo,
    Concat,
    Copy,
    LayerNorm,
    MatMul,
    MaximumAxis,
    MaxLast,
    MinimumAxis,
    Pad,
    PermuteAxes,
    PlaceUnits,
    ProductAxis,
    Reshape,
    SliceAxis,
    SortAxis,
    SumAxis,
    SumLast,
    Transpose,
)


def _matmul(w: Writer, instr: Instr) -> None:
    """Rows times a matrix is Gemm, which can take a bias."""
    a, b = instr.args
    flat = len(a.type.shape) == 2 and len(b.type.shape) == 2
    name = "Gemm" if flat else "MatMul"
    w.put(instr.outs[0], w.call(name, w.last(a), w.last(b)))


def _layer_norm(w: Writer, instr: Instr) -> bool:
    """Its epsilon and its moments are float32, so it is exact for nothing else."""
    assert isinstance(instr.op, LayerNorm)
    if instr.outs[0].type.dtype != "float32":
        return False
    names = [w.last(arg) for arg in instr.args]
    epsilon = instr.op.epsilon
    w.put(instr.outs[0], w.call("LayerNormalization", *names, axis=-1, epsilon=epsilon))
    return True


def _reduced(name: str, keep: bool) -> Row:
    """A sum or extreme along one axis."""

    def row(w: Writer, instr: Instr) -> None:
        (x,), rank = instr.args, len(instr.args[0].type.shape)
        way: Way = w.way(instr.args) if keep else "last"
        axis = axis_of(way, getattr(instr.op, "axis", -1), rank)
        axes = w.array(np.array([axis], np.int64), "axes")
        w.put(instr.outs[0], w.call(name, w.name(x, way), axes, keepdims=int(keep)), way)

    return row


def _sort(w: Writer, instr: Instr) -> None:
    """The least of so many as there are, in order."""
    assert isinstance(instr.op, SortAxis)
    (x,), way = instr.args, w.way(instr.args)
    axis = axis_of(way, instr.op.axis, len(x.type.shape))
    many = x.type.shape[instr.op.axis]
    k = w.array(np.array([many], np.int64), "k")
    sorted_ = w.call("TopK", w.name(x, way), k, unused=1, axis=axis, largest=0, sorted=1)
    w.put(instr.outs[0], sorted_, way)


def _reshape(w: Writer, instr: Instr) -> None:
    assert isinstance(instr.op, Reshape)
    to = w.array(np.array([-1 if d == BATCH else d for d in instr.op.shape], np.int64), "shape")
    w.put(instr.outs[0], w.call("Reshape", w.last(instr.args[0]), to))


def _broadcast(w: Writer, instr: Instr) -> None:
    assert isinstance(instr.op, BroadcastTo)
    shape = [1 if d == BATCH else d for d in instr.op.shape]
    to = w.array(np.array(shape, np.int64), "shape")
    w.put(instr.outs[0], w.call("Expand", w.last(instr.args[0]), to))


def _broadcast_like(w: Writer, instr: Instr) -> None:
    x, like = instr.args
    w.put(instr.outs[0], w.call("Expand", w.last(x), w.call("Shape", w.last(like))))


def _transpose(w: Writer, instr: Instr) -> None:
    rank = len(instr.args[0].type.shape)
    axes = [*range(rank - 2), rank - 1, rank - 2]
    w.put(instr.outs[0], w.call("Transpose", w.last(instr.args[0]), perm=axes))


def _permute(w: Writer, instr: Instr) -> None:
    assert isinstance(instr.op, PermuteAxes)
    w.put(instr.outs[0], w.call("Transpose", w.last(instr.args[0]), perm=instr.op.axes))


def _concat(w: Writer, instr: Instr) -> None:
    assert isinstance(instr.op, Concat)
    way, rank = w.way(instr.args), len(instr.outs[0].type.shape)
    names = [w.name(arg, way) for arg in instr.args]
    w.put(instr.outs[0], w.call("Concat", *names, axis=axis_of(way, instr.op.axis, rank)), way)


def _slice(w: Writer, instr: Instr) -> None:
    assert isinstance(instr.op, SliceAxis)
    later = w.later.get(instr.args[0])
    if later is not None and instr.op.axis in (1, -1):  # neurons: nobody needs all of them
        w.put(instr.outs[0], later(instr.op.start, instr.op.stop))
        return
    way, rank = w.way(instr.args), len(instr.args[0].type.shape)
    axis = axis_of(way, instr.op.axis, rank)
    w.put(
        instr.outs[0], cut(w, w.name(instr.args[0], way), instr.op.start, instr.op.stop, axis), way
    )


def cut(w: Writer, name: str, start: int, stop: int, axis: int) -> str:
    """Some of an axis."""
    bounds = [w.array(np.array([n], np.int64), "bound") for n in (start, stop, axis)]
    return w.call("Slice", name, *bounds)


def _pad(w: Writer, instr: Instr) -> None:
    """`border` has one pair for each axis between the batch and the channels."""
    assert isinstance(instr.op, Pad)
    way = w.way(instr.args)
    border = list(instr.op.border)
    pairs = [(0, 0), *border, (0, 0)] if way == "last" else [(0, 0), (0, 0), *border]
    _padded(w, instr, way, pairs, instr.op.fill)


def _place(w: Writer, instr: Instr) -> None:
    op, (x,) = instr.op, instr.args
    assert isinstance(op, PlaceUnits)
    way, rank = w.way(instr.args), len(x.type.shape)
    here = x.type.shape[op.axis]
    assert isinstance(here, int)
    pairs = [(0, 0)] * rank
    pairs[axis_of(way, op.axis, rank)] = (op.start, op.size - op.start - here)
    _padded(w, instr, way, pairs, op.fill)


def _append_one(w: Writer, instr: Instr) -> None:
    _padded(w, instr, "last", [(0, 0), (0, 1)], 1.0)


def _padded(w: Writer, instr: Instr, way: Way, pairs: list[tuple[int, int]], fill: float) -> None:
    (x,) = instr.args
    widths = [before for before, _ in pairs] + [after for _, after in pairs]
    names = w.array(np.array(widths, np.int64), "pads"), w.number(fill, instr.outs[0])
    w.put(instr.outs[0], w.call("Pad", w.name(x, way), *names), way)


def _copy(w: Writer, instr: Instr) -> None:
    way = w.way(instr.args)
    w.put(instr.outs[0], w.name(instr.args[0], way), way)


ROWS: Mapping[type[Op], Row] = {
    MatMul: _matmul,
    LayerNorm: _layer_norm,
    SumLast: _reduced("ReduceSum", keep=True),
    MaxLast: _reduced("ReduceMax", keep=True),
    SumAxis: _reduced("ReduceSum", keep=False),
    ProductAxis: _reduced("ReduceProd", keep=False),
    MaximumAxis: _reduced("ReduceMax", keep=False),
    MinimumAxis: _reduced("ReduceMin", keep=False),
    SortAxis: _sort,
    Reshape: _reshape,
    BroadcastTo: _broadcast,
    BroadcastLike: _broadcast_like,
    Transpose: _transpose,
    PermuteAxes: _permute,
    Concat: _concat,
    SliceAxis: _slice,
    Pad: _pad,
    PlaceUnits: _place,
    AppendOne: _append_one,
    Copy: _copy,
}
"""Ops that combine or move numbers."""
