"""What stands in a flow chart: boxes with words in them, volumes with words below, and links."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.records import dataclass
from nngraph.render.labels import GLYPHS, Line, edge_lines, is_circle, loss_lines, node_lines
from nngraph.render.letters import LINE, text_width
from nngraph.render.palette import node_style
from nngraph.render.picture import Picture, PictureEdge, PictureLoss, PictureNode

TALLEST, THICKEST, LEAST = 84.0, 64.0, 4.0  # points of the largest sides of volumes, and the least
PER_CHANNEL = 6.0  # at most, so that grey pictures are thin where nothing has more channels
SLANT = (0.34, 0.26)  # of a pixel's depth: to the right, upwards
INSIDE, BELOW = (20.0, 12.0), 5.0  # room around words in a box; over words below a volume
RING = 8.0  # points that the second border of an output adds
BOLD = 1.08  # how much wider bold letters are


@dataclass(frozen=True, slots=True)
class Volume:
    """Images as a solid: its front is `thick` by `tall`, its depth leads `right` and `up`."""

    thick: float
    tall: float
    right: float
    up: float


@dataclass(frozen=True, slots=True)
class Item:
    """A node or a loss: the size of its form in points, and its words, in it or below it."""

    id: str
    node: PictureNode | None
    loss: PictureLoss | None
    width: float
    height: float
    lines: tuple[Line, ...]
    volume: Volume | None = None

    @property
    def words(self) -> tuple[float, float]:
        """Width and height of its words."""
        return words_size(self.lines)

    @property
    def breadth(self) -> float:
        """How wide all of it is."""
        return max(self.width, self.words[0]) if self.volume is not None else self.width

    @property
    def descent(self) -> float:
        """How far it reaches below its middle."""
        below = BELOW + self.words[1] if self.volume is not None else 0.0
        return self.height / 2 + below


@dataclass(frozen=True, slots=True)
class Link:
    """A connection between two items with its words; none of an edge leads to a loss."""

    source: str
    target: str
    edge: PictureEdge | None
    lines: tuple[Line, ...] = ()

    @property
    def words(self) -> tuple[float, float]:
        """Width and height of its words."""
        return words_size(self.lines)


def words_size(lines: tuple[Line, ...]) -> tuple[float, float]:
    """Width and height of lines of text."""
    widths = (text_width(text, size) * (BOLD if bold else 1) for text, size, bold in lines)
    return max(widths, default=0.0), sum(LINE * size + 1 for _, size, _ in lines)


def is_volume(node: PictureNode) -> bool:
    """Whether it is drawn with depth: images of one or more channels, [h, w, c], in a box."""
    return len(node.shape) == 3 and node_style(node.kind).shape == "box"


def volumes(picture: Picture) -> Mapping[str, Volume]:
    """The solids of a picture, to scale: heights and widths of all images in one measure, numbers
    of channels in another; no side is thinner than one can see."""
    shapes = {node.id: node.shape for node in picture.nodes if is_volume(node)}
    pixel = TALLEST / max((max(shape[:2]) for shape in shapes.values()), default=1)
    channels = max((shape[2] for shape in shapes.values()), default=1)
    channel = min(PER_CHANNEL, THICKEST / channels)
    return {
        id: Volume(
            max(LEAST, channel * c),
            max(LEAST, pixel * h),
            SLANT[0] * max(LEAST, pixel * w),
            SLANT[1] * max(LEAST, pixel * w),
        )
        for id, (h, w, c) in shapes.items()
    }


def items_of(picture: Picture) -> dict[str, Item]:
    """All nodes, then all losses, by id."""
    solids = volumes(picture)
    items = {node.id: _item(node, solids.get(node.id)) for node in picture.nodes}
    for index, loss in enumerate(picture.losses):
        lines = tuple(loss_lines(loss))
        width, height = words_size(lines)
        id = loss_id(index)
        items[id] = Item(id, None, loss, width + INSIDE[0], height + INSIDE[1], lines)
    return items


def loss_id(index: int) -> str:
    """What no node is called."""
    return f"loss {index}"


def _item(node: PictureNode, volume: Volume | None) -> Item:
    lines = tuple(node_lines(node, narrow=volume is not None))
    if volume is not None:
        size = volume.thick + volume.right, volume.tall + volume.up
        return Item(node.id, node, None, *size, lines, volume)
    width, height = words_size(lines)
    if is_circle(node) or node.kind in GLYPHS:
        side = max(40.0, 0.9 * (width**2 + height**2) ** 0.5 + 6)
        width, height = side, side
    elif node_style(node.kind).shape == "ellipse":
        width, height = 1.25 * (width + INSIDE[0]), 1.35 * (height + INSIDE[1])
    else:
        width, height = width + INSIDE[0], height + INSIDE[1]
    ring = RING * node.is_output
    return Item(node.id, node, None, width + ring, height + ring, lines)


def links_of(picture: Picture) -> list[Link]:
    """All edges, then what leads to losses, a target that is an input's too."""
    links = [Link(e.source, e.target, e, tuple(edge_lines(e))) for e in picture.edges]
    inputs = {node.id for node in picture.nodes if node.kind == "input"}
    for index, loss in enumerate(picture.losses):
        links.append(Link(loss.node, loss_id(index), None))
        if loss.target in inputs:
            links.append(Link(loss.target, loss_id(index), None))
    return links
