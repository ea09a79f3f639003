"""When a run has stopped becoming better."""

from __future__ import annotations

import math

from nngraph.records import dataclass
from nngraph.spec.model import EarlyStopping
from nngraph.train.position import Epoch
from nngraph.words.metrics import is_rising


@dataclass
class Stopper:
    """Judges a run by one of its figures, epoch by epoch.

    An epoch is better when it passes the best one by more than `min_delta`; after `patience`
    epochs in a row that are not, the run is over. More is better for accuracies and the like,
    else less; a figure that is no number is never better.

    Source: Prechelt, Early Stopping - But When? (1998), the third class of criteria.
    """

    spec: EarlyStopping
    figure: str
    best: Epoch | None = None
    waited: int = 0

    def hear(self, epoch: Epoch) -> bool:
        """An epoch is over; whether it is the best so far."""
        is_better = self._merit(epoch) > self._best_merit() + self.spec.min_delta
        self.best = epoch if is_better else self.best
        self.waited = 0 if is_better else self.waited + 1
        return is_better

    @property
    def is_over(self) -> bool:
        """Whether there was no progress for too long."""
        return self.waited >= self.spec.patience

    @property
    def value(self) -> float | None:
        """The figure of the best epoch."""
        return None if self.best is None else float(self.best.as_json()[self.figure])

    def _best_merit(self) -> float:
        return -math.inf if self.best is None else self._merit(self.best)

    def _merit(self, epoch: Epoch) -> float:
        value = float(epoch.as_json()[self.figure])
        return value if is_rising(self.figure) else -value
