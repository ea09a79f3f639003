"""`-s path=value`: values set from the command line, typed and checked like those of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nngraph.errors import Diagnostics, SourceFile, Span, SpecError
from nngraph.records import dataclass
from nngraph.spec import tree
from nngraph.spec.arrows import id_problem
from nngraph.spec.document import ArrowPlace, EdgeEntry, Edges, LongPlace, RowPlace
from nngraph.spec.edges_section import make_edge
from nngraph.spec.events import read_tree
from nngraph.spec.nearest import nearest, nodes_there
from nngraph.spec.options import as_mapping, validate_options
from nngraph.spec.phrases import OVERRIDES

_POSITION = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Override:
    """One `path=value`, with the place of every step."""

    steps: tuple[tree.Scalar, ...]
    value: tree.Tree

    @property
    def edge_id(self) -> str:
        """The id of the edge that is meant, or "" if it is something else."""
        if len(self.steps) < 2 or self.steps[0].text != "edges":
            return ""
        word = "".join(self.steps[1].text.split())
        return "" if _POSITION.fullmatch(word) else word

    @property
    def is_of_a_node(self) -> bool:
        """Whether a node is meant, or something in it."""
        return len(self.steps) > 1 and self.steps[0].text == "nodes"

    @property
    def path(self) -> str:
        """The steps as they are written."""
        return ".".join(step.text for step in self.steps)


def read_overrides(texts: Sequence[str], found: Diagnostics) -> tuple[Override, ...]:
    """Take `path=value` apart; what is wrong goes to `found`."""
    read = [_read(text, found) for text in texts]
    return tuple(override for override in read if override is not None)


def _read(text: str, found: Diagnostics) -> Override | None:
    source = SourceFile(OVERRIDES, text)
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        found.tell("E130", Span(source, 0, len(text)), text=text)
        return None
    if not value.strip():
        found.tell("E130:no-value", Span(source, 0, len(text)), path=path)
        return None
    steps = _steps(source, path)
    empty = next((step for step in steps if not step.text), None)
    if empty is not None:
        place = Span(source, empty.start, empty.start + 1)
        found.tell("E130:empty-step", place, path=path)
        return None
    # blanks keep every character of the value in its place
    padded = SourceFile(OVERRIDES, " " * (len(path) + 1) + value)
    try:
        root = read_tree(padded, found)
    except SpecError:
        for diagnostic in found.errors:
            if diagnostic.span is not None and diagnostic.span.source is padded:
                _move(diagnostic.span, source)
        raise
    for _, node in tree.walk(root):
        node.source = source
        if isinstance(node, tree.Mapping):
            for key, _ in node.entries.values():
                key.source = source
    return Override(steps, root)


def _move(span: Span, source: SourceFile) -> None:
    object.__setattr__(span, "source", source)


def _steps(source: SourceFile, path: str) -> tuple[tree.Scalar, ...]:
    steps: list[tree.Scalar] = []
    at = 0
    for word in path.split("."):
        start = at + len(word) - len(word.lstrip())
        text = word.strip()
        steps.append(tree.Scalar(text, True, source, start, start + len(text)))
        at += len(word) + 1
    return tuple(steps)


def apply_to_tree(
    root: tree.Mapping, overrides: Sequence[Override], found: Diagnostics
) -> tree.Mapping:
    """The tree with all overrides but those of single nodes and edges. The written tree is left
    alone.
    """
    for override in overrides:
        if override.edge_id or override.is_of_a_node:
            continue
        changed = _set(root, override, 0, found)
        assert isinstance(changed, tree.Mapping)
        root = changed
    return root


def apply_to_nodes(
    nodes: tree.Mapping, overrides: Sequence[Override], found: Diagnostics
) -> tree.Mapping:
    """The nodes with the overrides of single ones, `nodes.h.units=3`. No node is made."""
    written = nodes.entries
    for override in overrides:
        if not override.is_of_a_node:
            continue
        step = override.steps[1]
        if step.text in nodes.entries:
            changed = _set(nodes, override, 1, found)
            assert isinstance(changed, tree.Mapping)
            nodes = changed
        elif problem := id_problem(step.text):
            found.tell("E112:node", step.span, problem=problem)
        elif written:
            near = nearest(step.text, written, found)
            found.tell("E132", step.span, label=near, id=step.text, help=nodes_there(written))
    return nodes


def _set(node: tree.Tree, override: Override, depth: int, found: Diagnostics) -> tree.Tree:
    """A copy of `node` in which the rest of the path leads to the value."""
    if depth == len(override.steps):
        return override.value
    step = override.steps[depth]
    if depth == 2 and override.steps[0].text == "edges":
        node = _entry_options(node)
        if (arrow := _arrow_of(node)) is not None:
            key, options = arrow
            inner = _set(options, override, depth, found)
            return tree.Mapping(node.source, node.start, node.end, {key.text: (key, inner)})
    if isinstance(node, tree.Sequence) and _POSITION.fullmatch(step.text):
        return _set_item(node, override, depth, found)
    opened = _open(node, override, depth)
    if opened is None:
        told = "E130:list" if isinstance(node, tree.Sequence) else "E130:inside"
        found.tell(told, step.span, path=".".join(s.text for s in override.steps[:depth]))
        return node
    key, below = opened.entries.get(step.text, (step, None))
    if below is None:
        below = tree.Mapping(step.source, step.start, step.end)
    last = depth + 1 == len(override.steps)
    value = _set(below, override, depth + 1, found)
    entries = {**opened.entries, step.text: (step if last else key, value)}
    return tree.Mapping(opened.source, opened.start, opened.end, entries)


def _set_item(node: tree.Sequence, override: Override, depth: int, found: Diagnostics) -> tree.Tree:
    step = override.steps[depth]
    index = int(step.text)
    if index >= len(node.items):
        found.tell("E130:entry", step.span, index=index, length=len(node.items))
        return node
    items = list(node.items)
    items[index] = _set(items[index], override, depth + 1, found)
    return tree.Sequence(node.source, node.start, node.end, items)


def _open(node: tree.Tree, override: Override, depth: int) -> tree.Mapping | None:
    """The long form of what is written in its short one, or None if it has no keys."""
    if isinstance(node, tree.Mapping):
        return node
    value = node.value if isinstance(node, tree.Scalar) else None
    word = short_form_key(override.steps[depth - 1].text, value)
    if word is None:
        return None
    key = tree.Scalar(word, True, node.source, node.start, node.end)
    return tree.Mapping(node.source, node.start, node.end, {word: (key, node)})


def short_form_key(above: str, value: object) -> str | None:
    """Under which key the long form says what the short form of the key `above` is; None where
    there is no long form. A list has no value here.

    >>> short_form_key("bias", 0.5), short_form_key("data", "xor"), short_form_key("loss", "huber")
    ('value', 'source', 'kind')
    """
    if above == "bias":
        return "present" if isinstance(value, bool) else "value"
    if isinstance(value, str):
        return "source" if above == "data" else "kind"
    return None


def _entry_options(node: tree.Tree) -> tree.Tree:
    """An entry of `edges` as a mapping: `x -> h` becomes `{x -> h: {}}`."""
    if not isinstance(node, tree.Scalar):
        return node
    options = tree.Mapping(node.source, node.start, node.end)
    return tree.Mapping(node.source, node.start, node.end, {node.text: (node, options)})


def _arrow_of(node: tree.Tree) -> tuple[tree.Scalar, tree.Mapping] | None:
    if not isinstance(node, tree.Mapping) or len(node.entries) != 1:
        return None
    key, value = next(iter(node.entries.values()))
    return (key, as_mapping(value)) if "->" in key.text else None


def apply_to_edges(edges: Edges, overrides: Sequence[Override], found: Diagnostics) -> Edges:
    """The edges with the overrides of single ones, `edges.x->h.weight=1`."""
    meant = [override for override in overrides if override.edge_id]
    if not meant:
        return edges
    out = list(edges)
    position = {edge.id: index for index, edge in reversed(list(enumerate(edges)))}
    for override in meant:
        index = position.get(override.edge_id)
        if index is None:
            near = nearest(override.edge_id, position, found)
            found.tell("E131", override.steps[1].span, label=near, edge=override.edge_id)
            continue
        changed = _override_edge(out[index], override, found)
        if changed is not None:
            out[index] = changed
    return Edges((tuple(out),), edges.ends)


def _override_edge(edge: EdgeEntry, override: Override, found: Diagnostics) -> EdgeEntry | None:
    place = edge.place
    options = _set(_options_of(edge), override, 2, found)
    options = as_mapping(options)
    model = validate_options(options, f"edge '{edge.id}'", 1, found)
    if model is None:
        return None
    if isinstance(place, ArrowPlace | LongPlace):
        place = place._replace(options=options)
    return make_edge(edge.source, edge.target, None, model, place)


def _options_of(edge: EdgeEntry) -> tree.Mapping:
    place = edge.place
    if isinstance(place, ArrowPlace | LongPlace) and place.options is not None:
        return as_mapping(place.options)
    span = edge.span
    options = tree.Mapping(span.source, span.start, span.end)
    if isinstance(place, RowPlace):
        cells = tree.cells_of(place.source, place.start, place.stop)
        for name, cell in zip(place.columns, cells, strict=True):
            if name in ("weight", "trainable") and cell.text:
                options.entries[name] = (cell, cell)
    return options
