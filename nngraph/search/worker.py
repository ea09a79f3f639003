"""What one worker does: take a trial, train it, write what came of it, until none is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.errors import NNGraphError
from nngraph.records import dataclass
from nngraph.search.plan import Plan
from nngraph.search.study import Worker, plan_of_study, working
from nngraph.search.trainer import Stopped, Trainer
from nngraph.search.trials import State, Trials

if TYPE_CHECKING:
    import optuna

    from nngraph.train.position import Epoch

LOOK_AGAIN = 0.2  # seconds between two looks at the trials of others


@dataclass(frozen=True)
class Listener:
    """Who hears of a search: of an epoch of the running trial, and of each change of the trials."""

    epoch: Callable[[int, Epoch], None] = lambda repeat, epoch: None
    change: Callable[[], None] = lambda: None


def work(trials: Trials, worker: Worker, listener: Listener, ends: Callable[[], bool]) -> None:
    """Take one trial after the other until all are finished, also by others, or `ends` says so.

    What is raised in the midst of a trial, as by Ctrl-C, leaves it to others.
    """
    trainer = Trainer(trials.plan)
    while not ends():
        trial = trials.take(worker)
        if trial is not None:
            listener.change()
            _train(trials, trainer, trial, listener)
            listener.change()
        elif trials.are_running():
            time.sleep(LOOK_AGAIN)  # one of them may die, and its trial be left to us
            listener.change()
        else:
            return


def _train(trials: Trials, trainer: Trainer, trial: optuna.Trial, listener: Listener) -> None:
    began = time.perf_counter()
    state: State = "done"
    figures: Sequence[float] = ()
    more: dict[str, object] = {}
    try:
        figures = trainer.figures(trials.texts(trial), _reports(trial, trials.plan), listener.epoch)
    except Stopped:
        state = "stopped"
    except NNGraphError as problem:  # values that do not go together; each alone was tried
        state, more = "failed", {"reason": problem.diagnostics[0].message}
    if trainer.learnt:
        more["weights"] = trainer.learnt
    more["seconds"] = round(time.perf_counter() - began, 3)
    trials.finish(trial, state, figures, more)


def _reports(trial: optuna.Trial, plan: Plan) -> Callable[[int, float], bool] | None:
    """What tells Optuna's pruner of an epoch; a tenth of the epochs, or a doubling, apart, for each
    is a line of the journal on the disk."""
    if plan.search.pruning == "none":
        return None
    train = plan.document.spec.train
    tenth = max(1, (train.epochs if train is not None else 10) // 10)
    halves = plan.search.pruning == "halving"

    def report(epoch: int, figure: float) -> bool:
        is_due = epoch & (epoch - 1) == 0 if halves else epoch % tenth == 0
        if not is_due:
            return False
        trial.report(figure, epoch)
        return trial.should_prune()

    return report


# ---- several of them on one machine


@dataclass(frozen=True, eq=False)
class Helpers:
    """Workers in processes of their own. They end with the one that started them."""

    processes: list[subprocess.Popen[bytes]]

    @classmethod
    def start(cls, folder: Path, count: int, data_root: Path | None) -> Helpers:
        """So many of them, at work in a study."""
        command = [sys.executable, "-m", "nngraph.search.worker", str(folder)]
        if data_root is not None:
            command.append(str(data_root))
        nowhere = subprocess.DEVNULL
        started = [
            subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
            for _ in range(count)
        ]
        return cls(started)

    def end(self) -> None:
        """End those that still are at work, and wait for all."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait()


def main(folder: str, data_root: str | None = None) -> None:
    """A helper's whole life; told to end, it takes its folder with it."""
    signal.signal(signal.SIGTERM, lambda *told: sys.exit(128 + signal.SIGTERM))
    parent = os.getppid()
    study = Path(folder)
    plan = plan_of_study(study, data_root=None if data_root is None else Path(data_root))
    with working(study) as worker:
        work(Trials(study, plan), worker, Listener(), lambda: os.getppid() != parent)


if __name__ == "__main__":
    main(*sys.argv[1:])
