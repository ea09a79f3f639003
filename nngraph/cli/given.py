"""`--given 'x1=0, x2=[1, 2]'`: one sample, typed by hand."""

from __future__ import annotations

from typing import Any

from nngraph.errors import Diagnostics, SourceFile, SpecError, UsageError, diagnostic


def read_given(text: str) -> dict[str, Any]:
    """Input name -> value: a number, a word, or lists of these.

    Errors: UsageError.
    """
    values: dict[str, Any] = {}
    for piece in split_outside_brackets(text):
        name, equals, written = (part.strip() for part in piece.partition("="))
        if not equals or not name or not written:
            raise UsageError(diagnostic("E002:given", text=piece.strip()))
        if name in values:
            raise UsageError(diagnostic("E002:given-twice", name=name))
        values[name] = _value(name, written)
    return values


def split_outside_brackets(text: str) -> list[str]:
    """The pieces between commas that stand in no brackets.

    >>> split_outside_brackets("a=1, b=[2, [3, 4]]")
    ['a=1', ' b=[2, [3, 4]]']
    """
    pieces, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "[{(") - (character in "]})")
        if character == "," and depth == 0:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


def _value(name: str, written: str) -> Any:
    """The value as in a spec: typed by YAML, numbers and lists alone."""
    from nngraph.spec.events import read_tree
    from nngraph.spec.tree import plain_value

    found = Diagnostics()
    try:
        value = plain_value(read_tree(SourceFile("--given", written), found))
    except SpecError as error:
        why = error.diagnostics[0].message
        raise UsageError(diagnostic("E002:given-value", name=name, why=why)) from error
    if found.errors:
        raise UsageError(diagnostic("E002:given-value", name=name, why=found.errors[0].message))
    _check_numbers(name, value)
    return value


def _check_numbers(name: str, value: Any) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, tuple):
            _check_numbers(name, item)
        elif item is None or isinstance(item, str | dict):
            what = f"'{item}'" if isinstance(item, str) else "something else"
            raise UsageError(diagnostic("E002:given-number", name=name, got=what))
