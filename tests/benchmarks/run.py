"""Benchmarks of nngraph beside other libraries: one command, a table that says what it is.

    python tests/benchmarks/run.py [--quick] [WORKLOAD ...] [--case PART] [--side NAME]
        [--peers FOLDER | --no-peers] [--json FILE] [--markdown FILE] [--threads 1 2]
        [--blas pinned stock] [--list]

Makes an environment for the peers (PyTorch, JAX, scikit-learn, ONNX Runtime, neat-python, SciPy)
in a folder; what cannot be had is reported as absent. Each library runs in a process of its own and
they take turns, A B C A B C. All begin with the same weights and take the same batches in the same
order; one whose losses differ is marked wrong and gets no figure. MNIST is read from NNGRAPH_MNIST.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.cases import SIDES, Case
from harness.conditions import PINNED, STOCK, conditions, mode_of
from harness.markdown import document
from harness.peers import NO_PEERS, peers_in, versions
from harness.results import Row, rows_of
from harness.rounds import Plan, run_rounds
from harness.samples import MNIST, mnist_folder
from harness.targets import verdicts
from harness.workloads import all_cases

HERE = Path(__file__).parent
OWN = ("numba", "threadpoolctl")


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    workloads = list(dict.fromkeys(case.workload for case in all_cases()))
    parser.add_argument("workload", nargs="*", help=f"of {', '.join(workloads)}; all by default")
    parser.add_argument("--case", action="append", default=[], help="part of a case's name")
    parser.add_argument(
        "--side",
        action="append",
        default=[],
        help="only this side, and what ratios are told over: long workloads in pieces",
    )
    parser.add_argument("--quick", action="store_true", help="a few cases, one short round")
    peers = parser.add_mutually_exclusive_group()
    peers.add_argument("--peers", type=Path, help="folder of the peers' environment")
    peers.add_argument("--no-peers", action="store_true")
    parser.add_argument("--sketches", type=Path, help="folder of programs written by hand")
    parser.add_argument("--threads", type=int, nargs="+", choices=(1, 2), default=[1, 2])
    parser.add_argument(
        "--blas",
        nargs="+",
        choices=(PINNED, STOCK),
        default=[None],
        help="with OPENBLAS_CORETYPE (as found, else Haswell), without; default: as found",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--heavy-rounds", type=int, default=3, help="of whole epochs and the like")
    parser.add_argument("--seconds", type=float, default=0.3, help="of timing, a turn")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--list", action="store_true", help="name all cases")
    options = parser.parse_args(words)
    if unknown := set(options.workload) - set(workloads):
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(workloads)}")
    if unknown := set(options.side) - set(SIDES):
        parser.error(f"no side {', '.join(sorted(unknown))}; there are {', '.join(SIDES)}")
    if options.quick:
        options.rounds, options.heavy_rounds, options.seconds = 1, 1, 0.05
    return options


def chosen(options: argparse.Namespace) -> list[Case]:
    """The cases that are asked for."""
    return [
        replace(case, sides=sides_of(case, options))
        for case in all_cases()
        if (not options.workload or case.workload in options.workload)
        and (not options.case or any(part in case.name for part in options.case))
        and (not options.quick or case.quick)
    ]


def sides_of(case: Case, options: argparse.Namespace) -> tuple[str, ...]:
    """Which sides of a case are run."""
    asked = (*options.side, case.over)
    return tuple(side for side in case.sides if not options.side or side in asked)


def threads_of(case: Case, options: argparse.Namespace) -> tuple[int, ...]:
    """With how many threads a case is run."""
    return case.threads[:1] if options.quick else case.threads


def plan_of(options: argparse.Namespace, folder: Path) -> Plan:
    """The peers' environment, and how everything is run."""
    default = Path(tempfile.gettempdir()) / "nngraph-peers"
    return Plan(
        NO_PEERS if options.no_peers else peers_in((options.peers or default).resolve()),
        folder,
        options.rounds,
        options.heavy_rounds,
        options.seconds,
        versions(sys.executable, OWN),
        options.sketches and options.sketches.resolve(),
        mnist_folder() is not None,
    )


def prepare(cases: Sequence[Case], folder: Path) -> None:
    """First weights, samples, orders and generated specs, written by a process of nngraph."""
    tasks = [{"kind": case.kind, "options": dict(case.options)} for case in cases]
    command = [sys.executable, str(HERE / "prepare.py"), str(folder), json.dumps(tasks)]
    subprocess.run(command, check=True, env=os.environ | {"NNGRAPH_KERNELS": "never"})


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything that is asked for, as rows, verdicts and what stands beside them."""
    plan, machine = plan_of(options, folder), conditions()
    asked = chosen(options)
    cases = [case for case in asked if plan.has_mnist or not case.needs_mnist]
    prepare(cases, folder)
    rows: list[Row] = []
    told: dict[str, Any] = {}
    for mode in options.blas:
        for threads in options.threads:
            these = [case for case in cases if threads in threads_of(case, options)]
            where = f"{mode_of(mode)}, {threads} thread{'s' if threads > 1 else ''}"
            print(f"{where}: {len(these)} cases", file=sys.stderr)
            found, told[where] = run_rounds(these, plan, mode, threads)
            for case in these:
                answers = {n: found[case.name, n] for n in case.sides if (case.name, n) in found}
                absent = [name for name in case.sides if name not in answers]
                rows += rows_of(case, answers, threads, mode_of(mode), absent)
    absent = absences(plan, asked, cases)
    if idle := [c for c in cases if not set(threads_of(c, options)) & set(options.threads)]:
        absent.append(f"{len(idle)} cases that use another number of threads")
    about = {"machine": machine, "absent": absent, "sides": told}
    return {"about": about, "rows": rows, "targets": verdicts(rows)}


def absences(plan: Plan, asked: Sequence[Case], cases: Sequence[Case]) -> list[str]:
    """What is not here, and what is left out for it."""
    sides = dict.fromkeys(name for case in asked for name in case.sides)
    gone = [f"{name} (no {plan.missing(name)})" for name in sides if plan.missing(name)]
    if left := len(asked) - len(cases):
        gone.append(f"{left} cases on MNIST ({MNIST} names no folder)")
    return gone


def as_json(found: dict[str, Any]) -> str:
    """All figures of all rounds."""
    return json.dumps(
        {
            **found,
            "rows": [row.as_json() for row in found["rows"]],
            "targets": [vars(verdict) for verdict in found["targets"]],
        },
        indent=1,
    )


def main(words: Sequence[str] | None = None) -> None:
    """Run, write, print."""
    options = arguments(words)
    if options.list:
        for case in chosen(options):
            sides = ", ".join(case.sides)
            print(f"{case.workload}: {case.name} (threads {case.threads}; {sides})")
        return
    with tempfile.TemporaryDirectory() as folder:
        found = run(options, Path(folder))
    text = document(found["about"], found["rows"], found["targets"])
    if options.json is not None:
        options.json.write_text(as_json(found) + "\n")
    if options.markdown is not None:
        options.markdown.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
