"""A spec that is a mapping of Python, as a text with places that are paths."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from nngraph.errors import SourceFile, UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.spec.editing.flow import flow, word
from nngraph.spec.tree import Path, resolve

MAPPING = "<spec>"
"""What a spec is called that was given as a mapping."""
DEPTH = 64  # as deep as a file may go

_PLAIN_IN_BLOCK = re.compile(r"[A-Za-z][\w ,>\[\]-]*")


@dataclass(frozen=True, eq=False)
class MappingSource(SourceFile):
    """The text that says what a mapping says; a place in it is told by its path, for its user has
    never seen its lines. `starts` and `paths` say where each value begins."""

    starts: tuple[int, ...] = ()
    paths: tuple[Path, ...] = ()

    def place(self, offset: int) -> str:
        """The path of what stands there, as Python reaches it."""
        number = bisect_right(self.starts, offset) - 1
        steps = self.paths[number] if number >= 0 else ()
        return f"spec{''.join(f'[{step!r}]' for step in steps)}"

    def number_of(self, line: int) -> str:
        """Nothing: lines of this text have no numbers that anybody knows."""
        return ""


def source_of_mapping(spec: Mapping[Any, Any]) -> MappingSource:
    """The text of a spec in a mapping.

    Errors: UsageError for what no spec holds, with its path.

    >>> source = source_of_mapping({"nodes": {"x": "input"}, "edges": [("x -> y")]})
    >>> print(source.text)
    nodes:
      x: input
    edges:
      - x -> y
    >>> source.place(source.text.index("input"))
    "spec['nodes']['x']"
    """
    writer = _Writer()
    for key, value in _entries(spec, ()):
        writer.section(key, value)
    return MappingSource(
        MAPPING, "".join(writer.pieces).rstrip("\n"), tuple(writer.starts), tuple(writer.paths)
    )


class _Writer:
    """Text, piece by piece, and where each value begins."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.starts: list[int] = []
        self.paths: list[Path] = []
        self._at = 0

    def section(self, key: str, value: Any) -> None:
        """A key at the top: what it holds is written line by line, and all below on one line."""
        self._add(f"{word(key)}:", (key,))
        if isinstance(value, Mapping) and value:
            for name, inner in _entries(value, (key,)):
                self._add(f"\n  {word(name)}: ", (key, name))
                self._flow(inner, (key, name))
        elif isinstance(value, list | tuple) and value:
            for number, inner in enumerate(value):
                self._add("\n  - ", (key, number))
                self._item(inner, (key, number))
        else:
            self._add(" ")
            self._flow(value, (key,))
        self._add("\n")

    def _item(self, value: Any, path: Path) -> None:
        """An entry of a list; an edge with options has its arrow before them."""
        if isinstance(value, str) and _is_plain_in_block(value):
            self._add(value, path)
        elif isinstance(value, Mapping) and len(value) == 1 and "->" in str(next(iter(value))):
            ((key, inner),) = _entries(value, path)
            self._add(key if _is_plain_in_block(key) else word(key), (*path, key))
            self._add(": ")
            self._flow(inner, (*path, key))
        else:
            self._flow(value, path)

    def _flow(self, value: Any, path: Path) -> None:
        """A value on one line."""
        value = _plain(value, path)
        if isinstance(value, Mapping):
            self._add("{", path)
            for number, (key, inner) in enumerate(_entries(value, path)):
                self._add(", " if number else "")
                self._add(f"{word(key)}: ", (*path, key))
                self._flow(inner, (*path, key))
            self._add("}")
        elif isinstance(value, list | tuple):
            self._add("[", path)
            for number, inner in enumerate(value):
                self._add(", " if number else "")
                self._flow(inner, (*path, number))
            self._add("]")
        else:
            self._add(_scalar(value), path)

    def _add(self, text: str, path: Path | None = None) -> None:
        if path is not None:
            self.starts.append(self._at + len(text) - len(text.lstrip("\n ")))
            self.paths.append(path)
        self.pieces.append(text)
        self._at += len(text)


def _entries(value: Mapping[Any, Any], path: Path) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        if not isinstance(key, str):
            told = diagnostic("E002:spec-key", place=_named(path), got=_shown(key))
            raise UsageError(told)
        yield key, inner


def _plain(value: Any, path: Path) -> Any:
    """A value of Python as a spec holds it. Errors: UsageError."""
    if len(path) > DEPTH:
        raise UsageError(diagnostic("E002:spec-value", place=_named(path[:8]), got="endless"))
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, PurePath):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | list | tuple | Mapping):
        return value
    raise UsageError(diagnostic("E002:spec-value", place=_named(path), got=_shown(value)))


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, float) and not np.isfinite(value):
        return ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    return flow(value)


def _is_plain_in_block(text: str) -> bool:
    whole = _PLAIN_IN_BLOCK.fullmatch(text) is not None
    return whole and text == text.strip() and resolve(text) == text


def _named(path: Path) -> str:
    return f"spec{''.join(f'[{step!r}]' for step in path)}"


def _shown(value: object) -> str:
    kind = type(value)
    return (
        f"{value!r}" if isinstance(value, int | float | bool | None) else f"of type {kind.__name__}"
    )
