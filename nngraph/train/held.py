"""Predictions on batches of one size, with everything found beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nngraph.data import Normalizer
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
            _Place(p.name, bound.array(step.slots[Row(p.name)].leaf), predictor.scales.get(p.name))
            for p in predictor.ports
        ]
        self._values = [(node, bound.output(Node(node))) for node in nodes_of(self._ends)]
        self._are_whole = predictor.are_as_computed(self._ends)

    def __call__(self, x: Given) -> dict[str, Array]:
        """Values of the outputs [batch, *shape] by name.

        Errors: as `Predictor.predict`.
        """
        with self._threads:
            if not self._feed(x):
                return self.predictor.predict(x)
            self._run()
            found = {node: values.copy() for node, values in self._values}
        return found if self._are_whole else self.predictor.named(found, self._ends)

    def _feed(self, x: Given) -> bool:
        """Write inputs into their places; false for what does not fit as it is."""
        if type(x) is np.ndarray:
            return len(self._places) == 1 and self._places[0].put(x)
        if not isinstance(x, Mapping) or len(x) != len(self._places):
            return False
        return all(place.name in x and place.put(x[place.name]) for place in self._places)


class _Place:
    """Where an input is fed, and how it is scaled."""

    def __init__(self, name: str, array: Array, scale: Normalizer | None) -> None:
        self.name, self._array, self._scale = name, array, scale
        self._flat = array.reshape(-1) if array.flags.c_contiguous else None

    def put(self, values: Given) -> bool:
        """Write an input; false for what does not fit as it is."""
        if type(values) is not np.ndarray or values.shape != self._array.shape:
            return False
        if values.dtype.kind not in "fiub":
            return False
        scaled = values if self._scale is None else self._scale.apply(values)
        self._array[...] = scaled
        if scaled.dtype.kind != "f":
            return True
        flat = self._flat
        squares = np.vdot(scaled, scaled) if flat is None else flat.dot(flat)
        return bool(squares < LARGEST_SQUARES)  # false for NaN too


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
