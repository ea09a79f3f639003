"""One network computed in every way there is: as it predicts, as it trains, by the definitions of
its ops, and by the module that stands alone."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.files import write_npz
from nngraph.insight.standalone import standalone
from nngraph.ir import (
    FIRST_ROW,
    PER_SAMPLE,
    SAMPLE_WEIGHT,
    STEP,
    Gradient,
    Input,
    Key,
    Leaf,
    Program,
    Row,
    TargetRow,
    interpret,
)
from nngraph.lower import Lowered, pack_weights, unpack_weights
from nngraph.pipeline import FORWARD, GRADIENTS, Facts, drive
from nngraph.records import dataclass
from nngraph.spec.arrows import end_named
from nngraph.train.feed import Feed, Rows
from nngraph.train.learner import Learner

Array = NDArray[Any]
Arrays = Mapping[str, Array]

RELATIVE = 1e-8
SMALL = 1e-6  # of the largest number of all arrays

OUTPUTS, WITH_LOSS, GRADIENT = "outputs", "outputs and loss", "gradients"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far one way of computing is from the definitions, in its array that is farthest off."""

    way: str
    """prediction, training step, or standalone module."""
    what: str
    array: str
    difference: float
    holds: bool

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "way": self.way,
            "what": self.what,
            "array": self.array,
            "difference": self.difference,
            "holds": self.holds,
        }


def agreements(learner: Learner, rows: Rows) -> tuple[Agreement, ...]:
    """Prediction, training step and module on these rows, each beside the interpreter.

    The network computes in float64. Where it draws or takes statistics of the batch while it
    trains, the interpreter does the same, from the same random streams.
    """
    network = learner.network
    with learner.executable.threads():
        return tuple(_compared(learner, rows, trains=network.training is not None))


def _compared(learner: Learner, rows: Rows, *, trains: bool) -> Iterator[Agreement]:
    network = learner.network
    outputs, gradients = _interpreted(learner, network.lowered, rows, trains)
    what = WITH_LOSS if trains else OUTPUTS
    yield _beside("prediction", what, _predicted(learner, rows, trains), outputs)
    if network.training is not None:
        found, of_step = _stepped(learner, rows)
        expected, of_definitions = _interpreted(learner, network.training, rows, True)
        yield _beside("training step", what, found, expected)
        yield _beside("training step", GRADIENT, of_step, of_definitions)
    alone, of_module = _standing_alone(learner, rows, trains)
    yield _beside("standalone module", what, alone, outputs)
    if trains:
        yield _beside("standalone module", GRADIENT, of_module, gradients)


def _beside(way: str, what: str, found: Arrays, expected: Arrays) -> Agreement:
    names = [name for name in found if name in expected]
    largest = max((float(np.abs(expected[name]).max(initial=0)) for name in names), default=0.0)
    apart = {name: _apart(found[name], expected[name], largest) for name in names}
    worst = max(apart, key=lambda name: apart[name], default="")
    difference = apart.get(worst, 0.0)
    return Agreement(way, what, worst, difference, difference <= RELATIVE)


def _apart(found: Array, expected: Array, of_all: float) -> float:
    """The largest difference, as a share of the array's largest number; one that is next to
    nothing beside those `of_all` arrays holds what rounding has left."""
    found, expected = np.asarray(found), np.asarray(expected).reshape(np.shape(found))
    if not found.size or np.array_equal(found, expected, equal_nan=True):
        return 0.0
    largest = max(float(np.abs(expected).max()), SMALL * of_all)
    apart = float(np.abs(found - expected).max())
    return apart / largest if np.isfinite(apart) else float("inf")


# ---- the ways


def _predicted(learner: Learner, rows: Rows, trains: bool) -> dict[str, Array]:
    found = learner.outputs({name: np.asarray(x) for name, x in rows.inputs.items()})
    if trains:
        step = learner.executable.evaluation(rows.count)
        Feed(rows, step).load(step, np.arange(rows.count))
        step.run()
        found["loss"] = np.array(step.loss)
    return found


