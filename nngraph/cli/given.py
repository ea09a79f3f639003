"""`--given 'x1=0, x2=[1, 2]'`: one sample, typed by hand."""

from __future__ import annotations

from typing import Any

from nngraph.errors import Diagnostics, SourceFile, SpecError, UsageError, diagnostic

QUOTES = "'\""


def read_given(text: str) -> dict[str, Any]:
    """Name of an input or a column -> value: a number, a word, or lists of these.

    Errors: UsageError.
    """
    values: dict[str, Any] = {}
    for piece in split_outside_brackets(text):
        name, equals, written = _name_and_value(piece)
        if not equals or not name or not written:
            raise UsageError(diagnostic("E002:given", text=piece.strip()))
        if name in values:
            raise UsageError(diagnostic("E002:given-twice", name=name))
        values[name] = _value(name, written)
    return values


def split_outside_brackets(text: str) -> list[str]:
    """The pieces between commas that stand in no brackets and no quotes.

    >>> split_outside_brackets("a=1, b=[2, [3, 4]], city='Rome, GA'")
    ['a=1', ' b=[2, [3, 4]]', " city='Rome, GA'"]
    """
    pieces, depth, start, quote = [], 0, 0, ""
    for at, character in enumerate(text):
        if quote or _opens_quotes(text, at):
            quote = "" if character == quote else quote or character
            continue
        depth += (character in "[{(") - (character in "]})")
        if character == "," and depth == 0:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


def _opens_quotes(text: str, at: int) -> bool:
    """Whether quotes begin here: one inside a word is an apostrophe."""
    return text[at] in QUOTES and text[:at].rstrip()[-1:] in ("", ",", "=", "[")


def _name_and_value(piece: str) -> tuple[str, str, str]:
    """Name, equals sign and value of a piece; a name in quotes may hold an equals sign."""
    text = piece.strip()
    end = text.find(text[0], 1) if text[:1] in QUOTES and text else -1
    name, equals, written = text[max(end, 0) :].partition("=")
    name = text[1:end] if end > 0 and name in QUOTES else (text[: max(end, 0)] + name).strip()
    return name, equals, written.strip()


def _value(name: str, written: str) -> Any:
    """The value as in a spec, typed by YAML; what is no YAML is a word, as in a csv file."""
    if written[0] in "[{" + QUOTES:
        return _yaml(name, written)
    try:
        return _yaml(name, written)
    except UsageError:
        return written


def _yaml(name: str, written: str) -> Any:
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
    _refuse_mappings(name, value)
    return value


def _refuse_mappings(name: str, value: Any) -> None:
    for item in value if isinstance(value, tuple) else (value,):
        if isinstance(item, tuple):
            _refuse_mappings(name, item)
        elif item is None or isinstance(item, dict):
            raise UsageError(diagnostic("E002:given-number", name=name, got="something else"))
