"""A random spec while it is written: its lines, the shape of each node, wheels and draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")

FUNCTIONS = (
    *("tanh", "relu", "sigmoid", "selu", "gelu", "silu", "mish", "softplus", "softsign"),
    *("hard_sigmoid", "hard_swish", "hard_tanh", "relu6", "gaussian", "square", "abs", "sin"),
    *("cos", "softmax", "log_softmax", "identity", "{kind: leaky_relu, alpha: 0.1}"),
    *("{kind: elu, alpha: 0.8}", "{kind: celu, alpha: 1.3}", "{kind: prelu, alpha: 0.2}", "prelu"),
)
"""Activations that may stand anywhere; exp, log, sqrt, step and sign have blocks of their own."""
OPTIMIZERS = (
    "{kind: sgd, learning_rate: 0.05, momentum: 0.9, nesterov: true}",
    "adam",
    "{kind: adamw, learning_rate: 0.01}",
    "{kind: rmsprop, momentum: 0.5, centered: true}",
    "{kind: sgd, learning_rate: 0.02}",
    "{kind: adagrad, initial_accumulator: 0.1}",
    "adadelta",
    "rprop",
)
EXTRAS = ("", ", weight_decay: 0.01", ", clip: {norm: 1.0}", ", l1: 0.001, clip: {value: 0.1}")
INITS = (
    *("glorot_uniform", "he_normal", "orthogonal", "{kind: normal, stddev: 0.3}", "lecun_normal"),
    *("{kind: uniform, low: -0.4, high: 0.6}", "glorot_normal", "he_uniform"),
)


def wheel(things: Sequence[Thing], start: int) -> Iterator[Thing]:
    """All in turn, again and again, from a place on."""
    while True:
        yield things[start % len(things)]
        start += 1


@dataclass
class Draft:
    """A spec that is being written: its lines, and the shape of each node."""

    seed: int
    nodes: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.Generator(np.random.Philox(self.seed))
        self._functions = wheel(FUNCTIONS, 5 * self.seed)
        self.inits = wheel(INITS, 3 * self.seed)

    # ---- writing

    def node(self, options: str, shape: Sequence[int], prefix: str = "n") -> str:
        """Add a node; a mapping without a kind is neurons."""
        name = f"{prefix}{len(self.nodes)}"
        self.nodes.append(f"  {name}: {options}")
        self.shapes[name] = tuple(shape)
        return name

    def edge(self, ends: str, options: str = "") -> None:
        """Add an edge or a chain of edges."""
        self.edges.append(f"  - {ends}{': ' if options else ''}{options}")

    def neurons(self, units: int, more: str = "", shape: Sequence[int] | None = None) -> str:
        """Neurons with the next activation."""
        options = f"units: {units}, activation: {self.function(units)}{more}"
        return self.node(f"{{{options}}}", (units,) if shape is None else shape)

    def plain(self, source: str, options: str, shape: Sequence[int] | None = None) -> str:
        """A node without weights behind another."""
        name = self.node(options, self.shapes[source] if shape is None else shape)
        self.edge(f"{source} -> {name}")
        return name

    def input(self, shape: Sequence[int]) -> str:
        """An input node."""
        return self.node(f"{{kind: input, shape: {list(shape)}}}", shape, "x")

    def function(self, width: int) -> str:
        """The next activation; over one unit a softmax would be constant."""
        return next(f for f in self._functions if width > 1 or "softmax" not in f)

    def form(self, *forms: Thing) -> Thing:
        """One of the forms of a block."""
        return forms[int(self.rng.integers(len(forms)))]

    def number(self) -> float:
        """A number for a weight, with few digits and never 0."""
        return round(float(self.rng.uniform(0.2, 1.2) * self.rng.choice([-1, 1])), 2)

    def units(self) -> int:
        """How wide a layer is."""
        return int(self.rng.integers(2, 7))

    def width(self, source: str) -> int:
        """Units, or channels."""
        return self.shapes[source][-1]

    def text(self) -> str:
        """The whole file."""
        dtype = ("float32", "float64")[self.seed // 2 % 2]
        optimizer = OPTIMIZERS[self.seed % len(OPTIMIZERS)]
        extras = EXTRAS[self.seed // 2 % len(EXTRAS)]
        return "\n".join(
            [
                f"# random_spec({self.seed})",
                f"nngraph: 1\ndtype: {dtype}\nnodes:",
                *self.nodes,
                "edges:",
                *self.edges,
                "loss:",
                *(f"  - {loss}" for loss in self.losses),
                f"train: {{batch_size: 8, optimizer: {optimizer}{extras}}}\n",
            ]
        )
