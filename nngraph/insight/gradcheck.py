"""Every gradient beside a numerical one: differences of the loss, in float64.

Central differences answer most parameters. Where they do not agree, other steps are tried, with
Richardson's extrapolation where they are wide: a kink of a relu or of a maximum may lie
within one step and not within another. What agrees at no step is looked at again beside the
place: if all agrees there, the place itself was a kink, where there is no gradient.

Source: Press et al., Numerical Recipes, 3rd ed., section 5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.parameter_names import parameter_name
from nngraph.ir import Loss
from nngraph.lower import Weight
from nngraph.pipeline import PREDICT, Facts, drive
from nngraph.records import dataclass
from nngraph.train.feed import Feed, Rows
from nngraph.train.learner import Learner

Array = NDArray[Any]

ALL_UP_TO = 20_000  # parameters; of more some of each array, and one direction through all
SAMPLED = 64  # of each array, where there are more parameters than that
RELATIVE = 1e-6
NOISE = 1e-9  # of the loss or the largest gradient: what rounding does to differences
BESIDE = 0.02  # how far from a place it is looked at again, as a share of the weights
LOOKS = 3  # places beside it


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of the loss by one parameter, or along a direction, from both ways.

    `name` says which: "h[0]->y[2]", "h.bias[1]".
    """

    name: str
    exact: float
    numerical: float
    scale: float

    @property
    def error(self) -> float:
        """How far they are apart, 1 being the most that is allowed."""
        apart = abs(self.exact - self.numerical)
        allowed = RELATIVE * max(abs(self.exact), abs(self.numerical)) + NOISE * self.scale
        return apart / allowed if np.isfinite(apart) else float("inf")

    @property
    def holds(self) -> bool:
        """Whether both say the same."""
        return self.error <= 1.0

    @property
    def relative(self) -> float:
        """The difference as a share of the larger one, and of what rounding leaves at least."""
        largest = max(abs(self.exact), abs(self.numerical), NOISE / RELATIVE * self.scale)
        return abs(self.exact - self.numerical) / largest if largest else 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.name,
            "exact": self.exact,
            "numerical": self.numerical,
            "relative": self.relative,
            "holds": self.holds,
        }


@dataclass(frozen=True, slots=True)
class ArrayCheck:
    """One array of weights: how many of its numbers were checked, which were at a kink, which did
    not hold, the worst first; `worst` is the one that is farthest off, whether it holds or not."""

    id: str
    shape: tuple[int, ...]
    checked: int
    kinks: tuple[str, ...]
    failed: tuple[Slope, ...]
    worst: Slope | None

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "shape": list(self.shape),
            "checked": self.checked,
            "kinks": list(self.kinks),
            "failed": [slope.as_json() for slope in self.failed],
            "worst": None if self.worst is None else self.worst.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Slopes:
    """All arrays in their order, and a direction through all where not each number was checked."""

    arrays: tuple[ArrayCheck, ...]
    loss: float
    direction: Slope | None

    @property
    def worst(self) -> Slope | None:
        """The parameter that is farthest off."""
        found = [array.worst for array in self.arrays if array.worst is not None]
        return max(found, key=lambda slope: slope.error, default=None)

    @property
    def holds(self) -> bool:
        """Whether no gradient is wrong."""
        wrong = any(array.failed for array in self.arrays)
        return not wrong and (self.direction is None or self.direction.holds)


Watch: TypeAlias = Callable[[int, int], None]
"""Is called with how many parameters were checked, and of how many, after each."""


def check_slopes(learner: Learner, rows: Rows, watch: Watch | None = None) -> Slopes:
    """Compare the gradients of a training step on these rows with differences of its loss.

    The weights are as before afterwards. The network computes in float64.
    """
    executable = learner.executable
    with executable.threads(), executable.statistics_kept():
        loss, step = _losses(learner, rows), executable.training(rows.count)
        Feed(rows, step).load(step, np.arange(rows.count))

        def gradients() -> dict[str, Array]:
            step.run(executable.step)
            return executable.gradients()

        return _Checker(learner, loss, gradients).run(watch)


def _losses(learner: Learner, rows: Rows) -> Callable[[], float]:
    """The loss of a training step, without its way back: what is asked for most."""
    network, executable = learner.network, learner.executable
    assert network.training is not None
    program = drive(network.training.program, PREDICT, Facts((Loss(),), arenas=network.arenas))
    step = executable.of_stage(network.stage(program), rows.count)
    Feed(rows, step).load(step, np.arange(rows.count))

    def loss() -> float:
        step.run(executable.step)
        return step.loss

    return loss


@dataclass(frozen=True, slots=True)
class _Gradients:
    """Of all weights by id, flat, 0 where the loss does not depend on one; and how large numbers
    are there."""

    flat: dict[str, Array]
    scale: float


