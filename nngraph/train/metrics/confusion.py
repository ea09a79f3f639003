"""Which class was taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.train.metrics.figure import dice, precision, recall
from nngraph.train.metrics.plan import Array


@dataclass(frozen=True, eq=False)
class Confusion:
    """counts[i, j]: how often class i was answered as class j; int64[classes, classes]."""

    counts: NDArray[np.int64]
    labels: tuple[str, ...]

    @property
    def per_class(self) -> list[dict[str, float]]:
        """Precision, recall, F1 and the number of samples (support) of each class."""
        triple = self.counts.diagonal(), self.counts.sum(axis=0), self.counts.sum(axis=1)
        columns = [formula(*triple) for formula in (precision, recall, dice)]
        return [
            {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
            for p, r, f, n in zip(*columns, triple[2], strict=True)
        ]

    def most_confused(self, most: int) -> list[tuple[int, int, int]]:
        """(true class, answer, times) of the commonest mistakes, the commonest first."""
        wrong = self.counts - np.diag(self.counts.diagonal())
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        places = [divmod(int(flat), len(self.labels)) for flat in order]
        return [(i, j, int(wrong[i, j])) for i, j in places if wrong[i, j]]

    def to_json(self) -> dict[str, Any]:
        """Plain data: rows are the true classes, columns the answers."""
        classes = [
            {"label": label, **figures}
            for label, figures in zip(self.labels, self.per_class, strict=True)
        ]
        return {"labels": list(self.labels), "counts": self.counts.tolist(), "classes": classes}


def confusion(
    z: Array, t: Array, labels: Sequence[str] | None, *, classes: bool, middle: float | None = None
) -> Confusion:
    """The confusion of outputs `z` and targets `t`, both [n, *shape].

    With classes the largest unit is the answer; otherwise there are two classes, no and yes.
    """
    if classes:
        size = t.shape[-1]
        answered, true = z.argmax(axis=-1).ravel(), t.argmax(axis=-1).ravel()
    else:
        size = 2
        if middle is None:
            middle = 0.0 if t.size and t.min() < 0 else 0.5
        answered = (z > middle).ravel().astype(np.int64)
        true = (t > middle).ravel().astype(np.int64)
        labels = labels if labels is not None else ("no", "yes")
    counts = np.bincount(true * size + answered, minlength=size * size).reshape(size, size)
    names = labels if labels is not None else [str(number) for number in range(size)]
    return Confusion(counts, tuple(names))
