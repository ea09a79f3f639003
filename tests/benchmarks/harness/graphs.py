"""Graphs of single neurons: generated, as arrays and as specs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FAN = 10  # edges into each neuron


@dataclass(frozen=True)
class NeuronGraph:
    """`neurons` nodes behind `inputs` numbers, each with edges from 10 of the `reach` before it, or
    of all; a last linear neuron "y" takes all that would lead nowhere."""

    name: str
    inputs: int
    neurons: int
    reach: int | None = None

    @cached_property
    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Sources and targets by number, inputs first, and weights; ordered by target."""
        rng = np.random.default_rng(0)
        rows = []
        for node in range(self.inputs, self.inputs + self.neurons):
            first = 0 if self.reach is None else max(0, node - self.reach)
            fan = min(FAN, node - first)
            rows.append(np.sort(rng.choice(node - first, fan, replace=False)) + first)
        end = self.inputs + self.neurons
        ends = np.setdiff1d(np.arange(self.inputs, end), np.concatenate(rows))
        rows.append(ends)
        targets = np.repeat(np.arange(self.inputs, end + 1), [len(row) for row in rows])
        weights = (rng.standard_normal(len(targets)) * 0.3).astype(np.float32)
        return np.concatenate(rows), targets, weights

    @cached_property
    def biases(self) -> NDArray[np.float32]:
        """One for each neuron and for "y"."""
        rng = np.random.default_rng(1)
        return (rng.standard_normal(self.neurons + 1) * 0.1).astype(np.float32)

    def samples(self, batch: int) -> NDArray[np.float32]:
        """Inputs [batch, inputs]."""
        rng = np.random.default_rng(2)
        return rng.standard_normal((batch, self.inputs)).astype(np.float32)

    def node(self, number: int) -> str:
        """The name of a node in the spec."""
        if number < self.inputs:
            return f"x[{number}]"
        return "y" if number == self.inputs + self.neurons else f"n{number}"

    def spec(self, *, side_files: bool = False) -> str:
        """The spec; neurons and edges stand in it or in NAME.nodes.csv and NAME.edges.csv."""
        head = f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {self.inputs}}}\n"
        tail = f"loss: mean_squared_error\n{TRAIN}"
        if side_files:
            files = f"nodes_file: {self.name}.nodes.csv\nedges: [{{file: {self.name}.edges.csv}}]\n"
            return head + files + tail
        nodes = "".join(
            f"  {name}: {{activation: {kind}, bias: {bias!r}}}\n"
            for name, kind, bias in self._rows()
        )
        sources, targets, weights = self.edges
        edges = "".join(
            f"  - {self.node(i)} -> {self.node(j)}: {w!r}\n"
            for i, j, w in zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True)
        )
        return f"{head}{nodes}edges:\n{edges}{tail}"

    def _rows(self) -> list[tuple[str, str, float]]:
        numbers = range(self.inputs, self.inputs + self.neurons + 1)
        return [
            (name := self.node(number), "identity" if name == "y" else "tanh", bias)
            for number, bias in zip(numbers, self.biases.tolist(), strict=True)
        ]

    def nodes_csv(self) -> str:
        """The side file of the neurons."""
        return "id,activation,bias\n" + "".join(f"{n},{k},{b!r}\n" for n, k, b in self._rows())

    def edges_csv(self) -> str:
        """The side file of the edges."""
        sources, targets, weights = self.edges
        rows = zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True)
        return "from,to,weight\n" + "".join(
            f"{self.node(i)},{self.node(j)},{w!r}\n" for i, j, w in rows
        )


TRAIN = "train: {epochs: 1, batch_size: 128, optimizer: {kind: sgd, learning_rate: 0.01}}\n"

GRAPHS = (
    NeuronGraph("graph-1e3", 10, 100, 50),
    NeuronGraph("graph-1e4", 10, 1_000, 50),
    NeuronGraph("graph-1e5", 100, 10_000, None),
    NeuronGraph("graph-1e6", 1_000, 100_000, None),
    NeuronGraph("chain-20000", 1, 20_000, 1),
    NeuronGraph("scalars-10000", 10, 10_000, 1),
)


def graph_of(name: str) -> NeuronGraph:
    """The graph of this name."""
    return next(graph for graph in GRAPHS if graph.name == name)
