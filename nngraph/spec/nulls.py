"""A value that is missing: refused where it stands, with the short form that was meant."""

from __future__ import annotations

from collections.abc import Sequence as SequenceType
from dataclasses import dataclass

from nngraph.errors import Diagnostics, Span
from nngraph.spec.tree import Mapping, Scalar, Sequence, Tree

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Frame:
    """A list or mapping that is still open while events are read."""

    node: Sequence | Mapping
    flow: bool
    anchor: str | None
    values_before: int
    aliased_before: int
    key: Scalar | None = None  # the key whose value comes next
    height: int = 0  # levels below


def is_null(value: Tree) -> bool:
    """Whether nothing is written here, which has been told already."""
    return isinstance(value, Scalar) and value.plain and value.text in NULLS


def refuse_null(scalar: Scalar, stack: SequenceType[Frame], found: Diagnostics) -> None:
    """Add the error for a null, unless it stands as a key, where it is a word like any other."""
    if not stack:
        found.error("E101", "the file is empty", scalar.span, help="start with `nngraph: 1`")
        return
    frame = stack[-1]
    if isinstance(frame.node, Sequence):
        found.error(
            "E109", "an empty entry in a list", _wide(scalar), help="fill it or leave it out"
        )
        return
    key = frame.key
    if key is not None and frame.flow and _refuse_comma(key, found):
        return
    if key is None:
        if not scalar.text:
            found.error("E109", "a key is missing here", _wide(scalar), help="write `key: value`")
        return
    message, help = _explain(key, [f.key.text for f in stack if f.key is not None], frame.flow)
    found.error("E109", message, key.span, help=help)


def _refuse_comma(key: Scalar, found: Diagnostics) -> bool:
    """`{rate: 0,7}`: inside { } a ',' begins a new key."""
    text = key.source.text
    if not key.text.isdecimal() or text[key.start - 1] != ",":
        return False
    start = key.start - 1
    while start > 0 and text[start - 1] in "+-0123456789":
        start -= 1
    if start == key.start - 1:
        return False
    written = text[start : key.end]
    found.error(
        "E106",
        f"'{written}' is no number",
        Span(key.source, start, key.end),
        label=f"write `{written.replace(',', '.')}`",
    )
    return True


def _wide(scalar: Scalar) -> Span:
    return Span(scalar.source, scalar.start, max(scalar.end, scalar.start + 1))


def _explain(key: Scalar, path: list[str], flow: bool) -> tuple[str, str]:
    name, colon, value = key.text.partition(":")
    if flow and colon and value and "[" not in name:
        return (
            f"a space is missing after the ':' of '{key.text}'",
            f"write `{name}: {value}`",
        )
    if "->" in key.text:
        return (
            f"no value follows '{key.text}:'",
            f"write `- {key.text}`, or a weight behind the ':'",
        )
    if len(path) == 2 and path[0] == "nodes":
        return (
            f"node '{key.text}' has no value",
            f"write `{key.text}: {{}}` for a node with all defaults",
        )
    return f"'{key.text}' has no value", f"write a value behind '{key.text}:' or leave the key out"
