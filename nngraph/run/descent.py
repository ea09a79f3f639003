"""L-BFGS: steps along directions that a short history of gradients gives, each with a line search.

A step asks for the loss and its gradient at several places, so it needs the pass over the data that
gave the first of them. All of its arithmetic is in double precision; the weights are rounded to the
type of the network at each place that is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.ir import Array
from nngraph.network import Network
from nngraph.plan import spread_over_arena
from nngraph.records import dataclass
from nngraph.run.binding import aligned_zeros
from nngraph.words.optimizers import Lbfgs

Vector: TypeAlias = NDArray[np.float64]
Again: TypeAlias = Callable[[], float]
"""Computes the loss, and the gradients, with the weights as they lie."""

DECREASE = 1e-4  # of what the slope promises: c1 of Nocedal and Wright
FLATTER = 0.9  # than this share of the first slope: their c2
EPSILON = float(np.finfo(np.float64).eps)
GROWTH = 10.0  # the next try is at most so many times as long
INSIDE = 0.1  # of an interval: a try is no nearer to its ends


@dataclass(frozen=True)
class Point:
    """A place on the line: how far, the loss there, its slope along the line, and its gradient."""

    t: float
    loss: float
    slope: float
    gradient: Vector

    @property
    def is_finite(self) -> bool:
        """Whether all is that a search goes by."""
        return math.isfinite(self.loss) and math.isfinite(self.slope)


class Descent:
    """One step of L-BFGS over `parameters` and `gradients`, and its state, zero at first.

    `decay` is the L2 penalty of each number, decay w^2 / 2, which the objective holds beside the
    loss. State: `steps` and `changes`, the last `history` differences of weights and of gradients,
    a ring of rows; `progress`, how many of them there are, where the next one goes, and whether no
    step was found from here.

    Source: Nocedal and Wright, Numerical optimization, 2nd ed. (2006), algorithms 7.4, 7.5, 3.5 and
    3.6.
    """

    def __init__(
        self, spec: Lbfgs, decay: Array | float, parameters: Array, gradients: Array
    ) -> None:
        self._spec, self._w, self._g, self._decay = spec, parameters, gradients, decay
        size = spec.history * parameters.size
        self.state = {
            "steps": aligned_zeros((size,), str(parameters.dtype)),
            "changes": aligned_zeros((size,), str(parameters.dtype)),
            "progress": aligned_zeros((3,), "float64"),
        }

    def run(self, learning_rate: float, loss: float, again: Again) -> None:
        """One step from where the weights lie; `loss` is the one there, its gradients are in place.

        The weights stay where no step makes the objective smaller.
        """
        count, _, is_stuck = self.state["progress"]
        if is_stuck:
            return
        start = self._here(0.0, loss, None)
        while True:
            way = self._direction(start.gradient)
            first = learning_rate if count else learning_rate * _first_length(start.gradient)
            found = self._walk(start, way, first, again)
            if found is not None:
                self._remember(found, start)
                return
            if not count:
                self.state["progress"][2] = 1.0
                return
            count = 0.0  # what the history says leads nowhere: straight down, once
            self.state["progress"][:2] = 0.0

    # ---- the objective

    def _here(self, t: float, loss: float, way: Vector | None) -> Point:
        """The objective where the weights lie."""
        w, gradient = self._w.astype(np.float64), self._g.astype(np.float64)
        pull = self._decay * w
        gradient += pull
        slope = 0.0 if way is None else float(np.dot(gradient, way))
        return Point(t, loss + 0.5 * float(np.dot(pull, w)), slope, gradient)

    def _walk(self, start: Point, way: Vector, first: float, again: Again) -> Point | None:
        """The weights, moved to a better place along a way; None, and back, where there is none."""
        before = self._w.copy()
        origin = before.astype(np.float64)
        slope = float(np.dot(start.gradient, way))
        if not slope < 0.0:
            return None

        def at(t: float) -> Point:
            self._w[...] = origin + t * way
            return self._here(t, again(), way)

        start = Point(0.0, start.loss, slope, start.gradient)
        search = wolfe if self._spec.line_search == "strong_wolfe" else backtrack
        with np.errstate(over="ignore", invalid="ignore"):  # too far, which the search sees
            found = search(at, start, first, self._spec.evaluations)
        if found is None:
            self._w[...] = before
            return None
        self._w[...] = origin + found.t * way
        self._moved = self._w.astype(np.float64) - origin
        return found

    # ---- the history

    def _rows(self, name: str) -> Array:
        return self.state[name].reshape(self._spec.history, -1)

    def _kept(self) -> list[int]:
        """The rows of the history, the newest first."""
        count, following, _ = (int(n) for n in self.state["progress"])
        return [(following - 1 - k) % self._spec.history for k in range(count)]

    def _direction(self, gradient: Vector) -> Vector:
        """-H g, H the inverse Hessian that the history suggests: the recursion of two loops."""
        steps, changes, kept = self._rows("steps"), self._rows("changes"), self._kept()
        q = -gradient
        shares: list[tuple[float, float]] = []
        for k in kept:
            rho = 1.0 / _dot(steps[k], changes[k])
            alpha = rho * _dot(steps[k], q)
            q -= alpha * changes[k]
            shares.append((rho, alpha))
        if kept:
            newest = kept[0]
            q *= _dot(steps[newest], changes[newest]) / _dot(changes[newest], changes[newest])
        for k, (rho, alpha) in zip(reversed(kept), reversed(shares), strict=True):
            q += (alpha - rho * _dot(changes[k], q)) * steps[k]
        return q

    def _remember(self, found: Point, start: Point) -> None:
        """Keep a step and its change of the gradient, unless the curvature along it is not up."""
        count, following, _ = (int(n) for n in self.state["progress"])
        step, change = self._rows("steps")[following], self._rows("changes")[following]
        kept = step.copy(), change.copy()
        step[...] = self._moved
        change[...] = found.gradient - start.gradient
        if _dot(step, change) <= EPSILON * _dot(change, change):
            step[...], change[...] = kept
            return
        history = self._spec.history
        self.state["progress"][:2] = min(count + 1, history), (following + 1) % history


def descent_of(network: Network, parameters: Array, gradients: Array) -> Descent | None:
    """The search of a network's `train`, over its flat vectors; None where it asks for none."""
    train = network.document.spec.train
    if train is None or not isinstance(train.optimizer, Lbfgs):
        return None
    decay: Array | float = 0.0
    if train.decay:
        arena, weights = network.arenas.parameters, network.lowered.weights
        trained = [w for w in weights.with_options if w.leaf.id in arena.regions]
        scales = [(w.leaf.id, w.part, s) for w in trained if (s := w.decay_scale) != 1]
        decay = train.decay * spread_over_arena(arena, scales)
    return Descent(train.optimizer, decay, parameters, gradients)


