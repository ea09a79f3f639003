"""A study as one HTML page: what was best, the picture, all trials, the best spec."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.files import read_text, write_atomically
from nngraph.insight.report.frame import page
from nngraph.render.colours import Theme, in_theme
from nngraph.render.markup import Content, Markup, join, tag
from nngraph.render.words import number
from nngraph.search.plan import Plan
from nngraph.search.results import BEST, figures_of, importance, picture
from nngraph.search.trials import Trial, Trials, ranked
from nngraph.train.run_folder import RUNS, SUMMARY

DIGITS = 5


def write_study_report(trials: Trials, path: Path, theme: Theme = "auto") -> int:
    """Write the page, which needs no network and no script, in a theme; how many bytes it has.

    Errors: FileError.
    """
    content = in_theme(study_html(trials), theme).encode()
    write_atomically(path, content)
    return len(content)


def study_html(trials: Trials) -> str:
    """The whole page."""
    plan, found = trials.plan, trials.read()
    best = ranked(found, rises=plan.rises)
    name = f"{plan.document.name}: search by {plan.search.by.kind}"
    aim = "maximise" if plan.rises else "minimise"
    over = sum(trial.state != "running" for trial in found)
    repeats = f", each trained {plan.search.repeats} times" if plan.search.repeats > 1 else ""
    told = f"{over} of {plan.trials} trials{repeats}, to {aim} {plan.figure}."
    drawing = Markup(picture(found, plan, importance(trials)))
    text = trials.folder / BEST
    body = join(
        tag("header", tag("h1", name), tag("p", told)),
        _section("The best values", _best(best[0], trials)) if best else None,
        _section("The search", tag("figure", drawing)),
        _section("All trials", _table([*best, *_others(found)], plan)),
        _section("The best spec", tag("pre", read_text(text))) if text.exists() else None,
        tag("footer", f"Written by nngraph from the study '{trials.folder.name}'."),
    )
    return page(name, body)


def _section(title: str, content: Content) -> Markup:
    return tag("section", tag("h2", title), content)


def _best(best: Trial, trials: Trials) -> Markup:
    """The values, and the figures of all parts where the run of the best is there."""
    values = list(best.shown.items())
    run = trials.folder / RUNS / f"trial-{best.number:03d}"
    figures = figures_of(run) if (run / SUMMARY).exists() else {}
    names = list(dict.fromkeys(name for found in figures.values() for name in found))
    rows = [
        [part, *(number(found[name], DIGITS) if name in found else "–" for name in names)]
        for part, found in figures.items()
    ]
    note = "The test part was looked at once, after the search, for this trial alone."
    return join(
        _rows(["path", "value"], values),
        _rows(["part", *names], rows) if rows else None,
        tag("p", note) if "test" in figures else None,
    )


def _others(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.state != "done"]


def _table(trials: Sequence[Trial], plan: Plan) -> Markup:
    several = plan.search.repeats > 1
    spread = ["least", "greatest"] if several else []
    head = ["trial", "state", plan.figure, *spread, *plan.columns, "seconds"]
    rows = []
    for trial in trials:
        figures = ["–" if trial.figure is None else number(trial.figure, DIGITS)]
        if several:
            ends = (min(trial.figures), max(trial.figures)) if trial.figures else ()
            figures += [number(end, DIGITS) for end in ends] or ["–", "–"]
        state = trial.state + (f": {trial.reason}" if trial.reason else "")
        values = [trial.shown.get(path, "–") for path in plan.columns]
        seconds = "–" if trial.seconds is None else f"{trial.seconds:.2f}"
        rows.append([str(trial.number), state, *figures, *values, seconds])
    return _rows(head, rows)


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    heads = [tag("th", name, scope="col") for name in head]
    lines = [
        tag("tr", tag("th", first, scope="row"), [tag("td", cell) for cell in cells])
        for first, *cells in rows
    ]
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", lines))
    return tag("div", table, class_="wide")
