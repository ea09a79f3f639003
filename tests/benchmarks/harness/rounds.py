"""Sides in processes of their own, asked in turn: A B C A B C."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cases import SIDES, Case, Side
from harness.conditions import environment
from harness.peers import Peers
from harness.task import Answer, Task

WORKER = Path(__file__).parent.parent / "worker.py"
MOST_SECONDS = 1800  # a task that takes longer is given up


class Process:
    """A side that waits for tasks."""

    def __init__(self, side: Side, peers: Peers, mode: str | None, threads: int) -> None:
        variables = environment(mode, threads) | dict(side.environment)
        if side.python == "peers":
            variables.pop("PYTHONPATH", None)
        python = sys.executable if side.python == "own" else str(peers.python)
        self._process = subprocess.Popen(
            [python, str(WORKER), side.module, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=variables,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._collect, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _collect(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors[:] = [*self._errors[-20:], line]

    def ask(self, request: Any) -> Answer:
        """The answer, or what went wrong as its `error`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._answers.get(timeout=MOST_SECONDS)
        except (OSError, queue.Empty) as error:
            self.close()
            return {"error": f"{type(error).__name__}: {''.join(self._errors[-3:])}"}
        if not line:
            self.close()
            return {"error": f"it ended: {''.join(self._errors[-3:])}"}
        answer: Answer = json.loads(line)
        return answer

    @property
    def is_alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


@dataclass(frozen=True)
class Plan:
    """How everything is run."""

    peers: Peers
    folder: Path
    rounds: int
    heavy_rounds: int
    seconds: float
    own: Mapping[str, str]
    sketches: Path | None = None
    has_mnist: bool = False

    def sides_of(self, case: Case) -> list[str]:
        """The sides of a case that are here."""
        return [name for name in case.sides if self.missing(name) is None]

    def missing(self, name: str) -> str | None:
        """What a side lacks here, None where it can be run."""
        side = SIDES[name]
        if side.module == "sketch" and self.sketches is None:
            return "--sketches"
        if side.python == "own":
            return side.needs if side.needs and side.needs not in self.own else None
        return side.needs if side.needs not in self.peers.versions else None

    def task(self, case: Case, name: str, threads: int) -> Task:
        """What a side is asked."""
        options = dict(SIDES[name].options)
        if self.sketches is not None:
            options["folder"] = str(self.sketches)
        return Task(case.kind, case.options, self.folder, self.seconds, threads, options)


Found = dict[tuple[str, str], list[Answer]]
"""Answers of each round by case and side."""


def run_rounds(
    cases: Sequence[Case], plan: Plan, mode: str | None, threads: int
) -> tuple[Found, dict[str, Any]]:
    """All rounds: in each, every side has a new process, and they take turns at each case.

    Also what each side says of itself.
    """
    found: Found = {}
    told: dict[str, Any] = {}
    for number in range(max(plan.rounds, plan.heavy_rounds)):
        with_rounds = [
            case for case in cases if number < (plan.heavy_rounds if case.heavy else plan.rounds)
        ]
        for case, name, answer, about in one_round(with_rounds, plan, mode, threads):
            found.setdefault((case.name, name), []).append(answer)
            told[name] = about or told.get(name)
    return found, told


def one_round(
    cases: Sequence[Case], plan: Plan, mode: str | None, threads: int
) -> Iterator[tuple[Case, str, Answer, Any]]:
    """Case by case, side by side."""
    running: dict[str, Process] = {}
    last = {name: case for case in cases for name in plan.sides_of(case)}
    try:
        for case in cases:
            for name in plan.sides_of(case):
                process = running.pop(name, None)
                if process is None or not process.is_alive:
                    process = Process(SIDES[name], plan.peers, mode, threads)
                start = time.perf_counter()
                answer = process.ask(plan.task(case, name, threads).as_json())
                took = time.perf_counter() - start
                is_over = case.fresh or last[name] is case
                about = process.ask("about") if is_over and process.is_alive else None
                if is_over:
                    process.close()
                else:
                    running[name] = process
                print(f"  {case.name}: {name}, {took:.1f} s", file=sys.stderr, flush=True)
                yield case, name, answer, about
    finally:
        for process in running.values():
            process.close()
