"""`nngraph gradcheck SPEC|RUN`: every gradient beside a numerical one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import Options, common_options
from nngraph.cli.output import chatter, result, result_json, table
from nngraph.cli.subject import SUBJECT, open_model
from nngraph.cli.telling import clock_text
from nngraph.diagnostics.wording import count
from nngraph.errors import CheckFailed

if TYPE_CHECKING:
    from nngraph.app.gradcheck import GradientCheck
    from nngraph.insight.gradcheck import ArrayCheck, Slope, Slopes

ARRAYS_SHOWN = 20  # rows of the table; of more arrays those that are farthest off
TELL_AFTER = 3.0  # seconds
NAMES_SHOWN = 5  # of parameters at kinks, of gradients that do not hold


@click.command("gradcheck", short_help="Compare every gradient with a numerical one.")
@SUBJECT
@click.option("--no-data", is_flag=True, help="Draw rows at random instead of reading the data.")
@common_options
def command(subject: Path, no_data: bool, options: Options) -> int:
    """Compare the gradient of each parameter with a numerical one, in float64.

    The loss of the first 8 samples (drawn ones with --no-data, or where the spec names no data) is
    that of a training step: chance is the same each time. Above 20,000 parameters 64 of each array
    are checked, and one random direction through all. At a kink (relu at 0, a tie of a maximum)
    there is no one gradient: it is compared beside it. Prediction, training step, the module that
    'nngraph compile -o' writes, and the definitions of the ops are compared too. The exit code is
    10 if anything does not hold.
    """
    found = open_model(subject, options).gradcheck(data=not no_data, watch=_Progress())
    if options.as_json:
        result_json(found.as_json())
    else:
        _tell(found)
    return 0 if found.holds else CheckFailed.exit_code


class _Progress:
    """A line on standard error when none has come for some seconds."""

    def __init__(self) -> None:
        self.began: float | None = None
        self.next = TELL_AFTER

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        self.began = now if self.began is None else self.began
        spent = now - self.began
        if spent >= self.next and done < total:
            self.next = spent + max(TELL_AFTER, spent / 5)
            left = clock_text(spent / done * (total - done))
            chatter(f"{done:,} of {total:,} parameters checked  {left} left")


def _tell(found: GradientCheck) -> None:
    fed = f"{count(found.rows, 'drawn sample' if found.drawn else 'sample')}, float64"
    if found.slopes is None:
        result(f"{found.name}: no loss, so no gradients; the outputs of {fed}")
    else:
        numbers = count(found.parameters, "trained parameter")
        result(f"{found.name}: {numbers}, {fed}, loss {found.slopes.loss:.6g}")
        _tell_slopes(found.slopes)
    result("")
    for each in found.agreements:
        same = "as the definitions say" if each.holds else f"DIFFER, most in '{each.array}'"
        result(f"{each.way}: {each.what} {same} (apart by {each.difference:.1e})")
    result("")
    result(_verdict(found))


def _tell_slopes(slopes: Slopes) -> None:
    arrays = sorted(slopes.arrays, key=_error, reverse=True)[:ARRAYS_SHOWN]
    shown = [array for array in slopes.arrays if array in arrays]
    if shown:
        header = ["array", "shape", "checked", "apart by", "  farthest off"]
        result("\n" + table(header, [_cells(array) for array in shown], left=2, last_left=True))
    if hidden := len(slopes.arrays) - len(shown):
        result(f"{count(hidden, 'more array')}, all nearer")
    if (direction := slopes.direction) is not None:
        told = f"{_numbers(direction)}, apart by {direction.relative:.1e}"
        result(f"\na random direction through all parameters: {told}")
        result("above 20,000 parameters 64 of each array are checked, and this direction")
    if kinks := [name for array in slopes.arrays for name in array.kinks]:
        listed = ", ".join(kinks[:NAMES_SHOWN]) + (", ..." if len(kinks) > NAMES_SHOWN else "")
        result(f"\n{count(len(kinks), 'parameter')} at a kink, compared beside it: {listed}")
    if (worst := slopes.worst) is not None:
        result(f"\nfarthest off: {worst.name}: {_numbers(worst)}")


def _error(array: ArrayCheck) -> float:
    return -1.0 if array.worst is None else array.worst.error


def _cells(array: ArrayCheck) -> list[str]:
    worst = array.worst
    return [
        array.id,
        "x".join(map(str, array.shape)),
        f"{array.checked:,}",
        "" if worst is None else f"{worst.relative:.1e}",
        "" if worst is None else f"  {worst.name}{'' if worst.holds else '  WRONG'}",
    ]


def _numbers(slope: Slope) -> str:
    return f"{slope.exact:.9g} by backpropagation, {slope.numerical:.9g} numerically"


def _verdict(found: GradientCheck) -> str:
    lines = []
    wrong = [s for array in (found.slopes.arrays if found.slopes else ()) for s in array.failed]
    wrong.sort(key=lambda slope: -slope.error)
    if wrong:
        lines += [f"wrong: {slope.name}: {_numbers(slope)}" for slope in wrong[:NAMES_SHOWN]]
        verb = "does" if len(wrong) == 1 else "do"
        lines.append(f"{count(len(wrong), 'gradient')} {verb} not hold")
    elif found.slopes is not None and not found.slopes.holds:
        lines.append("the random direction does not hold")
    if not all(each.holds for each in found.agreements):
        lines.append("the ways of computing differ")
    return "\n".join(lines) or ("all hold" if found.slopes is not None else "all agree")
