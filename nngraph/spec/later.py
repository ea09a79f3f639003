"""Words that are reserved for what comes: refused by name (E190), with what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

VERSION = "nngraph 0.1"


class _Reserved(NamedTuple):
    """Words with one purpose: kinds of nodes and of losses, and keys by the model that will have
    them, "Spec" for the top of the file."""

    purpose: str
    kinds: str = ""
    losses: str = ""
    keys: tuple[tuple[str, str], ...] = ()


_RESERVED: tuple[_Reserved, ...] = (
    _Reserved(
        "recurrent networks",
        kinds="rnn recurrent lstm gru over_time axis_to_time time_to_axis",
        keys=(
            ("NodeModel", "initial_state"),
            ("EdgeModel", "delay"),
            ("InputNode", "sequence time"),
            ("TrainSpec", "truncate"),
        ),
    ),
    _Reserved(
        "nodes that attend to parts of a sequence", kinds="attention matmul position embedding"
    ),
    _Reserved("inputs that are one of many classes", keys=(("InputNode", "classes"),)),
    _Reserved(
        "networks that draw samples",
        kinds="sample random",
        losses="value gaussian_kl",
        keys=(("TrainSpec", "players"),),
    ),
    _Reserved(
        "parts of a network that are used again",
        keys=(("NodeModel", "block repeat"), ("Spec", "blocks blocks_file")),
    ),
    _Reserved("training on several machines", keys=(("TrainSpec", "shards"),)),
    _Reserved("watching a network learn in a browser", keys=(("Spec", "play"),)),
    _Reserved("weights that stand in one place", keys=(("Spec", "weights"),)),
)


def _answer(word: str, purpose: str) -> str:
    return f"'{word}' is reserved for {purpose}, which {VERSION} does not have yet"


def _kinds(words: Mapping[str, str]) -> dict[str, str]:
    """Words -> what to answer, of purposes and the words for each."""
    return {
        word: _answer(word, purpose) for purpose, listed in words.items() for word in listed.split()
    }


def _keys(model: str) -> dict[str, str]:
    return {
        word: _answer(word, row.purpose)
        for row in _RESERVED
        for owner, words in row.keys
        if owner == model
        for word in words.split()
    }


LATER_KINDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "nodes": _kinds({row.purpose: row.kinds for row in _RESERVED}),
        "loss": _kinds({row.purpose: row.losses for row in _RESERVED}),
        "edges": {},
    }
)
"""Section -> word of a kind -> what to answer."""

LATER_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        name: _keys(name)
        for name in dict.fromkeys(owner for row in _RESERVED for owner, _ in row.keys)
    }
)
"""Model (or the one it builds on) -> key -> what to answer."""
