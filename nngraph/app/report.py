"""A report: one HTML file that tells of a network and how it learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.app.recording import summarise
from nngraph.errors import UsageError, diagnostic
from nngraph.files import make_folder, write_atomically
from nngraph.insight.events import events_by_part
from nngraph.insight.report import Story, data_or_reason, report_html
from nngraph.render.colours import Theme, in_theme
from nngraph.train.data_files import DataPlace
from nngraph.train.learner import Learner
from nngraph.train.position import Epoch
from nngraph.train.run_folder import RESOLVED, finite


def write_report(story: Story, path: Path, theme: Theme = "auto") -> int:
    """Write the page, which needs no network and no script; how many bytes it has. With the theme
    "auto" it is light or dark as its reader prefers.

    Errors: UsageError for another ending than .html; FileError.
    """
    check_page_name(path)
    content = in_theme(report_html(story), theme).encode()
    write_atomically(path, content)
    return len(content)


def check_page_name(path: Path) -> None:
    """Refuse another ending than that of a page. Errors: UsageError."""
    if path.suffix.lower() not in (".html", ".htm"):
        better = path.with_suffix(".html").name
        raise UsageError(diagnostic("E002:report-file", file=path.name, better=better))


def story_in_memory(learner: Learner, place: DataPlace, history: Sequence[Epoch]) -> Story:
    """What there is to tell of a network that no run folder holds."""
    data, missing = data_or_reason(learner, place)
    summary = {}
    if data is not None and learner.document.spec.loss:
        seconds = history[-1].seconds if history else 0.0
        summary = finite(summarise(learner, data, list(history), seconds))
    return Story(
        None,
        learner,
        learner.document.source.text,
        summary,
        [finite(epoch.as_json()) for epoch in history],
        [],
        data,
        missing,
    )


def write_events(story: Story, folder: Path) -> None:
    """FOLDER/RUN/PART/events...: the parts of the data are what TensorBoard calls runs."""
    assert story.folder is not None
    started = (story.folder / RESOLVED).stat().st_mtime  # written just before the first step
    for part, content in events_by_part(story.history, started).items():
        place = folder / story.folder.resolve().name / part
        make_folder(place)
        write_atomically(place / f"events.out.tfevents.{int(started)}.nngraph", content)
