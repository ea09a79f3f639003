"""Samples whose class was taken for another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.insight.answers import answers_by_chunk
from nngraph.train import Network
from nngraph.train.judging import Answered, targets_of

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Mistakes:
    """What a node answered wrongly, the most confident first.

    `rows` are places in the part, `true` and `came` codes of classes called `names`; `sure` is the
    probability given to `came`, or None where the node gives no probabilities. `judged` counts all
    rows. `unsure` are the rows with right answers, the least certain first; `answers` and `shares`
    are the class and its probability for every row.
    """

    node: str
    names: tuple[str, ...]
    rows: NDArray[np.int64]
    true: NDArray[np.int64]
    came: NDArray[np.int64]
    sure: NDArray[np.float64] | None
    judged: int
    unsure: NDArray[np.int64]
    answers: NDArray[np.int64]
    shares: NDArray[np.float64] | None


def mistakes_of(network: Network, part: Part, answered: Answered) -> Mistakes | None:
    """The mistakes of a node that names one class per sample, or yes or no; None of others."""
    t = targets_of(part, answered)
    t = t.reshape(len(t), -1)
    is_binary = answered.meaning == "binary" and t.shape[1] == 1
    is_class = answered.meaning == "classes" and targets_of(part, answered).ndim == 2
    if not (is_binary or is_class):
        return None
    chunks = [z for _, z in answers_by_chunk(network, part, answered)]
    z = np.concatenate(chunks).reshape(t.shape)
    middle = 0.5 if answered.middle is None else answered.middle
    if is_binary:
        true, came = (t[:, 0] > middle).astype(np.int64), (z[:, 0] > middle).astype(np.int64)
        certainty = np.abs(z[:, 0] - middle)
        shares = np.where(came == 1, z[:, 0], 1 - z[:, 0]).astype(np.float64)
        is_probable = bool(z.min() >= 0 and z.max() <= 1)
    else:
        true, came = t.argmax(axis=1), z.argmax(axis=1)
        certainty = shares = z[np.arange(len(z)), came].astype(np.float64)
        is_probable = bool(z.min() >= 0 and np.abs(z.sum(axis=1) - 1).max() < 1e-3)
    order = np.argsort(-certainty, kind="stable")
    rows = order[true[order] != came[order]]
    right = order[true[order] == came[order]][::-1]
    size = 2 if is_binary else t.shape[1]
    names = answered.labels or (("no", "yes") if is_binary else tuple(map(str, range(size))))
    known = shares if is_probable else None
    sure = None if known is None else known[rows]
    return Mistakes(
        answered.node,
        tuple(names),
        rows,
        true[rows],
        came[rows],
        sure,
        part.rows,
        unsure=right,
        answers=came,
        shares=known,
    )


def percent(share: float) -> str:
    """A probability in percent, never 100 % for what is less.

    >>> percent(0.9999), percent(1.0), percent(0.6)
    ('99.9 %', '100 %', '60 %')
    """
    return f"{min(100 * share, 99.9):.1f} %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"
