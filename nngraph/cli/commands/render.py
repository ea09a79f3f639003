"""`nngraph render SPEC|RUN [-o FILE]`: draw the network, its filters or its feature maps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import chatter, result_json
from nngraph.cli.subject import SUBJECT, open_model, open_with_weights
from nngraph.cli.theme import THEME
from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.render import Overlay
from nngraph.render.colours import Theme

if TYPE_CHECKING:
    from nngraph.app.draw import Look

SHEETS = ("filters", "feature-maps", "predictions")


@click.command("render", short_help="Draw the network: svg, png, pdf, dot, mermaid.")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="The file to write; its suffix decides: .svg, .png, .pdf, .dot, .mmd.",
)
@click.option("--neurons", is_flag=True, help="Draw every neuron (up to some 40 of them).")
@click.option(
    "--frames", is_flag=True, help="Draw a run after each epoch: a .gif, or a folder of .svg files."
)
@click.option("--filters", is_flag=True, help="Draw the kernels of the convolutions.")
@click.option("--feature-maps", is_flag=True, help="Draw what convolutions make of one picture.")
@click.option(
    "--predictions", is_flag=True, help="Draw masks, pictures or mistakes beside what is true."
)
@click.option(
    "--overlay",
    type=click.Choice(get_args(Overlay)),
    help="Lay over the network what one sample of the training part does.",
)
@click.option(
    "--sample",
    type=int,
    help="This sample, from 0: of the training part for --overlay, else of the test part.",
)
@click.option(
    "--input",
    "input_file",
    type=PATH,
    help="Feature maps of the picture in this file.",
)
@click.option("--resize", is_flag=True, help="Bring the picture to the size of the image input.")
@click.option("--node", "nodes", multiple=True, help="Feature maps of this node; may be repeated.")
@INITIAL
@THEME
@common_options
def command(
    subject: Path,
    output: Path | None,
    neurons: bool,
    frames: bool,
    filters: bool,
    feature_maps: bool,
    predictions: bool,
    overlay: Overlay | None,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
    initial: bool,
    theme: Theme,
    options: Options,
) -> None:
    """Draw the network of a spec or a run.

    Without -o the picture is NAME.svg in the current folder. Weights are shown where a run, or the
    spec itself, gives them. Filters, feature maps and predictions are written as .svg, or without
    words as .png; blue is positive, orange negative, white zero. Predictions are those for the test
    part: masks and pictures beside what is true, the worst first; of classes the mistakes, the most
    confident first. --overlay shows one sample of the training part: with --neurons a number in
    each circle and a line for each weight, else mean and spread of each node. --theme auto is light
    or dark as the reader of an .svg prefers, and light in other files. --frames trains a
    run once more, to the same bits, and draws the network after each epoch (up to 60 of them).
    """
    chosen = [
        name
        for name, is_chosen in (
            ("--neurons", neurons),
            ("--filters", filters),
            ("--feature-maps", feature_maps),
            ("--predictions", predictions),
        )
        if is_chosen
    ]
    what = chosen[0][2:] if chosen else ""
    if len(chosen) > 1:
        raise UsageError(diagnostic("E002:choose-one", options=join_words(chosen)))
    _refuse(what, overlay, sample, input_file, resize, nodes, initial)
    if frames:
        if what in SHEETS or overlay is not None:
            other = f"--{what}" if what in SHEETS else "--overlay"
            raise UsageError(diagnostic("E002:choose-one", options=join_words(["--frames", other])))
        path = _draw_frames(subject, output, neurons, theme, options)
    elif what in SHEETS:
        from nngraph.app.draw import Look

        look = Look(what, sample, input_file, resize, nodes)
        path = _draw_sheet(subject, output, look, initial, theme, options)
    else:
        model = open_model(subject, options)
        path = output if output is not None else Path(f"{model.name}.svg")
        model.render(path, neurons=neurons, overlay=overlay, sample=sample or 0, theme=theme)
    if options.as_json:
        result_json({"file": str(path)})
    else:
        chatter(f"wrote {path}")


def _draw_frames(
    subject: Path, output: Path | None, neurons: bool, theme: Theme, options: Options
) -> Path:
    from nngraph.app.frames import draw_frames

    if not subject.is_dir():
        raise UsageError(diagnostic("E002:frames-of-what", subject=subject))
    path = output if output is not None else Path(f"{subject.resolve().name}.gif")
    draw_frames(subject, path, neurons=neurons, data_root=options.data_root, theme=theme)
    return path


def _refuse(
    what: str,
    overlay: str | None,
    sample: int | None,
    file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
    initial: bool,
) -> None:
    """Options that belong to another thing than what is drawn, "" for the network."""
    if what != "feature-maps" and (file is not None or nodes):
        raise UsageError(diagnostic("E002:input-and-node"))
    if what in SHEETS and overlay is not None:
        raise UsageError(diagnostic("E002:overlay-of-what"))
    if what not in ("feature-maps", "predictions") and overlay is None and sample is not None:
        raise UsageError(diagnostic("E002:sample-of-what"))
    if initial and what not in SHEETS:
        raise UsageError(diagnostic("E002:initial-of-what"))
    if resize and file is None:
        raise UsageError(diagnostic("E002:resize-input"))
    if sample is not None and file is not None:
        raise UsageError(diagnostic("E002:one-picture"))


def _draw_sheet(
    subject: Path,
    output: Path | None,
    look: Look,
    initial: bool,
    theme: Theme,
    options: Options,
) -> Path:
    from nngraph.app.draw import check_sheet_name, draw_sheet

    if output is not None:
        check_sheet_name(look.what, output)
    model = open_with_weights(subject, options, initial=initial)
    path = output if output is not None else Path(f"{model.name}-{look.what}.svg")
    draw_sheet(model.learner, lambda: model.data, look, path, theme)
    return path
