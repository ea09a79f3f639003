"""Ending a run on purpose: a signal lets the step finish and the weights be saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Interrupt:
    """While this lasts, the first SIGINT, SIGTERM or SIGHUP is only noted in `signal_number`.

    A second one acts as if nobody listened (Ctrl-C twice ends at once). Outside the main thread
    nothing is changed, because Python delivers signals only there.

    >>> with Interrupt() as interrupt:
    ...     interrupt.requested
    False
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._before: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether somebody asked for an end."""
        return self.signal_number is not None

    @property
    def exit_code(self) -> int:
        """128 + the number of the signal: 130 for Ctrl-C, 143 for a termination; 0 for none."""
        return 0 if self.signal_number is None else 128 + self.signal_number

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is not threading.main_thread():
            return self
        for name in _NAMES:
            number = getattr(signal, name, None)
            # a signal that is ignored (nohup, a background job) stays ignored
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal_number = number
        self._restore()

    def _restore(self) -> None:
        # a signal may come anywhere in here and call this too; SIGINT, which may raise, is the last
        for number in reversed(list(self._before)):
            handler = self._before.pop(number, None)
            if handler is not None:
                signal.signal(number, handler)


class Postponed:
    """While this lasts, what the program does on a signal of its own it does between two steps.

    A signal that Python code listens to (SIGINT raises KeyboardInterrupt by default) is noted, and
    `is_over` lets its handler act: where that raises, the training is to end there with whole
    weights, and what was raised is raised again when this ends; where it returns, the training
    goes on. A second signal acts at once. Signals that end the process by themselves, or are
    ignored, stay so.

    >>> with Postponed() as signals:
    ...     signals.is_over()
    False
    """

    def __init__(self) -> None:
        self._noted: list[tuple[Callable[..., Any], int, FrameType | None]] = []
        self._before: dict[int, Callable[..., Any]] = {}
        self._raised: BaseException | None = None
        self._is_on = False

    def __enter__(self) -> Postponed:
        self._is_on = True
        if threading.current_thread() is not threading.main_thread():
            return self
        for name in _NAMES:
            number = getattr(signal, name, None)
            handler = None if number is None else signal.getsignal(number)
            if number is not None and callable(handler):
                self._before[number] = handler
                signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_on = False
        for number in list(self._before):
            self._give_back(number)
        if self.is_over() and self._raised is not None:
            raise self._raised

    def is_over(self) -> bool:
        """Let what was noted act; whether the training is to end."""
        while self._noted and self._raised is None:
            handler, number, frame = self._noted.pop(0)
            try:
                handler(number, frame)
            except BaseException as error:  # whatever it is, it is raised after the epoch is told
                self._raised = error
            else:
                self._take_again(number)
        return self._raised is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted.append((self._before[number], number, frame))
        self._give_back(number)

    def _give_back(self, number: int) -> None:
        if signal.getsignal(number) == self._note:
            signal.signal(number, self._before[number])

    def _take_again(self, number: int) -> None:
        if self._is_on and signal.getsignal(number) == self._before[number]:
            signal.signal(number, self._note)
