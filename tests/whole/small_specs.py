"""Random networks of few nodes that share what they can: small enough to ask for every subset.

    small_spec(7)                        # the text of a spec
    python tests/whole/small_specs.py 7  # the same, printed

All nodes are vectors of one width, so that any array fits any edge; two to five neurons nodes, one
or two inputs, a loss on one to three of the nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")

FUNCTIONS = ("identity", "tanh", "relu", "sigmoid", "prelu", "softmax", "softplus")
AGGREGATES = ("sum", "sum", "sum", "mean", "product", "maximum", "minimum")
BIASES = ("true", "false", "0.3", "{value: -0.2, trainable: false}")


class Draw:
    """A stream of choices that is the same on every platform."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.Generator(np.random.Philox(seed))

    def one(self, things: Sequence[Thing]) -> Thing:
        return things[int(self.rng.integers(len(things)))]

    def luck(self, chance: float) -> bool:
        return bool(self.rng.random() < chance)

    def numbers(self, *shape: int) -> str:
        return str(np.round(self.rng.uniform(-1, 1, shape), 2).tolist())

    def mask(self, width: int) -> str:
        """Some connections, at least one into each unit."""
        mask = self.rng.integers(0, 2, (width, width)) | np.eye(width, dtype=int)
        return str(mask.tolist())


def small_spec(seed: int) -> str:
    """The text of a spec in double precision."""
    draw = Draw(seed)
    width = draw.one((2, 3))
    inputs = ["x", "u"][: draw.one((1, 1, 2))]
    nodes = [f"  {', '.join(inputs)}: {{kind: input, shape: {width}}}"]
    names, edges = [], _Edges(draw, width)
    functions: dict[str, str] = {}
    for number in range(draw.one((2, 3, 4, 5))):
        name = f"h{number}"
        nodes.append(f"  {name}: {{units: {width}, {_neurons(draw, name, functions, width)}}}")
        before = [*inputs, *names]
        sources = {before[-1] if number or len(inputs) == 1 else inputs[0]}
        sources |= {node for node in before if draw.luck(0.35)} | set(inputs if number == 0 else ())
        for source in sorted(sources):
            edges.add(source, name)
        names.append(name)
    judged = sorted({draw.one(names) for _ in range(draw.one((1, 2, 3)))} | {names[-1]})
    losses = [f"  - {{kind: mean_squared_error, node: {node}}}" for node in judged]
    parts = [f"# small_spec({seed})", "nngraph: 1", "dtype: float64", "nodes:", *nodes, "edges:"]
    return "\n".join([*parts, *edges.lines, "loss:", *losses]) + "\n"


def _neurons(draw: Draw, name: str, functions: dict[str, str], width: int) -> str:
    """Activation and aggregate, and a bias of its own or another node's."""
    aggregate = draw.one(AGGREGATES)
    if functions and draw.luck(0.3):
        owner = draw.one(list(functions))
        return f"activation: {functions[owner]}, aggregate: {aggregate}, share: {owner}"
    function = draw.one(FUNCTIONS)
    functions[name] = function
    bias = draw.one((*BIASES, draw.numbers(width)))
    return f"activation: {function}, aggregate: {aggregate}, bias: {bias}"


class _Edges:
    """Lines of edges, and the ids of those that own an array, by its kind."""

    def __init__(self, draw: Draw, width: int) -> None:
        self.draw, self.width = draw, width
        self.lines: list[str] = []
        self.owners: dict[str, list[str]] = {"dense": [], "scale": []}

    def add(self, source: str, target: str) -> None:
        kind = self.draw.one(("dense", "dense", "dense", "dense", "scale", "identity"))
        options = [f"kind: {kind}"]
        owners = self.owners.get(kind, [])
        if owners and self.draw.luck(0.6):
            options.append(f"share: {self._share(kind, owners)}")
        elif kind != "identity":
            owners.append(f"{source}->{target}")
            options += self._own(kind)
        self.lines.append(f"  - {source} -> {target}: {{{', '.join(options)}}}")

    def _share(self, kind: str, owners: Sequence[str]) -> str:
        owner = self.draw.one(owners)
        if kind == "dense" and self.draw.luck(0.3):
            return f"{{edge: {owner}, transpose: true}}"
        return owner

    def _own(self, kind: str) -> list[str]:
        width = (self.width, self.width) if kind == "dense" else (self.width,)
        options = [f"weight: {self.draw.numbers(*width)}"] if self.draw.luck(0.3) else []
        if self.draw.luck(0.2):
            options.append("trainable: false")
        if kind == "dense" and self.draw.luck(0.2):
            options.append(f"mask: {self.draw.mask(self.width)}")
        return options


if __name__ == "__main__":
    print(small_spec(int(sys.argv[1])), end="")
