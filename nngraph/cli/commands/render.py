"""`nngraph render SPEC|RUN [-o FILE]`: draw the network."""

from __future__ import annotations

from pathlib import Path

import click

from nngraph.cli.options import Options, common_options
from nngraph.cli.output import chatter, result_json
from nngraph.cli.subject import SUBJECT, open_model


@click.command("render", short_help="Draw the network: svg, png, pdf, dot, mermaid.")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write; its suffix decides: .svg, .png, .pdf, .dot, .mmd.",
)
@click.option("--neurons", is_flag=True, help="Draw every neuron (up to some 40 of them).")
@common_options
def command(subject: Path, output: Path | None, neurons: bool, options: Options) -> None:
    """Draw the network of a spec or a run.

    Without -o the picture is NAME.svg in the current folder. Weights are shown where a run, or the
    spec itself, gives them.
    """
    model = open_model(subject, options)
    path = output if output is not None else Path(f"{model.name}.svg")
    model.render(path, neurons=neurons)
    if options.as_json:
        result_json({"file": str(path)})
    else:
        chatter(f"wrote {path}")
