"""Timing inside a process: blocks of calls, and the most memory that was ever held."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any, TypeAlias

Step: TypeAlias = Callable[[Any], float]
"""A training step on the rows of these indices; gives the loss."""

BLOCK_SECONDS = 0.02


def measure(call: Callable[[], object], seconds: float) -> list[float]:
    """Seconds per call in blocks of about 20 ms, for about this long, after a warm-up."""
    start = time.perf_counter()
    warm = 0
    while warm < 3 or time.perf_counter() - start < seconds / 3:
        call()
        warm += 1
    count = max(1, int(BLOCK_SECONDS * warm / (time.perf_counter() - start)))
    blocks: list[float] = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds or len(blocks) < 3:
        start = time.perf_counter()
        for _ in range(count):
            call()
        blocks.append((time.perf_counter() - start) / count)
    return blocks


def checked_and_timed(step: Step, batches: list[Any], checked: int, seconds: float) -> Any:
    """The losses of the first steps, then the time of one, over batch after batch."""
    losses = [step(batches[k % len(batches)]) for k in range(checked)]
    turning = cycle(batches)
    return {"check": losses, "figures": {"step": measure(lambda: step(next(turning)), seconds)}}


def once(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak_bytes() -> int:
    """The most memory that this process has held (VmHWM); 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found[1]) * 1024 if found else 0


def reset_peak() -> None:
    """Begin to count the peak from what is held now, where the system can do that (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
