"""Gradients beside numerical ones, and all ways of computing a network beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nngraph.insight.agreement import Agreement, agreements
from nngraph.insight.gradcheck import ALL_UP_TO, Slopes, Watch, check_slopes
from nngraph.lower import LossTarget
from nngraph.network import compile_document
from nngraph.plan import program_flops
from nngraph.records import dataclass
from nngraph.run import Executable
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.feed import Array, Rows
from nngraph.train.learner import Learner, rows_of

ROWS = 8  # samples of the loss that is checked
FEW = 2  # where a sample takes LARGE operations and more
LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """What came of it. `slopes` is None for a network without a loss, whose outputs alone are
    compared; `drawn` says that the rows were drawn instead of read from data."""

    name: str
    parameters: int
    rows: int
    drawn: bool
    slopes: Slopes | None
    agreements: tuple[Agreement, ...]

    @property
    def holds(self) -> bool:
        """Whether no gradient is wrong and all ways agree."""
        right = self.slopes is None or self.slopes.holds
        return right and all(each.holds for each in self.agreements)

    def __repr__(self) -> str:
        verdict = "all holds" if self.holds else "something does not hold"
        worst = None if self.slopes is None else self.slopes.worst
        most = "" if worst is None else f", gradients apart by {worst.relative:.1e} at most"
        loss = "" if self.slopes is not None else ", no loss and so no gradients"
        return f"<GradientCheck of {self.name}: {verdict}{most}{loss}>"

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        slopes = self.slopes
        found: dict[str, Any] = {
            "name": self.name,
            "holds": self.holds,
            "dtype": "float64",
            "parameters": self.parameters,
            "rows": self.rows,
            "drawn": self.drawn,
            "agreements": [each.as_json() for each in self.agreements],
        }
        if slopes is None:
            return {**found, "loss": None, "arrays": [], "worst": None, "direction": None}
        worst, direction = slopes.worst, slopes.direction
        return {
            **found,
            "loss": slopes.loss,
            "complete": self.parameters <= ALL_UP_TO,
            "arrays": [array.as_json() for array in slopes.arrays],
            "worst": None if worst is None else worst.as_json(),
            "direction": None if direction is None else direction.as_json(),
        }


def gradcheck(
    learner: Learner, place: DataPlace, *, data: bool = True, watch: Watch | None = None
) -> GradientCheck:
    """Check the gradients of a network on the first rows of its data, or on drawn rows.

    Rows are drawn without `data`, and where the spec names none or has no loss. The network that is
    asked stays as it is: a copy of it computes in float64. `watch` hears how far it is.

    Errors: DataError, FileError; CapacityError.
    """
    rows = _rows(learner, place) if data else None
    exact = _in_float64(learner)
    fed = _drawn(exact) if rows is None else rows
    trains = exact.network.training is not None
    slopes = check_slopes(exact, fed, watch) if trains else None
    return GradientCheck(
        exact.document.name,
        exact.network.trainable,
        fed.count,
        rows is None,
        slopes,
        agreements(exact, fed),
    )


def _in_float64(learner: Learner) -> Learner:
    """The same network with the same weights, in double precision."""
    document = learner.document
    spec = document.spec.model_copy(update={"dtype": "float64"})
    network = compile_document(replace(document, spec=spec), kernels=learner.network.kernels)
    executable = Executable(network, learner.executable.weights(), seed=learner.seed, workers=1)
    return replace(learner, network=network, executable=executable)


def _rows(learner: Learner, place: DataPlace) -> Rows | None:
    """The first rows of the training part; None where the spec names no data, or has no loss."""
    if not learner.document.spec.loss:
        return None
    if place.file is None and learner.document.spec.data is None:
        return None
    rows = rows_of(load_data(learner, place).parts["train"])
    few = min(rows.count, _count(learner))
    arrays = {role: np.asarray(a[:few], np.float64) for role, a in rows.arrays.items()}
    weights = None if rows.weights is None else rows.weights[:few]
    return Rows(arrays, few, weights=weights)


def _count(learner: Learner) -> int:
    return FEW if sum(program_flops(learner.network.lowered.program)) > LARGE else ROWS


def _drawn(learner: Learner) -> Rows:
    """Rows at random: inputs of a normal distribution, targets such as the loss takes."""
    random, lowered, count = np.random.default_rng(0), learner.network.lowered, _count(learner)
    inputs = {n: random.standard_normal((count, *lowered.shapes[n])) for n in lowered.inputs}
    targets = {
        target.name: _target(random, target, count)
        for target in lowered.targets
        if target.leaf is not None
    }
    return Rows.of(inputs, targets)


def _target(random: np.random.Generator, target: LossTarget, count: int) -> Array:
    shape = (count, *target.shape)
    if target.kind == "classes":
        return np.eye(target.classes)[random.integers(target.classes, size=shape[:-1])]
    choices = {"binary": [0.0, 1.0], "yes_or_no": [0.0, 1.0], "signs": [-1.0, 1.0]}
    if target.kind in choices:
        return random.choice(choices[target.kind], shape)
    return random.standard_normal(shape)
