"""Two networks in one picture: what was added, what was removed, what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from nngraph.insight.diff import ChangedPart, ChangedValue, Difference
from nngraph.insight.picture import Array, picture_of
from nngraph.network import Network
from nngraph.render import Mark, Picture, PictureEdge, PictureNode
from nngraph.render.words import number

LONGEST_NOTE = 40  # characters


def diff_picture(
    a: Network,
    b: Network,
    found: Difference,
    known: tuple[Mapping[str, Array], Mapping[str, Array]],
) -> Picture:
    """The second network with what the first had beside it, each part marked by what became of it.

    `known` are the weights of each that are given or trained.
    """
    before, after = picture_of(a, known[0]), picture_of(b, known[1])
    notes = _Notes(found)
    nodes = [notes.node(node) for node in after.nodes]
    nodes += [notes.node(node) for node in before.nodes if notes.nodes.get(node.id) == "removed"]
    edges = [notes.edge(id_, edge) for id_, edge in _edges(b, after)]
    gone = ((id_, e) for id_, e in _edges(a, before) if notes.edges.get(id_) == "removed")
    edges += [notes.edge(id_, edge) for id_, edge in gone]
    name = before.name if before.name == after.name else f"{before.name} → {after.name}"
    return replace(after, name=name, description="", nodes=tuple(nodes), edges=tuple(edges))


def _edges(network: Network, picture: Picture) -> Iterator[tuple[str, PictureEdge]]:
    ids = (edge.id for edge in network.document.edges)
    return zip(ids, picture.edges, strict=True)


class _Notes:
    """What became of each part, and in what words."""

    def __init__(self, found: Difference) -> None:
        weights = {weight.id: weight for weight in found.weights}
        self.nodes: dict[str, Mark] = {id_.partition(".")[0]: "changed" for id_ in weights}
        self.edges: dict[str, Mark] = dict.fromkeys(weights, "changed")
        self.nodes |= {part.id: part.state for part in found.nodes}
        self.edges |= {part.id: part.state for part in found.edges}
        self.words = {("node", part.id): _words(part) for part in found.nodes}
        self.words |= {("edge", part.id): _words(part) for part in found.edges}
        self.told: set[str] = set()  # numbers that stand in the words
        for id_, weight in weights.items():
            node, _, option = id_.partition(".")
            part = ("node", node) if option else ("edge", id_)
            if part in self.words:
                continue
            said = f"{weight.differing:,} of {weight.size:,} differ"
            if weight.size == 1:
                said = f"{number(weight.before)} → {number(weight.after)}"
                self.told.add(id_)
            self.words[part] = f"{option} {said}" if option else said

    def node(self, node: PictureNode) -> PictureNode:
        """A node with its mark; a bias that the note tells is not told a second time."""
        mark = self.nodes.get(node.id, "same")
        marked = replace(node, mark=mark, note=self.words.get(("node", node.id), ""))
        is_told = f"{node.id}.bias" in self.told
        return replace(marked, bias=None, parameters=0) if is_told else marked

    def edge(self, id_: str, edge: PictureEdge) -> PictureEdge:
        """An edge with its mark; a weight that the note tells is not told a second time."""
        mark = self.edges.get(id_, "same")
        marked = replace(edge, mark=mark, note=self.words.get(("edge", id_), ""))
        return replace(marked, weights=None, shape=None) if id_ in self.told else marked


def _words(part: ChangedPart) -> str:
    """What is said of a part in a picture: what has changed of it, or that it is new or gone."""
    if not part.values:
        return part.state
    more = f", {len(part.values) - 1} more" if len(part.values) > 1 else ""
    said = f"{_value(part.values[0])}{more}"
    return said if len(said) <= LONGEST_NOTE else f"{said[: LONGEST_NOTE - 1]}…"


def _value(value: ChangedValue) -> str:
    return f"{value.name} {value.before or 'none'} → {value.after or 'none'}"
