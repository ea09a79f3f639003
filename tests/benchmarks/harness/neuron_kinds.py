"""Graphs of some 10,000 edges that differ in one thing: an aggregate, a mask, a share, layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from harness.graphs import TRAIN, graph_of

GRAPH = graph_of("graph-1e4")
Options = Callable[[int], str]
EdgeText = Callable[[int, str, str, float], str]

ACTIVATIONS = ("tanh", "sigmoid", "relu", "gelu", "silu", "softplus", "sin", "elu", "prelu", "mish")
AGGREGATES = ("sum", "mean", "product", "maximum", "minimum")


def _spec(nodes: str, edges: str) -> str:
    return (
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {GRAPH.inputs}}}\n{nodes}"
        f"edges:\n{edges}loss: mean_squared_error\n{TRAIN}"
    )


def _plain(e: int, source: str, target: str, weight: float) -> str:
    return f"{source} -> {target}: {weight!r}"


def _graph(node: Options, edge: EdgeText = _plain) -> str:
    """The graph of 1,000 neurons with these options of its nodes and edges, by number."""
    last = GRAPH.inputs + GRAPH.neurons
    names = [(j, GRAPH.node(j)) for j in range(GRAPH.inputs, last)]
    nodes = "".join(f"  {name}: {{{node(j)}}}\n" for j, name in names) + "  y: {}\n"
    sources, targets, weights = (array.tolist() for array in GRAPH.edges)
    numbered = enumerate(zip(sources, targets, weights, strict=True))
    rows = [
        edge(e, GRAPH.node(i), GRAPH.node(j), w) if j < last else _plain(e, GRAPH.node(i), "y", w)
        for e, (i, j, w) in numbered
    ]
    return _spec(nodes, "".join(f"  - {row}\n" for row in rows))


def _tanh(j: int) -> str:
    return "activation: tanh"


def _edges(options: Callable[[int, float], str], every: int = 1) -> str:
    """Every so many-th edge is written out, with these options."""

    def edge(e: int, source: str, target: str, weight: float) -> str:
        if e % every:
            return _plain(e, source, target, weight)
        ends = f"from: '{source}', to: '{target}', id: e{e}"
        return f"{{{ends}, {options(e, weight)}}}"

    return _graph(_tanh, edge)


def _rows_of_layers(edge: Callable[[int, int, int], Iterator[str]], *, single: bool) -> str:
    """40 layers of 25 units, each unit behind ten of the layer before; or as single neurons."""
    layers, units = 40, 25
    rng = np.random.default_rng(3)
    nodes, edges = "", "  - x -> h0\n"
    for k in range(layers):
        nodes += f"  h{k}: {{units: {units}, activation: tanh}}\n"
        if k == 0:
            continue
        if single:
            nodes += "".join(f"  n{k}_{j}: {{activation: tanh}}\n" for j in range(units))
        for j in range(units):
            for i in np.sort(rng.choice(units, 10, replace=False)).tolist():
                edges += "".join(f"  - {row}\n" for row in edge(k, i, j))
        if single:
            edges += "".join(f"  - n{k}_{j} -> h{k}[{j}]: 0.5\n" for j in range(units))
    return _spec(nodes + "  y: {}\n", edges + f"  - h{layers - 1} -> y\n")


def _unit_to_unit(k: int, i: int, j: int) -> Iterator[str]:
    yield f"h{k - 1}[{i}] -> h{k}[{j}]: 0.3"


def _unit_to_neuron(k: int, i: int, j: int) -> Iterator[str]:
    yield f"h{k - 1}[{i}] -> n{k}_{j}: 0.3"


def _gated() -> str:
    """Neurons that are multiplied by another before they are read."""
    nodes, edges = "", ""
    rng = np.random.default_rng(4)
    for j in range(500):
        nodes += f"  a{j}, b{j}: {{activation: tanh}}\n  g{j}: multiply\n"
        before = [f"g{i}" for i in range(max(0, j - 50), j)] or ["x[0]", "x[1]"]
        for target in (f"a{j}", f"b{j}"):
            for source in rng.choice(before, min(10, len(before)), replace=False).tolist():
                edges += f"  - {source} -> {target}: 0.3\n"
        edges += f"  - a{j} -> g{j}\n  - b{j} -> g{j}\n"
    edges += "".join(f"  - x[{i}] -> y: 0.1\n" for i in range(GRAPH.inputs))
    read = "".join(f"  - g{j} -> y: 0.1\n" for j in range(450, 500))
    return _spec(nodes + "  y: {}\n", edges + read)


def kinds() -> Mapping[str, Callable[[], str]]:
    """The spec of each graph, by what is special about it."""
    return {
        **{
            word: lambda word=word: _graph(lambda j: f"activation: tanh, aggregate: {word}")
            for word in AGGREGATES
        },
        "activations mixed": lambda: _graph(
            lambda j: f"activation: {ACTIVATIONS[j % len(ACTIVATIONS)]}"
        ),
        "aggregates mixed": lambda: _graph(
            lambda j: f"activation: tanh, aggregate: {AGGREGATES[j % len(AGGREGATES)]}"
        ),
        "no biases": lambda: _graph(lambda j: "activation: tanh, bias: false"),
        "biases shared": lambda: _graph(
            lambda j: "activation: tanh" + (", share: n10" if j > 10 else "")
        ),
        "weights drawn": lambda: _graph(_tanh, lambda e, i, j, w: f"{i} -> {j}"),
        "all fixed": lambda: _edges(lambda e, w: f"weight: {w!r}, trainable: false"),
        "a third fixed": lambda: _edges(lambda e, w: f"weight: {w!r}, trainable: false", 3),
        "all masked by 1": lambda: _edges(lambda e, w: f"weight: {w!r}, mask: [[1]]"),
        "a third masked": lambda: _edges(lambda e, w: f"weight: {w!r}, mask: [[0]]", 3),
        "half shared": lambda: _edges(
            lambda e, w: f"share: e{e - 1}" if e % 2 else f"weight: {w!r}"
        ),
        "scales": lambda: _edges(lambda e, w: f"kind: scale, weight: [{w!r}]"),
        "a tenth identity": lambda: _edges(lambda e, w: "kind: identity", 10),
        "units of layers": lambda: _rows_of_layers(_unit_to_unit, single=False),
        "neurons and layers": lambda: _rows_of_layers(_unit_to_neuron, single=True),
        "gates": _gated,
    }
