"""Samples whose class was taken for another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.insight.answers import answers_by_chunk
from nngraph.insight.deciding import decisions, names_one_class
from nngraph.records import dataclass
from nngraph.train.learner import Learner
from nngraph.train.supervision import Answered, targets_of


@dataclass(frozen=True, eq=False, slots=True)
class Mistakes:
    """What a node answered wrongly, the most confident first.

    `rows` are places in the part, `true` and `came` codes of classes called `names`; `sure` is the
    probability given to `came`, or None where the node gives no probabilities. `total` counts all
    rows. `unsure` are the rows with right answers, the least certain first; `answers` and `shares`
    are the class and its probability for every row.
    """

    node: str
    names: tuple[str, ...]
    rows: NDArray[np.int64]
    true: NDArray[np.int64]
    came: NDArray[np.int64]
    sure: NDArray[np.float64] | None
    total: int
    unsure: NDArray[np.int64]
    answers: NDArray[np.int64]
    shares: NDArray[np.float64] | None


def mistakes_of(learner: Learner, part: Part, answered: Answered) -> Mistakes | None:
    """The mistakes of a node that names one class per sample, or yes or no; None of others."""
    t = targets_of(part, answered)
    if not names_one_class(answered, t.shape[1:]):
        return None
    chunks, codes = [], []
    for chosen, z in answers_by_chunk(learner, part, answered):
        chunks.append(z.reshape(len(z), -1))
        codes.append(decisions(answered, t[chosen].reshape(len(z), -1)).codes)
    came, true = decisions(answered, np.concatenate(chunks)), np.concatenate(codes)
    order = np.argsort(-came.certainty, kind="stable")
    is_right = true[order] == came.codes[order]
    rows = order[~is_right]
    return Mistakes(
        answered.node,
        came.names,
        rows,
        true[rows],
        came.codes[rows],
        None if came.shares is None else came.shares[rows],
        part.rows,
        unsure=order[is_right][::-1],
        answers=came.codes,
        shares=came.shares,
    )
