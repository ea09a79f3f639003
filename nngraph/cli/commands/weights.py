"""`nngraph weights SPEC|RUN [--into SPEC]`: weights by name, or into the file of the spec."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import chatter, number, result, result_json, table, warn
from nngraph.cli.subject import SUBJECT, open_with_weights
from nngraph.errors import UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.insight.weights_listed import ListedWeight


@click.command("weights", short_help="Print weights edge by edge, or write them into the spec.")
@SUBJECT
@click.option(
    "--into",
    metavar="SPEC",
    type=PATH,
    help="Write the weights of a run into this spec, the one that it was trained from.",
)
@INITIAL
@common_options
def command(subject: Path, into: Path | None, initial: bool, options: Options) -> None:
    """Print the weights and biases of a run (or of a spec that gives them all), edge by edge.

    Arrays of more than 64 numbers, and kernels, are told by their range, and so are arrays of more
    than 16 beside them; --json prints all numbers.
    With --into they go into the user's own file: numbers of single neurons where they stand, arrays
    to a .npz file that the edges name; comments, order and layout stay. It is refused where the
    spec says something else than when the run began.
    """
    if into is not None:
        _write_into(subject, into, initial, options)
        return
    model = open_with_weights(subject, options, initial=initial)
    listed = model.weights_listed()
    if options.as_json:
        result_json({"weights": [one.to_json() for one in listed]})
    else:
        result(_as_text(listed))


def _write_into(run: Path, spec: Path, initial: bool, options: Options) -> None:
    if not run.is_dir() and run.exists():
        raise UsageError(diagnostic("E002:weights-of-run", spec=run))
    if initial or options.overrides or options.seed is not None:
        raise UsageError(diagnostic("E002:weights-as-trained"))
    from nngraph.app.write_back import write_back_run

    wrote = write_back_run(run, spec, options.data_root)
    for remark in wrote.remarks:
        warn(remark)
    if options.as_json:
        result_json(wrote.to_json())
    else:
        chatter(wrote.sentence)


def _as_text(listed: tuple[ListedWeight, ...]) -> str:
    rows = [row for one in listed for row in _rows(one)]
    return table(["weight", "of", "value", ""], rows, left=2, last_left=True)


def _rows(one: ListedWeight) -> list[list[str]]:
    fixed = "" if one.trainable else "fixed"
    if not one.ends:
        low, high = one.values.min(), one.values.max()
        shape = " x ".join(map(str, one.values.shape))
        return [[one.id, f"[{shape}]", f"{number(low, 4)} to {number(high, 4)}", fixed]]
    if one.is_one:
        return [[one.id, "", str(one.values.reshape(-1)[0]), fixed]]
    pairs = zip(one.ends, one.values.reshape(-1), strict=True)
    return [[one.id, end, str(value), fixed] for end, value in pairs]
