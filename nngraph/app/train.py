"""Training a network on its data, with a run folder that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nngraph.app.preparing import prepared_data
from nngraph.app.recording import Observer, record_training
from nngraph.app.resume import Resumed
from nngraph.data import DataSet
from nngraph.errors import Diagnostic
from nngraph.insight.drawings import draw_run
from nngraph.insight.lints import lints_of
from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.train.data_files import DataPlace
from nngraph.train.learner import Learner, rows_of
from nngraph.train.position import Epoch
from nngraph.train.run_folder import new_folder
from nngraph.train.statistics import Statistics


def _ignore(done: int) -> None:
    pass


@dataclass(frozen=True)
class Listener:
    """Who hears of a training while it runs: of the rows done in an epoch, of each epoch that is
    over, and of what did not work but is no reason to stop."""

    epoch: Callable[[Epoch], None]
    remark: Callable[[str], None]
    batch: Callable[[int], None] = _ignore


@dataclass(frozen=True, eq=False)
class Training:
    """A training in which nothing is wrong, and of which nothing is written yet."""

    learner: Learner
    data: DataSet
    place: DataPlace

    @property
    def rows(self) -> int:
        """How many samples an epoch takes."""
        return self.data.parts["train"].rows

    @property
    def epochs(self) -> int:
        """How many epochs the spec asks for."""
        return self.learner.settings(self.rows).epochs

    @property
    def lints(self) -> tuple[Diagnostic, ...]:
        """What is worth a look in the spec and its data."""
        return lints_of(self.learner.network, self.data)

    def new_folder(self, wanted: Path | None = None) -> Path:
        """Make the folder of a new run: `wanted`, or else runs/NAME-001, counting up.

        Errors: FileError when `wanted` holds anything already, or cannot be made.
        """
        document = self.learner.document
        return new_folder(document.name, wanted, document.source.text)

    def record(
        self,
        folder: Path,
        listener: Listener,
        resumed: Resumed | None = None,
    ) -> tuple[dict[str, Any], int]:
        """Train, and write the run; its summary, and the number of the signal that ended it or 0.

        `resumed` is where a run goes on whose weights and state the network has already.

        Errors: NonFiniteError (such weights are not written), DataError, FileError.
        """
        learner = self.learner
        statistics = Statistics(learner, rows_of(self.data.parts["train"]), self.epochs)

        def draw(history: Sequence[Epoch]) -> None:
            if word := draw_run(folder, learner, history):
                listener.remark(word)

        return record_training(
            learner,
            self.data,
            folder,
            place=self.place,
            observer=Observer(listener.batch, listener.epoch, draw),
            statistics=statistics,
            position=None if resumed is None else resumed.position,
            newest=None if resumed is None else resumed.newest,
        )


def prepare(document: Document, place: DataPlace) -> Training:
    """Everything that can be wrong is found before a folder is made.

    Errors: SpecError, CapacityError; UsageError without loss or data; DataError; FileError.
    """
    learner = Learner.start(document).with_training()
    data = prepared_data(learner.network, place)
    return Training(learner.weighing(data.parts["train"].targets, data.labels), data, place)
