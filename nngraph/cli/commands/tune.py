"""`nngraph tune SPEC`: search for good values, by training with many."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import chatter, figures_table, result, result_json, warn
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.search.results import Kept
    from nngraph.search.session import Session

INTERRUPTED = 130


@click.command("tune", short_help="Search for good values: train with many, keep the best.")
@click.argument("spec", required=False, type=PATH)
@click.option("--trials", type=int, metavar="N", help="How many in all, instead of the spec's.")
@click.option(
    "--workers", type=int, default=1, metavar="N", help="Processes that train at the same time."
)
@click.option(
    "--study",
    type=PATH,
    metavar="FOLDER",
    help="The folder to write; one that holds a study is joined, or gone on with.",
)
@common_options
def command(
    spec: Path | None, trials: int | None, workers: int, study: Path | None, options: Options
) -> int:
    """Search for good values, as the section `search` of the spec says.

    The study's folder (studies/NAME-001, counting up) gets the journal of all trials, a table, a
    picture, the best spec with its values written into your text, and runs of the best. Ctrl-C
    keeps what is finished; `nngraph tune --study FOLDER` goes on with it, from any machine that
    sees the folder, also beside others.
    """
    from nngraph.search.study import needs_optuna

    if options.seed is not None:
        raise UsageError(diagnostic("E002:tune-seed"))
    if workers < 1:
        raise UsageError(diagnostic("E002:tune-workers", workers=workers))
    needs_optuna()
    from nngraph.cli.search_view import SearchView
    from nngraph.search.session import Session

    session = Session.open(
        spec, options.overrides, study=study, trials=trials, data_root=options.data_root
    )
    chatter(f"the study is in {session.folder}")
    try:
        with SearchView(session) as view:
            kept = session.run(workers, view.listener, warn)
    except KeyboardInterrupt:
        chatter(f"to go on: nngraph tune --study {shlex.quote(str(session.folder))}")
        return INTERRUPTED
    _tell(session, kept, options)
    return 0


def _tell(session: Session, kept: list[Kept], options: Options) -> None:
    from nngraph.cli.search_view import summary_lines

    best = session.ranked
    if options.as_json:
        result_json(
            {
                "study": str(session.folder),
                "trials": len(session.trials.read()),
                "figure": session.plan.figure,
                "best": None if not best else {"value": best[0].figure, **best[0].texts},
                "runs": [{"run": str(one.run), **one.figures} for one in kept],
            }
        )
        return
    for line in summary_lines(session):
        result(line)
    if kept:
        result("")
        result(figures_table({part: dict(found) for part, found in kept[0].figures.items()}))
        folder = shlex.quote(str(session.folder))
        chatter(f"next: nngraph train {folder}/best.yaml")
        chatter(f"      nngraph report {folder}")
