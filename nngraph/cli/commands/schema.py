"""`nngraph schema [-o FILE]`: the JSON Schema of the language."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nngraph.cli.options import PATH
from nngraph.cli.output import chatter, result


@click.command("schema", short_help="Print the JSON Schema of the language, for editors.")
@click.option("-o", "--output", type=PATH, help="Write it to a file.")
@click.option("--json", "as_json", is_flag=True, hidden=True)  # it is JSON in any case
def command(output: Path | None, as_json: bool) -> None:
    """Print the JSON Schema of the language.

    Editors with a YAML language server use it for completion, hints and checks: write it beside
    your specs with -o nngraph.schema.json; the templates of 'nngraph new' already name it.
    """
    from nngraph.spec.schema import spec_schema

    text = json.dumps(spec_schema(), indent=2, ensure_ascii=False)
    if output is None:
        result(text)
        return
    from nngraph.files import write_atomically

    write_atomically(output, f"{text}\n".encode())
    chatter(f"wrote {output}")
