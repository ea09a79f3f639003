"""The messages of one run: errors and lints, as many as fit a screen; the rest is counted."""

from __future__ import annotations

from collections.abc import Sequence

import click

from nngraph.errors import LINES_AT_MOST, Diagnostic, NNGraphError, fitting, not_shown

LINTS_AT_MOST = LINES_AT_MOST // 2  # lines: an error that comes later has room
KEY = "nngraph.messages"


class Messages:
    """What there is room for on the screen.

    >>> messages = Messages()
    >>> messages.of_error(NNGraphError("one", "two"))
    'error: one [E900]\\n\\nerror: two [E900]'
    >>> messages.end()
    []
    """

    def __init__(self) -> None:
        self._room = LINES_AT_MOST - 3  # two lines that count, and an empty one
        self._hidden = {"error": 0, "lint": 0}
        self._has_error = False

    def of_error(self, problem: NNGraphError) -> str:
        """The text of an error, or "" where there is no more room."""
        self._hidden["error"] += problem.hidden
        return self._of("error", problem.diagnostics, self._room)

    def of_lints(self, lints: Sequence[Diagnostic]) -> str:
        """The text of lints, or "" where there is no more room."""
        return self._of("lint", lints, self._room - (LINES_AT_MOST - LINTS_AT_MOST))

    def end(self) -> list[str]:
        """The lines that count what was not shown."""
        return [line for what, count in self._hidden.items() for line in not_shown(count, what)]

    def _of(self, what: str, diagnostics: Sequence[Diagnostic], room: int) -> str:
        parts, rest = fitting(diagnostics, room)
        text = "\n\n".join(parts)
        if parts and what == "error":
            text, self._has_error = "\n" * self._has_error + text, True  # one below another
        self._hidden[what] += rest
        self._room -= text.count("\n") + 2 if parts else 0  # and an empty line behind
        return text


def messages_of_run() -> Messages:
    """Those of the command that runs."""
    context = click.get_current_context(silent=True)
    if context is None:
        return Messages()
    messages = context.meta.setdefault(KEY, Messages())
    assert isinstance(messages, Messages)
    return messages
