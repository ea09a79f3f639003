"""Arguments of other libraries, answered with ours."""

from __future__ import annotations

from collections.abc import Iterable

from nngraph.diagnostics.foreign_python import argument_answer
from nngraph.errors import UsageError, diagnostic, join_words, suggest


def unknown_argument(function: str, argument: str, parameters: Iterable[str]) -> UsageError:
    """The error for an argument by name that a function does not have.

    >>> unknown_argument("fit", "lr", ["x", "learning_rate"]).diagnostics[0].help
    'learning_rate=0.01'
    """
    known = [name for name in parameters if name != "self"]
    help = argument_answer(function, argument) or suggest(argument, known)
    help = help or f"it takes {join_words(known)}"
    told = diagnostic("E002:argument", function=function, argument=argument, help=help)
    return UsageError(told)
