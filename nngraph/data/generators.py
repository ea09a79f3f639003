"""Sources that draw their samples, the same on every platform.

Classes alternate row by row, so any stretch of rows holds both. `noise` is the standard deviation
of a normal added to the coordinates (to `y` where a function is learned) after the label is fixed,
as a fraction of the size of the figure.

Source: the figures of the TensorFlow Playground (playground.tensorflow.org), with their sizes; the
half moons of scikit-learn's `make_moons`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.data.offers import Column, Offer, offer_of_arrays
from nngraph.data.trigonometry import cosine, sine

Floats = NDArray[np.float64]
Figure = tuple[Floats, NDArray[np.uint8]]  # points [n, 2], labels [n]

RADIUS = 5.0
INNER = 0.5  # the disc, and where the ring begins, as fractions of the radius
OUTER = 0.7
GAP = 0.3  # half the width of the empty cross between the quadrants
CENTRE = 2.0
CLOUD_VARIANCE = 0.5
TURNS = 1.75


class Draws:
    """The streams of one generated set: one per purpose."""

    def __init__(self, source: str, samples: int, seed: int) -> None:
        self.source, self.samples, self.seed = source, samples, seed

    def uniform(self, purpose: str, low: float, high: float) -> Floats:
        """float64[samples] between low and high."""
        return streams.uniform(self._key(purpose), self.samples, low, high)

    def normal(self, purpose: str, columns: int, stddev: float) -> Floats:
        """float64[samples, columns] around 0."""
        return streams.normal(self._key(purpose), (self.samples, columns), 0.0, stddev)

    def _key(self, purpose: str) -> NDArray[np.uint64]:
        return streams.key(self.seed, f"data.{self.source}", purpose)


def _alternating(samples: int, first: int) -> NDArray[np.uint8]:
    return ((np.arange(samples) + first) % 2).astype(np.uint8)


def circles(draws: Draws) -> Figure:
    """A disc of half the radius, label 1, inside a ring, label 0."""
    label = _alternating(draws.samples, 1)
    share = draws.uniform("radius", 0.0, 1.0)
    radius = RADIUS * np.where(label == 1, INNER * share, OUTER + (1.0 - OUTER) * share)
    angle = draws.uniform("angle", 0.0, 2.0 * math.pi)
    return np.stack([radius * cosine(angle), radius * sine(angle)], axis=1), label


def gaussians(draws: Draws) -> Figure:
    """Two clouds of variance 1/2: label 1 around (2, 2), label 0 around (-2, -2)."""
    label = _alternating(draws.samples, 1)
    cloud = draws.normal("cloud", 2, math.sqrt(CLOUD_VARIANCE))
    return cloud + np.where(label == 1, CENTRE, -CENTRE)[:, None], label


def spirals(draws: Draws) -> Figure:
    """Two arms of 1.75 turns, half a turn apart: r from 0 to 5, points evenly along the arm."""
    label = _alternating(draws.samples, 1)
    share = (np.arange(draws.samples) // 2) / max(1, (draws.samples + 1) // 2)
    angle = 2.0 * math.pi * TURNS * share + np.where(label == 1, 0.0, math.pi)
    radius = RADIUS * share
    return np.stack([radius * sine(angle), radius * cosine(angle)], axis=1), label


def quadrants(draws: Draws) -> Figure:
    """Four squares apart from the axes; label 1 where the signs differ."""
    point = np.stack([draws.uniform(f"x{i}", -RADIUS, RADIUS) for i in (1, 2)], axis=1)
    point += np.where(point > 0.0, GAP, -GAP)
    return point, ((point[:, 0] > 0.0) != (point[:, 1] > 0.0)).astype(np.uint8)


def moons(draws: Draws) -> Figure:
    """Upper half circle (cos t, sin t), label 0; lower (1 - cos t, 1/2 - sin t), label 1."""
    label = _alternating(draws.samples, 0)
    angle = draws.uniform("angle", 0.0, math.pi)
    lower = label == 1
    c, s = cosine(angle), sine(angle)
    return np.stack([np.where(lower, 1.0 - c, c), np.where(lower, 0.5 - s, s)], axis=1), label


_FIGURES: Mapping[str, tuple[Callable[[Draws], Figure], float]] = MappingProxyType(
    {
        "circles": (circles, RADIUS),
        "gaussians": (gaussians, RADIUS),
        "spirals": (spirals, RADIUS),
        "quadrants": (quadrants, RADIUS),
        "moons": (moons, 1.0),
    }
)


def generated_offer(source: str, samples: int, noise: float, seed: int) -> Offer:
    """The columns of a generated source, by its name."""
    draws = Draws(source, samples, seed)
    if source == "sine":
        return _sine(draws, noise)
    if source == "plane":
        return _plane(draws, noise)
    draw, size = _FIGURES[source]
    point, label = draw(draws)
    point = point + draws.normal("noise", 2, noise * size)
    return _planar_offer(source, point, label=label)


def xor_offer() -> Offer:
    """The exclusive or: (0, 0), (0, 1), (1, 0), (1, 1) -> 0, 1, 1, 0."""
    point = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64)
    return _planar_offer("xor", point, label=np.array([0, 1, 1, 0], np.uint8))


def _sine(draws: Draws, noise: float) -> Offer:
    x = draws.uniform("x", -math.pi, math.pi)
    y = sine(x) + draws.normal("noise", 1, noise)[:, 0]
    columns = {"x": Column("x", x), "y": Column("y", y)}
    return offer_of_arrays("the source 'sine'", columns, own_inputs=("x",), own_target="y")


def _plane(draws: Draws, noise: float) -> Offer:
    x = np.stack([draws.uniform(f"x{i}", -6.0, 6.0) for i in (1, 2)], axis=1)
    y = (x[:, 0] + x[:, 1]) / 10.0 + draws.normal("noise", 1, noise)[:, 0]
    return _planar_offer("plane", x, y=y)


def _planar_offer(source: str, x: Floats, **target: NDArray[Any]) -> Offer:
    ((name, values),) = target.items()
    columns = {"x": Column("x", x), "x1": Column("x1", x[:, 0]), "x2": Column("x2", x[:, 1])}
    columns[name] = Column(name, values)
    title = f"the source '{source}'"
    return offer_of_arrays(title, columns, own_inputs=("x",), own_target=name)
