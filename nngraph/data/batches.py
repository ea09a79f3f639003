"""Batches of an epoch as row indices, and the one copy that brings them into place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngraph import streams


@dataclass(frozen=True)
class Batches:
    """How the rows of a part are taken, epoch after epoch.

    The order of an epoch follows from the seed and its number alone, so a resumed run continues
    it. The last batch is short where the rows do not divide. A batch of all rows is not shuffled:
    the order of a sum is no matter, and what lies in place need not be loaded again.
    """

    rows: int
    batch_size: int | Literal["full"]
    seed: int = 0
    shuffle: bool = True

    @property
    def size(self) -> int:
        """Rows of a whole batch."""
        return self.rows if self.batch_size == "full" else min(self.batch_size, self.rows)

    def __len__(self) -> int:
        """Batches per epoch."""
        return -(-self.rows // self.size) if self.rows else 0

    def order(self, epoch: int) -> NDArray[np.int64]:
        """All rows in the order of one epoch, int64[rows]."""
        if not self.shuffle or self.size == self.rows:
            return self._as_they_are
        return streams.permutation(streams.key(self.seed, "data", "shuffle"), self.rows, epoch)

    @cached_property
    def _as_they_are(self) -> NDArray[np.int64]:
        return np.arange(self.rows, dtype=np.int64)

    def epoch(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """The row indices of each batch, contiguous int64 views."""
        order = self.order(epoch)
        if self.size == self.rows:  # the very array, by which it is known that the rows lie there
            yield from [order] if self.rows else []
            return
        for start in range(0, self.rows, max(1, self.size)):
            yield order[start : start + self.size]


def gather_rows(rows: NDArray[Any], indices: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Copy rows [n, width] into a buffer [len(indices), width]; indices must be in range."""
    np.take(rows, indices, axis=0, out=out, mode="clip")  # clip: no copy of `out` for safety
