"""What lowering hands on: the forward program and what its leaves mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nngraph.errors import Diagnostic
from nngraph.graph import Graph
from nngraph.ir import Arenas, Array, Input, Param, Program
from nngraph.lower.weight import Weight
from nngraph.words.loss_row import TargetKind


@dataclass(frozen=True, slots=True)
class LossTarget:
    """What a loss compares a node with.

    `leaf` is None where an input node is the target. `kind` says what its numbers mean. `classes`
    is the length of the last axis, `labels` the names of the node's units, if it has any. `middle`
    is where an output begins to say yes, None where only the data tell.
    """

    name: str
    node: str
    leaf: Input | None
    kind: TargetKind
    shape: tuple[int, ...]
    classes: int
    labels: tuple[str, ...] | None
    middle: float | None = None


@dataclass(frozen=True)
class Lowered:
    """A network as a forward program.

    `program.outputs` holds every node's z, and where the spec has a loss, the loss and each of its
    terms. `shapes` are per sample. `arenas` says where the
    weights lie, for all programs of the network. `files` are the arrays from files that the spec
    names, by `FileWeight.name`. `lints` are worth a look.
    """

    graph: Graph
    program: Program
    shapes: dict[str, tuple[int, ...]]
    inputs: dict[str, Input]
    targets: tuple[LossTarget, ...]
    weights: tuple[Weight, ...]
    arenas: Arenas
    files: Mapping[str, Array]
    lints: tuple[Diagnostic, ...] = ()

    @property
    def parameters(self) -> tuple[Param, ...]:
        """The trained leaves, in the order of the program."""
        return tuple(leaf for leaf in self.program.leaves if isinstance(leaf, Param))

    @property
    def trainable_count(self) -> int:
        """How many single numbers are trained."""
        return sum(weight.size for weight in self.weights if weight.trainable)
