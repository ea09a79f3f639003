"""Progress of a training in memory, as plain lines."""

from __future__ import annotations

import sys

from nngraph.train.position import Epoch

LINES = 20  # at most, of a whole training


class Progress:
    """Prints epochs to standard output: each where they are few, else every so many.

    Plain lines, because a notebook puts what goes to standard error into a red box, and a file
    keeps whatever a line is rewritten with.
    """

    def __init__(self, first: int, epochs: int) -> None:
        self._last = first + epochs - 1
        self._every = max(1, -(-epochs // LINES))

    def __call__(self, epoch: Epoch) -> None:
        """One epoch is over."""
        if epoch.number % self._every and epoch.number != self._last:
            return
        parts = (("train", epoch.train), ("validation", epoch.validation))
        figures = [f"{part}.{name} {v:.4g}" for part, found in parts for name, v in found.items()]
        line = f"epoch {epoch.number}/{self._last}: {', '.join(figures)}, {epoch.seconds:.1f} s"
        print(line, file=sys.stdout, flush=True)
