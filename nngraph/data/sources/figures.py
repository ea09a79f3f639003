"""What the sources share that draw points in the plane.

Classes alternate row by row, so any stretch of rows holds both. `noise` is the standard deviation
of a normal added to the coordinates (to `y` where a function is learned) after the label is fixed,
as a fraction of the size of the figure.

Source: the figures of the TensorFlow Playground (playground.tensorflow.org), with their sizes; the
half moons of scikit-learn's `make_moons`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.data.columns import Column, Table, table_of_arrays
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.words.generated_sets import GeneratedData

Floats = NDArray[np.float64]
Figure = tuple[Floats, NDArray[np.uint8]]  # points [n, 2], labels [n]

RADIUS = 5.0


class Draws:
    """The streams of one generated set: one per purpose."""

    def __init__(self, spec: GeneratedData) -> None:
        self.source, self.samples, self.seed = spec.source, spec.samples, spec.seed

    def uniform(self, purpose: str, low: float, high: float) -> Floats:
        """float64[samples] between low and high."""
        return streams.uniform(self._key(purpose), self.samples, low, high)

    def normal(self, purpose: str, columns: int, stddev: float) -> Floats:
        """float64[samples, columns] around 0."""
        return streams.normal(self._key(purpose), (self.samples, columns), 0.0, stddev)

    def _key(self, purpose: str) -> NDArray[np.uint64]:
        return streams.key(self.seed, f"data.{self.source}", purpose)


def alternating(samples: int, first: int) -> NDArray[np.uint8]:
    """Labels 0 and 1 in turn."""
    return ((np.arange(samples) + first) % 2).astype(np.uint8)


def figure(
    row: type[GeneratedData], draw: Callable[[Draws], Figure], size: float = RADIUS
) -> Opener[GeneratedData]:
    """A source of points of two classes; `size` is what noise is a fraction of."""

    def opened(spec: GeneratedData, around: Surroundings) -> Table:
        draws = Draws(spec)
        point, label = draw(draws)
        point = point + draws.normal("noise", 2, spec.noise * size)
        return planar_table(spec.source, point, label=label)

    return Opener(row, opened)


def planar_table(source: str, x: Floats, **target: NDArray[Any]) -> Table:
    """Points `x` [n, 2], their coordinates `x1` and `x2`, and one target."""
    ((name, values),) = target.items()
    columns = {"x": Column("x", x), "x1": Column("x1", x[:, 0]), "x2": Column("x2", x[:, 1])}
    columns[name] = Column(name, values)
    title = f"the source '{source}'"
    return table_of_arrays(title, columns, own_inputs=("x",), own_target=name)
