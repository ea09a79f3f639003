"""Values of a program, the leaves that are there before it runs, and what these are fed with.

A role is typed, never parsed from text; it prints as the text form of programs writes it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.typing import NDArray

from nngraph.ir.types import TensorType

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

    parts: tuple[PackedPart, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class State(Leaf):
    """Written by the step and read by the next one: optimiser moments, running statistics."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Leaf):
    """Never written. `data` holds masks and index arrays; fixed weights come from the weights."""

    data: Array | None = None
    parts: tuple[PackedPart, ...] = ()


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
