"""A training run that leaves a folder behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import Any

from nngraph.data import DataSet
from nngraph.files import Binding, Content, FolderLock, bind_files, read_manifest
from nngraph.records import dataclass
from nngraph.spec.model import TrainSpec
from nngraph.spec.resolved import resolved_yaml
from nngraph.train.checkpoint import check_newest
from nngraph.train.data_files import HERE, DataPlace
from nngraph.train.interrupt import Interrupt
from nngraph.train.journal import Journal, metrics_lines
from nngraph.train.learner import Learner, rows_of
from nngraph.train.loop import Settings, restore_best, stopper_after, train
from nngraph.train.nonfinite import refuse_infinite
from nngraph.train.origin import RunOrigin, new_run_id, run_id, versions_of
from nngraph.train.position import Epoch, Position
from nngraph.train.run_folder import (
    BEST,
    DATA,
    GIVEN,
    METRICS,
    RESOLVED,
    SPEC,
    STATISTICS,
    SUMMARY,
    WEIGHTS,
    check_unused,
    json_file,
    weights_file,
)
from nngraph.train.saving import Saver, check_finite
from nngraph.train.statistics import Statistics
from nngraph.train.stored import stored_data

GROWING = (METRICS, STATISTICS)
QUICKLY_DRAWN = 100  # nodes of a network that is still drawn when a signal has asked for the end


@dataclass
class Observer:
    """Who wants to hear of a run: of the rows done in an epoch, of each epoch, of the end.

    `end` hears the whole story when the weights are saved, and may write into the folder.
    """

    batch: Callable[[int], None] = field(default=lambda done: None)
    epoch: Callable[[Epoch], None] = field(default=lambda epoch: None)
    end: Callable[[Sequence[Epoch]], None] = field(default=lambda history: None)


@dataclass(frozen=True, eq=False)
class Recording:
    """A training and its folder, which is locked as long as this lives."""

    learner: Learner
    data: DataSet
    folder: Path
    position: Position
    saver: Saver
    journal: Journal
    interrupt: Interrupt
    observer: Observer

    @property
    def settings(self) -> Settings:
        """How the spec says to train."""
        return self.learner.settings(self.data.parts["train"].rows)

    def train(self) -> list[Epoch]:
        """All epochs that are left, each written and told as soon as it is over.

        Gives the epochs from the first one on; after a signal the last may be unfinished.
        """
        parts, history = self.data.parts, list(self.position.history)
        validation = rows_of(parts["validation"]) if "validation" in parts else None
        epochs = train(
            self.learner.executable,
            self.settings,
            rows_of(parts["train"]),
            validation,
            stop=lambda: self.interrupt.requested,
            after_batch=self._after_batch,
            position=self.position,
        )
        if self.learner.executable.step == 0:
            self.saver.save()
        for epoch in epochs:
            history.append(epoch)
            self.journal.tell(epoch, is_over=self.position.epoch > epoch.number)
            if not self.interrupt.requested:
                self.saver.after_epoch()
                self.tell(partial(self.observer.epoch, epoch))
        self.saver.save()
        return history

    def _after_batch(self, done: int) -> None:
        self.saver.after_step()
        self.tell(partial(self.observer.batch, done))

    def tell(self, tell: Callable[[], None]) -> None:
        """A terminal that was hung up takes no more words; the run is saved all the same."""
        try:
            tell()
        except OSError:
            if not self.interrupt.requested:
                raise

    def finish(self, history: list[Epoch], started: float) -> dict[str, Any]:
        """Write weights, best weights and figures, as one; where they are, nothing is missing."""
        learner, position = self.learner, self.position
        with Binding(self.folder, in_place=GROWING) as binding:
            binding.write(WEIGHTS, weights_file(learner.executable.weights()))
            if position.best is not None:
                binding.write(BEST, weights_file(position.best))
            summary = self._summary(history, position.seconds + time.perf_counter() - started)
            if not self.interrupt.requested or len(learner.document.nodes) <= QUICKLY_DRAWN:
                self.tell(partial(self.observer.end, history))
            binding.write(SUMMARY, json_file(summary))
        return summary

    def _summary(self, history: list[Epoch], seconds: float) -> dict[str, Any]:
        """The figures, with the best weights where they are restored: they are used from now."""
        learner, position = self.learner, self.position
        if self.interrupt.requested:
            summary = unfinished(learner, self.data, history, seconds)
        else:
            restored = restore_best(learner.executable, position, self.settings)
            summary = summarise(learner, self.data, history, seconds)
            summary["weights"] = "best" if restored else "last"
        summary["interrupted"] = self.interrupt.requested
        if (best := best_of(self.settings, position)) is not None:
            summary["best"] = best
        return summary


def record_training(
    learner: Learner,
    data: DataSet,
    folder: Path,
    *,
    place: DataPlace = HERE,
    observer: Observer | None = None,
    statistics: Statistics | None = None,
    position: Position | None = None,
    newest: int | None = None,
) -> tuple[dict[str, Any], int]:
    """Train a network and write its run folder; the summary, and the number of a signal or 0.

    After a signal the running step is finished and the run is saved, to be continued. `position`
    is where a run goes on whose network has its weights and state already (`resume`), and `newest`
    the checkpoint that was the newest when it was read.

    Errors: NonFiniteError (weights that are not finite are not written; a run that ends with
    infinite figures is), DataError, FileError.
    """
    started = time.perf_counter()
    learner.normalizers, learner.labels = data.normalizers, data.labels
    with FolderLock(folder), Interrupt() as interrupt:
        if position is None:
            position = Position()
            _write_start(folder, learner, place, data.digest)
        else:
            check_newest(folder, newest)
            _write_again(folder, learner, place)
        executable, spec = learner.executable, learner.document.spec.train or TrainSpec()
        with executable.threads(), Journal(folder, position, statistics) as journal:
            origin = replace(RunOrigin.of(learner, data), run=run_id(folder))
            saver = Saver(folder, executable, position, origin, spec.checkpoint, journal.sync)
            recording = Recording(
                learner, data, folder, position, saver, journal, interrupt, observer or Observer()
            )
            history = recording.train()
        summary = recording.finish(history, started)
        if not interrupt.requested:
            refuse_infinite(_last_figures(summary))
    return summary, interrupt.signal_number or 0


def _last_figures(summary: Mapping[str, Any]) -> dict[str, float]:
    return {
        f"{part}.{name}": value
        for part in ("train", "validation", "test")
        for name, value in summary.get(part, {}).items()
    }


def _write_start(folder: Path, learner: Learner, place: DataPlace, data: str) -> None:
    """What is known before the first step, in a folder that is new; `data` is their digest."""
    check_unused(folder, learner.document.source.text)
    files = _spec_files(folder, learner, place) | {SPEC: learner.document.source.text.encode()}
    bind_files(
        folder, files, growing=GROWING, facts={"run": new_run_id(learner, data), "data": data}
    )


def _write_again(folder: Path, learner: Learner, place: DataPlace) -> None:
    """The spec of a run that goes on; what a folder without a manifest holds is bound from now."""
    is_old = read_manifest(folder) is None
    kept = (SPEC, WEIGHTS, BEST, SUMMARY) if is_old else ()
    bind_files(folder, _spec_files(folder, learner, place), in_place=kept, growing=GROWING)


def _spec_files(folder: Path, learner: Learner, place: DataPlace) -> dict[str, Content]:
    files: dict[str, Content] = {
        RESOLVED: resolved_yaml(learner.document).encode(),
        DATA: json_file(stored_data(folder, learner, place)),
    }
    given = learner.network.lowered.files
    return files | {GIVEN: weights_file(given)} if given else files


def save_network(
    folder: Path, learner: Learner, history: Sequence[Epoch], place: DataPlace = HERE
) -> None:
    """Write a network that was trained without a folder into one.

    Errors: NonFiniteError for weights that are not finite; FileError.
    """
    check_finite(learner.executable.weights(), history[-1].number if history else 0)
    with FolderLock(folder):
        check_unused(folder, learner.document.source.text)
        summary = {**_identity(learner, history), "seconds": history[-1].seconds if history else 0}
        with Binding(folder, facts={"run": new_run_id(learner, "")}) as binding:
            binding.write(SPEC, learner.document.source.text.encode())
            for name, content in _spec_files(folder, learner, place).items():
                binding.write(name, content)
            binding.write(METRICS, metrics_lines(history))
            binding.write(WEIGHTS, weights_file(learner.executable.weights()))
            binding.write(SUMMARY, json_file(summary))


def summarise(
    learner: Learner, data: DataSet, history: list[Epoch], seconds: float
) -> dict[str, Any]:
    """Final figures of every part with the weights as they are now, and where they come from."""
    return {
        **_identity(learner, history),
        **{name: learner.evaluate(rows_of(part)) for name, part in data.parts.items()},
        **_about(data, seconds),
    }


def unfinished(
    learner: Learner, data: DataSet, history: list[Epoch], seconds: float
) -> dict[str, Any]:
    """Figures as far as they are known: those of the last epoch of each part. Takes no time."""
    figures: dict[str, Any] = {}
    for epoch in history:
        parts = {"train": epoch.train, "validation": epoch.validation}
        figures |= {name: found for name, found in parts.items() if found}
    return {**_identity(learner, history), **figures, **_about(data, seconds)}


def _about(data: DataSet, seconds: float) -> dict[str, Any]:
    return {
        "rows": {name: part.rows for name, part in data.parts.items()},
        "data": data.digest,
        "seconds": round(seconds, 3),
    }


def best_of(settings: Settings, position: Position) -> dict[str, Any] | None:
    """The best epoch by the figure of early stopping, where there is such."""
    stopper = stopper_after(settings, position.history)
    if stopper is None or stopper.best is None:
        return None
    return {
        "epoch": stopper.best.number,
        "monitor": stopper.figure,
        "value": stopper.value,
        "stopped_early": stopper.is_over,
    }


def _identity(learner: Learner, history: Sequence[Epoch]) -> dict[str, Any]:
    return {
        "name": learner.document.name,
        "epochs": history[-1].number if history else 0,
        "steps": learner.executable.step,
        "parameters": learner.network.parameters,
        "trainable": learner.network.trainable,
        "seed": learner.seed,
        "versions": versions_of(learner),
    }
