"""What a side is asked to do, and what it answers: plain values, handed over as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Answer: TypeAlias = dict[str, Any]
"""`figures`: name -> list of numbers; `check`: numbers that all sides must agree on."""


@dataclass(frozen=True)
class Task:
    """One thing to measure. `folder` holds what was prepared: weights, samples, orders, specs."""

    kind: str
    options: Mapping[str, Any]
    folder: Path
    seconds: float = 0.3
    threads: int = 1
    side: Mapping[str, Any] = field(default_factory=dict)
    """What tells this side from another one of the same module: `channels_last`, `fused`."""

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Task:
        """From its JSON."""
        return cls(**{**line, "folder": Path(line["folder"])})

    def as_json(self) -> dict[str, Any]:
        """For the worker's standard input."""
        return {**vars(self), "folder": str(self.folder)}


Tasks: TypeAlias = Mapping[str, Callable[[Task], Answer]]
"""What a side can do, by the kind of the task."""
