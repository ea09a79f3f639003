"""One sample followed through a network: a, z and delta of every node, and what each edge has.

All numbers are the executor's: those of the program that computes the gradients, with a and delta
of each node as further outputs. dL/dW_ij = delta_j z_i, summed over the places of an image.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.insight.connections import Connections, Finder
from nngraph.insight.parameter_names import UNNAMED, UnitNames
from nngraph.ir import Delta, Key, Loss, Node, PreActivation, Program, State
from nngraph.lower import Weight, expose_pre_activations
from nngraph.network import Network
from nngraph.ops.row_functions import pulled
from nngraph.pipeline import PREDICT, TRACE, Facts, drive
from nngraph.records import dataclass
from nngraph.run import Executable
from nngraph.spec import EdgeEntry
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import NeuronsNode, function_of
from nngraph.train.feed import Feed, Rows

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NodeTrace:
    """A node on one sample: arrays [*shape]. `function` is the name of f, "" where it has none;
    `delta` is None where the loss does not depend on the node, or where nothing is trained above;
    `slope` is f'(a), None where f couples the units, learns, or is not there."""

    id: str
    kind: str
    function: str
    aggregate: str
    a: Array
    z: Array
    delta: Array | None
    slope: Array | None
    bias: Array | None

    @property
    def shape(self) -> tuple[int, ...]:
        """Per sample."""
        return tuple(self.z.shape)


@dataclass(frozen=True, eq=False)
class EdgeTrace:
    """An edge on one sample. `weight` is the record of its array, None for an edge without;
    `values` is the array as the edge uses it, `products` delta_j z_i in its shape, None where there
    is no delta."""

    entry: EdgeEntry
    kind: str
    weight: Weight | None
    values: Array | None
    products: Array | None
    connections: Connections

    @property
    def id(self) -> str:
        """As the spec names it."""
        return self.entry.id


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the optimiser on the sample: arrays before and after it, by weight."""

    optimizer: str
    learning_rate: float
    before: Mapping[str, Array]
    after: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Trace:
    """All that happens to one sample. `title` says which one it is.

    `nodes` and `edges` are in the order of computation. `gradients` are the executor's, by weight;
    of a weight that several edges share it is the sum. `predicts` says that training would draw,
    or normalise by the batch, where this is as the network predicts. `names` are those of units.
    """

    network: Network
    title: str
    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]
    loss: float | None
    nodes: tuple[NodeTrace, ...]
    edges: tuple[EdgeTrace, ...]
    weights: Mapping[str, Array]
    gradients: Mapping[str, Array]
    predicts: bool
    step: Step | None = None
    names: UnitNames = field(default_factory=dict)

    @cached_property
    def node(self) -> dict[str, NodeTrace]:
        """The nodes by id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def into(self) -> dict[str, list[EdgeTrace]]:
        """The edges into each node."""
        found: dict[str, list[EdgeTrace]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.entry.target.node].append(edge)
        return found

    @cached_property
    def out_of(self) -> dict[str, list[EdgeTrace]]:
        """The edges that leave each node."""
        found: dict[str, list[EdgeTrace]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.entry.source.node].append(edge)
        return found

    def __repr__(self) -> str:
        return self.text()

    def text(self, edges: Sequence[str] = ()) -> str:
        """As `nngraph trace` prints it; with `edges` ("hidden[3]->y[0]") these connections alone.

        Errors: UsageError for what is no edge.
        """
        from nngraph.insight.trace_text import trace_text

        return trace_text(self, edges)

    def latex(self, edges: Sequence[str] = ()) -> str:
        """The same lines as LaTeX. Errors: as `text`."""
        from nngraph.insight.trace_text import trace_latex

        return trace_latex(self, edges)

    def as_json(self, edges: Sequence[str] = ()) -> dict[str, Any]:
        """Plain data; of large arrays the ranges, and what `edges` ask for. Errors: as `text`."""
        from nngraph.insight.trace_text import trace_json

        return trace_json(self, edges)


