"""Pictures of what a network computes: sheets of small ones, or its output for one sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nngraph.app.predict import read_file
from nngraph.app.trace import trace_sample
from nngraph.data import DataSet, apply_normalizers
from nngraph.data.picture_files import encode_png
from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.files import write_atomically
from nngraph.insight.answer_sheet import answer_blocks, needs_truth
from nngraph.insight.feature_maps import feature_map_blocks, sample_inputs
from nngraph.insight.filters import filter_blocks
from nngraph.insight.neuron_maps import with_maps
from nngraph.insight.output_picture import OutputPicture, output_picture
from nngraph.insight.picture import picture_of
from nngraph.insight.sample_picture import needs_targets, overlaid, with_weight_statistics
from nngraph.records import dataclass
from nngraph.render import Overlay, check_suffix, render
from nngraph.render.colours import Theme, in_theme
from nngraph.render.contact_sheet import Sheet, SheetBlock, sheet_png, sheet_svg
from nngraph.train.data_files import DataPlace, load_data
from nngraph.train.learner import Learner

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn ("filters", "feature-maps" or "predictions") and of which picture: a sample of
    the data, or that in a file."""

    what: str
    sample: int | None = None
    file: Path | None = None
    resize: bool = False
    nodes: tuple[str, ...] = ()


def draw_network(
    learner: Learner,
    place: DataPlace,
    path: Path,
    *,
    neurons: bool = False,
    knows_weights: bool = True,
    overlay: Overlay | None = None,
    sample: int = 0,
    theme: Theme = "auto",
) -> None:
    """Write the picture of a network; its weights are shown where they are known, and what a sample
    of the training part does where an `overlay` is asked for.

    Errors: UsageError for another suffix, or a sample that is not there; DataError, FileError.
    """
    check_suffix(path)
    weights = learner.executable.weights() if knows_weights or overlay else None
    picture = picture_of(learner.network, weights, learner.unit_names)
    if overlay == "weights":
        picture = picture if neurons else with_weight_statistics(picture)
    elif overlay is not None:
        if needs_targets(overlay) and not learner.document.spec.loss:
            raise UsageError(diagnostic("E002:overlay-without-loss", overlay=overlay))
        traced = trace_sample(learner, place, sample=sample)
        picture = overlaid(picture, traced, overlay, neurons=neurons)
    elif neurons and knows_weights:
        picture = with_maps(picture, learner, lambda: load_data(learner, place))
    render(picture, path, neurons=neurons, theme=theme)


def check_sheet_name(what: str, path: Path) -> None:
    """Refuse an ending that no sheet has. Errors: UsageError."""
    suffix = path.suffix.lower()
    if suffix not in (".svg", ".png"):
        shown = f"'{suffix}' is neither" if suffix else "the file's name has neither"
        raise UsageError(diagnostic("E002:sheet-file", what=what.replace("-", " "), shown=shown))


def draw_sheet(
    learner: Learner,
    load: Callable[[], DataSet],
    look: Look,
    path: Path,
    theme: Theme = "auto",
) -> None:
    """Write a sheet as .svg with words, or as .png without; `load` gives data, if they are needed.

    Errors: UsageError for another ending, and where there is nothing of the kind to draw;
    DataError; FileError.
    """
    check_sheet_name(look.what, path)
    title = f"{learner.document.name}: {look.what.replace('-', ' ')}"
    sheet = Sheet(title, tuple(_blocks(learner, load, look)))
    is_svg = path.suffix.lower() == ".svg"
    drawn = in_theme(sheet_svg(sheet), theme).encode() if is_svg else sheet_png(sheet, theme)
    write_atomically(path, drawn)


def _blocks(learner: Learner, load: Callable[[], DataSet], look: Look) -> Sequence[SheetBlock]:
    if look.what == "filters":
        return filter_blocks(learner.network, learner.executable.weights())
    if look.what == "predictions":
        needs_truth(learner)
        return answer_blocks(learner, load(), look.sample)
    if look.file is None:
        inputs, of = sample_inputs(load(), look.sample or 0)
    else:
        raw = read_file(learner, look.file, resize=look.resize)
        inputs = apply_normalizers(learner.normalizers, raw, learner.network.dtype)
        of = look.file.name
    return feature_map_blocks(learner, inputs, look.nodes, of)


def draw_output(
    learner: Learner, path: Path, outputs: Mapping[str, Array], *, stretch: bool
) -> OutputPicture:
    """Write the one output for the one sample as .png; the picture.

    Errors: UsageError for several nodes or samples, or values that are no picture; FileError.
    """
    node, values = next(iter(outputs.items()))
    if len(outputs) > 1:
        names = join_words([f"'{name}'" for name in outputs])
        raise UsageError(diagnostic("E002:several-nodes", file=path.name, nodes=names))
    if len(values) > 1:
        raise UsageError(diagnostic("E002:several-samples", file=path.name, samples=len(values)))
    picture = output_picture(learner, node, values[0], stretch=stretch)
    write_atomically(path, encode_png(picture.pixels))
    return picture
