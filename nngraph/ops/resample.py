"""Images made larger: each pixel repeated, or lines drawn between pixels."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Call, Cotangents, Op, ShapeError, TensorType, Value
from nngraph.kernels.images import repeat_pixels
from nngraph.ops.arithmetic import Add, ScaleBy
from nngraph.ops.pieces import Concat, PlaceUnits, SliceAxis
from nngraph.ops.pooling import SumFirst
from nngraph.ops.rearrange import Reshape
from nngraph.ops.shared import count_per, floating, only, sized_axis
from nngraph.ops.spread import BroadcastTo
from nngraph.ops.windows import Windows, ones
from nngraph.records import dataclass


class _Upsample(Op):
    """Every spatial axis longer by its factor."""

    factor: tuple[int, ...]
    operands: ClassVar[tuple[str, ...]] = ("x",)
    additive: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        x = floating(self, *types)
        if len(x.shape) != len(self.factor) + 2 or any(f < 1 for f in self.factor):
            raise ShapeError(f"{self.name}: factors {list(self.factor)} do not fit {x}")
        extents = (f * sized_axis(self, x, axis) for axis, f in enumerate(self.factor, 1))
        return x.with_shape((x.shape[0], *extents, x.shape[-1]))

    def flops(self, *types: TensorType) -> tuple[int, int]:
        return count_per((self.infer(*types),))


@dataclass(frozen=True)
class UpsampleNearest(_Upsample):
    """Each pixel repeated `factor` times along each spatial axis.

    Types   T[N, *extents, C] -> T[N, *(factor * extent), C].
    VJP     the sum of the cotangents of all repetitions.
    Errors  ShapeError where the numbers of axes differ.
    """

    factor: tuple[int, ...] = ()
    name: ClassVar[str] = "upsample_nearest"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        for axis, f in enumerate(self.factor, 1):
            x = np.repeat(x, f, axis)
        return x

    def _shape(self, x: TensorType, repeated: bool) -> tuple[int | str, ...]:
        """[N, H, 1 or f, W, 1 or f, C]."""
        apart: list[int | str] = [x.shape[0]]
        for axis, f in enumerate(self.factor, 1):
            apart += [x.shape[axis], f if repeated else 1]
        return (*apart, x.shape[-1])

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g = only(cotangents)
        single = ones(len(self.factor))
        apart = builder(Windows(self.factor, self.factor, single, single), g)
        return (builder(SumFirst(len(self.factor)), apart),)

    def call(self, *types: TensorType) -> Call:
        return Call(repeat_pixels, "repeat_pixels", keywords=(("factor", self.factor),))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """A broadcast along new axes, which are then merged."""
        (x,) = operands
        apart = builder(Reshape(self._shape(x.type, False)), x)
        repeated = builder(BroadcastTo(self._shape(x.type, True)), apart)
        return builder(Reshape(self.infer(x.type).shape), repeated)


@dataclass(frozen=True)
class UpsampleBilinear(_Upsample):
    """Lines between the centres of neighbouring pixels, along each spatial axis in turn.

    Pixel i of n lies from i to i + 1, its centre at i + 1/2, on the old grid as on the new one;
    beyond the outermost centres their values stay.

    Types   T[N, *extents, C] -> T[N, *(factor * extent), C].
    VJP     each pixel takes the cotangents of all lines that end in it, by their weights.
    Errors  ShapeError where the numbers of axes differ.
    """

    factor: tuple[int, ...] = ()
    name: ClassVar[str] = "upsample_bilinear"

    def evaluate(self, *arrays: Array) -> Array:
        (x,) = arrays
        for axis, f in enumerate(self.factor, 1):
            n = x.shape[axis]
            at = np.clip((np.arange(n * f) + 0.5) / f - 0.5, 0, n - 1)
            low = np.floor(at).astype(np.int64)
            high = np.minimum(low + 1, n - 1)
            part = (at - low).astype(x.real.dtype)
            part = part.reshape(-1, *(1,) * (x.ndim - 1 - axis))
            x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
        return x

    def vjp(
        self, builder: Builder, cotangents: Cotangents, outs: tuple[Value, ...], *operands: Value
    ) -> Cotangents:
        g = only(cotangents)
        for axis in range(len(self.factor), 0, -1):
            g = self._returned(builder, g, axis)
        return (g,)

    def expand(self, builder: Builder, *operands: Value) -> Value:
        """For each new position between two pixels, both of them by their weights."""
        (x,) = operands
        for axis in range(1, len(self.factor) + 1):
            x = self._along(builder, x, axis)
        return x

    def _along(self, builder: Builder, x: Value, axis: int) -> Value:
        f = self.factor[axis - 1]
        if f == 1:
            return x
        shape = x.type.shape
        one = (*shape[: axis + 1], 1, *shape[axis + 1 :])
        phases = []
        for offset in _offsets(f):
            here = builder(ScaleBy(1.0 - abs(offset)), x)
            beside = builder(ScaleBy(abs(offset)), _neighbour(builder, x, axis, offset > 0))
            phase = builder(Add(), here, beside) if offset else x
            phases.append(builder(Reshape(one), phase))
        together = builder(Concat(axis + 1), *phases)
        n = sized_axis(self, x.type, axis)
        return builder(Reshape((*shape[:axis], n * f, *shape[axis + 1 :])), together)

    def _returned(self, builder: Builder, g: Value, axis: int) -> Value:
        f = self.factor[axis - 1]
        if f == 1:
            return g
        shape = g.type.shape
        n = sized_axis(self, g.type, axis) // f
        apart = builder(Reshape((*shape[:axis], n, f, *shape[axis + 1 :])), g)
        total: Value | None = None
        for phase, offset in enumerate(_offsets(f)):
            piece = builder(SliceAxis(axis + 1, phase, phase + 1), apart)
            own = builder(Reshape((*shape[:axis], n, *shape[axis + 1 :])), piece)
            given = own
            if offset:
                beside = builder(ScaleBy(abs(offset)), own)
                beside = _from_neighbour(builder, beside, axis, offset > 0)
                given = builder(Add(), builder(ScaleBy(1.0 - abs(offset)), own), beside)
            total = given if total is None else builder(Add(), total, given)
        assert total is not None
        return total


def _offsets(factor: int) -> list[float]:
    """How far from the centre of a pixel the centres of its parts lie, in pixels.

    >>> _offsets(2)
    [-0.25, 0.25]
    """
    return [(k + 0.5) / factor - 0.5 for k in range(factor)]


def _neighbour(builder: Builder, x: Value, axis: int, after: bool) -> Value:
    """For each pixel the one after (or before) it; the outermost is its own neighbour."""
    n = x.type.shape[axis]
    assert isinstance(n, int)
    if n == 1:
        return x
    if after:
        return builder(
            Concat(axis), builder(SliceAxis(axis, 1, n), x), builder(SliceAxis(axis, n - 1, n), x)
        )
    return builder(
        Concat(axis), builder(SliceAxis(axis, 0, 1), x), builder(SliceAxis(axis, 0, n - 1), x)
    )


def _from_neighbour(builder: Builder, g: Value, axis: int, after: bool) -> Value:
    """The adjoint of `_neighbour`."""
    n = g.type.shape[axis]
    assert isinstance(n, int)
    if n == 1:
        return g
    if after:
        moved = builder(PlaceUnits(axis, 1, n), builder(SliceAxis(axis, 0, n - 1), g))
        edge = builder(PlaceUnits(axis, n - 1, n), builder(SliceAxis(axis, n - 1, n), g))
    else:
        moved = builder(PlaceUnits(axis, 0, n), builder(SliceAxis(axis, 1, n), g))
        edge = builder(PlaceUnits(axis, 0, n), builder(SliceAxis(axis, 0, 1), g))
    return builder(Add(), moved, edge)
