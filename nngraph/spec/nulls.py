"""A value that is missing: refused where it stands, with the short form that was meant."""

from __future__ import annotations

from collections.abc import Sequence as SequenceType

from nngraph.errors import Diagnostics, Span
from nngraph.records import dataclass
from nngraph.spec.tree import Mapping, Scalar, Sequence

_SECTIONS = ("nodes", "edges", "data", "train")  # each on lines of its own


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


def refuse_null(scalar: Scalar, stack: SequenceType[Frame], found: Diagnostics) -> None:
    """Add the error for a null, unless it stands as a key, where it is a word like any other."""
    if not stack:
        found.tell("E101:empty", scalar.span)
        return
    frame = stack[-1]
    if isinstance(frame.node, Sequence):
        found.tell("E109:entry", _wide(scalar))
        return
    key = frame.key
    if key is not None and frame.flow and (_refuse_comma(key, found) or _refuse_tuple(key, found)):
        return
    if key is None:
        if not scalar.text:
            found.tell("E109:key", _wide(scalar))
        return
    _tell(key, [f.key.text for f in stack if f.key is not None], frame.flow, found)


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
    place = Span(key.source, start, key.end)
    found.tell("E106:comma", place, written=written, number=written.replace(",", "."))
    return True


def _refuse_tuple(key: Scalar, found: Diagnostics) -> bool:
    """`{shape: (28, 28)}`: round brackets hold nothing together."""
    if not key.text.endswith(")"):
        return False
    text = key.source.text
    start = text.rfind("(", text.rfind(":", 0, key.start), key.start)
    if start < 0:
        return False
    written, place = text[start : key.end], Span(key.source, start, key.end)
    found.tell("E106:tuple", place, written=written, list=f"[{written[1:-1]}]")
    return True


def _wide(scalar: Scalar) -> Span:
    return Span(scalar.source, scalar.start, max(scalar.end, scalar.start + 1))


def _tell(key: Scalar, path: list[str], flow: bool, found: Diagnostics) -> None:
    name, colon, value = key.text.partition(":")
    if flow and colon and value and "[" not in name:
        found.tell("E109:space", key.span, key=key.text, name=name, value=value)
    elif "->" in key.text:
        found.tell("E109:arrow", key.span, key=key.text)
    elif not flow and len(path) == 1 and key.text in _SECTIONS:
        found.tell("E109:below", key.span, key=key.text)
    elif len(path) == 2 and path[0] == "nodes":
        found.tell("E109:node", key.span, key=key.text)
    else:
        found.tell("E109", key.span, key=key.text)
