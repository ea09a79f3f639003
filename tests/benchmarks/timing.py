"""How the benchmarks time: blocks of steps, the median, each library in a process of its own."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

BLOCK_SECONDS = 0.05


def measure(step: Callable[[], object], seconds: float) -> list[float]:
    """Seconds per step in blocks of about 50 ms, for about this long, after a warm-up."""
    for _ in range(3):
        step()
    start = time.perf_counter()
    step()
    count = max(1, int(BLOCK_SECONDS / max(time.perf_counter() - start, 1e-7)))
    blocks: list[float] = []
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds or len(blocks) < 3:
        start = time.perf_counter()
        for _ in range(count):
            step()
        blocks.append((time.perf_counter() - start) / count)
    return blocks


def interleaved(
    commands: Mapping[str, Sequence[str]], rounds: int, threads: int
) -> dict[str, list[float]]:
    """Run every command in turn, A B C A B C ...; each prints a JSON list of seconds."""
    environment = os.environ | {
        name: str(threads)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            done = subprocess.run(
                command, capture_output=True, text=True, env=environment, check=False
            )
            if done.returncode != 0:
                raise SystemExit(f"{name}: {done.stderr.strip()}")
            times[name] += json.loads(done.stdout.strip().splitlines()[-1])
    return times


def table(times: Mapping[str, Sequence[float]], reference: str) -> str:
    """Medians in microseconds, and their ratio to the median of the reference."""
    base = statistics.median(times[reference])
    lines = [f"{'':28s}{'median us':>12s}{'min us':>10s}{'/ ' + reference:>14s}"]
    for name, values in times.items():
        middle = statistics.median(values)
        lines.append(
            f"{name:28s}{middle * 1e6:12.1f}{min(values) * 1e6:10.1f}{middle / base:14.2f}"
        )
    return "\n".join(lines)


def blas() -> str:
    """The BLAS library and kernel that NumPy uses here."""
    import numpy as np
    from threadpoolctl import threadpool_info

    found: list[dict[str, Any]] = [i for i in threadpool_info() if i.get("user_api") == "blas"]
    told = ", ".join(f"{i['internal_api']} {i['version']} {i['architecture']}" for i in found)
    return f"NumPy {np.__version__}, {told}, Python {sys.version.split()[0]}"
