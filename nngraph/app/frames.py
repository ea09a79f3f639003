"""Pictures of a network while it learns: one for each epoch, or one that moves.

A run keeps its last checkpoints only. But it goes on to the same bits as often as it is trained, so
it is trained once more, and the weights at its end must be those of the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from nngraph.app.fit import fit, rows_of_data, settings_for
from nngraph.data import DataSet
from nngraph.errors import ModelFileError, UsageError, diagnostic
from nngraph.files import make_folder, write_atomically
from nngraph.insight.moving import moving_picture
from nngraph.insight.neuron_maps import with_maps
from nngraph.insight.picture import picture_of
from nngraph.render import picture_bytes
from nngraph.render.colours import Theme
from nngraph.train.data_files import load_data
from nngraph.train.journal import read_summary
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.position import Epoch

Frames: TypeAlias = dict[int, bytes]
"""Epoch -> picture."""

MOST = 60
"""Frames of a run: of longer ones evenly chosen epochs, the first and the last among them."""


def draw_frames(
    run: Path,
    path: Path,
    *,
    neurons: bool = False,
    data_root: Path | None = None,
    theme: Theme = "auto",
) -> int:
    """Draw a run before its first epoch and after its epochs; how many pictures there are.

    `path` is a .gif, or a folder for files epoch-0000.svg.

    Errors: UsageError for another name; ModelFileError where training it again ends in other
    weights, as on another machine; what `load_run` and its data raise.
    """
    is_folder = path.suffix == ""
    if not is_folder and path.suffix.lower() != ".gif":
        raise UsageError(diagnostic("E002:frames-file", file=path.name))
    trained, place = load_run(run, (), data_root)
    summary = read_summary(run)
    if summary.get("interrupted", False):
        raise UsageError(diagnostic("E002:frames-interrupted", run=run))
    data, epochs = load_data(trained, place), int(summary.get("epochs", 0))
    suffix = ".svg" if is_folder else ".png"
    frames = _frames(trained, data, suffix, neurons, epochs, theme)
    if is_folder:
        make_folder(path)
        for epoch, frame in frames.items():
            write_atomically(path / f"epoch-{epoch:04}.svg", frame)
    else:
        write_atomically(path, moving_picture(list(frames.values())))
    return len(frames)


def _frames(
    trained: Learner, data: DataSet, suffix: str, neurons: bool, epochs: int, theme: Theme
) -> Frames:
    learner = Learner.start(trained.document, trained.seed)
    rows, validation = rows_of_data(learner, data)
    due = {round(epoch) for epoch in np.linspace(0, epochs, MOST)}
    frames: Frames = {}

    def draw(number: int) -> None:
        picture = picture_of(learner.network, learner.executable.weights(), trained.unit_names)
        if neurons:
            picture = with_maps(picture, learner, lambda: data)
        picture = replace(picture, description=f"after epoch {number:,} of {epochs:,}")
        frames[number] = picture_bytes(picture, suffix, neurons=neurons, theme=theme)

    def hear(epochs: Sequence[Epoch]) -> None:
        for epoch in epochs:
            if epoch.number in due:
                draw(epoch.number)

    draw(0)
    settings = settings_for(learner, rows.count, epochs=epochs)
    fit(learner, settings, rows, validation, hear)
    _check_same(learner, trained)
    return frames


def _check_same(again: Learner, trained: Learner) -> None:
    ends = (again.executable.weights(), trained.executable.weights())
    for id_, array in ends[0].items():
        if array.tobytes() != ends[1][id_].tobytes():
            raise ModelFileError(diagnostic("E506:not-again", id=id_))
