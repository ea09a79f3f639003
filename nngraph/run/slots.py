"""Where a bound step is fed: rows of the data, laid out as the step wants them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nngraph.errors import UsageError, diagnostic
from nngraph.ir import Array, Input, follow
from nngraph.plan import Buffer
from nngraph.run.binding import Bound


@dataclass(frozen=True)
class Prepared:
    """All rows of one input in the layout in which the step wants them: [n, ...]."""

    rows: Array

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class Slot:
    """Where one input or target of a step is fed. `places`: one array a shard, with its rows."""

    leaf: Input
    buffer: Buffer
    bounds: tuple[Bound, ...]
    rows: tuple[int, ...]

    def __post_init__(self) -> None:
        self._shape = self.leaf.type.sample_shape
        place = self.bounds[0].plan.places[self.leaf]
        stored = self.bounds[0].stored[place.buffer]
        self._by_rows = self.buffer.shape[:1] == ("N",) and stored.flags.c_contiguous
        self._path = place.path
        self._stored = [b.stored[b.plan.places[self.leaf].buffer] for b in self.bounds]
        self._views = [b.array(self.leaf) for b in self.bounds]
        self._staging = [] if self._by_rows else [np.empty_like(v, order="C") for v in self._views]

    def prepare(self, array: Array) -> Prepared:
        """Rows [n, *shape] in this slot's layout: padding, the column of ones, dtype.

        Errors: UsageError where the shape does not fit.
        """
        array = self._shaped(array)
        if not self._by_rows:
            return Prepared(np.ascontiguousarray(array, self.leaf.type.dtype))
        axes = {"N": len(array), "P": 0}
        rows = np.full(self.buffer.type.sizes(axes), self.buffer.fill or 0, self.buffer.dtype)
        follow(self._path, rows, axes)[...] = array
        return Prepared(rows)

    def _shaped(self, array: Array) -> Array:
        array = np.asarray(array)
        shape = self._shape
        if array.shape[1:] != shape:
            if array.ndim == 0 or math.prod(array.shape[1:]) != math.prod(shape):
                got = list(array.shape[1:])
                raise UsageError(
                    diagnostic("E002:rows", input=self.leaf.id, shape=list(shape), got=got)
                )
            array = array.reshape(len(array), *shape)
        return array

    def put(self, array: Array) -> None:
        """Write the rows of one step, [batch, *shape], straight into place.

        Errors: UsageError where the shape does not fit.
        """
        array, start = self._shaped(array), 0
        for view, rows in zip(self._views, self.rows, strict=True):
            view[...] = array[start : start + rows]
            start += rows

    def load(self, prepared: Prepared, indices: Array) -> None:
        """Gather rows of the data into place: one `take` for each shard."""
        start = 0
        for k, rows in enumerate(self.rows):
            part = indices[start : start + rows]
            start += rows
            if self._by_rows:
                np.take(prepared.rows, part, axis=0, out=self._stored[k], mode="clip")
            else:
                np.take(prepared.rows, part, axis=0, out=self._staging[k], mode="clip")
                np.copyto(self._views[k], self._staging[k])
