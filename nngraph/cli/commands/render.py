"""`nngraph render SPEC|RUN [-o FILE]`: draw the network, its filters or its feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import Options, common_options
from nngraph.cli.output import chatter, result_json
from nngraph.cli.subject import SUBJECT, open_model, open_with_weights
from nngraph.errors import UsageError

if TYPE_CHECKING:
    from nngraph.api import Model
    from nngraph.render.image_sheet import SheetBlock


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
@click.option("--sample", type=int, help="Feature maps of this sample of the test part, from 0.")
@click.option(
    "--input",
    "input_file",
    type=click.Path(path_type=Path),
    help="Feature maps of the picture in this file.",
)
@click.option("--resize", is_flag=True, help="Bring the picture to the size of the image input.")
@click.option("--node", "nodes", multiple=True, help="Feature maps of this node; may be repeated.")
@common_options
def command(
    subject: Path,
    output: Path | None,
    neurons: bool,
    filters: bool,
    feature_maps: bool,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
    options: Options,
) -> None:
    """Draw the network of a spec or a run.

    Without -o the picture is NAME.svg in the current folder. Weights are shown where a run, or the
    spec itself, gives them. Filters and feature maps are written as .svg, or without words as .png;
    blue is positive, orange negative, white zero.
    """
    _check_choice(neurons, filters, feature_maps, sample, input_file, resize, nodes)
    if filters or feature_maps:
        path = _draw_sheet(subject, output, filters, sample, input_file, resize, nodes, options)
    else:
        model = open_model(subject, options)
        path = output if output is not None else Path(f"{model.name}.svg")
        model.render(path, neurons=neurons)
    if options.as_json:
        result_json({"file": str(path)})
    else:
        chatter(f"wrote {path}")


def _check_choice(
    neurons: bool,
    filters: bool,
    feature_maps: bool,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: Sequence[str],
) -> None:
    if neurons + filters + feature_maps > 1:
        raise UsageError("choose one of --neurons, --filters and --feature-maps")
    if not feature_maps and (sample is not None or input_file is not None or nodes):
        raise UsageError("--sample, --input and --node belong to --feature-maps: add it")
    if resize and input_file is None:
        raise UsageError("--resize is for the picture of --input FILE")
    if sample is not None and input_file is not None:
        raise UsageError("name one picture, with --sample N or with --input FILE")


def _draw_sheet(
    subject: Path,
    output: Path | None,
    filters: bool,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
    options: Options,
) -> Path:
    from nngraph.files import write_atomically
    from nngraph.render.image_sheet import image_sheet_png, image_sheet_svg

    what = "filters" if filters else "feature-maps"
    suffix = output.suffix.lower() if output is not None else ".svg"
    if suffix not in (".svg", ".png"):
        shown = f"'{suffix}' is neither" if suffix else "the file's name has neither"
        raise UsageError(f"{what.replace('-', ' ')} are written as .svg or .png: {shown}")
    model = open_with_weights(subject, options, initial=False)
    path = output if output is not None else Path(f"{model.name}-{what}.svg")
    blocks = _filters(model) if filters else _feature_maps(model, sample, input_file, resize, nodes)
    if suffix == ".svg":
        title = f"{model.name}: {what.replace('-', ' ')}"
        write_atomically(path, image_sheet_svg(blocks, title).encode())
    else:
        write_atomically(path, image_sheet_png(blocks))
    return path


def _filters(model: Model) -> Sequence[SheetBlock]:
    from nngraph.insight.filters import filter_blocks

    return filter_blocks(model.compiled, model.weights)


def _feature_maps(
    model: Model,
    sample: int | None,
    input_file: Path | None,
    resize: bool,
    nodes: tuple[str, ...],
) -> Sequence[SheetBlock]:
    from nngraph.data import read_inputs
    from nngraph.insight.feature_maps import feature_map_blocks, sample_inputs
    from nngraph.train import input_ports
    from nngraph.train.arrays import scaled_inputs

    if input_file is None:
        inputs, what = sample_inputs(model.data, sample or 0)
    else:
        ports = input_ports(model.compiled, model.network.normalizers)
        raw = read_inputs(input_file, ports, model.document.spec.data, resize=resize)
        inputs = scaled_inputs(model.network.normalizers, raw, model.compiled.dtype)
        what = input_file.name
    return feature_map_blocks(model.network, inputs, nodes, what)
