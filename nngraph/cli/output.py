"""Results to standard output, chatter to standard error, and the two forms of an error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from nngraph.cli.messages import messages_of_run
from nngraph.diagnostics.showing import lines_of, printable
from nngraph.errors import Diagnostic, NNGraphError, error_json

PARTS = ("train", "validation", "test")  # of the data, in the order of telling


def result(text: str) -> None:
    """A line (or more) of what was asked for, to standard output."""
    click.echo(printable(text))


def result_json(value: Any) -> None:
    """What was asked for, as JSON; NaN and infinity become null, which JSON can say."""
    plain = json.loads(json.dumps(value), parse_constant=lambda name: None)
    click.echo(_json_escaped(json.dumps(plain, indent=2, ensure_ascii=False)))


def _json_escaped(text: str) -> str:
    """JSON with the escapes of JSON for what JSON lets through and a terminal would obey."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if printable(c) == c else json.dumps(c)[1:-1] for c in text)


def chatter(text: str) -> None:
    """A word on what is going on, to standard error."""
    click.echo(lines_of(text), err=True)


def warn(text: str) -> None:
    """Something that did not work but is no reason to stop, to standard error."""
    click.echo(paint(lines_of(f"warning: {text}"), "yellow"), err=True)


def show_lints(lints: Sequence[Diagnostic]) -> None:
    """Lints in the form of errors, to standard error, as many as there is room for."""
    _show(messages_of_run().of_lints(lints), "yellow")


def report_error(problem: NNGraphError, as_json: bool) -> int:
    """Write an error, as text to standard error or as JSON to standard output; its exit code."""
    if as_json:
        result_json(error_json(problem))
    else:
        _show(messages_of_run().of_error(problem), "red")
    return problem.exit_code


def count_hidden() -> None:
    """The last line of a run: how many messages had no room."""
    for line in messages_of_run().end():
        chatter(line)


def _show(text: str, colour: str) -> None:
    """Messages, which are fit to be shown already, each with its first word in a colour."""
    if text:
        blocks = [paint(block, colour, first_word_only=True) for block in text.split("\n\n")]
        click.echo("\n\n".join(blocks), err=True)


def paint(text: str, colour: str, *, first_word_only: bool = False) -> str:
    """The text in a colour, where standard error is a terminal and NO_COLOR is not set."""
    if not colours(sys.stderr):
        return text
    if not first_word_only:
        return click.style(text, fg=colour)
    head, colon, rest = text.partition(":")
    return click.style(head + colon, fg=colour, bold=True) + rest


def colours(stream: Any) -> bool:
    """Whether a stream may be coloured: a terminal, and no NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1, *, last_left: bool = False
) -> str:
    """Columns with two spaces between; the first `left` columns stand left, the others right.

    `last_left` lets the last column stand left too.

    >>> print(table(["node", "units"], [["x", "2"], ["hidden", "16"]]))
    node    units
    x           2
    hidden     16
    """
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]

    def placed(i: int, cell: str) -> str:
        stands_left = i < left or (last_left and i == len(header) - 1)
        return cell.ljust(widths[i]) if stands_left else cell.rjust(widths[i])

    return "\n".join("  ".join(map(placed, range(len(line)), line)).rstrip() for line in lines)


def figures_table(parts: dict[str, dict[str, float]]) -> str:
    """Figures of each part, one line a part."""
    names = list(dict.fromkeys(name for figures in parts.values() for name in figures))
    rows = [[part, *(number(figures[name]) for name in names)] for part, figures in parts.items()]
    return table(["", *names], rows)


def number(value: float, digits: int = 6) -> str:
    """A number for people: so many significant digits, no needless zeros.

    >>> number(0.1 + 0.2), number(97.0), number(1.5e-7)
    ('0.3', '97', '1.5e-07')
    """
    return f"{value:.{digits}g}"


def size(count_of_bytes: int) -> str:
    """Bytes for people, in the units of memory (1 KiB = 1024 bytes).

    >>> size(512), size(3 * 1024 * 1024 // 2)
    ('512 B', '1.5 MiB')
    """
    if count_of_bytes < 1024:
        return f"{count_of_bytes} B"
    amount, unit = count_of_bytes / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.1f} {unit}"
