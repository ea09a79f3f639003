"""Ending a run on purpose: a signal lets the step finish and the weights be saved."""

from __future__ import annotations

import signal
import threading
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
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
