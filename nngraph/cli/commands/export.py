"""`nngraph export SPEC|RUN -o FILE`: the network for other tools, compared with itself there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import chatter, result, result_json
from nngraph.cli.subject import SUBJECT, open_with_weights
from nngraph.errors import CheckFailed

if TYPE_CHECKING:
    from nngraph.app.export import Exported, Layout, Scaling


@click.command("export", short_help="Write the network for other tools (ONNX), and compare.")
@SUBJECT
@click.option(
    "-o",
    "--output",
    type=PATH,
    required=True,
    help="The file: .onnx, or .py for a module that needs NumPy alone.",
)
@click.option("--opset", type=int, help="The operator set of ONNX, from 18 on.  [default: 21]")
@click.option(
    "--layout",
    type=click.Choice(["channels_last", "channels_first"]),
    default="channels_last",
    show_default=True,
    help="How images enter and leave an ONNX model.",
)
@click.option(
    "--scaling",
    type=click.Choice(["inside", "beside"]),
    default="inside",
    show_default=True,
    help="Whether an ONNX model takes raw numbers and scales them itself, or scaled ones.",
)
@INITIAL
@common_options
def command(
    subject: Path,
    output: Path,
    opset: int | None,
    layout: Layout,
    scaling: Scaling,
    initial: bool,
    options: Options,
) -> int:
    """Write a trained network for another tool; the ending of the file says for which.

    An ONNX model has the network's inputs and outputs by name, any number of samples, and in its
    metadata the labels. It is run at once by ONNX Runtime, or else by ONNX's reference evaluator,
    on 105 rows, and its answers are compared with the network's: the exit code is 10 where rounding
    does not explain the difference.
    """
    model = open_with_weights(subject, options, initial=initial)
    found = model.export(output, opset=opset, layout=layout, scaling=scaling)
    if options.as_json:
        result_json(_facts(found))
    else:
        _tell(found)
    return 0 if found.holds else CheckFailed.exit_code


def _facts(found: Exported) -> dict[str, object]:
    compared = found.comparison
    return {
        "files": [str(path) for path in found],
        "holds": found.holds,
        "runtime": compared.runtime or None if compared is not None else None,
        "rows": compared.rows if compared is not None and compared.runtime else 0,
        "largest": compared.largest if compared is not None and compared.runtime else None,
    }


def _tell(found: Exported) -> None:
    chatter(f"wrote {' and '.join(map(str, found))}")
    compared = found.comparison
    if compared is None:
        return
    if not compared.runtime:
        result(f"not compared: nothing here computes it ({compared.why})")
        return
    verdict = "as the network answers" if compared.holds else "NOT as the network answers"
    apart = f"apart by at most {compared.largest:.1e}"
    result(f"{compared.runtime} on {compared.rows} rows: {verdict}, {apart}")
