"""How windows lie on a source: numbers per axis, padding, extents; mistakes name both nodes."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.errors import Note
from nngraph.lower.context import Lowering, Mistake, has_shape, plural, shape_text
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry, NodeEntry
from nngraph.spec.image_edges import ConvEdge, ConvTransposeEdge
from nngraph.spec.nodes import NeuronsNode

Extents = tuple[int, ...]
Border = tuple[tuple[int, int], ...]
Entry = EdgeEntry | NodeEntry


@dataclass(frozen=True, slots=True)
class Laid:
    """Windows laid on a source of some extents."""

    size: Extents
    stride: Extents
    dilation: Extents
    padding: Border

    def places(self, extents: Extents) -> Extents:
        """How many windows lie along each axis; 0 or less where none fits."""
        return tuple(
            (n + sum(p) - d * (k - 1) - 1) // s + 1
            for n, k, s, d, p in zip(
                extents, self.size, self.stride, self.dilation, self.padding, strict=True
            )
        )


def per_axis(entry: Entry, key: str, written: Sequence[int], rank: int) -> Extents:
    """One number for each spatial axis. Errors: Mistake."""
    if len(written) == 1:
        return tuple(written) * rank
    if len(written) == rank:
        return tuple(written)
    raise _wrong_count(entry, key, len(written), rank)


def _wrong_count(entry: Entry, key: str, count: int, rank: int) -> Mistake:
    told = "E229:axes-of-sequence" if rank == 1 else "E229:axes-of-image"
    return Mistake(told, entry.span_of(key), key=key, id=entry.id, count=count)


def border(entry: Entry, written: Sequence[tuple[int, int]], rank: int) -> Border:
    """Pixels before and after each spatial axis. Errors: Mistake."""
    if len(written) == 1:
        return tuple(written) * rank
    if len(written) == rank:
        return tuple(written)
    raise _wrong_count(entry, "padding", len(written), rank)


def padding_of(
    entry: Entry,
    written: str | Sequence[tuple[int, int]],
    extents: Extents,
    laid: tuple[Extents, Extents, Extents],
) -> Border:
    """`valid`, `same` or numbers, as pixels per side; what is odd goes to the end."""
    if written == "valid":
        return ((0, 0),) * len(extents)
    if not isinstance(written, str):
        return border(entry, written, len(extents))
    sides = []
    for n, k, s, d in zip(extents, *laid, strict=True):
        missing = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        sides.append((missing // 2, missing - missing // 2))
    return tuple(sides)


def image_extents(
    lowering: Lowering, entry: Entry, what: str, source: str, shape: Extents
) -> Extents:
    """Height and width of an image, or the length of a sequence. Errors: Mistake."""
    if len(shape) in (2, 3):
        return shape[:-1]
    flat = _flattened_by(lowering, source)
    note = has_shape(lowering, source)
    has = "has shape " + shape_text(shape) if shape else "is a scalar"
    if flat is None:
        key = "E229:no-channels" if len(shape) == 1 else "E229:no-image"
        raise Mistake(key, entry.span, notes=(note,), what=what, source=source, has=has)
    raise Mistake(
        "E229:flattened",
        entry.span,
        notes=(note, Note(flat.span, f"this dense edge flattens '{flat.source.node}'")),
        what=what,
        source=source,
        has=has,
        image=flat.source,
        target=flat.target,
    )


def _flattened_by(lowering: Lowering, node: str) -> EdgeEntry | None:
    """A dense edge that makes a node out of an image."""
    model = lowering.entry(node).node
    if not isinstance(model, NeuronsNode):
        return None
    for edge in lowering.graph.incoming[node]:
        dense = edge.kind_into(model) == "dense"
        if dense and len(lowering.shape(edge.source.node)) == 3:
            return edge
    return None


def does_not_fit(
    lowering: Lowering, entry: Entry, word: str, laid: Laid, source: str, extents: Extents
) -> Mistake:
    """A window larger than what it should move over."""
    key = "kernel" if word == "kernel" else "size"
    spread = tuple(d * (k - 1) + 1 for k, d in zip(laid.size, laid.dilation, strict=True))
    padded = tuple(n + sum(p) for n, p in zip(extents, laid.padding, strict=True))
    dilated = f" (spread to {by(spread)} by its dilation)" if spread != laid.size else ""
    with_border = f", {by(padded)} with its padding" if padded != extents else ""
    return Mistake(
        "E229",
        entry.span_of(key),
        notes=(has_shape(lowering, source),),
        window=f"{word} {by(laid.size)}{dilated}",
        extents=by(extents),
        source=source,
        padded=with_border,
    )


def by(extents: Sequence[int]) -> str:
    """How extents are written in messages.

    >>> by((5, 4)), by((3,))
    ('5x4', '3')
    """
    return "x".join(map(str, extents))


def check_groups(
    lowering: Lowering,
    edge: EdgeEntry,
    options: ConvEdge | ConvTransposeEdge,
    channels: int,
    units: int,
) -> None:
    """Groups divide channels and units. Errors: Mistake."""
    groups = options.groups
    for count, node, word in (
        (channels, edge.source.node, "channel"),
        (units, edge.target.node, "unit"),
    ):
        if count % groups:
            raise Mistake(
                "E229:groups",
                edge.span_of("groups"),
                notes=(has_shape(lowering, edge.source.node),),
                groups=groups,
                units=plural(count, word),
                node=node,
            )
