"""Searching for good values, as `nngraph tune` does."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.api.model import Model
from nngraph.api.starting import load

if TYPE_CHECKING:
    from nngraph.search.results import Kept
    from nngraph.search.session import Session
    from nngraph.search.trials import Trial


class Study:
    """What a search found: `folder` holds it all, `trials` are in the order in which they began."""

    def __init__(self, session: Session, kept: Sequence[Kept]) -> None:
        self._session, self._kept = session, tuple(kept)

    @property
    def folder(self) -> Path:
        """The study's folder: journal, table, picture, best spec, runs."""
        return self._session.folder

    @property
    def trials(self) -> list[Trial]:
        """All trials: `number`, `state`, `texts` (path -> value), `figure`, `figures`."""
        return self._session.trials.read()

    @property
    def best(self) -> Trial | None:
        """The best trial that came to its end."""
        return next(iter(self._session.ranked), None)

    @property
    def spec(self) -> Path:
        """The spec with the best values written into its text."""
        from nngraph.search.results import BEST

        return self.folder / BEST

    @property
    def runs(self) -> tuple[Path, ...]:
        """The run folders of the best trials, the best first."""
        return tuple(one.run for one in self._kept)

    def model(self) -> Model:
        """The trained model of the best trial. Errors: UsageError where no trial is done."""
        from nngraph.search.results import keep_best

        return load((self._kept or keep_best(self._session.trials))[0].run)

    def __repr__(self) -> str:
        best = self.best
        found = "no trial is done" if best is None else f"best {best.figure:.6g} {dict(best.texts)}"
        return f"<nngraph.Study {self.folder}: {len(self.trials)} trials, {found}>"


def tune(
    spec: str | Path | None = None,
    overrides: Sequence[str] = (),
    *,
    trials: int | None = None,
    workers: int = 1,
    study: str | Path | None = None,
    data_root: str | Path | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> Study:
    """Search for good values, as the section `search` of a spec says.

    `trials` is how many in all, instead of the spec's; `workers` are processes. `study` is the
    folder to write, by default studies/NAME-001, counting up; one that holds a study is joined, or
    gone on with, and then the spec may be left out. `on_trial` hears of each trial that is over.
    Ctrl-C keeps all finished trials in the folder.

    Errors, all before the first trial: SpecError for every mistake in the section, at its place;
    UsageError without Optuna, a section `search`, a loss or data; DataError, FileError.
    """
    from nngraph.search.study import needs_optuna

    needs_optuna()
    from nngraph.search.session import Session
    from nngraph.search.worker import Listener

    folder = None if study is None else Path(study)
    root = None if data_root is None else Path(data_root)
    session = Session.open(spec, overrides, study=folder, trials=trials, data_root=root)
    told: set[int] = set()

    def change() -> None:
        if on_trial is None:
            return
        for trial in session.trials.read():
            if trial.state != "running" and trial.number not in told:
                told.add(trial.number)
                on_trial(trial)

    kept = session.run(workers, Listener(change=change), _warn)
    return Study(session, kept)


def _warn(remark: str) -> None:
    warnings.warn(remark, stacklevel=3)
