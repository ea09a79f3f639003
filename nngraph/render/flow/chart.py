"""Which networks flow, and how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.records import dataclass
from nngraph.render.caption import ROUTED, caption, page_defaults
from nngraph.render.colours import Theme
from nngraph.render.columns import node_columns
from nngraph.render.dotfile import Attribute, DotFile, Drawing, stack
from nngraph.render.flow.cells import Cell, cells, item_columns
from nngraph.render.flow.items import RING, Item, Link, is_volume, items_of, links_of
from nngraph.render.flow.places import Layout, column_gap, layout
from nngraph.render.flow.solids import solid
from nngraph.render.flow.ways import Way, ways
from nngraph.render.looks import DASHED, edge_look, edge_text, loss_look, node_look, written
from nngraph.render.palette import FONT, Ink, ink, node_style, strongest_of
from nngraph.render.picture import Picture
from nngraph.render.routes import Place

DEEP = 9  # columns from which a network without images flows
MOST_BESIDE = 3.0  # nodes in a column, on average; wider networks are laid out by Graphviz
ARROW, SMALL_ARROW = 7.0, 5.0  # points of an arrowhead: Graphviz draws ten at full size
SCALE = "volumes to scale: pixels in one measure, channels in another"


def flows(picture: Picture) -> bool:
    """Whether a picture is laid out here: it has images, or it is deep, and it is no thicket."""
    if not picture.nodes:
        return False
    columns = 1 + max(node_columns(picture).values())
    has_images = any(map(is_volume, picture.nodes))
    slim = len(picture.nodes) <= MOST_BESIDE * columns and not _has_cycle(picture)
    return slim and (has_images or columns > DEEP)


def _has_cycle(picture: Picture) -> bool:
    column = node_columns(picture)
    return any(column[edge.target] <= column[edge.source] for edge in picture.edges)


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture laid out: all that stands in it, and where."""

    items: Mapping[str, Item]
    links: Sequence[Link]
    cells: Mapping[str, Cell]
    layout: Layout
    ways: Sequence[Way]


def laid_out(picture: Picture) -> Chart:
    """The places of all nodes, losses and links."""
    items, links = items_of(picture), links_of(picture)
    found = cells(picture, items, links, _widths(picture, items, links))
    places = layout(items, links, found)
    return Chart(items, links, found, places, ways(items, links, found, places))


def flow_dot(picture: Picture, theme: Theme, dpi: int | None = None) -> DotFile:
    """The network with every place given."""
    colours = ink(theme)
    chart = laid_out(picture)
    strongest = strongest_of(edge.scalar for edge in picture.edges)
    dot = DotFile()
    _page(dot, picture, chart, colours, dpi)
    minted = _minted(picture, chart.items)
    for item in chart.items.values():
        _draw_item(dot, minted[item.id], item, chart.layout.middle[item.id], colours)
    for index, (link, way) in enumerate(zip(chart.links, chart.ways, strict=True)):
        _draw_link(dot, index, link, way, minted, strongest, colours)
    return dot


def _page(dot: DotFile, picture: Picture, chart: Chart, colours: Ink, dpi: int | None) -> None:
    solids = [
        solid(item.node, item.volume, *chart.layout.middle[item.id], colours.theme)
        for item in chart.items.values()
        if item.node is not None and item.volume is not None
    ]
    signs = any(edge.scalar for edge in picture.edges)
    label = caption(picture, colours, signs=signs, note=SCALE if solids else "")
    more: dict[str, Attribute] = {} if dpi is None else {"dpi": dpi}
    if solids:
        more["_background"] = Drawing("".join(solids))
    page_defaults(dot, colours, label, **ROUTED, **more)
    dot.defaults("node", fontname=FONT, penwidth="1.3", margin="0", fixedsize="shape")
    dot.defaults("edge", color=colours.line, penwidth="1.2", arrowhead="vee", arrowsize="0.7")


def _minted(picture: Picture, items: Mapping[str, Item]) -> dict[str, str]:
    count = len(picture.nodes)
    return {id: f"n{k}" if k < count else f"l{k - count}" for k, id in enumerate(items)}


def _widths(picture: Picture, items: Mapping[str, Item], links: Sequence[Link]) -> list[float]:
    """What each column takes with the links that lead on from it."""
    column = item_columns(picture)
    breadth = [0.0] * (1 + max(column.values()))
    gap = list(breadth)
    for id, place in column.items():
        breadth[place] = max(breadth[place], items[id].breadth)
    for link in links:
        place = column[link.source]
        if column[link.target] - place == 1:
            gap[place] = max(gap[place], column_gap(link, "straight"))
    return [sum(both) for both in zip(breadth, gap, strict=True)]


def _draw_item(dot: DotFile, minted: str, item: Item, middle: Place, colours: Ink) -> None:
    x, y = middle
    size: dict[str, Attribute] = {"width": item.width / 72, "height": item.height / 72}
    place = f"{x:.2f},{y:.2f}"
    if item.node is None:
        assert item.loss is not None
        style = node_style("loss", theme=colours.theme)
        label = stack(written(item.lines, style.text, style.detail), padding=0)
        look = loss_look(colours.theme) | size
        dot.node(minted, f"loss: {item.loss.kind}", label=label, pos=place, **look)
        return
    node = item.node
    style = node_style(node.kind, node.heat, node.mark, colours.theme)
    if item.volume is None:
        ring = RING * node.is_output
        size = {"width": (item.width - ring) / 72, "height": (item.height - ring) / 72}
        label = stack(written(item.lines, style.text, style.detail), padding=0)
        look = node_look(node, style) | size
        dot.node(minted, node.name, label=label, pos=place, **look)
        return
    # what is drawn lies in the background; this is where it shows its name
    clear: dict[str, Attribute] = {"shape": "box", "style": "filled", "penwidth": "0"}
    dot.node(minted, node.name, label=" ", pos=place, fillcolor="transparent", **clear, **size)
    below = f"{x:.2f},{y - item.descent + item.words[1] / 2:.2f}"
    label = stack(written(item.lines, colours.text, colours.text), padding=0)
    dot.node(f"{minted}t", node.name, label=label, pos=below, shape="plain", fixedsize="false")


def _draw_link(
    dot: DotFile,
    index: int,
    link: Link,
    way: Way,
    minted: Mapping[str, str],
    strongest: float,
    colours: Ink,
) -> None:
    source, target = minted[link.source], minted[link.target]
    if link.edge is None:
        dot.edge(source, target, pos=way.route.position(), **DASHED)
        return
    look = edge_look(link.edge, strongest, colours)
    arrow = SMALL_ARROW if "arrowsize" in look else ARROW
    dot.edge(source, target, pos=way.route.position(arrow), **look)
    if way.words is not None:
        colour = edge_text(link.edge, colours)
        label = stack(written(link.lines, colour, colour), padding=0)
        place = f"{way.words[0]:.2f},{way.words[1]:.2f}"
        dot.node(
            f"w{index}", link.lines[0][0], label=label, pos=place, shape="plain", fixedsize="false"
        )
