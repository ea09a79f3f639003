"""A search from beginning to end, for Python and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nngraph.errors import UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.search.plan import Plan, make_plan
from nngraph.search.results import Kept, finish, is_complete, write_results
from nngraph.search.study import begin_study, check_same, is_study, plan_of_study, working
from nngraph.search.trials import Trial, Trials, ranked
from nngraph.search.worker import Helpers, Listener, work
from nngraph.spec import open_spec


@dataclass(frozen=True, eq=False)
class Session:
    """A study in which this process works: begun here, joined, or gone on with."""

    folder: Path
    plan: Plan
    trials: Trials

    @classmethod
    def open(
        cls,
        spec: str | Path | None,
        overrides: Sequence[str] = (),
        *,
        study: Path | None = None,
        trials: int | None = None,
        data_root: Path | None = None,
    ) -> Session:
        """Begin the study of a spec, in a folder that is made; or join the one that is there.

        Errors, all before anything is trained or written: those of `make_plan`; FileError for a
        folder with something else in it; UsageError for another spec than the study's.
        """
        if study is not None and is_study(study):
            if spec is not None:
                check_same(study, open_spec(spec, overrides, data_root), tuple(overrides))
            elif overrides:
                raise UsageError(diagnostic("E002:study-changed", study=study))
            plan, folder = plan_of_study(study, trials, data_root), study
        elif spec is not None:
            plan = make_plan(open_spec(spec, overrides, data_root), overrides, trials)
            folder = begin_study(plan, study)
        elif study is not None:
            plan, folder = plan_of_study(study), study  # says that there is none
        else:
            raise UsageError(diagnostic("E002:tune-what"))
        return cls(folder, plan, Trials(folder, plan))

    def run(
        self,
        workers: int = 1,
        listener: Listener | None = None,
        remark: Callable[[str], None] = lambda text: None,
    ) -> list[Kept]:
        """Work until all trials are over, then write what came of them; the runs of the best.

        Whatever ends it early, what is finished is written; the others go on where they are taken
        up again.

        Errors: UsageError for fewer than one worker; FileError; what a signal raises.
        """
        if workers < 1:
            raise UsageError(diagnostic("E002:tune-workers", workers=workers))
        listener = listener or Listener()
        helpers = Helpers.start(self.folder, workers - 1, self.plan.document.data_root)
        try:
            with working(self.folder) as worker:
                work(self.trials, worker, listener, lambda: False)
        except BaseException:
            helpers.end()
            write_results(self.trials)
            raise
        helpers.end()
        return finish(self.trials, remark)

    @property
    def ranked(self) -> list[Trial]:
        """The trials that are done, the best first."""
        return ranked(self.trials.read(), rises=self.plan.rises)

    @property
    def is_complete(self) -> bool:
        """Whether every trial that was asked for is over."""
        return is_complete(self.trials)
