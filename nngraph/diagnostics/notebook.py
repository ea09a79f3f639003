"""What a notebook shows of an error: the line of the user's cell, none of our frames."""

from __future__ import annotations

import traceback
from types import TracebackType


class NoSuchAttribute(AttributeError):
    """A name that an object does not have, shown in a notebook without our frames."""

    __module__, __qualname__ = "builtins", "AttributeError"  # as a traceback shows it

    def _render_traceback_(self) -> list[str]:
        return [*lines_of_caller(self.__traceback__), f"AttributeError: {self}"]


def lines_of_caller(trace: TracebackType | None) -> list[str]:
    """Place and text of the innermost line that is not ours; empty where there is none.

    A cell of a notebook has a file of its own that nobody knows: its line number is enough.
    """
    ours = __name__.partition(".")[0]
    last: traceback.FrameSummary | None = None
    for frame, line in traceback.walk_tb(trace):
        if frame.f_globals.get("__name__", "").partition(".")[0] == ours:
            break
        code = frame.f_code
        last = traceback.FrameSummary(code.co_filename, line, code.co_name)
    if last is None or not last.line:
        return []
    is_cell = last.filename.startswith("<") or "ipykernel" in last.filename
    place = "in this cell" if is_cell else last.filename
    return [f"{place}, line {last.lineno}:  {last.line}", ""]
