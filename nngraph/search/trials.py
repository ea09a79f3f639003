"""The trials of a study as Optuna keeps them: taken, finished, read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import FrozenTrial, TrialState

from nngraph.files import WaitingLock, make_folder
from nngraph.records import dataclass
from nngraph.search.plan import Plan
from nngraph.search.sampling import AGAIN, places, sampler_for
from nngraph.search.study import JOURNAL, LOCKS, Worker, lives, study_name

State = Literal["running", "done", "stopped", "failed"]
WORKER, RESULT = "worker", "result"  # attributes of a trial


@dataclass(frozen=True)
class Trial:
    """A trial as it stands. `number` is its place in the search, from 0; `texts` are its values by
    path; `figures` those of its repeats, of which `figure` is the median; `reason` says why it
    failed."""

    number: int
    state: State
    texts: Mapping[str, str]
    figure: float | None = None
    figures: tuple[float, ...] = ()
    seconds: float | None = None
    worker: str = ""
    reason: str = ""


class JournalLock(JournalFileOpenLock):
    """Our lock for Optuna's journal: no other has to guess whether its holder is still there."""

    def __init__(self, lock: WaitingLock) -> None:
        self._lock = lock

    def acquire(self) -> bool:
        """Wait for it."""
        self._lock.__enter__()
        return True

    def release(self) -> None:
        """Let others have it."""
        self._lock.__exit__(None, None, None)


class Trials:
    """All trials of one study, for one process."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.folder, self.plan = folder, plan
        journal = folder / JOURNAL
        make_folder(folder / LOCKS)
        lock = WaitingLock(folder / LOCKS / "journal")
        self._taking = WaitingLock(folder / LOCKS / "trials")
        with lock:
            _mend(journal)
        self._study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(journal), lock_obj=JournalLock(lock))),
            study_name=study_name(folder),
            direction="maximize" if plan.rises else "minimize",
            pruner=_pruner(plan),
            load_if_exists=True,
        )
        self._distributions = {axis.name: axis.distribution() for axis in plan.space.axes}

    # ---- taking and giving back

    def take(self, worker: Worker) -> optuna.Trial | None:
        """The next trial that nobody has, None where there is none (any more)."""
        with self._taking:
            known = self._frozen()
            self._take_over(known)
            known = self._frozen()
            place = places(known)
            is_waiting = any(trial.state == TrialState.WAITING for trial in known)
            following = len(set(place.values()))
            if not is_waiting and following >= self.plan.trials:
                return None
            search = self.plan.search
            self._study.sampler = sampler_for(search.by, self.plan.space, search.seed, following)
            trial = self._study.ask(self._distributions)
            trial.set_user_attr(WORKER, worker.name)
            return trial

    def _take_over(self, known: Sequence[FrozenTrial]) -> None:
        """Put trials whose workers are gone into the queue once more."""
        queued = {trial.user_attrs.get(AGAIN) for trial in known}
        for trial in known:
            if trial.state != TrialState.RUNNING:
                continue
            if lives(self.folder, trial.user_attrs.get(WORKER)):
                continue
            if trial.number not in queued:
                whole = trial.params if len(trial.params) == len(self._distributions) else {}
                self._study.enqueue_trial(whole, {AGAIN: trial.number})
            self._study.tell(trial.number, state=TrialState.FAIL)

    def finish(
        self, trial: optuna.Trial, state: State, figures: Sequence[float], more: Mapping[str, Any]
    ) -> None:
        """Write what came of a trial; from now on nothing of it can be lost."""
        trial.set_user_attr(RESULT, {"state": state, "figures": list(figures), **more})
        if state == "done":
            self._study.tell(trial, self.plan.median(figures))
        elif state == "stopped":
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, state=TrialState.FAIL)

    # ---- reading

    @property
    def optuna_study(self) -> optuna.Study:
        """The same for Optuna's own tools."""
        return self._study

    def _frozen(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def texts(self, trial: optuna.Trial | FrozenTrial) -> dict[str, str]:
        """The values of a trial by path."""
        return self.plan.space.texts(trial.params)

    def read(self) -> list[Trial]:
        """All trials by their place in the search; one that was taken over is told once."""
        known = self._frozen()
        place = places(known)
        latest = {place[trial.number]: trial for trial in known}
        return [self._read(number, trial) for number, trial in sorted(latest.items())]

    def _read(self, number: int, trial: FrozenTrial) -> Trial:
        result = trial.user_attrs.get(RESULT, {})
        whole = len(trial.params) == len(self._distributions)
        is_over = trial.state.is_finished()
        return Trial(
            number,
            _state(trial, result),
            self.texts(trial) if whole else {},
            trial.value if is_over and trial.state != TrialState.FAIL else None,
            tuple(result.get("figures", ())),
            result.get("seconds"),
            str(trial.user_attrs.get(WORKER, "")),
            str(result.get("reason", "")),
        )

    def are_running(self) -> bool:
        """Whether somebody still works on a trial."""
        return any(trial.state == TrialState.RUNNING for trial in self._frozen())


def _state(trial: FrozenTrial, result: Mapping[str, Any]) -> State:
    if trial.state == TrialState.COMPLETE:
        return "done"
    if trial.state == TrialState.PRUNED:
        return "stopped"
    return "failed" if result else "running"


def _pruner(plan: Plan) -> BasePruner:
    if plan.search.pruning == "median":
        return MedianPruner(n_startup_trials=5)
    if plan.search.pruning == "halving":
        return SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    return NopPruner()


def _mend(journal: Path) -> None:
    """Cut off a last line that was not written to its end, as after a loss of power."""
    if not journal.exists():
        return
    content = journal.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with open(journal, "r+b") as file:
            file.truncate(whole)


def ranked(trials: Sequence[Trial], *, rises: bool) -> list[Trial]:
    """The trials that are done, the best first; of equal ones that with the better mean over its
    repeats, then the earlier."""
    done = [trial for trial in trials if trial.state == "done" and trial.figure is not None]
    sign = -1 if rises else 1

    def order(trial: Trial) -> tuple[float, float, int]:
        mean = sum(trial.figures) / max(1, len(trial.figures))
        return sign * (trial.figure or 0.0), sign * mean, trial.number

    return sorted(done, key=order)
