"""What lowering hands on: the forward program and what its leaves mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from nngraph.errors import Diagnostic
from nngraph.graph import Graph
from nngraph.ir import Arenas, Array, Constant, Input, Param, Part, Program, State
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.weights import Init

TargetKind: TypeAlias = Literal["values", "classes", "binary", "signs"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a loss compares a node with.

    `leaf` is None where an input node is the target. `kind` says what its numbers mean: "classes"
    a one-hot row (or one per pixel), "binary" zeros and ones, "signs" those or -1 and 1, "values"
    anything. `classes` is the
    length of the last axis, `labels` the names of the node's units, if it has any.
    """

    name: str
    node: str
    leaf: Input | None
    kind: TargetKind
    shape: tuple[int, ...]
    classes: int
    labels: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Weight:
    """One array that a user can name: an edge's W, a node's bias, a prelu's alpha, a norm's scale.

    `id` is its name in files: EDGE_ID, NODE.bias, NODE.alpha, NODE.scale, NODE.shift; running
    statistics, NODE.mean and NODE.variance, are written by the training step. It lies in `leaf`,
    alone, or as `part` of a packed leaf. `given` is a number that fills, or an array of `shape`;
    None means drawn by `init` from the stream (`stream`, `purpose`). `fan_in` and `fan_out` count
    all connections into a unit of the target and out of a unit of the source, the largest such
    unit.
    `mask`, where not None, is true where a connection exists. `rate_scale` and `decay_scale` are
    its shares of the learning rate, and of weight decay and l1.
    """

    id: str
    leaf: Param | Constant | State
    shape: tuple[int, ...]
    given: float | Array | None
    init: Init | None
    fan_in: int
    fan_out: int
    trainable: bool
    stream: str
    purpose: str
    entry: EdgeEntry | NodeEntry
    part: Part | None = None
    mask: Array | None = None
    rate_scale: float = 1.0
    decay_scale: float = 1.0

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Lowered:
    """A network as a forward program.

    `program.outputs` holds every node's z, and where the spec has a loss, the loss and each of its
    terms. `shapes` are per sample. `arenas` says where the
    weights lie, for all programs of the network. `lints` are worth a look.
    """

    graph: Graph
    program: Program
    shapes: dict[str, tuple[int, ...]]
    inputs: dict[str, Input]
    targets: tuple[Target, ...]
    weights: tuple[Weight, ...]
    arenas: Arenas
    lints: tuple[Diagnostic, ...] = ()

    @property
    def parameters(self) -> tuple[Param, ...]:
        """The trained leaves, in the order of the program."""
        return tuple(leaf for leaf in self.program.leaves if isinstance(leaf, Param))

    @property
    def trainable_count(self) -> int:
        """How many single numbers are trained."""
        return sum(weight.size for weight in self.weights if weight.trainable)
