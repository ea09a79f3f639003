"""JSON that somebody else may have written."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


class KeyTwice(ValueError):
    """A key stands twice in one object: readers differ in which of the values they take."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key '{key}' is given twice")
        self.key = key


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Errors: ValueError where it is none, names a key twice, or is nested more deeply than can be
    read.

    >>> parse_json('{"epoch": 3}')
    {'epoch': 3}
    """
    try:
        return json.loads(text, object_pairs_hook=_mapping)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise KeyTwice(next(key for key, count in counts.items() if count > 1))
    return found
