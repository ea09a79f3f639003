"""`nngraph fmt SPEC... [--check]`: the layout of the house."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.options import JSON, PATH
from nngraph.cli.output import chatter, result_json
from nngraph.errors import CheckFailed


@click.command("fmt", short_help="Format a spec; comments and meaning stay.")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True, type=PATH)
@click.option("--check", is_flag=True, help="Write nothing; the exit code is 10 where one differs.")
@JSON
def command(specs: tuple[Path, ...], check: bool, as_json: bool) -> int:
    """Put specs into the layout of the house, in their files.

    Blocks are indented by two columns, lists too; words have one space between them, comments two
    before them; several blank lines become one. Comments, quotes, order, and what is in blocks or
    in braces stay, and so does what the spec means.
    """
    from nngraph.app.format import format_spec

    found = [format_spec(spec, check=check) for spec in specs]
    differ = [one for one in found if one.changed]
    if as_json:
        result_json({"files": [{"file": str(f.file), "changed": f.changed} for f in found]})
    else:
        verb = "would be formatted" if check else "was formatted"
        for one in found:
            chatter(f"{one.file} {verb if one.changed else 'is formatted'}")
    return CheckFailed.exit_code if check and differ else 0
