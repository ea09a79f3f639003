"""The table that is read: one for each workload, and one of the targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.results import Row
from harness.targets import Verdict
from harness.units import is_time_or_size, number


def document(about: Mapping[str, Any], rows: Sequence[Row], verdicts: Sequence[Verdict]) -> str:
    """Everything in Markdown."""
    workloads = dict.fromkeys(row.workload for row in rows)
    parts = ["# Benchmarks of nngraph", conditions(about), READING]
    parts += [workload(name, [r for r in rows if r.workload == name]) for name in workloads]
    return "\n\n".join([*parts, targets(verdicts), notes(rows)]).rstrip() + "\n"


READING = """\
Each cell: the median of the rounds, in brackets its ratio to the column in italics (median of the
ratios within a round, least to greatest). "wrong": other numbers than the peer. "-": not run."""


def conditions(about: Mapping[str, Any]) -> str:
    """Machine, libraries and threads, a line each."""
    lines = [f"- {key}: {value}" for key, value in about["machine"].items()]
    lines += [f"- absent: {', '.join(about['absent'])}"] if about["absent"] else []
    for where, sides in about["sides"].items():
        lines += [f"- {where}, {name}: {_side(told)}" for name, told in sides.items() if told]
    return "\n".join(lines)


def _side(told: Mapping[str, Any]) -> str:
    if "error" in told:
        return "did not say"
    packages = [f"{name} {version}" for name, version in told["packages"].items()]
    pools = [
        f"{pool['library']} {pool['version'] or ''} {pool['kernel'] or ''} "
        f"({pool['threads']} threads)".replace("  ", " ")
        for pool in told.get("threadpools", ())
    ]
    return ", ".join([*packages, *pools, f"cores {told.get('cores', 'any')}"])


def workload(name: str, rows: Sequence[Row]) -> str:
    """The table of a workload; a column for each side that has a number or a fault in it."""
    sides = dict.fromkeys(s for row in rows for s in (*row.values, *row.wrong, *row.failed))
    over = dict.fromkeys(row.over for row in rows)
    titles = [f"*{side}*" if side in over else side for side in sides]
    head = ["case", "figure", "threads", "BLAS", *titles]
    lines = [
        [row.case, row.figure, str(row.threads), row.blas, *(cell(row, side) for side in sides)]
        for row in rows
    ]
    return f"## {name}\n\n{table(head, lines)}"


def cell(row: Row, side: str) -> str:
    """One figure of one side."""
    for found, word in ((row.wrong, "**wrong**"), (row.failed, "failed")):
        if side in found:
            return word
    spread = row.spread(side)
    if spread is None:
        return "-"
    text = number(spread.median, row.figure)
    ratio = None if side == row.over else row.ratio(side, row.over)
    if ratio is None or not is_time_or_size(row.figure):
        return text
    if ratio.rounds == 1:
        return f"{text} ({ratio.median:.3g})"
    return f"{text} ({ratio.median:.3g}; {ratio.low:.3g} to {ratio.high:.3g})"


def targets(verdicts: Sequence[Verdict]) -> str:
    """The targets with what was measured."""
    head = ["target", "threads", "BLAS", "at most", "measured", ""]
    lines = [[v.text, str(v.threads), v.blas, v.bound, v.measured, v.verdict] for v in verdicts]
    return f"## Targets\n\n{table(head, lines)}" if lines else ""


def notes(rows: Sequence[Row]) -> str:
    """What is wrong or failed, in words."""
    lines = {
        f"- {row.case}, {side}: {said.strip().splitlines()[-1]}"
        for row in rows
        for side, said in (*row.wrong.items(), *row.failed.items())
    }
    return "## Wrong or failed\n\n" + "\n".join(sorted(lines)) if lines else ""


def table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    rows = [list(head), *(list(line) for line in lines)]
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
