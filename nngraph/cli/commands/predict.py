"""`nngraph predict SPEC|RUN --input FILE | --given 'x1=0, x2=1'`: outputs for new data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nngraph.cli.given import read_given
from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import chatter, number, result, result_json, table, warn
from nngraph.cli.subject import SUBJECT, open_with_weights
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nngraph.api import Model
    from nngraph.insight.output_picture import OutputPicture

    Array = NDArray[Any]

DATA_FILES = (".csv", ".npz", ".npy")  # what --input takes, and no spec or run is
WIDEST = 24  # columns of a table; the others are left to -o
LISTED = 4  # classes from which those of a single sample are listed below each other
LONGEST = 20  # classes of such a list


@click.command("predict", short_help="Compute the outputs for new data.")
@SUBJECT
@click.option(
    "--input",
    "input_file",
    type=PATH,
    help="A .csv, .npz or .npy file with one row per sample, a picture (.png, .jpg), a folder of "
    "pictures, or a pattern: 'photos/*.png'.",
)
@click.option("--resize", is_flag=True, help="Bring a picture to the size of the image input.")
@click.option(
    "--given",
    help="One sample by hand: 'x1=0, x2=1' or 'x=[0.5, -1]', or by the names of columns: "
    "'height=25, city=Bern'.",
)
@click.option("--node", "nodes", multiple=True, help="Show this node instead of the outputs.")
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Write a .csv, .npz or .npy file, or the picture that came as .png.",
)
@click.option(
    "--stretch",
    is_flag=True,
    help="With -o FILE.png: black is the lowest value, white the highest.",
)
@INITIAL
@common_options
def command(
    subject: Path,
    input_file: Path | None,
    resize: bool,
    given: str | None,
    nodes: tuple[str, ...],
    output: Path | None,
    stretch: bool,
    initial: bool,
    options: Options,
) -> None:
    """Compute the outputs of a run (or of a spec that gives all weights) for new data.

    Data are raw: they are scaled as they were for training. Where classes have names, the most
    probable one is shown beside the probabilities. An output that is an image itself can be written
    as a picture: black is 0 and white 255, or 1 where the activation ends there; in other ranges
    --stretch helps.
    """
    if subject.suffix.lower() in DATA_FILES:
        raise UsageError(diagnostic("E002:data-for-run", file=subject))
    if (input_file is None) == (given is None):
        raise UsageError(diagnostic("E002:input-or-given"))
    if resize and input_file is None:
        raise UsageError(diagnostic("E002:resize-input"))
    as_picture = output is not None and output.suffix.lower() == ".png"
    if stretch and not as_picture:
        raise UsageError(diagnostic("E002:stretch"))
    model = open_with_weights(subject, options, initial=initial)
    from nngraph.app.predict import classes_of, files_read, rows_not_finite

    files = () if input_file is None else files_read(input_file)
    outputs = _outputs(model, input_file, resize, given, nodes)
    for name, rows in rows_not_finite(outputs).items():
        warn(f"'{name}' is not finite in {rows:,} of {count(len(outputs[name]), 'row')}")
    classes = classes_of(model.learner, outputs)
    if output is not None and as_picture:
        _write_picture(model, output, outputs, stretch)
    elif output is not None:
        _write(model, output, outputs, classes, files)
    if options.as_json:
        result_json(
            {"files": files} | _as_json(outputs, classes) if files else _as_json(outputs, classes)
        )
    elif output is None:
        listed = "" if files else _as_list(model, outputs, classes)
        result(listed or _as_table(model, outputs, classes, files))


def _outputs(
    model: Model, file: Path | None, resize: bool, given: str | None, nodes: tuple[str, ...]
) -> dict[str, Array]:
    from nngraph.app.predict import predict_file, predict_sample

    if file is not None:
        return predict_file(model.learner, file, nodes or None, resize=resize)
    return predict_sample(model.learner, read_given(given or ""), nodes or None)


def _write(
    model: Model,
    path: Path,
    outputs: dict[str, Array],
    classes: dict[str, list[str]],
    files: Sequence[str],
) -> None:
    from nngraph.app.predict import write_predictions

    rows = write_predictions(model.learner, path, outputs, classes, files)
    chatter(f"wrote {count(rows, 'row')} to {path}")


def _write_picture(model: Model, path: Path, outputs: dict[str, Array], stretch: bool) -> None:
    from nngraph.app.draw import draw_output

    picture = draw_output(model.learner, path, outputs, stretch=stretch)
    height, width = picture.pixels.shape[:2]
    chatter(f"wrote {height} x {width} pixels to {path}: {_in_words(picture)}")


def _in_words(picture: OutputPicture) -> str:
    if picture.shades is None:
        return "each class has its colour"
    low, high = picture.shades
    text = f"black is {number(low)}, white is {number(high)}"
    if picture.clipped:
        text += f"; {count(picture.clipped, 'value')} beyond it clipped (--stretch shows all)"
    return text


def _as_json(outputs: dict[str, Array], classes: dict[str, list[str]]) -> dict[str, Any]:
    values = {node: array.tolist() for node, array in outputs.items()}
    return {"outputs": values, "classes": classes} if classes else {"outputs": values}


def _as_list(model: Model, outputs: dict[str, Array], classes: dict[str, list[str]]) -> str:
    """The classes of a single sample with their values, the most probable first; "" for others."""
    (node, values), *others = outputs.items()
    labels = model.learner.labels_of(node)
    if others or node not in classes or len(values) != 1 or labels is None or len(labels) < LISTED:
        return ""
    order = sorted(range(len(labels)), key=lambda k: -float(values[0, k]))
    hidden = len(order) - LONGEST
    if hidden > 0:
        chatter(f"{hidden:,} classes with smaller values not shown; --json has all of them")
    is_share = values.min() >= 0 and abs(float(values.sum()) - 1) < 1e-3
    rows = [
        [
            labels[k],
            f"{100 * float(values[0, k]):.2f} %" if is_share else number(float(values[0, k])),
        ]
        for k in order[:LONGEST]
    ]
    return table([node, "probability" if is_share else "value"], rows)


def _as_table(
    model: Model, outputs: dict[str, Array], classes: dict[str, list[str]], files: Sequence[str]
) -> str:
    """One line per sample: its file, where it has one, and names of classes first, then the values
    under the names of their units."""
    from nngraph.app.answer_columns import target_column

    header = [target_column(model.learner, node) or node for node in classes]
    header = header if len(set(header)) == len(header) else list(classes)
    columns: list[Sequence[str]] = list(classes.values())
    if files:
        header, columns = ["file", *header], [files, *columns]
    names = len(header)
    for node, values in outputs.items():
        flat = values.reshape(len(values), -1)
        header += _names(model, node, values)
        columns += [[number(float(value)) for value in column] for column in flat.T]
    hidden = len(header) - WIDEST
    if hidden > 0:
        from nngraph.render.pixels import is_picture

        header, columns = header[:WIDEST], columns[:WIDEST]
        picture = len(outputs) == 1 and is_picture(next(iter(outputs.values())).shape[1:])
        also = ", -o FILE.png the picture" if picture else ""
        chatter(f"{count(hidden, 'more column')} not shown; -o FILE.csv writes all of them{also}")
    return table(header, list(zip(*columns, strict=True)), left=names)


def _names(model: Model, node: str, values: Array) -> list[str]:
    from nngraph.data.columns import names_of_elements

    labels = model.learner.labels_of(node)
    if labels is not None and values.ndim == 2 and values.shape[1] == len(labels):
        return list(labels)
    if values.ndim == 2 and values.shape[1] == 1:
        return [node]
    return list(names_of_elements(node, values.shape[1:]))
