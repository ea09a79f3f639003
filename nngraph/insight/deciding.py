"""Which class an answer names, and how surely."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.train.supervision import Answered

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, slots=True)
class Decisions:
    """The classes that rows of answers (or of targets) name: `codes` of `names`.

    `certainty` grows from the least certain to the surest; `shares` are the probabilities given to
    those classes, None where the numbers are no probabilities.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]
    certainty: NDArray[np.float64]
    shares: NDArray[np.float64] | None


def decisions(answered: Answered, values: Array) -> Decisions:
    """The decisions of a node that names a class, or says yes or no, from values [n, units]."""
    if answered.meaning == "classes":
        codes = values.argmax(axis=1)
        top = np.take_along_axis(values, codes[:, None], axis=1)[:, 0].astype(np.float64)
        sums_to_one = np.abs(values.sum(axis=1) - 1).max(initial=0.0) < 1e-3
        is_probable = values.min(initial=0.0) >= 0 and sums_to_one
        names = answered.labels or tuple(map(str, range(values.shape[1])))
        return Decisions(names, codes, top, top if is_probable else None)
    yes = values[:, 0].astype(np.float64)
    codes = (yes > middle_of(answered)).astype(np.int64)
    is_probable = yes.min(initial=0.0) >= 0 and yes.max(initial=1.0) <= 1
    shares = np.where(codes == 1, yes, 1 - yes)
    certainty = np.abs(yes - middle_of(answered))
    return Decisions(
        answered.labels or ("no", "yes"), codes, certainty, shares if is_probable else None
    )


def names_one_class(answered: Answered, shape: tuple[int, ...]) -> bool:
    """Whether a sample of this shape is one class, or one yes or no."""
    if answered.meaning == "classes":
        return len(shape) == 1
    return answered.meaning == "binary" and int(np.prod(shape)) == 1


def middle_of(answered: Answered) -> float:
    """Where yes begins."""
    return 0.5 if answered.middle is None else answered.middle
