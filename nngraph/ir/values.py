"""Values of a program, the leaves that are there before it runs, their feeds, where they lie.

A role is typed, never parsed from text; it prints as the text form of programs writes it.

Weights lie in two flat vectors. Lowering lays both out once, from its records of the weights.
Whatever program is made later, of any outputs, finds them there; passes and plans ask, none of
them decides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from nngraph.ir.types import DType, TensorType
from nngraph.records import dataclass

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An input: rows of data for an input node."""

    node: str

    def __str__(self) -> str:
        return self.node


@dataclass(frozen=True, slots=True)
class TargetRow:
    """An input: rows that a loss compares with, by the name of the target."""

    name: str

    def __str__(self) -> str:
        return f"target:{self.name}"


@dataclass(frozen=True, slots=True)
class Given:
    """An input that whoever runs the program knows, by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


InputRole: TypeAlias = Row | TargetRow | Given

PER_SAMPLE = Given("per_sample")
"""1 / the size of the batch, T[]."""
STEP = Given("step")
"""The number of the step, int64[]: positions random streams, corrects biased moments."""
FIRST_ROW = Given("first_row")
"""Where the rows of a shard begin within the batch, int64[]: positions random streams."""
SAMPLE_WEIGHT = Given("sample_weight")
"""How much each sample counts in the loss, T[N]."""
LEARNING_RATE = Given("learning_rate")
"""Of this step, float64[]."""
GRADIENTS = Given("gradients")
"""The flat gradient of all parameters, T[P]."""
GIVENS = (PER_SAMPLE, STEP, FIRST_ROW, SAMPLE_WEIGHT, LEARNING_RATE, GRADIENTS)


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One tensor of a program. Compared by identity; the text form numbers them."""

    type: TensorType


@dataclass(frozen=True, slots=True, eq=False)
class Leaf(Value):
    """A value that is there before the step. `id` names it in files, never in source."""

    id: str


@dataclass(frozen=True, slots=True, eq=False)
class Input(Leaf):
    """Fed each step: rows of data, targets, or what whoever runs the program knows."""

    role: InputRole | None = None
    """With what; None: rows for a node of the leaf's id."""

    @classmethod
    def of(cls, role: InputRole, type_: TensorType) -> Input:
        """A leaf that bears the name of what it is fed with."""
        return cls(type_, str(role), role)

    @property
    def fed_with(self) -> InputRole:
        """With what it is fed."""
        return Row(self.id) if self.role is None else self.role


@dataclass(frozen=True, slots=True, eq=False)
class Param(Leaf):
    """Trained: lies in the flat arena of its dtype, and so does its gradient."""

    parts: Sequence[PackedPart] = ()


@dataclass(frozen=True, slots=True, eq=False)
class State(Leaf):
    """Written by the step and read by the next one: optimiser moments, running statistics."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Leaf):
    """Never written. `data` holds masks and index arrays; fixed weights come from the weights."""

    data: Array | None = None
    parts: Sequence[PackedPart] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Key(Leaf):
    """uint64[2], the key of a random stream: hash of seed, id and purpose."""

    purpose: str = ""


@dataclass(frozen=True, slots=True)
class PackedPart:
    """A named piece of a packed leaf: elements start .. start + size of its flat form."""

    name: str
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


# ---- where leaves lie: one flat vector for all that is trained, one for all that is fixed


@dataclass(frozen=True, slots=True)
class Region:
    """A leaf's piece of an arena: elements start .. start + size, seen as `shape`."""

    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def stop(self) -> int:
        """The element behind the last."""
        return self.start + self.size


@dataclass(frozen=True)
class Arena:
    """The flat vector in which leaves of one role and dtype lie, by leaf id."""

    role: Literal["parameters", "fixed"]
    dtype: DType
    regions: Mapping[str, Region]
    size: int


@dataclass(frozen=True)
class Arenas:
    """The two flat vectors of a network: what is trained, and what is fixed."""

    parameters: Arena
    fixed: Arena

    def find(self, id: str) -> tuple[Arena, Region] | None:
        """The arena and region of a leaf, if it has one."""
        for arena in (self.parameters, self.fixed):
            if (region := arena.regions.get(id)) is not None:
                return arena, region
        return None

    def stack(self, matrix: str, bias: str) -> tuple[Arena, Region] | None:
        """The arena and region of a matrix [in, out] with its bias [out] as one more row.

        None unless the bias lies right behind the matrix.
        """
        W, b = self.find(matrix), self.find(bias)
        if W is None or b is None or W[0] is not b[0] or b[1].start != W[1].stop:
            return None
        if len(W[1].shape) != 2 or b[1].shape != W[1].shape[1:]:
            return None
        rows, columns = W[1].shape
        return W[0], Region(W[1].start, (rows + 1, columns))
