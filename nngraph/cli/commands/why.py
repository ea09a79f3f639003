"""`nngraph why RUN`: why it does not learn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import DATA_ROOT, JSON, PATH, check_folder
from nngraph.cli.output import number, result, result_json
from nngraph.diagnostics.wording import count
from nngraph.errors import Diagnostic

if TYPE_CHECKING:
    from nngraph.app.why import Reasons


@click.command("why", short_help="Say why a run does not learn, with the evidence.")
@click.argument("run", metavar="RUN", type=PATH)
@DATA_ROOT
@JSON
def command(run: Path, data_root: Path | None, as_json: bool) -> None:
    """Say why a run does not learn: sentences with their evidence and a next step.

    Read are the figures of its epochs and what was recorded of its nodes: values, gradients,
    shares that are saturated or dead. Where the data are found, their targets and classes are
    looked at too. Nothing is trained anew, and a healthy run is said to be one. `nngraph explain
    L301` prints what stands behind a code.
    """
    from nngraph.app.why import why

    check_folder(data_root)
    found = why(run, data_root=data_root)
    if as_json:
        result_json(found.to_json())
    else:
        result("\n".join(_lines(found)))


def _lines(found: Reasons) -> list[str]:
    lines = [_heading(found), _figures(found)]
    for cause in found.causes:
        lines += ["", *_told(cause)]
    return lines


def _heading(found: Reasons) -> str:
    if found.learns:
        return f"{found.run} learns" + ("; worth a look:" if found.causes else ": nothing is wrong")
    if not found.causes:
        return f"{found.run} has learnt little, and nothing recorded says why"
    reasons = count(len(found.causes), "reason")
    return f"{found.run} does not learn: {reasons}, the surest first"


def _figures(found: Reasons) -> str:
    text = f"  {count(found.epochs, 'epoch')}"
    if found.first is not None and found.last is not None:
        text += f"; training loss {number(found.first)} after the first, {number(found.last)} now"
    if found.constant is not None:
        text += f"; an answer that ignores its inputs costs {number(found.constant)}"
    return text if found.ended else f"{text}; the run did not come to its end"


def _told(cause: Diagnostic) -> list[str]:
    return [f"{cause.message} [{cause.code}]", f"  next: {cause.help}"]
