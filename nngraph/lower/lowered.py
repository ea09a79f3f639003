"""What lowering hands on: the one record of each weight, where all lie, and the forward program.

A weight has the same record from the file that declares it to its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic
from nngraph.graph import Graph
from nngraph.ir import (
    Arena,
    Arenas,
    Array,
    Constant,
    DType,
    Input,
    Leaf,
    PackedPart,
    Param,
    Program,
    Region,
    State,
)
from nngraph.records import Joined, dataclass
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.words.inits import InitOptions
from nngraph.words.row import TargetKind

# ---- weights


ALIGNMENT = 16  # elements: a group starts on a cache line


@dataclass(frozen=True, slots=True)
class Weight:
    """One array that a user can name: an edge's W, a node's bias, a prelu's alpha, a norm's scale.

    `id` is its name in files: EDGE_ID, NODE.bias, NODE.alpha, NODE.scale, NODE.shift; running
    statistics, NODE.mean and NODE.variance, are written by the training step. `entry` is the edge
    or node that owns it, `purpose` what it is there. It lies in `leaf`, alone, or as `part` of a
    packed leaf. `given` is a number that fills, or an array of `shape`; None means drawn by `init`.
    `mask`, where not None, is true where a connection exists. `fan_in` and `fan_out` count all
    connections into a unit of the target and out of a unit of the source, the largest such unit;
    they are known once the whole graph is.
    """

    id: str
    leaf: Param | Constant | State
    shape: tuple[int, ...]
    given: float | Array | None
    init: InitOptions | None
    entry: EdgeEntry | NodeEntry
    purpose: str
    part: PackedPart | None = None
    mask: Array | None = None
    fan_in: int = 1
    fan_out: int = 1

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return isinstance(self.leaf, Param)

    @property
    def node(self) -> str:
        """The node that it leads into, or belongs to."""
        return self.entry.target.node if isinstance(self.entry, EdgeEntry) else self.entry.id

    @property
    def letter(self) -> Literal["W", "b", "alpha"]:
        """As books write it."""
        if self.purpose == "weight":
            return "W"
        return "alpha" if self.purpose == "alpha" else "b"

    @property
    def rate_scale(self) -> float:
        """Its share of the learning rate."""
        return float(getattr(self._options, "learning_rate_scale", 1.0))

    @property
    def decay_scale(self) -> float:
        """Its share of weight decay and l1."""
        return float(getattr(self._options, "weight_decay_scale", 1.0))

    @property
    def _options(self) -> object:
        """What the file says beside the owner; an edge without options has none."""
        return self.entry.given if isinstance(self.entry, EdgeEntry) else self.entry.node


class Many(Protocol):
    """Many weights of one number each in one leaf, each made when it is asked for."""

    @property
    def leaf(self) -> Param | Constant:
        """The leaf."""

    @property
    def with_options(self) -> Iterator[Weight]:
        """All but those of plain edges."""

    @property
    def given(self) -> NDArray[np.float64]:
        """The first values that the file gives, NaN for those that are drawn."""

    @property
    def named(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The id and the shape of each."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Weight]: ...
    def __getitem__(self, at: int) -> Weight: ...


class Weights(Joined[Weight]):
    """The records of all weights of a network; those of single neurons are made when asked for."""

    runs: tuple[tuple[Weight, ...] | Many, ...]

    @cached_property
    def with_options(self) -> tuple[Weight, ...]:
        """All but those of edges of which the file says no more than the weight."""
        runs = (run if isinstance(run, tuple) else run.with_options for run in self.runs)
        return tuple(chain.from_iterable(runs))

    @property
    def many(self) -> tuple[Many, ...]:
        """The others, leaf by leaf."""
        return tuple(run for run in self.runs if not isinstance(run, tuple))

    @property
    def leaves(self) -> set[Leaf]:
        """The leaves that they lie in."""
        return {weight.leaf for weight in self.alone}.union(run.leaf for run in self.many)

    def numbers(self, *, trained: bool = False) -> int:
        """How many numbers they have, or how many are trained; running statistics are none."""
        wanted = Param if trained else Param | Constant
        return sum(w.size for w in self.alone if isinstance(w.leaf, wanted)) + sum(
            len(run) for run in self.many if isinstance(run.leaf, wanted)
        )


# ---- two flat vectors, a bias right behind its matrix


def lay_out(leaves: Iterable[Leaf], bias_of: Mapping[str, str], dtype: DType) -> Arenas:
    """The arenas of some leaves, in their order.

    `bias_of` names for a matrix the bias that is added to its product: the two become neighbours,
    so that the stack of both is a view of the arena, and so is its gradient.
    """
    by_id = {leaf.id: leaf for leaf in leaves}
    trained = {id_: leaf for id_, leaf in by_id.items() if isinstance(leaf, Param)}
    fixed = {id_: leaf for id_, leaf in by_id.items() if id_ not in trained}
    return Arenas(
        _arena("parameters", trained, bias_of, dtype), _arena("fixed", fixed, bias_of, dtype)
    )


def _arena(
    role: Literal["parameters", "fixed"],
    leaves: Mapping[str, Leaf],
    bias_of: Mapping[str, str],
    dtype: DType,
) -> Arena:
    regions: dict[str, Region] = {}
    neighbours = {W: b for W, b in bias_of.items() if W in leaves and b in leaves}
    placed = set(neighbours.values())
    at = 0
    for id_ in leaves:
        if id_ in placed:
            continue
        at = -(-at // ALIGNMENT) * ALIGNMENT
        for member in (id_, neighbours.get(id_)):
            if member is not None:
                regions[member] = Region(at, leaves[member].type.sample_shape)
                at = regions[member].stop
    return Arena(role, dtype, regions, at)


# ---- the program


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


@dataclass(frozen=True, slots=True)
class NeuronGroup:
    """Neurons that are computed together: all levels of a stretch; as one product, for they read
    the same units; or a node with edges between single units, which are one matrix together, or
    are computed as those of a stretch."""

    form: Literal["stretch", "product", "matrix", "units"]
    nodes: tuple[str, ...]
    edges: int
    levels: int = 1
    runs: int = 1
    """Of neurons that are computed at once: a level has one for each function."""


@dataclass(frozen=True)
class Lowered:
    """A network as a forward program.

    `program.outputs` holds every node's z, and where the spec has a loss, the loss and each of its
    terms. `shapes` are per sample. `arenas` says where the
    weights lie, for all programs of the network. `files` are the arrays from files that the spec
    names, by `FileWeight.name`. `is_like_training`: no node is another one in training, as dropout
    is, so that one program predicts and trains. `lints` are worth a look.
    """

    graph: Graph
    program: Program
    shapes: dict[str, tuple[int, ...]]
    inputs: dict[str, Input]
    targets: tuple[LossTarget, ...]
    weights: Weights
    arenas: Arenas
    files: Mapping[str, Array]
    is_like_training: bool
    lints: tuple[Diagnostic, ...] = ()
    grouped: tuple[NeuronGroup, ...] = ()
    """What single neurons and edges between single units became."""

    @property
    def parameters(self) -> tuple[Param, ...]:
        """The trained leaves, in the order of the program."""
        return tuple(leaf for leaf in self.program.leaves if isinstance(leaf, Param))

    @property
    def trainable_count(self) -> int:
        """How many single numbers are trained."""
        return self.weights.numbers(trained=True)
