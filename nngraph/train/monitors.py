"""The figures that early stopping and schedules watch: there must be such."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.diagnostics.foreign import our_word
from nngraph.errors import Diagnostics, SpecError, join_words, suggest
from nngraph.spec import Document
from nngraph.spec.model import EarlyStopping
from nngraph.words.schedules import FigureSchedule


def watched(monitor: str | None, figures: Sequence[str]) -> str | None:
    """The figure that is watched, by default a loss; None for a name that no figure has."""
    if monitor is None:
        return "validation.loss" if "validation.loss" in figures else "train.loss"
    return monitor if monitor in figures else None


FIGURES = ("train.loss", "validation.loss", "train.accuracy", "validation.accuracy")


def check_monitors(document: Document, figures: Sequence[str]) -> None:
    """Refuse to watch figures that there will not be. Errors: SpecError at their places."""
    train, found = document.spec.train, Diagnostics(SpecError)
    if train is None:
        return
    watchers: list[tuple[str, str, EarlyStopping | FigureSchedule]] = []
    if train.early_stopping is not None:
        watchers.append(("E247", "early_stopping", train.early_stopping))
    if isinstance(train.schedule, FigureSchedule):
        watchers.append(("E247:schedule", "schedule", train.schedule))
    for code, key, watcher in watchers:
        if watched(watcher.monitor, figures) is None:
            monitor, span = str(watcher.monitor), document.span("train", key, "monitor")
            near, help = _advice(monitor, figures)
            found.tell(code, span, label=near, monitor=monitor, help=help)
    found.raise_if_any()


def _advice(monitor: str, figures: Sequence[str]) -> tuple[str, str]:
    """The name that was probably meant, or "", and what there is or is missing."""
    listed = join_words([f"'{name}'" for name in figures])
    ours = our_word(monitor, FIGURES)
    if ours not in ("", monitor) and not suggest(monitor, figures):
        _, advice = _advice(ours, figures)
        return "", f"it is called '{ours}' here; {advice}"
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
    return near, advice
