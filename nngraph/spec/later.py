"""Words of the language that this version knows but cannot follow yet: refused by name (E190)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VERSION = "nngraph 0.1"


def _words(what: str, verb: str, *names: str, instead: str = "") -> dict[str, str]:
    more = f"; {instead}" if instead else ""
    return {name: f"'{name}'{what} {verb} not available in {VERSION}{more}" for name in names}


LATER_KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "nodes": {
            **_words(" nodes", "are", "recurrent", "lstm", "gru", "attention", "embedding"),
        },
        "edges": {},
    }
)
"""Section -> word of a kind -> what to answer."""

LATER_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Spec": _words("", "is", "blocks"),
        "EdgeModel": _words("", "is", "delay"),
    }
)
"""Model (or the one it builds on) -> key -> what to answer."""