class _Checker:
    """Differences of one loss by the weights, which it moves and puts back."""

    def __init__(
        self,
        learner: Learner,
        loss: Callable[[], float],
        gradients: Callable[[], dict[str, Array]],
    ) -> None:
        self.loss, self.gradients = loss, gradients
        self.at_start = loss()
        lowered = learner.network.lowered
        self.shapes = lowered.shapes
        self.weights = [w for w in lowered.weights if w.trainable]
        lying = learner.executable.lying_weights()
        self.lying = {w.id: lying[w.id].reshape(-1) for w in self.weights}
        self.here = self._gradients()
        self.total = sum(w.size for w in self.weights)
        self.random = np.random.default_rng(0)

    def run(self, watch: Watch | None) -> Slopes:
        """Every parameter, or some of each array and a direction."""
        chosen = list(self._chosen())
        total, done = sum(len(places) for _, places in chosen), count(1)

        def tell() -> None:
            if watch is not None:
                watch(next(done), total)

        checks = tuple(self._array(weight, places, tell) for weight, places in chosen)
        direction = None if self.total <= ALL_UP_TO else self._direction()
        return Slopes(checks, self.at_start, direction)

    def _gradients(self) -> _Gradients:
        """Those of the weights as they are now."""
        found = self.gradients()
        largest = (float(np.abs(g).max(initial=0)) for g in found.values())
        flat = {
            w.id: found[w.id].reshape(-1) if w.id in found else np.zeros(w.size)
            for w in self.weights
        }
        return _Gradients(flat, max([abs(self.loss()), *largest]))

    def _chosen(self) -> Iterator[tuple[Weight, Sequence[int]]]:
        """Arrays with the flat places that are checked. Single numbers that lie together count
        as one array."""
        if self.total <= ALL_UP_TO:
            yield from ((weight, range(weight.size)) for weight in self.weights)
            return
        together: dict[str, list[tuple[Weight, int]]] = {}
        for weight in self.weights:
            numbers = together.setdefault(weight.leaf.id, [])
            if weight.part is None:
                few = min(weight.size, SAMPLED)
                places = self.random.choice(weight.size, few, replace=False)
                numbers += [(weight, int(place)) for place in sorted(places)]
            else:
                numbers += [(weight, place) for place in range(weight.size)]
        for numbers in together.values():
            few = min(len(numbers), SAMPLED)
            kept = sorted(self.random.choice(len(numbers), few, replace=False))
            chosen: dict[str, tuple[Weight, list[int]]] = {}
            for weight, place in (numbers[k] for k in kept):
                chosen.setdefault(weight.id, (weight, []))[1].append(place)
            yield from chosen.values()

    # ---- one array

    def _array(self, weight: Weight, places: Sequence[int], tell: Callable[[], None]) -> ArrayCheck:
        slopes = []
        for place in places:
            slopes.append(self._slope(weight, place, self.here))
            tell()
        wrong = [(s, p) for s, p in zip(slopes, places, strict=True) if not s.holds]
        at_kinks = {s.name for s, place in wrong if self._is_kink(weight, place)}
        failed = sorted((s for s, _ in wrong if s.name not in at_kinks), key=lambda s: -s.error)
        sound = [s for s in slopes if s.name not in at_kinks]
        worst = max(sound, key=lambda s: s.error, default=None)
        kinks = tuple(s.name for s in slopes if s.name in at_kinks)
        return ArrayCheck(weight.id, weight.shape, len(slopes), kinks, tuple(failed), worst)

    def _slope(self, weight: Weight, place: int, gradients: _Gradients) -> Slope:
        flat = self.lying[weight.id]
        before = float(flat[place])

        def at(moved: float) -> float:
            flat[place] = before + moved
            return self.loss()

        try:
            known = Slope(
                self._name(weight, place),
                float(gradients.flat[weight.id][place]),
                0.0,
                gradients.scale,
            )
            return _best(known, at, max(1.0, abs(before)))
        finally:
            flat[place] = before

    def _name(self, weight: Weight, place: int) -> str:
        at = tuple(int(k) for k in np.unravel_index(place, weight.shape))
        return parameter_name(weight, at, self.shapes)

    # ---- kinks

    def _is_kink(self, weight: Weight, place: int) -> bool:
        """Whether all agrees a little beside the place, wherever that is."""
        before = {id_: flat.copy() for id_, flat in self.lying.items()}
        try:
            return all(self._holds_beside(weight, place, before) for _ in range(LOOKS))
        finally:
            for id_, flat in self.lying.items():
                flat[...] = before[id_]

    def _holds_beside(self, weight: Weight, place: int, before: dict[str, Array]) -> bool:
        for id_, flat in self.lying.items():
            spread = BESIDE * max(float(np.abs(before[id_]).mean()), 0.1)
            flat[...] = before[id_] + spread * self.random.standard_normal(flat.size)
        return self._slope(weight, place, self._gradients()).holds

    # ---- a direction through all

    def _direction(self) -> Slope:
        before = {id_: flat.copy() for id_, flat in self.lying.items()}
        drawn = {id_: self.random.standard_normal(flat.size) for id_, flat in before.items()}
        length = np.sqrt(sum(float(v @ v) for v in drawn.values()))
        exact = sum(float(self.here.flat[id_] @ v) for id_, v in drawn.items()) / length

        def at(moved: float) -> float:
            for id_, flat in self.lying.items():
                flat[...] = before[id_] + (moved / length) * drawn[id_]
            return self.loss()

        try:
            return _best(Slope("a random direction", exact, 0.0, self.here.scale), at, 1.0)
        finally:
            for id_, flat in self.lying.items():
                flat[...] = before[id_]


def _best(known: Slope, at: Callable[[float], float], unit: float) -> Slope:
    """With the first numerical estimate that agrees, else with the nearest."""
    found: list[Slope] = []
    for estimate in _estimates(at, unit):
        slope = replace(known, numerical=estimate)
        if slope.holds:
            return slope
        found.append(slope)
    return min(found, key=lambda slope: slope.error)


def _estimates(at: Callable[[float], float], unit: float) -> Iterator[float]:
    """The derivative at 0, each time with another step."""

    def central(step: float) -> float:
        return (at(step) - at(-step)) / (2 * step)

    yield central(1e-5 * unit)
    for step in (1e-3 * unit, 1e-4 * unit):
        yield (4 * central(step / 2) - central(step)) / 3
    for step in (1e-6 * unit, 1e-7 * unit):
        yield central(step)
