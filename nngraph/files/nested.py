"""JSON that somebody else may have written."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Errors: ValueError where it is none, or nested more deeply than can be read.

    >>> parse_json('{"epoch": 3}')
    {'epoch': 3}
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
