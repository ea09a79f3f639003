"""What goes on inside a network while it learns: a few numbers per node, epoch by epoch.

After an epoch one fixed batch of training rows runs through a second executable with a copy of the
weights, so the training itself is not touched: its bits are the same with and without.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nngraph.files import bound_exists
from nngraph.files.nested import parse_json
from nngraph.ir import InputRole, Row
from nngraph.network import Network
from nngraph.run import Executable
from nngraph.spec import NodeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import function_of
from nngraph.train.feed import Array, Feed, Rows
from nngraph.train.learner import Learner
from nngraph.train.run_folder import STATISTICS, read_bound

SAMPLE_ROWS = 128
MOST_NODES = 40
MOST_EPOCHS = 40  # of a run, so that the cost has a bound however short the epochs are
MOST_PARAMETERS = 20_000_000  # beyond, the copy of the weights would cost too much memory
MOST_VALUES = 2**26  # of a sample's inputs and values of nodes

NodeStatistics = dict[str, float]


class Statistics:
    """What RUN/statistics.jsonl holds: a line for the start (epoch 0), then one an epoch or rarer.

    How rare follows from the number of epochs alone, and more of them leave out some of the same
    lines: a run that is given more has the lines of one that was given them at once.
    """

    def __init__(self, learner: Learner, rows: Rows, epochs: int) -> None:
        self._learner = learner
        self._epochs = epochs
        self._every = 2 ** math.ceil(math.log2(max(1, epochs / MOST_EPOCHS)))
        self._probe = _Probe.of(learner, rows)

    @property
    def is_at_start(self) -> bool:
        """Whether no step was taken yet."""
        return self._learner.executable.step == 0

    def is_due(self, epoch: int) -> bool:
        """Whether there is a line for an epoch; never where there is nothing to look at."""
        is_end = epoch in (0, 1, self._epochs)
        return self._probe is not None and (is_end or epoch % self._every == 0)

    def look(self, epoch: int) -> dict[str, Any]:
        """The line of an epoch that is due and just over; a training run is quiet around this."""
        assert self._probe is not None
        return {"epoch": epoch, "nodes": self._probe.look(self._learner.executable.weights())}


def read_statistics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run by epoch, the last where one was written twice; none without the file."""
    if not bound_exists(folder, STATISTICS):
        return []
    found: dict[int, dict[str, Any]] = {}
    for line in read_bound(folder, STATISTICS).splitlines():
        try:
            row = parse_json(line)
            found[int(row["epoch"])] = {
                "epoch": int(row["epoch"]),
                "nodes": {str(node): dict(values) for node, values in row["nodes"].items()},
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # a line cut short by a crash
    return [found[epoch] for epoch in sorted(found)]


def read_failure(folder: Path) -> str:
    """What became non-finite and ended the run, "" where nothing did."""
    if not bound_exists(folder, STATISTICS):
        return ""
    for line in reversed(read_bound(folder, STATISTICS).splitlines()):
        with contextlib.suppress(ValueError, AttributeError):  # a line cut short by a crash
            return str(parse_json(line).get("failure", ""))
    return ""


class _Probe:
    """A second executable, the sample in its places, and the nodes that are looked at."""

    def __init__(self, learner: Learner, rows: Rows, nodes: tuple[str, ...]) -> None:
        self._compiled = learner.network
        self._nodes = nodes
        self._weights_of = _weights_by_node(learner.network, nodes)
        weights = learner.executable.weights()
        self._executable = Executable(learner.network, weights, seed=learner.seed, workers=1)
        chosen = _chosen(rows.count)
        self._inputs = {n: rows.arrays[Row(n)][chosen] for n in learner.network.lowered.inputs}
        self._step = self._executable.training(len(chosen))
        self._feed = Feed(Rows(_taken(rows, chosen), len(chosen)), self._step)
        self._order = np.arange(len(chosen))

    @classmethod
    def of(cls, learner: Learner, rows: Rows) -> _Probe | None:
        """None where there is nothing to look at, or it would cost too much."""
        network = learner.network
        nodes = observed_nodes(network)
        values = sum(math.prod(network.lowered.shapes[node]) for node in nodes)
        sample = min(rows.count, SAMPLE_ROWS)
        if not nodes or network.parameters > MOST_PARAMETERS or values * sample > MOST_VALUES:
            return None
        return cls(learner, rows, nodes)

    def look(self, weights: Mapping[str, Array]) -> dict[str, NodeStatistics]:
        """Numbers by node, with these weights."""
        executable = self._executable
        executable.set_weights(weights)
        self._feed.load(self._step, self._order)
        with executable.statistics_kept():  # the values below are those that these weights predict
            self._step.run(executable.step)
        gradients = executable.gradients()
        values = executable.forward(self._inputs, self._nodes)
        return {
            node: _of_values(values[node], _activation(self._compiled, node))
            | _of_weights(self._weights_of[node], weights, gradients)
            for node in self._nodes
        }


def observed_nodes(network: Network) -> tuple[str, ...]:
    """Nodes with weights or an activation, in order; evenly chosen where there are too many."""
    nodes = [id_ for id_ in network.graph.order if network.document.nodes[id_].node.observed]
    if len(nodes) <= MOST_NODES:
        return tuple(nodes)
    places = np.linspace(0, len(nodes) - 1, MOST_NODES).round().astype(int)
    return tuple(nodes[place] for place in places)


def _chosen(count: int) -> Array:
    """Rows of the sample, spread over all."""
    return np.linspace(0, count - 1, min(count, SAMPLE_ROWS)).round().astype(np.int64)


def _taken(rows: Rows, chosen: Array) -> dict[InputRole, Array]:
    return {role: array[chosen] for role, array in rows.arrays.items()}


def _weights_by_node(network: Network, nodes: Sequence[str]) -> dict[str, list[str]]:
    """Ids of the weights that belong to a node: its own, and those of the edges into it."""
    found: dict[str, list[str]] = {node: [] for node in nodes}
    for weight in network.lowered.weights:
        entry = weight.entry
        owner = entry.id if isinstance(entry, NodeEntry) else entry.target.node
        if owner in found:
            found[owner].append(weight.id)
    return found


def _activation(network: Network, node: str) -> str:
    function = function_of(network.document.nodes[node].node)
    return "identity" if function is None else function.kind


def _of_values(z: Array, activation: str) -> NodeStatistics:
    """Of outputs z [n, *shape]: mean and spread over rows, and what is dead or saturated.

    `deviation` is the root mean square over units of each one's standard deviation over rows; 0
    means that the node says the same whatever it sees. `dead` is the share of units that gave 0
    for every row (of an image: channels, over all its places); `saturated` the share of all values
    where the activation is almost flat.
    """
    numbers = z.astype(np.float64)
    deviation = math.sqrt(float(numbers.var(axis=0).mean()))
    found = {"mean": float(numbers.mean()), "deviation": deviation}
    row = ACTIVATION_ROWS[activation]
    if row.rectifies:
        by_unit = z.reshape(-1, z.shape[-1] if z.ndim > 1 else 1)
        found["dead"] = float((by_unit == 0).all(axis=0).mean())
    if row.saturated is not None:
        low, high = row.saturated
        found["saturated"] = float(((z <= low) | (z >= high)).mean())
    return found


def _of_weights(
    ids: Sequence[str], weights: Mapping[str, Array], gradients: Mapping[str, Array]
) -> NodeStatistics:
    """Root mean squares of a node's weights and of dL/dW over them."""
    found = {}
    trained = [id_ for id_ in ids if id_ in gradients]
    if trained:
        found["gradient"] = _root_mean_square([gradients[id_] for id_ in trained])
    if ids:
        found["weight"] = _root_mean_square([weights[id_] for id_ in ids])
    return found


def _root_mean_square(arrays: Sequence[Array]) -> float:
    flat = [array.astype(np.float64).ravel() for array in arrays]
    total = sum(float(np.vdot(part, part)) for part in flat)
    return math.sqrt(total / max(1, sum(part.size for part in flat)))
