"""What a report tells of, read from a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from nngraph.data import DataSet, Part
from nngraph.data.dataset import PARTS
from nngraph.errors import NNGraphError, UsageError
from nngraph.files import bound_exists
from nngraph.insight.answers import part_to_show
from nngraph.insight.input_pictures import InputPictures
from nngraph.records import dataclass
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.journal import read_history, read_summary
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.run_folder import SPEC, read_bound
from nngraph.train.statistics import read_statistics


@dataclass(frozen=True)
class Story:
    """A network, its figures, what was recorded of it, and its data where they are found.

    `folder` is that of its run, None for one that no run holds. `summary` is {} and `history` empty
    where there are none. `missing` says why there are no data, "" where there are.
    """

    folder: Path | None
    learner: Learner
    spec_text: str
    summary: dict[str, Any]
    history: list[dict[str, Any]]
    statistics: list[dict[str, Any]]
    data: DataSet | None = None
    missing: str = ""

    @property
    def name(self) -> str:
        """The network's name."""
        return self.learner.document.name

    @cached_property
    def examined(self) -> tuple[str, Part] | None:
        """The part that the answers are looked at on: test, else validation, else train."""
        has_loss = bool(self.learner.document.spec.loss)
        return part_to_show(self.data) if has_loss and self.data is not None else None

    @cached_property
    def pictures(self) -> InputPictures | None:
        """The input that is a picture, None without one or without data."""
        if self.examined is None or self.data is None:
            return None
        return InputPictures.of(self.learner, self.data, self.examined[1])

    @property
    def figures(self) -> dict[str, dict[str, float | None]]:
        """The final figures of each part."""
        found = {part: self.summary.get(part) for part in PARTS}
        return {part: figures for part, figures in found.items() if isinstance(figures, dict)}


def read_story(folder: Path, overrides: Sequence[str] = (), root: Path | None = None) -> Story:
    """Read a run folder; data that cannot be read are no error, they are missing.

    Errors: FileError, ModelFileError, SpecError for the run itself.
    """
    learner, place = load_run(folder, overrides, root)
    return story_of_run(folder, learner, place)


def story_of_run(folder: Path, learner: Learner, place: DataPlace) -> Story:
    """What the folder of a network that is read already has recorded, and its data."""
    data, missing = data_or_reason(learner, place)
    return Story(
        folder,
        learner,
        read_bound(folder, SPEC) if bound_exists(folder, SPEC) else learner.document.source.text,
        read_summary(folder),
        read_history(folder),
        read_statistics(folder),
        data,
        missing,
    )


def data_or_reason(learner: Learner, place: DataPlace) -> tuple[DataSet | None, str]:
    """The data of a network, or why they cannot be read; "" too where it names none."""
    try:
        return load_data(learner, place), ""
    except UsageError:  # the run names none
        return None, ""
    except NNGraphError as problem:
        return None, problem.diagnostics[0].message
