"""`nngraph verify RUN`: every file of a run against its manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import JSON, PATH
from nngraph.cli.output import chatter, paint, result, result_json, table
from nngraph.diagnostics.wording import count
from nngraph.errors import ModelFileError

if TYPE_CHECKING:
    from nngraph.app.verify import Verification


@click.command("verify", short_help="Check every file of a run against its manifest.")
@click.argument("run", metavar="RUN", type=PATH)
@JSON
def command(run: Path, as_json: bool) -> int:
    """Check every file of a run against its manifest, and every checkpoint against its digest.

    Nothing is written. The exit code is 5 if a file does not hold: a byte of it has changed, it is
    missing, or it is of another run. Drawings and reports decide no answer and are not looked at.
    """
    from nngraph.app.verify import verify

    found = verify(run)
    if as_json:
        result_json(found.to_json())
    else:
        _tell(found)
    return 0 if found.holds else ModelFileError.exit_code


def _tell(found: Verification) -> None:
    rows = [
        [file.name, "-" if file.bytes is None else f"{file.bytes:,}", file.state]
        for file in found.files
    ]
    result(table(["file", "bytes", "state"], rows, last_left=True))
    wrong = [file for file in found.files if not file.is_right]
    for file in wrong:
        chatter(paint(f"error: {file.why}", "red", first_word_only=True))
    files = count(len(found.files), "file")
    if wrong:
        verb = "does" if len(wrong) == 1 else "do"
        chatter(f"{found.run}: {len(wrong)} of {files} {verb} not hold; take them from a copy")
    else:
        chatter(f"{found.run}: all {files} hold")