def _stepped(learner: Learner, rows: Rows) -> tuple[dict[str, Array], dict[str, Array]]:
    executable = learner.executable
    step = executable.training(rows.count)
    Feed(rows, step).load(step, np.arange(rows.count))
    with executable.statistics_kept():
        step.run(executable.step)
    found = {name: array.copy() for name, array in step.outputs.items()}
    return {**found, "loss": np.array(step.loss)}, executable.gradients()


def _interpreted(
    learner: Learner, lowered: Lowered, rows: Rows, trains: bool
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Outputs by node with the loss, and gradients by weight, by the definitions of the ops."""
    program = lowered.program
    if trains:
        facts = Facts(parameters=lowered.parameters)
        program = drive(program, (*FORWARD, *GRADIENTS), facts)
    packed = pack_weights(lowered, learner.executable.weights())
    given = {
        leaf: array
        for leaf in program.leaves
        if (array := _array_of(learner, leaf, rows, packed)) is not None
    }
    found = interpret(program, given)
    return found.outputs, _by_weight(lowered, program, found.outputs)


def _array_of(learner: Learner, leaf: Leaf, rows: Rows, packed: Arrays) -> Array | None:
    if isinstance(leaf, Key):
        return streams.key(learner.seed, leaf.id, leaf.purpose)
    if not isinstance(leaf, Input):
        return packed.get(leaf.id)
    role = leaf.fed_with
    if isinstance(role, Row | TargetRow):
        array = np.asarray(rows.arrays[role], leaf.type.dtype)
        return array.reshape(rows.count, *leaf.type.sample_shape)
    weights = np.ones(rows.count) if rows.weights is None else rows.weights
    known = {
        PER_SAMPLE: 1.0 / rows.count,
        STEP: learner.executable.step,
        FIRST_ROW: 0,
        SAMPLE_WEIGHT: weights,
    }
    return np.asarray(known[role], leaf.type.dtype)


def _by_weight(lowered: Lowered, program: Program, outputs: Arrays) -> dict[str, Array]:
    roles = [role for role, _ in program.outputs if isinstance(role, Gradient)]
    leaves = {role.leaf.id: outputs[str(role)] for role in roles}
    zeros = {w.leaf.id: np.zeros(w.leaf.type.sizes({})) for w in lowered.weights}
    found = unpack_weights(lowered, {**zeros, **leaves})
    return {w.id: found[w.id] for w in lowered.weights if w.leaf.id in leaves}


def _standing_alone(
    learner: Learner, rows: Rows, trains: bool
) -> tuple[dict[str, Array], dict[str, Array]]:
    """What the module that `compile -o` writes computes, imported from a folder of its own."""
    network = learner.network
    with tempfile.TemporaryDirectory() as folder:
        module = _imported(learner, Path(folder))
        weights = module.load_weights()
    x = [rows.inputs[name] for name in network.lowered.inputs]
    ends = {name: end_named(name) for name in map(str, network.returned)}
    found = {
        name: array
        for name, array in module.forward(weights, *x).items()
        if ends[name].start is None
    }
    if not trains:
        return found, {}
    own = [t.name for t in network.lowered.targets if t.leaf is not None]
    given = [*x, *(rows.targets[name] for name in own)]
    leaves = (leaf for leaf in network.lowered.program.leaves if isinstance(leaf, Input))
    if any(leaf.fed_with == SAMPLE_WEIGHT for leaf in leaves):
        given.append(np.ones(rows.count) if rows.weights is None else rows.weights)
    found["loss"] = np.asarray(module.loss(weights, *given))
    if not network.lowered.parameters:
        return found, {}
    return found, module.gradients(weights, *given)


def _imported(learner: Learner, folder: Path) -> ModuleType:
    path = folder / "standalone.py"
    text, arrays = standalone(learner.network, learner.executable.weights())
    path.write_text(text, encoding="utf-8")
    write_npz(path.with_suffix(".npz"), arrays)
    found = importlib.util.spec_from_file_location("nngraph_standalone", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
