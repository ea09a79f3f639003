"""`nngraph render SPEC|RUN [-o FILE]`: draw the network, its filters or its feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import DATA_ROOT, INITIAL, Options, common_options
from nngraph.cli.output import chatter, result_json
from nngraph.cli.subject import SUBJECT, open_model, open_with_weights
from nngraph.errors import UsageError, join_words

if TYPE_CHECKING:
    from nngraph.api import Model
    from nngraph.render.contact_sheet import SheetBlock

SHEETS = ("filters", "feature-maps", "predictions")


@click.command("render", short_help="Draw the network: svg, png, pdf, dot, mermaid.")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write; its suffix decides: .svg, .png, .pdf, .dot, .mmd.",
)
@click.option("--neurons", is_flag=True, help="Draw every neuron (up to some 40 of them).")
@click.option("--filters", is_flag=True, help="Draw the kernels of the convolutions.")
@click.option("--feature-maps", is_flag=True, help="Draw what convolutions make of one picture.")
@click.option(
    "--predictions", is_flag=True, help="Draw masks, pictures or mistakes beside what is true."
)
@click.option("--sample", type=int, help="This sample of the test part, from 0.")
@click.option(
    "--input",
    "input_file",
    type=click.Path(path_type=Path),
    help="Feature maps of the picture in this file.",
)
@click.option("--resize", is_flag=True, help="Bring the picture to the size of the image input.")
@click.option("--node", "nodes", multiple=True, help="Feature maps of this node; may be repeated.")
@DATA_ROOT
@INITIAL
@common_options
def command(
    subject: Path,
    output: Path | None,
    neurons: bool,
    filters: bool,
    feature_maps: bool,
    predictions: bool,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
    initial: bool,
    options: Options,
) -> None:
    """Draw the network of a spec or a run.

    Without -o the picture is NAME.svg in the current folder. Weights are shown where a run, or the
    spec itself, gives them. Filters, feature maps and predictions are written as .svg, or without
    words as .png; blue is positive, orange negative, white zero. Predictions are those for the test
    part: masks and pictures beside what is true, the worst first; of classes the mistakes, the most
    confident first.
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
    look = _Look(chosen[0][2:] if chosen else "", sample, input_file, resize, nodes, initial)
    _check_choice(chosen, look)
    if look.what in SHEETS:
        path = _draw_sheet(subject, output, look, options)
    else:
        model = open_model(subject, options)
        path = output if output is not None else Path(f"{model.name}.svg")
        model.render(path, neurons=neurons)
    if options.as_json:
        result_json({"file": str(path)})
    else:
        chatter(f"wrote {path}")


@dataclass(frozen=True, slots=True)
class _Look:
    """What to draw instead of the network, "" for the network, and of which picture."""

    what: str
    sample: int | None
    file: Path | None
    resize: bool
    nodes: tuple[str, ...]
    initial: bool


def _check_choice(chosen: Sequence[str], look: _Look) -> None:
    if len(chosen) > 1:
        raise UsageError(f"choose one of {join_words(chosen)}")
    if look.what != "feature-maps" and (look.file is not None or look.nodes):
        raise UsageError("--input and --node belong to --feature-maps: add it")
    if look.what not in ("feature-maps", "predictions") and look.sample is not None:
        raise UsageError("--sample belongs to --feature-maps or --predictions: add one")
    if look.initial and look.what not in SHEETS:
        raise UsageError("--initial belongs to --filters, --feature-maps or --predictions: add one")
    if look.resize and look.file is None:
        raise UsageError("--resize is for the picture of --input FILE")
    if look.sample is not None and look.file is not None:
        raise UsageError("name one picture, with --sample N or with --input FILE")


def _draw_sheet(subject: Path, output: Path | None, look: _Look, options: Options) -> Path:
    from nngraph.files import write_atomically
    from nngraph.render.contact_sheet import Sheet, sheet_png, sheet_svg

    words = look.what.replace("-", " ")
    suffix = output.suffix.lower() if output is not None else ".svg"
    if suffix not in (".svg", ".png"):
        shown = f"'{suffix}' is neither" if suffix else "the file's name has neither"
        raise UsageError(f"{words} are written as .svg or .png: {shown}")
    model = open_with_weights(subject, options, initial=look.initial)
    path = output if output is not None else Path(f"{model.name}-{look.what}.svg")
    sheet = Sheet(f"{model.name}: {words}", tuple(_blocks(model, look)))
    write_atomically(path, sheet_svg(sheet).encode() if suffix == ".svg" else sheet_png(sheet))
    return path


def _blocks(model: Model, look: _Look) -> Sequence[SheetBlock]:
    if look.what == "filters":
        from nngraph.insight.filters import filter_blocks

        return filter_blocks(model.compiled, model.weights)
    if look.what == "predictions":
        from nngraph.insight.answer_sheet import answer_blocks, needs_truth

        needs_truth(model.network)
        return answer_blocks(model.network, model.data, look.sample)
    return _feature_maps(model, look)


def _feature_maps(model: Model, look: _Look) -> Sequence[SheetBlock]:
    from nngraph.data import read_inputs
    from nngraph.insight.feature_maps import feature_map_blocks, sample_inputs
    from nngraph.train import input_ports
    from nngraph.train.arrays import scaled_inputs

    if look.file is None:
        inputs, what = sample_inputs(model.data, look.sample or 0)
    else:
        ports = input_ports(model.compiled, model.network.normalizers)
        raw = read_inputs(look.file, ports, model.document.spec.data, resize=look.resize)
        inputs = scaled_inputs(model.network.normalizers, raw, model.compiled.dtype)
        what = look.file.name
    return feature_map_blocks(model.network, inputs, look.nodes, what)
