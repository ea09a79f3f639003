"""What a place of the text names: the edges of an entry, the ids of a key of `nodes`."""

from __future__ import annotations

from typing import Literal

from nngraph.errors import Diagnostics, SourceFile
from nngraph.records import dataclass
from nngraph.spec.arrows import pairs_of, read_chain, read_end
from nngraph.spec.editing.written import Written
from nngraph.spec.tree import Path, Scalar


@dataclass(frozen=True)
class WrittenEdge:
    """One edge of an entry: its id, and its ends as they are written."""

    id: str
    source: str
    target: str

    @property
    def arrow(self) -> str:
        """As an entry without options."""
        return f"{self.source} -> {self.target}"


@dataclass(frozen=True)
class WrittenEntry:
    """An entry of `edges` at its place in the list.

    `options` is the path of what it says of its edges: the value behind an arrow, or the mapping of
    the long form itself; for a table the name of its file; None where it says nothing.
    """

    index: int
    form: Literal["arrow", "long", "table"]
    key: Written | None
    options: Path | None
    edges: tuple[WrittenEdge, ...]


def entries_of(root: Written) -> list[WrittenEntry]:
    """The entries of `edges` of a text that is a spec without mistakes."""
    section = root.get("edges")
    items = [] if section is None else section.meant.items
    return [_entry(index, item) for index, item in enumerate(items)]


def _entry(index: int, item: Written) -> WrittenEntry:
    here: Path = ("edges", index)
    written = item.meant
    if written.kind == "scalar":
        return WrittenEntry(index, "arrow", item, None, _edges(written.text, None))
    if written.get("from") is not None:
        ends = [_text(written.get(key)) for key in ("from", "to")]
        id_ = _text(written.get("id")) or f"{read_end(ends[0])}->{read_end(ends[1])}"
        return WrittenEntry(index, "long", None, here, (WrittenEdge(id_, *ends),))
    if written.get("file") is not None:
        return WrittenEntry(index, "table", None, (*here, "file"), ())
    ((key, value),) = written.entries
    path = (*here, key.meant.text)
    own = _text(value.get("id")) if value.meant.kind == "mapping" else ""
    return WrittenEntry(index, "arrow", key, path, _edges(key.meant.text, own))


def _edges(text: str, own_id: str | None) -> tuple[WrittenEdge, ...]:
    scalar = Scalar(text, True, SourceFile("", text), 0, len(text))
    chain = read_chain(scalar, {}, Diagnostics())
    assert chain is not None
    return tuple(
        WrittenEdge(
            own_id or f"{source.end}->{target.end}",
            text[source.start : source.stop],
            text[target.start : target.stop],
        )
        for source, target in pairs_of(chain)
    )


def _text(node: Written | None) -> str:
    return "" if node is None else node.meant.text


def ids_of(key: Written) -> tuple[str, ...]:
    """The nodes that a key of `nodes` names.

    >>> ids_of(Written("scalar", 0, 6, text="h1, h2"))
    ('h1', 'h2')
    """
    return tuple(part.strip() for part in key.meant.text.split(","))
