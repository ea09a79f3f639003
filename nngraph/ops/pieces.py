"""Parts of arrays: a slice is a view, and what is put together holds its operands as pieces."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import (
    Array,
    Builder,
    Container,
    Cotangents,
    Op,
    ReshapeView,
    ShapeError,
    Slice,
    TensorType,
    Value,
    View,
)
from nngraph.ops import rearrange
from nngraph.ops.shared import floating, listed_types, only, ranked, sized_axis
from nngraph.records import dataclass


class _NoWork(Op):
    """A view or a container: no work at all."""

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return 0, 0


@dataclass(frozen=True)
class SliceAxis(_NoWork):
    """Elements start .. stop (excluded) along one axis.

    Types   T[*, D, *] -> T[*, stop - start, *]; axis 0 is the first of all, mostly the batch.
    VJP     the cotangent placed among zeros.
    Errors  ShapeError where the axis has no fixed size or 0 <= start <= stop <= D does not hold.
    """

    axis: int = 0
    start: int = 0
    stop: int = 1
    name: ClassVar[str] = "slice"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types: TensorType) -> TensorType:
        (x,) = types
        size = sized_axis(self, x, self.axis)
        if not 0 <= self.start <= self.stop <= size:
            raise ShapeError(
                f"slice: {self.start} to {self.stop} is not within axis {self.axis} of {x}"
            )
        shape = list(x.shape)
        shape[self.axis] = self.stop - self.start
        return x.with_shape(tuple(shape))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        return Slice(self.axis, self.start, self.stop).apply(x, {})

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        place = PlaceUnits(self.axis, self.start, sized_axis(self, x.type, self.axis))
        return (builder(place, only(cotangents)),)

    def view(self, *types: TensorType) -> View:
        return Slice(self.axis, self.start, self.stop)


@dataclass(frozen=True)
class PlaceUnits(_NoWork):
    """x as elements start .. start + D of a longer axis, `fill` everywhere else.

    Types   T[*, D, *] -> T[*, size, *].
    VJP     the slice of the cotangent where x lies.
    Errors  ShapeError where x does not lie within `size`.
    """

    axis: int = 0
    start: int = 0
    size: int = 1
    fill: float = 0.0
    name: ClassVar[str] = "place"
    operands: ClassVar[tuple[str, ...]] = ("x",)

    @property
    def additive(self) -> bool:  # type: ignore[override]
        """Only zeros around x add up to what is around the sum."""
        return self.fill == 0.0

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        start, stop = self._bound(x)
        if start < 0 or stop > self.size:
            raise ShapeError(
                f"place: axis {self.axis} of {x} from {start} on does not lie within {self.size}"
            )
        shape = list(x.shape)
        shape[self.axis] = self.size
        return x.with_shape(tuple(shape))

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        shape = list(x.shape)
        shape[self.axis] = self.size
        out = np.full(shape, self.fill, x.dtype)
        Slice(self.axis, self.start, self.start + x.shape[self.axis]).apply(out, {})[...] = x
        return out

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (x,) = operands
        return (builder(SliceAxis(self.axis, *self._bound(x.type)), only(cotangents)),)

    def container(self, *types: TensorType) -> Container:
        (x,) = types
        return Container(((Slice(self.axis, *self._bound(x)),),), fill=self.fill)

    def _bound(self, x: TensorType) -> tuple[int, int]:
        return self.start, self.start + sized_axis(self, x, self.axis)


@dataclass(frozen=True)
class Concat(_NoWork):
    """One after the other along an axis, in the order of the operands.

    Types   T[*, D1, *], T[*, D2, *], ... -> T[*, D1 + D2 + ..., *].
    VJP     each operand's slice of the cotangent.
    Errors  ShapeError where dtypes, other axes or the numbers of axes differ, or there is none.
    """

    axis: int = -1
    name: ClassVar[str] = "concat"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("*xs",)

    def infer(self, *types: TensorType) -> TensorType:
        if not types:
            raise ShapeError("concat: expected at least one operand, got none")
        sizes = [sized_axis(self, t, self.axis) for t in types]
        shape = list(types[0].shape)
        for t in types:
            other = list(t.shape)
            other[self.axis] = shape[self.axis]
            if other != shape or t.dtype != types[0].dtype:
                got = listed_types(types)
                raise ShapeError(f"concat: operands may differ only in axis {self.axis}, got {got}")
        shape[self.axis] = sum(sizes)
        return types[0].with_shape(tuple(shape))

    def evaluate(self, *arrays: Array) -> Array:
        return np.concatenate(arrays, axis=self.axis)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, bounds = only(cotangents), self._bounds(tuple(x.type for x in operands))
        return tuple(builder(SliceAxis(self.axis, start, stop), g) for start, stop in bounds)

    def container(self, *types: TensorType) -> Container:
        return Container(tuple((Slice(self.axis, *bound),) for bound in self._bounds(types)))

    def _bounds(self, types: tuple[TensorType, ...]) -> list[tuple[int, int]]:
        found, start = [], 0
        for t in types:
            size = sized_axis(self, t, self.axis)
            found.append((start, start + size))
            start += size
        return found


@dataclass(frozen=True)
class AppendOne(_NoWork):
    """[z, 1]: a column of ones beside the outputs, the source of every bias.

    Types   T[N, I] -> T[N, I + 1].
    VJP     the cotangent without its last column.
    Errors  ShapeError unless there are two axes, the second of fixed size.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), section 5.1: z_0 = 1.
    """

    name: ClassVar[str] = "append_one"
    operands: ClassVar[tuple[str, ...]] = ("z",)

    def infer(self, *types: TensorType) -> TensorType:
        z = floating(self, *types)
        size = sized_axis(self, ranked(self, z, 2), 1)
        return z.with_shape((z.shape[0], size + 1))

    def evaluate(self, *arrays: Array) -> Array:
        (z,) = arrays
        return np.concatenate([z, np.ones((len(z), 1), z.dtype)], axis=1)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        (z,) = operands
        return (builder(SliceAxis(1, 0, sized_axis(self, z.type, 1)), only(cotangents)),)

    def container(self, *types: TensorType) -> Container:
        (z,) = types
        return Container(((Slice(1, 0, sized_axis(self, z, 1)),),), fill=1.0)


@dataclass(frozen=True)
class StackBias(_NoWork):
    """The bias as one more row of W: [z, 1] @ [W; b] = z W + b.

    Types   W: T[I, J], b: T[J] -> T[I + 1, J].
    VJP     the rows of W, and the last row.
    Errors  ShapeError where the bias does not have one element for each column of W.
    """

    name: ClassVar[str] = "stack_bias"
    additive: ClassVar[bool] = True
    operands: ClassVar[tuple[str, ...]] = ("W", "b")

    def infer(self, *types: TensorType) -> TensorType:
        W, b = types
        floating(self, W, b)
        if len(W.shape) != 2 or b.shape != W.shape[1:]:
            raise ShapeError(f"stack_bias: a matrix and its bias do not fit: {listed_types(types)}")
        return W.with_shape((sized_axis(self, W, 0) + 1, W.shape[1]))

    def evaluate(self, *arrays: Array) -> Array:
        W, b = arrays
        return np.concatenate([W, b[None, :]], axis=0)

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g, (W, b) = only(cotangents), operands
        rows = sized_axis(self, W.type, 0)
        last = builder(SliceAxis(0, rows, rows + 1), g)
        return builder(SliceAxis(0, 0, rows), g), builder(rearrange.Reshape(b.type.shape), last)

    def container(self, *types: TensorType) -> Container:
        W, b = types
        rows = sized_axis(self, W, 0)
        return Container(((Slice(0, 0, rows),), (Slice(0, rows, rows + 1), ReshapeView(b.shape))))