def _dot(x: NDArray[Any], y: NDArray[Any]) -> float:
    return float(np.dot(x.astype(np.float64), y.astype(np.float64)))


def _first_length(gradient: Vector) -> float:
    """Of a first step, about which nothing is known: no number moves by more than 1 in all."""
    total = float(np.abs(gradient).sum())
    return min(1.0, 1.0 / total) if total else 1.0


# ---- searches along a line


def backtrack(at: Callable[[float], Point], start: Point, first: float, most: int) -> Point | None:
    """The first place, from far to near, where the loss falls as the slope promises (Armijo)."""
    t = first
    for _ in range(most):
        now = at(t)
        if now.is_finite and _falls(now, start):
            return now
        t = _between(start, now, 0.0, t) if now.is_finite else INSIDE * t
    return None


def wolfe(at: Callable[[float], Point], start: Point, first: float, most: int) -> Point | None:
    """A place where the loss falls and is flatter, the strong conditions of Wolfe; the best place
    so far where none was found in time."""
    before, t, tried = start, first, list[Point]()
    while len(tried) < most:
        now = at(t)
        tried.append(now)
        rose = not now.is_finite or not _falls(now, start)
        if rose or (len(tried) > 1 and now.loss >= before.loss):
            return _zoom(at, start, (before, now), most - len(tried))
        if abs(now.slope) <= -FLATTER * start.slope:
            return now
        if now.slope >= 0.0:
            return _zoom(at, start, (now, before), most - len(tried))
        far = t + GROWTH * (t - before.t)
        before, t = now, _between(before, now, t + (t - before.t), far)
    return best_of(tried, start)


def _zoom(
    at: Callable[[float], Point], start: Point, ends: tuple[Point, Point], most: int
) -> Point | None:
    """Within an interval whose first end is the better, and falls towards the other."""
    low, high = ends
    for _ in range(most):
        width = abs(high.t - low.t)
        if width <= EPSILON * max(abs(low.t), abs(high.t)):
            break
        near, far = sorted((low.t, high.t))
        inside = near + INSIDE * width, far - INSIDE * width
        now = at(_between(low, high, *inside) if high.is_finite else 0.5 * (near + far))
        if not now.is_finite or not _falls(now, start) or now.loss >= low.loss:
            high = now
            continue
        if abs(now.slope) <= -FLATTER * start.slope:
            return now
        if now.slope * (high.t - low.t) >= 0.0:
            high = low
        low = now
    return low if low is not start else None


def best_of(tried: Sequence[Point], start: Point) -> Point | None:
    """The lowest of the places where the loss falls; None where there is none."""
    falling = [point for point in tried if point.is_finite and _falls(point, start)]
    return min(falling, key=lambda point: point.loss, default=None)


def _falls(now: Point, start: Point) -> bool:
    """Whether the loss is as much lower as the slope promises."""
    return now.loss <= start.loss + DECREASE * now.t * start.slope


def _between(one: Point, other: Point, least: float, most: float) -> float:
    """Where the cubic through two places with their slopes is lowest, within bounds; the middle of
    them where it has no such place.

    Source: Nocedal and Wright, eq. 3.59.
    """
    distance = other.t - one.t
    if distance == 0.0:
        return 0.5 * (least + most)
    d1 = one.slope + other.slope - 3.0 * (one.loss - other.loss) / (one.t - other.t)
    square = d1 * d1 - one.slope * other.slope
    if not square >= 0.0:
        return 0.5 * (least + most)
    d2 = math.copysign(math.sqrt(square), distance)
    below = other.slope - one.slope + 2.0 * d2
    if below == 0.0:
        return 0.5 * (least + most)
    t = other.t - distance * (other.slope + d2 - d1) / below
    return min(max(t, least), most) if math.isfinite(t) else 0.5 * (least + most)
