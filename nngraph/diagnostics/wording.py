"""What is said of a mistake: the texts of its row, filled in with facts."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from nngraph.diagnostics.row import Text
from nngraph.diagnostics.showing import shortened

LONGEST_FACT = 1_000  # characters; a line of a megabyte is nobody's fact


class Said(NamedTuple):
    """One mistake in words: what, the next step, and what stands under its caret."""

    code: str
    message: str
    help: str
    label: str


def count(number: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "weight"), count(100352, "weight")
    ('1 weight', '100,352 weights')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class _Filling(string.Formatter):
    """`str.format`, and `{units:unit}` is a count with its noun: 1 unit, 3 units."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        value = super().get_value(key, args, kwargs)
        return shortened(value, LONGEST_FACT) if isinstance(value, str) else value

    def format_field(self, value: Any, format_spec: str) -> str:
        if len(format_spec) > 1 and format_spec.isalpha():
            return f"{value} {format_spec}{'' if value == 1 else 's'}"
        return str(super().format_field(value, format_spec))


_FILLING = _Filling()


def say(key: str, facts: Mapping[str, object], label: str = "") -> Said:
    """The words of "E209", or of one case of it, "E209:itself"; `label` goes before the row's own.

    Errors: KeyError for an unknown key, or where the facts are not those of the text.

    >>> say("E206", {"id": "u"}).message
    "nothing reads the input 'u'"
    """
    text = text_of(key)
    if text is None or fields_of(text) != facts.keys():
        raise KeyError(f"{key} with {sorted(facts)}")
    help = text.help or (text.otherwise if not label else "")
    message, help, own = (
        _FILLING.vformat(part, (), facts) for part in (text.message, help, text.label)
    )
    return Said(key[:4], message, help, shortened(label, LONGEST_FACT) or own)


@cache
def text_of(key: str) -> Text | None:
    """The text of a key; None where the catalogue has none."""
    # read when something is told: a run without a mistake never loads the catalogue
    from nngraph.diagnostics.catalogue import find

    code, _, case = key.partition(":")
    found = find(code)
    texts = found[1].texts if found is not None else ()
    return next((text for text in texts if text.case == case), None)


def pattern(text: Text) -> str:
    """The message of a text with dots for its facts.

    >>> pattern(Text("'{end}' reaches beyond {units:unit}"))
    "'...' reaches beyond ... units"
    """
    return "".join(_dots(*part) for part in _FILLING.parse(text.message))


def _dots(literal: str, name: str | None, spec: str | None, conversion: str | None) -> str:
    noun = f" {spec}s" if spec and len(spec) > 1 and spec.isalpha() else ""
    return literal + (f"...{noun}" if name is not None else "")


@cache
def fields_of(text: Text) -> frozenset[str]:
    """The facts that a text is filled in with."""
    return frozenset(_fields(text))


def _fields(text: Text) -> Iterator[str]:
    for part in (text.message, text.help, text.otherwise, text.label):
        for _, name, _, _ in _FILLING.parse(part):
            if name is not None:
                yield name
