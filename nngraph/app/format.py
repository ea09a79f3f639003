"""Specs in the layout of the house."""

from __future__ import annotations

from pathlib import Path

from nngraph.files import read_bytes, write_atomically
from nngraph.records import dataclass
from nngraph.spec.editing.layout import formatted
from nngraph.spec.events import LONGEST_TEXT
from nngraph.spec.read import decode


@dataclass(frozen=True)
class Formatted:
    """A spec and its text in the layout of the house; `changed` where it stood otherwise."""

    file: Path
    text: str
    changed: bool


def format_spec(spec: str | Path, *, check: bool = False) -> Formatted:
    """Put the file of a spec into the layout of the house; with `check` it is only looked at.

    What the spec means stays the same, and so do comments, quotes and the order of things.

    Errors: SpecError for what is no YAML of a spec; FileError.
    """
    path = Path(spec)
    before = decode(read_bytes(path, LONGEST_TEXT), str(path))
    text = formatted(before, str(path))
    if text != before and not check:
        write_atomically(path, text.encode())
    return Formatted(path, text, text != before)
