"""`nngraph equiv A B`: do two networks compute the same function?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import INITIAL, PATH, Options, common_options
from nngraph.cli.output import number, result, result_json
from nngraph.cli.subject import open_with_weights
from nngraph.diagnostics.wording import count
from nngraph.errors import CheckFailed, UsageError, diagnostic

if TYPE_CHECKING:
    from nngraph.insight.equiv import Equivalence

MOST_SHOWN = 12  # numbers of an input or output


def _numbers(text: str, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(diagnostic("E002:equiv-numbers", option=option, text=text)) from None


@click.command("equiv", short_help="Test whether two networks compute the same function.")
@click.argument("a", metavar="A", type=PATH)
@click.argument("b", metavar="B", type=PATH)
@click.option(
    "--values",
    metavar="0,1",
    help="Numbers that each input unit takes: all rows of them where those are 2^20 or fewer.",
)
@click.option(
    "--between",
    metavar="LOW,HIGH",
    help="Without --values: rows are drawn evenly from LOW to HIGH (-3,3).",
)
@click.option(
    "--samples", type=click.IntRange(min=1), default=10_000, help="Rows that are drawn (10000)."
)
@click.option(
    "--match",
    "matches",
    metavar="x=x1,x2",
    multiple=True,
    help="Inputs (or outputs) of one network that are those of the other, unit by unit.",
)
@click.option(
    "--within",
    type=click.FloatRange(min=0),
    default=1e-5,
    help="Largest absolute difference of two outputs that counts as none (1e-5).",
)
@click.option(
    "--round",
    "decisions",
    is_flag=True,
    help="Compare decisions: the class, yes or no, else the nearest whole number.",
)
@INITIAL
@common_options
def command(
    a: Path,
    b: Path,
    values: str | None,
    between: str | None,
    samples: int,
    matches: tuple[str, ...],
    within: float,
    decisions: bool,
    initial: bool,
    options: Options,
) -> int:
    """Do two networks, specs with all weights or runs, compute the same function?

    With --values all rows are tried (up to 2^20 of them; else as many as --samples), which proves
    it for these values; without, rows are drawn, which proves a difference alone. Where the two
    differ, the row with the largest difference is shown and the exit code is 10. -s and --seed are
    for specs, and are set in both.
    """
    if values is not None and between is not None:
        raise UsageError(diagnostic("E002:equiv-rows"))
    models = [open_with_weights(each, options, initial=initial) for each in (a, b)]
    from nngraph.api.comparing import equiv

    found = equiv(
        *models,
        values=None if values is None else _numbers(values, "--values"),
        between=_pair(between),
        samples=samples,
        seed=options.seed or 0,
        match=matches,
        within=within,
        decisions=decisions,
    )
    if options.as_json:
        result_json(found.to_json())
    else:
        result(_as_text(found, str(a), str(b)))
    return 0 if found.holds else CheckFailed.exit_code


def _pair(text: str | None) -> tuple[float, float]:
    if text is None:
        return -3.0, 3.0
    found = _numbers(text, "--between")
    if len(found) != 2 or not found[0] < found[1]:
        raise UsageError(diagnostic("E002:equiv-numbers", option="--between", text=text))
    return found[0], found[1]


def _as_text(found: Equivalence, a: str, b: str) -> str:
    what = "decide the same" if found.decisions else "compute the same"
    if found.holds:
        same = "" if found.decisions else f", within {number(found.within)}"
        proof = "" if found.exhaustive else "; other rows were not tried"
        return f"{a} and {b} {what} {found.tried}{same}{proof}"
    differ = f"{count(found.differing, 'row')} {'differs' if found.differing == 1 else 'differ'}"
    if not found.decisions:
        differ += f" by more than {number(found.within)}, the most by {number(found.largest, 3)}"
    lines = [f"{a} and {b} do not {what} {found.tried}: {differ}"]
    example = found.counterexample
    assert example is not None
    given = ", ".join(f"{name}={_shown(value)}" for name, value in example.inputs.items())
    lines.append(f"for {given}")
    for name, outputs in ((a, example.a), (b, example.b)):
        told = ", ".join(f"{output}={_shown(value)}" for output, value in outputs.items())
        lines.append(f"  {name}: {told}")
    return "\n".join(lines)


def _shown(value: float | list[float]) -> str:
    if not isinstance(value, list):
        return number(value, 8)
    shown = [number(one, 8) for one in value[:MOST_SHOWN]]
    more = ["..."] if len(value) > MOST_SHOWN else []
    return f"[{', '.join([*shown, *more])}]"
