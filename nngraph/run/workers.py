"""The threads of a step: those that compute parts of it at the same time, and one of BLAS in each.

NumPy and kernels release the interpreter while they compute, so threads of one process suffice.
What is handed over in a step is a few products of some hundred microseconds: a thread that waits
on a lock starts on it in less time than a pool's queue and futures take.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from threadpoolctl import ThreadpoolController

Task: TypeAlias = Callable[[], Any]


class Workers:
    """`count` threads in all: the caller's, and others that are started when first needed."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._helpers: list[Helper] = []

    def run(self, tasks: Sequence[Task]) -> None:
        """Do all tasks, at most `count`, each in a thread of its own; back when all are done.

        Errors: the first that a task raised, after the others have ended.
        """
        first, *others = tasks
        for _ in range(len(self._helpers), len(others)):
            self._helpers.append(helper := Helper())
            weakref.finalize(self, helper.end)
        helpers = self._helpers[: len(others)]
        try:
            for helper, task in zip(helpers, others, strict=True):
                helper.start(task)
            first()
        finally:
            for helper in helpers:
                helper.wait()
        for helper in helpers:
            if helper.error is not None:
                raise helper.error


ALONE = Workers(1)


class Helper:
    """One thread, and the two locks by which tasks go to it and word of their end comes back.

    Each task has a lock of its own for its end. Nobody need have waited on it: a task that was done
    before its end was asked for, or whose waiting a signal cut short, leaves no open lock behind
    that the end of the next task would find.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self._task: Task | None = None
        self._is_done = True
        self._go, self._done = _closed(), _closed()
        threading.Thread(target=self._serve, daemon=True, name="nngraph worker").start()

    def start(self, task: Task) -> None:
        """Hand over a task; the last one is done."""
        self._task, self.error, self._is_done, self._done = task, None, False, _closed()
        self._go.release()

    def wait(self) -> None:
        """Until the task is done, also where a signal raises meanwhile: its arrays are in use."""
        interrupt: BaseException | None = None
        while not self._is_done:
            try:
                self._done.acquire()
            except BaseException as raised:
                interrupt = raised
        if interrupt is not None:
            raise interrupt

    def end(self) -> None:
        """Let the thread go, after its last task."""
        self._task = None
        self._go.release()

    def _serve(self) -> None:
        np.seterr(all="ignore")  # as the step's own thread has it
        while True:
            self._go.acquire()
            if self._task is None:
                return
            done = self._done
            try:
                self._task()
            except BaseException as raised:
                self.error = raised
            self._is_done = True
            done.release()


def _closed() -> threading.Lock:
    """A lock that waits for its release."""
    lock = threading.Lock()
    lock.acquire()
    return lock


class OneThread:
    """A context in which BLAS has one thread, whatever the machine has: the bits of a product
    depend on their number.

    Overflow is no warning inside: what becomes non-finite is found where results are looked at.
    The libraries are looked up once, for that takes longer than a small network; and only those
    that had more threads are set, and set back.
    """

    def __init__(self) -> None:
        self._libraries = tuple(ThreadpoolController().select(user_api="blas").lib_controllers)
        self._ones = [1] * len(self._libraries)
        self._entered: list[tuple[np.errstate, list[int]]] = []

    def __enter__(self) -> None:
        quiet = np.errstate(all="ignore")
        quiet.__enter__()
        before = [library.num_threads for library in self._libraries]
        if before != self._ones:
            self._set(self._ones, before)
        self._entered.append((quiet, before))

    def __exit__(self, *error: object) -> None:
        quiet, before = self._entered.pop()
        if before != self._ones:
            self._set(before, self._ones)
        quiet.__exit__(None, None, None)

    def _set(self, wanted: list[int], now: list[int]) -> None:
        for library, threads, current in zip(self._libraries, wanted, now, strict=True):
            if threads != current:
                library.set_num_threads(threads)
