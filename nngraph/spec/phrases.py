"""The words of error messages: what a value is called, what was expected, what to write."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nngraph.spec import tree
from nngraph.spec.tree import number_meant, truth_meant

OVERRIDES = "-s"
"""The name of the source of what the command line sets."""

TYPES: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "int_parsing": "a whole number",
        "int_parsing_size": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "string_type": "text",
        "bool_type": "true or false",
        "tuple_type": "a list",
        "list_type": "a list",
        "dict_type": "a mapping",
        "mapping_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "dataclass_type": "a mapping",
    }
)
"""Kind of a pydantic error -> what was expected."""

RANGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "greater_than": ("more than {}", "gt"),
        "greater_than_equal": ("{} or more", "ge"),
        "less_than": ("less than {}", "lt"),
        "less_than_equal": ("{} or less", "le"),
        "too_short": ("at least {} entries", "min_length"),
        "string_too_short": ("at least {} character", "min_length"),
        "string_pattern_mismatch": (
            "only letters, digits, '_', '-' and '.' are allowed, at most 64, "
            "a letter or digit first",
            "pattern",
        ),
    }
)
"""Kind of a pydantic error -> what is allowed, and which bound the message names."""


def name_of(path: tree.Path) -> str:
    """A value by its path, in words.

    >>> name_of(("nodes", "h", "units")), name_of(("train", "epochs")), name_of(("expect", 0))
    ("'units' of node 'h'", "'train.epochs'", "entry 1 of 'expect'")
    """
    if path[:1] == ("nodes",) and len(path) > 1:
        return _of(path[2:], f"node '{path[1]}'")
    if not path:
        return "the file"
    return _of(path[1:], f"'{path[0]}'") if isinstance(path[-1], int) else f"'{dotted(path)}'"


def _of(steps: tree.Path, whole: str) -> str:
    if not steps:
        return whole
    *outer, last = steps
    inner = f"entry {last + 1}" if isinstance(last, int) else f"'{last}'"
    if not outer:
        return f"{inner} of {whole}"
    if isinstance(last, int):
        return f"{inner} of {_of(tuple(outer), whole)}"
    return f"'{dotted(steps)}' of {whole}"


def dotted(path: tree.Path) -> str:
    """A path as `-s` takes it: `train.epochs`, `loss[1].weight`."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out


def inside_text(name: str) -> str:
    return "at the top of the file" if name == "the file" else f"in {name}"


def describe(got: Any, value: tree.Tree) -> str:
    """What stands there, in words."""
    if isinstance(value, tree.Scalar) and not isinstance(got, str | tuple | list | dict):
        return value.text[:40]
    if isinstance(got, str):
        shown = got if len(got) <= 40 else got[:37] + "..."
        return f"the text '{shown}'"
    if isinstance(got, bool):
        return "true" if got else "false"
    if isinstance(got, tuple | list):
        return "a list"
    return "a mapping" if isinstance(got, dict) else str(got)


EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "a whole number": "10",
        "a number": "0.5",
        "true or false": "true",
        "text": "a word",
        "a list": "[28, 28]",
        "a mapping": "{kind: ...}",
    }
)
"""What was expected -> a value of that kind."""

EXAMPLES_OF_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "nodes": "{x: input, y: {}}",
        "inputs": "{x: COLUMN}",
        "targets": "{y: COLUMN}",
        "data": "{source: csv, path: FILE}",
        "train": "{epochs: 10}",
        "optimizer": "{kind: adam}",
        "early_stopping": "{patience: 10}",
        "split": "{validation: 0.2, test: 0.2}",
        "learning_rate": "0.01",
        "batch_size": "32",
        "units": "10",
    }
)
"""Key -> a value of it that is right in most specs."""


def example(expected: str, key: str) -> str:
    """How a value of a key is written, in backquotes.

    >>> example("a mapping", "inputs"), example("a whole number", "epochs")
    ('`inputs: {x: COLUMN}`', '`epochs: 10`')
    """
    if key in EXAMPLES_OF_KEYS:
        return f"`{key}: {EXAMPLES_OF_KEYS[key]}`"
    first = expected.removeprefix("one of ").split(" or ")[0].split(",")[0]
    value = EXAMPLES.get(expected) or EXAMPLES.get(first, first)
    return f"`{key}: {value}`" if key else f"`{value}`"


def within(kind: str, limit: float, key: str) -> str:
    """How a value of a key is written that keeps to a bound, in backquotes.

    >>> within("greater_than", 0, "learning_rate"), within("less_than_equal", 1, "rate")
    ('`learning_rate: 0.01`', '`rate: 1`')
    """
    value = {"greater_than": limit + 0.01, "less_than": limit - 0.01}.get(kind, limit)
    return f"`{key}: {value:g}`" if key else f"`{value:g}`"


SWITCHED_ON: Mapping[str, str] = MappingProxyType(
    {
        "early_stopping": "{patience: 10}",
        "checkpoint": "{every: 1}",
        "clip": "{norm: 1}",
        "split": "{validation: 0.2, test: 0.2}",
    }
)
"""Key -> a value for those who write `true`."""


def correction(expected: str, got: Any, value: tree.Tree, key: str) -> str:
    """What to write instead as the value of a key, where that is plain."""
    if got is True and expected == "a mapping" and key in SWITCHED_ON:
        return f"write `{SWITCHED_ON[key]}`"
    if expected == "a list" and isinstance(value, tree.Scalar) and value.text.startswith("("):
        inside = value.text.strip("(), ")
        is_whole = value.text.endswith(")")
        return f"write `[{inside}]`" if is_whole else "lists have square brackets: `[28, 28]`"
    if "number" in expected and isinstance(got, str):
        return _number_in(got)
    if expected == "true or false" and isinstance(got, str):
        return f"write `{truth_meant(got)}`" if truth_meant(got) else ""
    if expected == "true or false" and got in (0, 1):
        return f"write `{'true' if got else 'false'}`"
    if expected == "a whole number" and isinstance(got, float) and abs(got) < 1e15:
        whole = math.floor(got)
        return f"write `{whole}`" if got == whole else f"write `{whole}` or `{whole + 1}`"
    if expected == "text" and isinstance(value, tree.Scalar):
        return f'put it in quotes: `"{value.text}"`'
    if expected == "a list" and isinstance(value, tree.Scalar):
        return f"write `[{value.text}]`"
    return ""


_REMARK = re.compile(r"(\S+)\s*(//|--|;|%|#).*")


def _number_in(text: str) -> str:
    """What to write for a number that stands in a text, or before what was meant as a remark."""
    if number := number_meant(text):
        return f"write `{number}`"
    remark = _REMARK.fullmatch(text)
    if remark is not None and isinstance(tree.resolve(remark[1]), int | float):
        return f"write `{remark[1]}`; a remark begins with ' #'"
    return ""
