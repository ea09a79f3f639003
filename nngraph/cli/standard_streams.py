"""Standard output and error that outlive a full disk, and Ctrl-C however often it is pressed.

Only for a process of our own (`main`): Python called by others keeps its streams and signals.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from types import FrameType
from typing import Any, TextIO

INTERRUPTED = 130  # 128 + the number of SIGINT
SHOW_CURSOR = b"\x1b[?25h"  # a terminal's own word; a progress bar hides it


class EnduringFile(io.FileIO):
    """A stream's file: what it does not take is lost, and the first reason is kept in `fault`.

    A pipe whose reader has gone still raises BrokenPipeError, which ends a command early.
    """

    def __init__(self, descriptor: int, fault: OSError | None = None) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.fault: OSError | None = None
        self._always = fault

    def write(self, data: Any) -> int:
        """Write, or note why it cannot be written."""
        try:
            if self._always is not None:
                raise self._always
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            self.fault = self.fault or error
            return memoryview(data).nbytes


def endure() -> tuple[EnduringFile, ...]:
    """Let standard output and error be such files; gives both, in this order."""
    closed = _closed_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    out, sys.stdout = _stream(1, sys.stdout, 1 in closed)
    error, sys.stderr = _stream(2, sys.stderr, 2 in closed)
    return out, error


def _closed_descriptors() -> list[int]:
    """Those of 0, 1, 2 that nobody gave us; each becomes the null device, so that no file that is
    opened later lies there and takes what is meant for a terminal."""
    closed = []
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.append(descriptor)
            os.open(os.devnull, os.O_RDWR)  # the lowest free one: this
    return closed


def _stream(descriptor: int, before: TextIO | None, closed: bool) -> tuple[EnduringFile, Any]:
    fault = OSError(errno.EBADF, "it is closed") if closed else None
    file = EnduringFile(descriptor, fault)
    encoding = "utf-8" if before is None else before.encoding
    buffered = io.BufferedWriter(file)
    is_prompt = descriptor == 2 or file.isatty()
    return file, io.TextIOWrapper(buffered, encoding, "replace", line_buffering=is_prompt)


class OneInterrupt:
    """The first Ctrl-C raises KeyboardInterrupt; one more, while that is handled, ends at once."""

    def __init__(self) -> None:
        self._is_ending = False
        if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
            signal.signal(signal.SIGINT, self._act)

    def end(self, code: int) -> int:
        """The exit code of a process that has come to its end."""
        is_interrupted, self._is_ending = self._is_ending, True
        if code != INTERRUPTED and not is_interrupted:
            return code
        # while Python ends it gives handlers up, and one more Ctrl-C would be another exit code
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return INTERRUPTED

    def _act(self, number: int, frame: FrameType | None) -> None:
        if self._is_ending:
            with contextlib.suppress(OSError):
                if os.isatty(2):
                    os.write(2, SHOW_CURSOR)
            os._exit(INTERRUPTED)
        self._is_ending = True
        raise KeyboardInterrupt
