"""`nngraph test SPEC|RUN`: run the unit tests of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.options import INITIAL, Options, common_options
from nngraph.cli.output import chatter, paint, result, result_json
from nngraph.cli.subject import SUBJECT, open_model
from nngraph.diagnostics.wording import count
from nngraph.errors import CheckFailed, UsageError, diagnostic, format_diagnostic

if TYPE_CHECKING:
    from nngraph.app.test import Outcome


@click.command("test", short_help="Run the unit tests that a spec carries under 'expect'.")
@SUBJECT
@INITIAL
@common_options
def command(subject: Any, initial: bool, options: Options) -> int:
    """Run the unit tests that a spec carries under 'expect'.

    Entries with 'metric' or 'trained: true' need a run; on a spec alone they are counted, not
    passed. The exit code is 10 if any entry fails.
    """
    from nngraph.app.test import counts

    model = open_model(subject, options)
    if initial and subject.is_dir():
        raise UsageError(diagnostic("E002:initial"))
    outcomes = model.test(initial=initial)
    tally = counts(outcomes)
    if options.as_json:
        result_json({"counts": tally, "entries": [_as_json(outcome) for outcome in outcomes]})
    else:
        _tell(outcomes, dict(tally), str(subject))
    return CheckFailed.exit_code if tally["failed"] else 0


def _tell(outcomes: tuple[Outcome, ...], tally: dict[Any, int], subject: str) -> None:
    for outcome in outcomes:
        if outcome.status == "failed":
            result(_failure(outcome) + "\n")
    if not outcomes:
        result(f"{subject}: nothing is expected (there is no 'expect' section)")
        return
    parts = [f"{tally['passed']} passed"]
    parts += [f"{tally['failed']} failed"] if tally["failed"] else []
    missing = tally["needs a run"]
    parts += [f"{missing} need{'s' * (missing == 1)} a run"] if missing else []
    result(f"{subject}: {', '.join(parts)} of {count(len(outcomes), 'expectation')}")
    if missing:
        chatter(paint("train the spec, then test its run folder for the others", "yellow"))


def _failure(outcome: Outcome) -> str:
    problem = diagnostic("E910", outcome.span, expected=outcome.expected, got=outcome.got)
    return format_diagnostic(problem).replace("error:", "failed:", 1)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "file": outcome.span.source.name,
        "line": outcome.span.line,
        "expected": outcome.expected,
        "got": outcome.got,
    }