def trace(
    network: Network,
    weights: Mapping[str, Array],
    rows: Rows,
    title: str,
    *,
    seed: int,
    backward: bool,
    learning_rate: float | None = None,
    names: UnitNames = UNNAMED,
) -> Trace:
    """Follow the only row of `rows`; `backward` where there is a loss and its targets are there.

    With a `learning_rate` one step of the optimiser is made, in a network of its own.
    """
    executable = Executable(network, weights, seed=seed, workers=1)
    with executable.threads():
        stage = network.stage(_program(network, backward=backward))
        step = executable.of_stage(stage, 1)
        Feed(rows, step).load(step, np.zeros(1, np.int64))
        step.run()
        bound = step.bounds[0]
        found = {
            role: bound.array(value)[0].copy()
            for role, value in stage.program.outputs
            if isinstance(role, Node | PreActivation | Delta)
        }
        loss = step.loss if backward else None
        gradients = executable.gradients() if backward and network.lowered.parameters else {}
        before = executable.weights()
        if learning_rate is not None:
            executable.update(learning_rate, step)
    nodes = tuple(_node(network, id_, found, before) for id_ in network.graph.order)
    by_id = {node.id: node for node in nodes}
    finder = Finder(network)
    entered = (edge for id_ in network.graph.order for edge in network.graph.incoming[id_])
    made = None if learning_rate is None else _step(network, learning_rate, before, executable)
    return Trace(
        network,
        title,
        {name: array[0] for name, array in rows.inputs.items()},
        {name: array[0] for name, array in rows.targets.items()} if backward else {},
        loss,
        nodes,
        tuple(_edge(finder.of(edge), by_id, before, gradients) for edge in entered),
        before,
        gradients,
        _predicts(network),
        made,
        names,
    )


def _program(network: Network, *, backward: bool) -> Program:
    """The legal program of every node's a and z, as the network predicts; `backward` adds delta of
    every node, the loss and all gradients."""
    written = expose_pre_activations(network.lowered.program)
    roles = tuple(role for role, _ in written.outputs if backward or not isinstance(role, Loss))
    if not backward:
        return drive(written, PREDICT, Facts(roles, arenas=network.arenas))
    facts = Facts(roles, network.lowered.parameters, network.arenas, network.target)
    return drive(written, TRACE, facts)


def _predicts(network: Network) -> bool:
    training = network.training
    if training is None:
        return False
    return any(isinstance(leaf, Key | State) for leaf in training.program.leaves)


def _step(network: Network, rate: float, before: Mapping[str, Array], after: Executable) -> Step:
    train = network.document.spec.train
    assert train is not None
    trained = {w.id for w in network.lowered.weights if w.trainable}
    then = {id_: array for id_, array in after.weights().items() if id_ in trained}
    return Step(train.optimizer.kind, rate, {id_: before[id_] for id_ in then}, then)


def _node(
    network: Network, id_: str, found: Mapping[Any, Array], weights: Mapping[str, Array]
) -> NodeTrace:
    model = network.document.nodes[id_].node
    function = function_of(model)
    a, z = found[PreActivation(id_)], found[Node(id_)]
    row = None if function is None else ACTIVATION_ROWS[function.kind]
    slope = None
    if row is not None and function is not None and not (row.over_last_axis or row.learned):
        (slope, *_) = pulled(row.name, row.values_of(function), np.ones_like(z), z, a)
        slope = np.zeros_like(z) if slope is None else slope
    neurons = model if isinstance(model, NeuronsNode) else None
    bias_of = (neurons.share if neurons is not None else None) or id_
    return NodeTrace(
        id_,
        model.kind,
        "" if function is None else function.kind,
        neurons.aggregate if neurons is not None else "",
        a.reshape(z.shape),
        z,
        found.get(Delta(id_)),
        slope,
        weights.get(f"{bias_of}.bias") if neurons is not None and neurons.bias.present else None,
    )


def _edge(
    connections: Connections,
    nodes: Mapping[str, NodeTrace],
    weights: Mapping[str, Array],
    gradients: Mapping[str, Array],
) -> EdgeTrace:
    edge, weight = connections.edge, connections.weight
    if weight is None:
        return EdgeTrace(edge, connections.kind, None, None, None, connections)
    values = connections.used(weights[weight.id])
    z, node = nodes[edge.source.node].z, nodes[edge.target.node]
    products = None
    if node.delta is not None:
        products = connections.products(z, node.delta)
        if node.aggregate not in ("sum", ""):  # dL/dW_ij = delta_j da_j/dW_ij
            given = gradients.get(weight.id)
            products = None if given is None else connections.used(given)
    return EdgeTrace(edge, connections.kind, weight, values, products, connections)
