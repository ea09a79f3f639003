"""From answers to figures: medians, ratios within a round, and whether the sides agree."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.cases import Case
from harness.task import Answer

PEERS_FIRST = ("PyTorch fused", "PyTorch", "neat-python", "JAX", "scikit-learn", "textbook NumPy")
"""With whom checked numbers are compared: the first one that is there."""
LEAST_DIFFERENCE = 2e-6


@dataclass(frozen=True)
class Spread:
    """A median with the least and the greatest of so many rounds."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one number a round."""
        return cls(statistics.median(values), min(values), max(values), len(values))


@dataclass(frozen=True)
class Row:
    """One figure of one case. `wrong` and `failed` sides have no number."""

    workload: str
    case: str
    figure: str
    threads: int
    blas: str
    over: str
    values: Mapping[str, list[float]]
    agrees_with: str | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def spread(self, side: str) -> Spread | None:
        """The figure of a side."""
        return Spread.of(self.values[side]) if side in self.values else None

    def ratio(self, side: str, over: str) -> Spread | None:
        """Of two sides, round by round."""
        if side not in self.values or over not in self.values:
            return None
        return ratio_of(self.values[side], self.values[over])

    def as_json(self) -> dict[str, Any]:
        """With all ratios."""
        sides = {
            name: {
                **vars(Spread.of(values)),
                "values": values,
                "over": {
                    other: vars(ratio)
                    for other in self.values
                    if other != name and (ratio := self.ratio(name, other)) is not None
                },
            }
            for name, values in self.values.items()
        }
        return {key: value for key, value in vars(self).items() if key != "values"} | {
            "sides": sides
        }


def ratio_of(values: Sequence[float], over: Sequence[float]) -> Spread | None:
    """Ratios of the rounds that both have."""
    ratios = [a / b for a, b in zip(values, over, strict=False) if b > 0]
    return Spread.of(ratios) if ratios else None


def rows_of(
    case: Case,
    found: Mapping[str, Sequence[Answer]],
    threads: int,
    blas: str,
    absent: Sequence[str] = (),
) -> list[Row]:
    """The rows of a case: one for each figure that any side gives."""
    failed = {
        name: error
        for name, answers in found.items()
        if (error := next((a["error"] for a in answers if "error" in a), None)) is not None
    }
    reference, wrong = disagreements(case, {n: a for n, a in found.items() if n not in failed})
    good = {n: a for n, a in found.items() if n not in failed and n not in wrong}
    figures = dict.fromkeys(f for n, a in found.items() if n not in failed for f in a[0]["figures"])
    return [
        Row(
            case.workload,
            case.name,
            figure,
            threads,
            blas,
            case.over,
            {
                name: [statistics.median(answer["figures"][figure]) for answer in answers]
                for name, answers in good.items()
                if figure in answers[0]["figures"]
            },
            reference,
            wrong,
            failed,
            tuple(absent),
        )
        for figure in figures or ["nothing"]
    ]


def disagreements(
    case: Case, found: Mapping[str, Sequence[Answer]]
) -> tuple[str | None, dict[str, str]]:
    """The side that others are compared with, and what those that differ say instead."""
    checks = {name: answers[0]["check"] for name, answers in found.items() if "check" in answers[0]}
    if len(checks) < 2:
        return None, {}
    reference = next((name for name in PEERS_FIRST if name in checks), next(iter(checks)))
    wanted = checks[reference]
    wrong = {}
    for name, got in checks.items():
        for k, (a, b) in enumerate(zip(got, wanted, strict=False)):
            if not math.isfinite(a) or abs(a - b) > case.within * abs(b) + LEAST_DIFFERENCE:
                wrong[name] = f"{a:.6g} where {reference} has {b:.6g} (number {k + 1})"
                break
    return reference, wrong
