"""What an input of a program is fed with: typed, never parsed from text.

Each prints as the text form of programs writes it; people and tests ask by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


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
