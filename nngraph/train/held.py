"""Predictions on batches of one size, with everything found beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nngraph.ir import Node, Row
from nngraph.train.arrays import Given, Predictor, nodes_of
from nngraph.train.feed import Array
from nngraph.train.learner import Learner

LARGEST_SQUARES = 1e36
"""Sums of squares below it are of finite numbers that float32 holds, before scaling and after."""


class HeldPredictor:
    """Outputs for arrays of `batch` samples: the step is bound, its places are known.

    What is no such array of plain numbers goes the ordinary way, and is refused there if it is
    wrong.
    """

    def __init__(self, predictor: Predictor, batch: int) -> None:
        executable = predictor.learner.executable
        self.predictor, self.batch = predictor, batch
        self._ends = predictor.ends()
        step = executable.prediction(nodes_of(self._ends), batch)
        (bound,) = step.bounds
        self._run, self._threads = bound.run, executable.threads()
        self._places = [
            (p.name, bound.array(step.slots[Row(p.name)].leaf)) for p in predictor.ports
        ]
        self._values = [(node, bound.output(Node(node))) for node in nodes_of(self._ends)]

    def __call__(self, x: Given) -> dict[str, Array]:
        """Values of the outputs [batch, *shape] by name.

        Errors: as `Predictor.predict`.
        """
        with self._threads:
            if not self._feed(x):
                return self.predictor.predict(x)
            self._run()
            found = {node: values.copy() for node, values in self._values}
        return self.predictor.named(found, self._ends)

    def _feed(self, x: Given) -> bool:
        """Write inputs into their places; false for what does not fit as it is."""
        if not isinstance(x, Mapping):
            return len(self._places) == 1 and self._put(x, *self._places[0])
        if len(x) != len(self._places):
            return False
        return all(name in x and self._put(x[name], name, place) for name, place in self._places)

    def _put(self, values: Given, name: str, place: Array) -> bool:
        if type(values) is not np.ndarray or values.shape != place.shape:
            return False
        if values.dtype.kind not in "fiub":
            return False
        scale = self.predictor.scales.get(name)
        scaled = values if scale is None else scale.apply(values)
        place[...] = scaled
        if scaled.dtype.kind != "f":
            return True
        return bool(np.vdot(scaled, scaled) < LARGEST_SQUARES)  # false for NaN too


class Predictors:
    """The ways to the predictions of a learner, found when asked for and kept until it changes."""

    def __init__(self) -> None:
        self._way: Predictor | None = None
        self._held: HeldPredictor | None = None

    def now(self, learner: Learner) -> Predictor:
        """For any number of samples."""
        way = self._way
        if way is None or not way.holds_for(learner):
            way, self._held = Predictor.of(learner), None
            self._way = way
        return way

    def held(self, learner: Learner, batch: int) -> HeldPredictor:
        """For `batch` samples; of the last size that was asked for."""
        way, held = self.now(learner), self._held
        if held is None or held.batch != batch:
            held = self._held = HeldPredictor(way, batch)
        return held
