"""When a run has stopped becoming better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nngraph.errors import Diagnostic, SpecError, diagnostic, join_words, suggest
from nngraph.spec import Document
from nngraph.spec.training import EarlyStopping
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


def watched(spec: EarlyStopping, figures: Sequence[str]) -> str | None:
    """The figure that early stopping judges by; None for a name that no figure has."""
    if spec.monitor is None:
        return "validation.loss" if "validation.loss" in figures else "train.loss"
    return spec.monitor if spec.monitor in figures else None


def check_monitor(document: Document, figures: Sequence[str]) -> None:
    """Refuse to watch a figure that there will not be. Errors: SpecError at its place."""
    train = document.spec.train
    spec = train.early_stopping if train is not None else None
    if spec is not None and watched(spec, figures) is None:
        raise SpecError(_unknown(document, str(spec.monitor), figures))


def _unknown(document: Document, monitor: str, figures: Sequence[str]) -> Diagnostic:
    span = document.span("train", "early_stopping", "monitor")
    listed = join_words([f"'{name}'" for name in figures])
    part, _, name = monitor.partition(".")
    names = [figure.partition(".")[2] for figure in figures if figure.startswith(f"{part}.")]
    near = suggest(monitor, figures) if not names or suggest(name, names) else ""
    advice = f"there will be {listed}"
    if part == "test":
        advice = f"the test part is looked at once, when all is over; {advice}"
    elif part == "validation" and "validation.loss" not in figures:
        advice = f"the data have no validation part: `split: {{validation: 0.2}}`; {advice}"
    elif f"{part}.loss" in figures and name and not near:
        advice = f"`metrics: [{name}]` may be missing under `train`; {advice}"
    return diagnostic("E247", span, label=near, monitor=monitor, help=advice)
