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
from nngraph.search.evolution import Bred, Genome, child
from nngraph.search.plan import Plan
from nngraph.search.sampling import AGAIN, places, sampler_for
from nngraph.search.study import JOURNAL, LOCKS, Worker, lives, study_name
from nngraph.words.searches import EvolutionSearch

State = Literal["running", "done", "stopped", "failed"]
WORKER, RESULT, GENOME = "worker", "result", "genome"  # attributes of a trial


@dataclass(frozen=True)
class Trial:
    """A trial as it stands. `number` is its place in the search, from 0; `texts` are its values by
    path, `shown` what a table shows of them; `figures` are those of its repeats, `figure` is their
    median (with what edges cost); `reason` says why it failed."""

    number: int
    state: State
    texts: Mapping[str, str]
    shown: Mapping[str, str]
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
            if self.plan.ground is not None and GENOME not in trial.user_attrs:
                trial.set_user_attr(GENOME, self._child(places(self._frozen())[trial.number]))
            trial.set_user_attr(WORKER, worker.name)
            return trial

    def _child(self, place: int) -> str:
        """The genome of the trial at this place, bred from all that are done."""
        plan, by = self.plan, self.plan.search.by
        assert plan.ground is not None
        assert isinstance(by, EvolutionSearch)
        known = self._frozen()
        place_of = places(known)
        sign = -1.0 if plan.rises else 1.0
        bred = [
            Bred(place_of[one.number], genome, sign * (one.value or 0.0))
            for one in known
            if one.state == TrialState.COMPLETE and (genome := _genome(one)) is not None
        ]
        first = plan.ground.first(plan.document)
        return child(plan.ground, first, by, plan.search.seed, place, bred).as_json()

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
                bred = {k: v for k, v in trial.user_attrs.items() if k == GENOME}
                self._study.enqueue_trial(whole, {AGAIN: trial.number, **bred})
            self._study.tell(trial.number, state=TrialState.FAIL)

    def finish(
        self, trial: optuna.Trial, state: State, figures: Sequence[float], more: Mapping[str, Any]
    ) -> None:
        """Write what came of a trial; from now on nothing of it can be lost."""
        trial.set_user_attr(RESULT, {"state": state, "figures": list(figures), **more})
        if state == "done":
            self._study.tell(trial, self.plan.median(figures, _genome(trial)))
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
        """The values of a trial by path: for a bred network those of nodes and edges."""
        if self.plan.ground is None:
            return self.plan.space.texts(trial.params)
        genome = _genome(trial, as_begun=True)
        return {} if genome is None else self.plan.ground.texts(genome)

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
        texts = self.texts(trial) if whole else {}
        return Trial(
            number,
            _state(trial, result),
            texts,
            self.plan.shown(texts, _genome(trial)),
            trial.value if is_over and trial.state != TrialState.FAIL else None,
            tuple(result.get("figures", ())),
            result.get("seconds"),
            str(trial.user_attrs.get(WORKER, "")),
            str(result.get("reason", "")),
        )

    def are_running(self) -> bool:
        """Whether somebody still works on a trial."""
        return any(trial.state == TrialState.RUNNING for trial in self._frozen())


def _genome(trial: optuna.Trial | FrozenTrial, *, as_begun: bool = False) -> Genome | None:
    """The network of a trial where networks are bred, with the weights that it has learnt, or
    those with which it began."""
    if GENOME not in trial.user_attrs:
        return None
    genome = Genome.read(trial.user_attrs[GENOME])
    weights = trial.user_attrs.get(RESULT, {}).get("weights", {})
    return genome if as_begun else genome.trained(weights)


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
