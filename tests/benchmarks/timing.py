"""How the benchmarks time: blocks of steps, the median, each library in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Step: TypeAlias = Callable[[], object]

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
    from threadpoolctl import threadpool_info

    found: list[dict[str, Any]] = [i for i in threadpool_info() if i.get("user_api") == "blas"]
    told = ", ".join(f"{i['internal_api']} {i['version']} {i['architecture']}" for i in found)
    return f"NumPy {np.__version__}, {told}, Python {sys.version.split()[0]}"


def training_step(text: str, rows: int, shape: Sequence[int], classes: int) -> Step:
    """A step of nngraph on a spec with input x and output y: load a batch, learn from it."""
    from nngraph.ir import Row, TargetRow
    from nngraph.lower import initial_weights
    from nngraph.network import compile_document
    from nngraph.run import Executable
    from nngraph.spec import parse_spec

    compiled = compile_document(parse_spec(text))
    workers = int(os.environ["OMP_NUM_THREADS"])
    executor = Executable(compiled, initial_weights(compiled.lowered, seed=0), workers=workers)
    bound = executor.training(rows)
    rng = np.random.default_rng(0)
    x = bound.slots[Row("x")].prepare(rng.standard_normal((4 * rows, *shape)))
    y = bound.slots[TargetRow("y")].prepare(np.eye(classes)[rng.integers(0, classes, 4 * rows)])
    indices = rng.permutation(4 * rows)[:rows]
    threads = executor.threads()
    threads.__enter__()  # as in training: one BLAS thread a worker

    def step() -> float:
        assert threads is not None  # dropped, it would give BLAS its threads back
        bound.slots[Row("x")].load(x, indices)
        bound.slots[TargetRow("y")].load(y, indices)
        bound.run()
        executor.update(0.001)
        return bound.loss

    return step


def run_benchmark(
    description: str,
    makers: Mapping[str, Callable[..., Step]],
    arguments: Mapping[str, Callable[[str], object]],
) -> None:
    """The command line of a benchmark: each maker gets the arguments and gives a step to time.

    Makers whose name starts with "torch" run only where --peer-python is given, and there. The
    first maker is the reference.
    """
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    for name, kind in arguments.items():
        parser.add_argument(name, type=kind)
    parser.add_argument("--peer-python")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--only", choices=list(makers), help="measure one here and print JSON")
    options = parser.parse_args()
    if options.only:
        step = makers[options.only](*(getattr(options, name) for name in arguments))
        print(json.dumps(measure(step, options.seconds)))
        return
    given = sys.argv[1 : 1 + len(arguments)]
    print(blas())
    print(f"{' '.join(given)}, threads: {options.threads}")
    command = [sys.argv[0], *given, "--seconds", str(options.seconds), "--only"]
    commands = {}
    for name in makers:
        python = options.peer_python if name.startswith("torch") else sys.executable
        if python:
            commands[name] = [python, *command, name]
    print(table(interleaved(commands, options.rounds, options.threads), next(iter(makers))))
