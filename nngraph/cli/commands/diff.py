"""`nngraph diff A B`: in what do two specs or runs differ?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options, common_options
from nngraph.cli.output import chatter, colours, number, result, result_json
from nngraph.cli.subject import open_model
from nngraph.errors import CheckFailed, join_words

if TYPE_CHECKING:
    from nngraph.insight.diff import (
        ChangedPart,
        ChangedValue,
        ChangedWeight,
        Difference,
    )

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
COLOURS = {"+": "green", "-": "red", "~": "magenta"}
MOST_NAMED = 4
LONGEST = 60  # characters of a value


@click.command("diff", short_help="Show in what two specs or runs differ; draw it.")
@click.argument("a", metavar="A", type=PATH)
@click.argument("b", metavar="B", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="Draw both networks in one: .svg, .png, .pdf, .dot, .mmd.",
)
@click.option("--neurons", is_flag=True, help="Draw every neuron (up to some 40 of them).")
@common_options
def command(a: Path, b: Path, output: Path | None, neurons: bool, options: Options) -> int:
    """Show in what two specs or runs differ: nodes and edges, settings, weights.

    + was added, - was removed, ~ has changed. Weights are compared where both are given or trained.
    Names, titles, descriptions and expectations are words for people and change nothing; neither
    does the way in which a file is written. The exit code is 10 where the two differ.
    """
    from nngraph.api.comparing import diff

    found = diff(open_model(a, options), open_model(b, options), output=output, neurons=neurons)
    if output is not None:
        chatter(f"wrote {output}")
    if options.as_json:
        result_json(found.to_json())
    else:
        result(f"{a} and {b} are the same network" if found.is_none else _as_text(found))
        _tell_uncompared(found.uncompared)
    return 0 if found.is_none else CheckFailed.exit_code


def _tell_uncompared(ids: Sequence[str]) -> None:
    if not ids:
        return
    named = [f"'{id_}'" for id_ in ids[:MOST_NAMED]]
    if len(ids) > MOST_NAMED:
        named.append(f"{len(ids) - MOST_NAMED} more")
    chatter(f"not compared, for one of the two leaves them to its seed: {join_words(named)}")


def _as_text(found: Difference) -> str:
    blocks = (
        ("nodes", [line for part in found.nodes for line in _part(part)]),
        ("edges", [line for part in found.edges for line in _part(part)]),
        ("settings", [_setting(value) for value in found.settings]),
        ("weights", [f"~ {_weight(weight)}" for weight in found.weights]),
    )
    return "\n".join(line for title, lines in blocks for line in _block(title, lines))


def _block(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  {_painted(line)}" for line in lines)


def _part(part: ChangedPart) -> Iterator[str]:
    if not part.values:
        yield f"{SIGNS[part.state]} {part.id}"
    for value in part.values:
        yield f"~ {part.id}: {_value(value)}"


def _value(value: ChangedValue) -> str:
    sides = (value.before, value.after)
    before, after = ("none" if side is None else _short(side) for side in sides)
    return f"{value.name} {before} -> {after}"


def _setting(value: ChangedValue) -> str:
    """A setting that only one of the two has is added or removed."""
    if value.before is None:
        return f"+ {value.name} {_short(value.after or '')}"
    if value.after is None:
        return f"- {value.name} {_short(value.before)}"
    return f"~ {_value(value)}"


def _weight(weight: ChangedWeight) -> str:
    pair = f"{number(weight.before, 7)} -> {number(weight.after, 7)}"
    if weight.size == 1:
        return f"{weight.id}: {pair}"
    place = ", ".join(map(str, weight.place))
    differ = f"{weight.differing:,} of {weight.size:,} numbers"
    return f"{weight.id}: {differ}, at most by {number(weight.largest, 3)} ([{place}]: {pair})"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _painted(line: str) -> str:
    return click.style(line, fg=COLOURS[line[0]]) if colours(sys.stdout) else line
