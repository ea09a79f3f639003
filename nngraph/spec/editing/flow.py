"""Values as one line of YAML, which reads the same in blocks and inside `{}` and `[]`."""

from __future__ import annotations

import json
import re
from typing import Any

from nngraph.spec.editing.written import Written
from nngraph.spec.tree import resolve

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*")
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")  # line breaks and the like for YAML
_NUMBER = re.compile(r"[-+.0-9][-+.0-9A-Za-z_]*")
_ARROW = re.compile(r"[A-Za-z][A-Za-z0-9_]*( ?-> ?[A-Za-z][A-Za-z0-9_]*)+")


def flow(value: Any) -> str:
    """A mapping, list, number, truth value or text.

    >>> flow({"weight": 0.5, "trainable": False, "labels": ["no", "1"]})
    '{weight: 0.5, trainable: false, labels: [no, "1"]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{word(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else word(str(value))


def word(text: str) -> str:
    """A text as it is where that is read back as the same text, else in quotes.

    >>> word("glorot uniform"), word("1e-3"), word("a: b")
    ('glorot uniform', '"1e-3"', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and resolve(text) == text and text == text.strip():
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def arrow(text: str, *, is_flow: bool) -> str:
    """The text of an edge entry as a key: in quotes only where brackets would be read as lists.

    >>> arrow("x -> h[0]", is_flow=False), arrow("x -> h[0]", is_flow=True)
    ('x -> h[0]', '"x -> h[0]"')
    """
    return text if not is_flow or _ARROW.fullmatch(text) else json.dumps(text)


def flow_of(node: Written, without: tuple[str, ...] = ()) -> str:
    """A written value on one line, aliases written out, words and numbers as they are written.

    Keys of the mapping itself that are named in `without` are left out.
    """
    node = node.meant
    if node.kind == "mapping":
        pairs = [pair for pair in node.entries if pair[0].meant.text not in without]
        return "{" + ", ".join(f"{_scalar(key.meant)}: {flow_of(v)}" for key, v in pairs) + "}"
    if node.kind == "sequence":
        return "[" + ", ".join(flow_of(item) for item in node.items) + "]"
    return _scalar(node)


def _scalar(node: Written) -> str:
    if node.is_quoted:
        return _quoted(node.text)
    is_number = _NUMBER.fullmatch(node.text) is not None
    is_word = _PLAIN.fullmatch(node.text) is not None
    if is_number or is_word:  # true, 1e-3: what it means is what it says
        return node.text
    return _quoted(node.text)


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
