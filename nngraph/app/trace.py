"""Following one sample through a network: a row of its data, or one that was typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nngraph.data import apply_normalizers
from nngraph.data.frames import refuse_words
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic
from nngraph.insight.trace import Trace, trace
from nngraph.train.arrays import input_arrays, rows_of_arrays
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.feed import Rows
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.ports import input_ports, target_ports


def trace_sample(
    learner: Learner,
    place: DataPlace,
    *,
    sample: int = 0,
    part: str = "train",
    given: Mapping[str, Any] | None = None,
    update: bool = False,
) -> Trace:
    """Follow row `sample` of a part of the data, or the values `given` by name, inputs and targets.

    Without the targets there is only the way forward. With `update` one step of the spec's
    optimiser is made on the sample, in a network of its own.

    Errors: UsageError for a sample or a part that is not there, for names, and for `update` where
    there is no way back; DataError, FileError.
    """
    if given is not None:
        rows, backward, title = *_typed(learner, given), "the sample given"
    else:
        rows, backward = _row(learner, place, part, sample), bool(learner.document.spec.loss)
        title = f"sample {sample:,} of the {part} part"
    rate = None
    if update:
        if not backward or not learner.network.lowered.parameters:
            raise UsageError(diagnostic("E002:trace-update"))
        learner = learner.with_training()
        rate = learner.settings(1).learning_rate
    return trace(
        learner.network,
        learner.executable.weights(),
        rows,
        title,
        seed=learner.seed,
        backward=backward,
        learning_rate=rate,
        names=learner.unit_names,
    )


def _row(learner: Learner, place: DataPlace, part: str, sample: int) -> Rows:
    rows = rows_of(part_of(load_data(learner, place), part))
    if not 0 <= sample < rows.count:
        there, last = count(rows.count, "row"), rows.count - 1
        raise UsageError(diagnostic("E002:sample", sample=sample, part=part, rows=there, last=last))
    arrays = {role: array[sample : sample + 1] for role, array in rows.arrays.items()}
    weights = None if rows.weights is None else rows.weights[sample : sample + 1]
    return Rows(arrays, 1, weights=weights)


def _typed(learner: Learner, given: Mapping[str, Any]) -> tuple[Rows, bool]:
    """The row that was typed, and whether its targets were."""
    inputs = input_ports(learner.network, learner.normalizers)
    targets = target_ports(learner.network, learner.labels)
    names = {port.name for port in targets}
    refuse_words(inputs, given)
    x = {name: [value] for name, value in given.items() if name not in names}
    y = {name: [value] for name, value in given.items() if name in names}
    if learner.document.spec.loss and (y or not targets):
        return rows_of_arrays(learner, x, y or None), True
    arrays = input_arrays(inputs, x, "--given")
    scaled = apply_normalizers(learner.normalizers, arrays, learner.network.dtype)
    return Rows.of(scaled, {}), False
