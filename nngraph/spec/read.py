"""From a file to a `Document`: text, tree, overrides, validation, edges."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nngraph.errors import (
    Diagnostics,
    FileError,
    SourceFile,
    Span,
    SpecError,
    UsageError,
    diagnostic,
)
from nngraph.files import read_bytes
from nngraph.spec import tree
from nngraph.spec.arrows import EndNumbers
from nngraph.spec.document import Document, Edges, NodeEntry
from nngraph.spec.edges_section import EdgeReader
from nngraph.spec.events import LONGEST_TEXT, read_tree
from nngraph.spec.explain import MOST_LISTED, Explainer, misspelt
from nngraph.spec.model import Spec
from nngraph.spec.nodes import expand_nodes
from nngraph.spec.overrides import (
    Override,
    apply_to_edges,
    apply_to_nodes,
    apply_to_tree,
    read_overrides,
)
from nngraph.spec.tables import TableReader

if TYPE_CHECKING:
    from nngraph.spec.node_rows import NodeRows
    from nngraph.spec.runs import Runs
    from nngraph.spec.search import SearchSpec

_DATA_FILES = (".csv", ".tsv", ".npz", ".npy", ".png", ".jpg")  # the ends of files of data
BYTE_ORDER_MARK = "\ufeff"
TEXT = "<spec>"
"""What a spec is called that was given as a text."""
LARGE = 20_000  # characters of text
ELSEWHERE = ("edges", "nodes_file", "search")  # sections that are read for themselves


def read_spec(path: Path, overrides: Sequence[str] = (), data_root: Path | None = None) -> Document:
    """The spec in a file; `data_root` is a second folder for the files that it names.

    Errors: `FileError` if it cannot be read, `SpecError` for everything that is wrong with it.
    """
    name = str(path)
    try:
        content = read_bytes(path, LONGEST_TEXT)
    except FileError as error:
        if error.diagnostics[0].code != "E807":  # too large is a mistake of the spec
            raise
        raise SpecError(error.diagnostics[0]) from error
    return parse_spec(decode(content, name), name, path.parent, overrides, data_root)


def open_spec(
    spec: str | Path | Mapping[str, Any],
    overrides: Sequence[str] = (),
    data_root: Path | None = None,
) -> Document:
    """The spec in a file, in a text itself (a text has a line break, a path has none), or in a
    mapping.

    Errors: as `read_spec`; UsageError for what is none of these.

    >>> open_spec("nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y]").name
    'spec'
    """
    if isinstance(overrides, str | Mapping):
        raise UsageError(diagnostic("E002:overrides", got=type(overrides).__name__))
    if isinstance(spec, str) and "\n" in spec:
        return parse_spec(spec, overrides=overrides, data_root=data_root)
    if isinstance(spec, Mapping):
        from nngraph.spec.mapping_text import source_of_mapping

        return _read(source_of_mapping(spec), Path(), overrides, data_root)
    if isinstance(spec, str) and spec.lstrip().startswith(("{", "nngraph:")):
        raise UsageError(diagnostic("E002:spec-line"))
    if not isinstance(spec, str | os.PathLike):
        raise UsageError(diagnostic("E002:spec", got=type(spec).__name__))
    return read_spec(Path(spec), overrides, data_root)


def decode(content: bytes, name: str) -> str:
    """The text of a file in UTF-8.

    Errors: `SpecError` for UTF-16, for other encodings, with the line of the first bad byte.
    """
    found = Diagnostics()
    if (
        content[:2] in (b"\xff\xfe", b"\xfe\xff")
        or content[:64:2].count(0) + content[1:64:2].count(0) > len(content[:64]) // 3 > 0
    ):
        found.tell("E102:encoding", Span(SourceFile(name, ""), 0, 0))
        found.raise_if_any()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        good = content[: error.start].decode("utf-8")
        source = SourceFile(name, good + content[error.start :].decode("utf-8", "replace"))
        place = Span(source, len(good), len(good) + 1)
        found.tell("E102:byte", place, byte=content[error.start])
    found.raise_if_any()
    raise AssertionError("an undecodable file without an error")


def parse_spec(
    text: str,
    name: str = TEXT,
    folder: Path | None = None,
    overrides: Sequence[str] = (),
    data_root: Path | None = None,
    changes: Sequence[Override] = (),
) -> Document:
    """The spec in a text; `folder` is where the files that it names lie, by default the current,
    and `data_root` where they may lie too. `changes` are made after those of `overrides`, each with
    places of its own.

    Errors: `SpecError` with all mistakes, `FileError` for a side file that cannot be read.

    >>> document = parse_spec("{nngraph: 1, nodes: {x: input, y: {}}, edges: [x -> y]}")
    >>> [edge.id for edge in document.edges]
    ['x->y']
    """
    source = SourceFile(name, text.removeprefix(BYTE_ORDER_MARK))
    return _read(source, Path() if folder is None else folder, overrides, data_root, changes)


def _read(
    source: SourceFile,
    folder: Path,
    overrides: Sequence[str],
    data_root: Path | None,
    changes: Sequence[Override] = (),
) -> Document:
    with collector_paused():
        sections = _read_in_runs(source, (*overrides, *(change.path for change in changes)))
        document = None
        if sections:
            document = _document(source, folder, overrides, sections, data_root, changes)
        if document is None:
            document = _document(source, folder, overrides, (), data_root, changes)
    assert document is not None
    return document


def _document(
    source: SourceFile,
    folder: Path,
    overrides: Sequence[str],
    sections: Sequence[str],
    data_root: Path | None,
    further: Sequence[Override],
) -> Document | None:
    """The document, plain lines in `sections` read as columns; None where a node in such a line is
    there a second time."""
    numbers, found = EndNumbers(), Diagnostics()
    root, runs = _tree(source, numbers, sections, found)
    changes = (*(read_overrides(overrides, found) if overrides else ()), *further)
    if not isinstance(root, tree.Mapping):
        found.raise_if_any()
        if Path(source.name).suffix.lower() in _DATA_FILES:
            found.tell("E106:data", _start(root), file=source.name)
        else:
            found.tell("E106:spec", _start(root))
        found.raise_if_any()
        raise AssertionError("no mapping and no error")
    root = _with_single_nodes(root, found)
    if changes:
        root = _with_single_nodes(apply_to_tree(root, changes, found), found)
    tables = TableReader(folder, found, data_root)
    are_changed = any(change.is_of_a_node for change in changes)
    nodes, table = _all_nodes(root, tables, as_rows=not are_changed)
    lines = None if runs is None else runs.neurons()
    if lines is not None and not lines.keys().isdisjoint([*nodes.entries, *(table or ())]):
        return None
    rows = tuple(rows for rows in (lines, table) if rows is not None)
    if are_changed:
        nodes = apply_to_nodes(nodes, changes, found)
    spec = _validate(root, nodes, found, has_rows=bool(rows))
    search = _search(root, found)
    edges = _edges(root, EdgeReader(tables, found, numbers, runs), changes, found)
    found.raise_if_any()
    assert spec is not None
    entries: Mapping[str, NodeEntry] = {
        id: NodeEntry(id, spec.nodes[id], key, value) for id, (key, value) in nodes.entries.items()
    }
    if rows:
        from nngraph.spec.node_rows import Models, Nodes

        entries = Nodes(entries, rows, {} if runs is None else runs.ids_behind(entries))
        spec = spec.model_copy(update={"nodes": Models(entries)})
    lints = tuple(found.lints)
    return Document(
        source, folder, spec, entries, edges, root, lints, data_root, rows=rows, search=search
    )


def _read_in_runs(source: SourceFile, overrides: Sequence[str]) -> tuple[str, ...]:
    """The sections of a large text of which plain lines are read together; an override may mean
    any of them."""
    if len(source.text) < LARGE:
        return ()
    changed = [text.lstrip() for text in overrides]
    return tuple(
        name for name in ("nodes", "edges") if not any(text.startswith(name) for text in changed)
    )


def _tree(
    source: SourceFile, numbers: EndNumbers, sections: Sequence[str], found: Diagnostics
) -> tuple[tree.Tree, Runs | None]:
    """The tree, and what is left out of it."""
    if not sections:
        return read_tree(source, found), None
    from nngraph.spec.runs import read_with_runs  # a small text needs none of it

    return read_with_runs(source, numbers, sections, found)


def _start(root: tree.Tree) -> Span:
    return Span(root.source, root.start, min(root.end, root.start + 1))


def _with_single_nodes(root: tree.Mapping, found: Diagnostics) -> tree.Mapping:
    section = root.entries.get("nodes")
    if section is None or not isinstance(section[1], tree.Mapping):
        return root
    expanded = expand_nodes(section[1], found)
    entries = {**root.entries, "nodes": (section[0], expanded)}
    return tree.Mapping(root.source, root.start, root.end, entries)


def _all_nodes(
    root: tree.Mapping, tables: TableReader, *, as_rows: bool
) -> tuple[tree.Mapping, NodeRows | None]:
    """The nodes of the spec, and those of its `nodes_file`: among them, or as columns."""
    written = root.get("nodes")
    nodes = tree.Mapping(root.source, root.start, root.end)
    if isinstance(written, tree.Mapping):
        nodes = tree.Mapping(written.source, written.start, written.end, dict(written.entries))
    file = root.get("nodes_file")
    return nodes, None if file is None else tables.nodes(file, nodes, as_rows=as_rows)


def _validate(
    root: tree.Mapping, nodes: tree.Mapping, found: Diagnostics, *, has_rows: bool
) -> Spec | None:
    section = root.entries.get("nodes")
    is_mapping = section is not None and isinstance(section[1], tree.Mapping)
    is_empty = not nodes.entries and not has_rows
    if section is not None and is_mapping and is_empty and not found.errors:
        found.tell("E107:nodes", section[0].span)
    whole = tree.Mapping(root.source, root.start, root.end)
    whole.entries = {k: v for k, v in root.entries.items() if k not in ELSEWHERE}
    if section is None or isinstance(section[1], tree.Mapping):
        key_scalar = section[0] if section else tree.Scalar("nodes", True, root.source, 0, 0)
        whole.entries["nodes"] = (key_scalar, nodes)
    value: dict[str, Any] = tree.plain_value(whole)
    spec = None
    try:
        spec = Spec.model_validate(value)
    except ValidationError as error:
        Explainer(Spec, whole, found, extra_keys=ELSEWHERE).tell(error)
    _refuse_missing(root, found)
    return spec


def _refuse_missing(root: tree.Mapping, found: Diagnostics) -> None:
    others = [key for key in root.entries if key not in (*Spec.model_fields, "search")]
    for key, told in (("nodes", "E105:nodes"), ("edges", "E105:edges")):
        brought = key == "nodes" and "nodes_file" in root.entries
        if key not in root.entries and not brought and not _is_meant(key, others):
            first = next(iter(root.entries.values()), None)
            found.tell(told, first[0].span if first is not None else _start(root))


def _search(root: tree.Mapping, found: Diagnostics) -> SearchSpec | None:
    section = root.get("search")
    if section is None:
        return None
    from nngraph.spec.search import read_search  # few specs have one

    return read_search(section, found)


def _is_meant(key: str, others: Sequence[str]) -> bool:
    """Whether a missing key is there under another name, and told as an unknown one."""
    if misspelt(key, others):
        return True
    from nngraph.diagnostics.foreign import foreign_answer

    return any(f"`{key}`" in foreign_answer(other, "top") for other in others[:MOST_LISTED])


def _edges(
    root: tree.Mapping, reader: EdgeReader, changes: Sequence[Override], found: Diagnostics
) -> Edges:
    section = root.get("edges")
    if section is None:
        return Edges((), reader.numbers)
    edges = reader.read(section)
    return apply_to_edges(edges, changes, found) if changes else edges


# ---- a pause for the garbage collector while many lasting objects are made


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection while something is read or compiled.

    Of a large text or side file millions of small objects are made, and none is garbage: looking
    for it again and again takes longer than reading.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
