"""What comes of a study: its table, the best spec, its picture, the runs of the best."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nngraph.app.train import Listener, Training, prepare
from nngraph.errors import FileError, UsageError, diagnostic
from nngraph.files import FolderLock, make_folder, read_text, write_atomically
from nngraph.files.nested import parse_json
from nngraph.insight.search_picture import Dot, Searching, search_svg
from nngraph.records import dataclass
from nngraph.search.axes import Numbers, Searched, Wholes
from nngraph.search.plan import SIZES, Plan
from nngraph.search.study import LOCKS
from nngraph.search.trials import Trial, Trials, ranked
from nngraph.search.writing import spec_with
from nngraph.spec import parse_spec
from nngraph.train.data_files import HERE
from nngraph.train.run_folder import RUNS, SUMMARY

TABLE = "trials.csv"
BEST = "best.yaml"
PICTURE = "search.svg"
FEWEST = 5  # different figures from which something can be told
MOST_APART = 8  # whole numbers that have a place each in the picture


def write_results(trials: Trials) -> None:
    """Write the table, the picture and the best spec, as far as the study has come."""
    found, plan, folder = trials.read(), trials.plan, trials.folder
    write_atomically(folder / TABLE, table(found, plan).encode())
    write_atomically(folder / PICTURE, picture(found, plan, importance(trials)).encode())
    best = ranked(found, rises=plan.rises)
    if best:
        write_atomically(folder / BEST, spec_with(plan, best[0].texts).encode())


def table(trials: Sequence[Trial], plan: Plan) -> str:
    """All trials as CSV: number, state, a column a path, a figure a repeat, their median, seconds,
    worker."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    seeds = [f"{plan.figure}.{k + 1}" for k in range(plan.search.repeats)]
    writer.writerow(["trial", "state", *plan.columns, *seeds, plan.figure, "seconds", "worker"])
    for trial in trials:
        values = [trial.shown.get(path, "") for path in plan.columns]
        figures = [*trial.figures, *[""] * (len(seeds) - len(trial.figures))]
        middle = "" if trial.figure is None else trial.figure
        seconds = "" if trial.seconds is None else trial.seconds
        writer.writerow(
            [trial.number, trial.state, *values, *figures, middle, seconds, trial.worker]
        )
    return text.getvalue()


# ---- the picture


def importance(trials: Trials) -> dict[str, float]:
    """How much of the difference between good trials and others lies with each path, from 0 to 1;
    nothing where there is too little to tell by.

    Source: Watanabe, Bansal and Hutter, "PED-ANOVA: Efficiently Quantifying Hyperparameter
    Importance in Arbitrary Subspaces", IJCAI 2023, as Optuna has it.
    """
    space, found = trials.plan.space, trials.read()
    values = {trial.figure for trial in found if trial.state == "done"}
    if len(space.axes) < 2 or len(values) < FEWEST:
        return {}
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    try:
        told = get_param_importances(trials.optuna_study, evaluator=PedAnovaImportanceEvaluator())
    except (ValueError, RuntimeError):  # all good ones alike, say
        return {}
    return {one.path: sum(told.get(axis.name, 0.0) for axis in one.axes) for one in space.searched}


def picture(trials: Sequence[Trial], plan: Plan, importances: Mapping[str, float]) -> str:
    """The figures over the trials, over each value, and all values of a trial side by side."""
    dots = [
        Dot(trial.number, trial.shown, trial.figure, trial.figures, trial.state == "stopped")
        for trial in trials
        if trial.figure is not None and trial.shown
    ]
    axes = {one.path: _kind(one) for one in plan.space.searched} or dict.fromkeys(SIZES, False)
    name, way = plan.document.name, plan.search.by.kind
    ranking = [trial.number for trial in ranked(trials, rises=plan.rises)]
    found = Searching(name, way, plan.figure, plan.rises, dots, axes, importances, ranking)
    return str(search_svg(found))


def _kind(one: Searched) -> tuple[str, ...] | bool:
    """The values of a path where they are few, or whether they lie on a logarithmic scale."""
    axis = one.axis
    if isinstance(axis, Numbers):
        return axis.logarithmic
    if isinstance(axis, Wholes) and axis.count > MOST_APART:
        return False
    few = tuple(map(str, axis.grid(MOST_APART)))
    return few if one.special is None else (one.special.texts[-1], *few)


# ---- the best


@dataclass(frozen=True)
class Kept:
    """The run of one of the best trials; `figures` by part, of the test part for the best alone."""

    trial: Trial
    run: Path
    figures: Mapping[str, Mapping[str, float]]


def keep_best(trials: Trials, remark: Callable[[str], None] = lambda text: None) -> list[Kept]:
    """Train the best trials once more, to the same bits, each into a run folder of its own.

    The seed is that of the repeat whose figure is nearest to the median. The figures of the test
    part are computed for the best alone. Runs that are there already are left as they are.

    Errors: UsageError where no trial is done.
    """
    plan, folder = trials.plan, trials.folder
    best = ranked(trials.read(), rises=plan.rises)
    if not best:
        raise UsageError(diagnostic("E002:no-best", study=folder))
    kept = []
    for place, trial in enumerate(best[: plan.search.keep]):
        run = folder / RUNS / f"trial-{trial.number:03d}"
        if not (run / SUMMARY).exists():
            _record(plan, trial, run, remark, tests=place == 0)
        kept.append(Kept(trial, run, figures_of(run)))
    return kept


def figures_of(run: Path) -> dict[str, dict[str, float]]:
    """The figures of a run by part."""
    summary = parse_json(read_text(run / SUMMARY))
    return {part: summary[part] for part in ("train", "validation", "test") if part in summary}


def _record(
    plan: Plan, trial: Trial, run: Path, remark: Callable[[str], None], *, tests: bool
) -> None:
    texts = dict(trial.texts)
    nearest = min(
        range(len(trial.figures)), key=lambda k: abs(trial.figures[k] - (trial.figure or 0.0))
    )
    seed = int(texts.get("train.seed", plan.seed)) + nearest
    text = spec_with(plan, {**texts, "train.seed": str(seed)})
    base = plan.document
    document = parse_spec(text, base.source.name, base.folder, data_root=base.data_root)
    training = prepare(document, HERE)
    if not tests and "test" in training.data.parts:
        parts = {name: part for name, part in training.data.parts.items() if name != "test"}
        training = Training(training.learner, replace(training.data, parts=parts), training.place)
    make_folder(run)
    training.record(training.new_folder(run), Listener(epoch=lambda epoch: None, remark=remark))


def is_complete(trials: Trials) -> bool:
    """Whether every trial that was asked for is over."""
    over = [trial for trial in trials.read() if trial.state != "running"]
    return len(over) >= trials.plan.trials


def finish(trials: Trials, remark: Callable[[str], None] = lambda text: None) -> list[Kept]:
    """Write all that there is to write; the runs of the best once all trials are over.

    Where another process writes them just now, there is nothing to do.
    """
    write_results(trials)
    if not is_complete(trials) or not ranked(trials.read(), rises=trials.plan.rises):
        return []
    place = trials.folder / LOCKS / "runs"
    make_folder(place)
    try:
        with FolderLock(place):
            return keep_best(trials, remark)
    except FileError as error:
        if error.diagnostics[0].code != "E804":
            raise
        return []
