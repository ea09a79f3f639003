"""What a network answers, in the shape and on the scale of what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Part
from nngraph.data.dataset import PARTS
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic
from nngraph.insight.own_units import PLAIN, in_own_units
from nngraph.train.learner import Learner
from nngraph.train.supervision import Answered, targets_of

Array = NDArray[Any]
Floats = NDArray[np.float64]

CHUNK = 256  # rows whose outputs are held at a time


def part_to_show(data: DataSet, sample: int | None = None) -> tuple[str, Part]:
    """The test part with its name; without one the validation part, without that the training part.

    Errors: UsageError for a sample that the part does not have.
    """
    name = next(part for part in reversed(PARTS) if part in data.parts)
    part = data.parts[name]
    if sample is not None and not 0 <= sample < part.rows:
        rows = count(part.rows, "sample")
        raise UsageError(
            diagnostic("E002:sample", part=name, rows=rows, sample=sample, last=part.rows - 1)
        )
    return name, part


def answers(learner: Learner, part: Part, answered: Answered, rows: Any) -> Array:
    """What a node answers for some rows (a slice, or their numbers), shaped like the target."""
    inputs = {name: array[rows] for name, array in part.inputs.items()}
    z = learner.outputs(inputs, [answered.node])[answered.node]
    return z.reshape(targets_of(part, answered)[rows].shape)


def answers_by_chunk(
    learner: Learner, part: Part, answered: Answered
) -> Iterator[tuple[slice, Array]]:
    """The answers to all rows, some at a time."""
    for start in range(0, part.rows, CHUNK):
        rows = slice(start, start + CHUNK)
        yield rows, answers(learner, part, answered, rows)


def unscaled_target(learner: Learner, answered: Answered, values: Array) -> Floats:
    """Answers or targets as they are in the data, before they were scaled for training."""
    return in_own_units(learner.normalizers.targets.get(answered.target, PLAIN), values)


def unscaled_input(learner: Learner, node: str, values: Array) -> Floats:
    """Rows of an input as they are in the data."""
    return in_own_units(learner.normalizers.inputs.get(node, PLAIN), values)
