"""How long networks turn, how a U-net becomes a U, and that nothing lies on anything else."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from render_samples import chain, identity, layer

import nngraph
from nngraph.insight.picture import picture_of
from nngraph.render import Picture, PictureLoss, PictureNode, to_dot
from nngraph.render.flow import flows, laid_out
from nngraph.render.flow.cells import Cell
from nngraph.render.letters import Box

SPECS = Path(__file__).parents[2] / "specs"
FLOWING = [path for path in sorted(SPECS.glob("*.yaml")) if "conv" in path.read_text()]
FLOWING.append(SPECS / "residual-mlp.yaml")


def shipped(path: Path) -> Picture:
    return picture_of(nngraph.compile(path).network)


def boxes(picture: Picture) -> list[tuple[str, Box]]:
    """The room of every form and of all words outside of forms."""
    chart = laid_out(picture)
    found: list[tuple[str, Box]] = []
    for id, item in chart.items.items():
        x, y = chart.layout.middle[id]
        found.append((id, Box.around(x, y, item.width, item.height)))
        if item.volume is not None:
            width, height = item.words
            found.append(
                (f"{id}'s words", Box.around(x, y - item.descent + height / 2, width, height))
            )
    for link, way in zip(chart.links, chart.ways, strict=True):
        if way.words is not None:
            found.append((f"{link.source}->{link.target}", Box.around(*way.words, *link.words)))
    return found


def meeting(found: list[tuple[str, Box]]) -> list[tuple[str, str]]:
    pairs = itertools.combinations(found, 2)
    return [(a, b) for (a, one), (b, other) in pairs if one.grown(-0.5).meets(other)]


@pytest.mark.parametrize("path", FLOWING, ids=lambda path: path.stem)
def test_forms_and_words_of_a_shipped_spec_keep_apart(path: Path) -> None:
    picture = shipped(path)
    assert flows(picture)
    assert meeting(boxes(picture)) == []


@pytest.mark.parametrize("path", FLOWING, ids=lambda path: path.stem)
def test_no_line_runs_through_a_form_that_it_only_passes(path: Path) -> None:
    chart = laid_out(shipped(path))
    for link, way in zip(chart.links, chart.ways, strict=True):
        for id, item in chart.items.items():
            if id in (link.source, link.target):
                continue
            form = Box.around(*chart.layout.middle[id], item.width, item.height)
            for k in range(401):
                assert not form.holds(*way.route.at(k / 400)), (link.source, link.target, id)


@pytest.mark.parametrize("path", FLOWING, ids=lambda path: path.stem)
def test_no_line_runs_through_words(path: Path) -> None:
    chart = laid_out(shipped(path))
    words = {
        f"words of {link.source}->{link.target}": Box.around(*way.words, *link.words)
        for link, way in zip(chart.links, chart.ways, strict=True)
        if way.words is not None
    }
    for id, item in chart.items.items():
        if item.volume is not None:
            x, y = chart.layout.middle[id]
            words[id] = Box.around(x, y - item.descent + item.words[1] / 2, *item.words)
    for link, way in zip(chart.links, chart.ways, strict=True):
        for name, box in words.items():
            for k in range(401):
                place = way.route.at(k / 400)
                assert not box.grown(-0.5).holds(*place), (link.source, link.target, name)


def test_what_leads_on_down_is_no_part_of_what_arrives_from_below() -> None:
    chart = laid_out(shipped(SPECS / "residual-convnet.yaml"))
    ways = {(k.source, k.target): w for k, w in zip(chart.links, chart.ways, strict=True)}
    arrives = ways["wider", "sum2"].route.points[-1]
    leaves = ways["sum2", "block2"].route.points[0]
    assert abs(arrives[0] - leaves[0]) > 5


def cells(picture: Picture) -> dict[str, Cell]:
    return dict(laid_out(picture).cells)


def test_a_long_chain_turns_like_a_river() -> None:
    chart = laid_out(chain(30))
    middle = chart.layout.middle
    bands = max(cell.band for cell in chart.cells.values()) + 1
    assert bands >= 2
    for a, b in itertools.pairwise(f"n{k}" for k in range(30)):
        if chart.cells[a].band != chart.cells[b].band:
            assert middle[a][0] == middle[b][0]  # straight down
            assert middle[a][1] > middle[b][1]
        else:
            assert (middle[b][0] > middle[a][0]) == (chart.cells[a].band % 2 == 0)
    xs = [x for x, _ in middle.values()]
    ys = [y for _, y in middle.values()]
    assert 0.4 < (max(xs) - min(xs)) / (max(ys) - min(ys)) < 4


def test_a_short_chain_stays_in_one_line() -> None:
    picture = shipped(SPECS / "sobel.yaml")
    assert {cell.band for cell in cells(picture).values()} == {0}


def test_a_u_net_is_a_u() -> None:
    chart = laid_out(shipped(SPECS / "unet-shapes.yaml"))
    rows = {id: cell.row for id, cell in chart.cells.items()}
    assert [rows[id] for id in ("image", "fine", "pool1", "middle", "pool2", "coarse")] == [
        0, 0, 1, 1, 2, 2,
    ]  # fmt: skip
    assert [rows[id] for id in ("up1", "skip1", "wider", "up2", "skip2", "mask")] == [
        1, 1, 1, 0, 0, 0,
    ]  # fmt: skip
    xs = [chart.layout.middle[id][0] for id in ("image", "middle", "coarse", "wider", "mask")]
    assert xs == sorted(xs)
    heights = {id: y for id, (_, y) in chart.layout.middle.items()}
    assert heights["fine"] == heights["skip2"] > heights["middle"] > heights["coarse"]


def test_a_loss_stands_behind_its_node_and_begins_no_line() -> None:
    picture = replace(chain(14), losses=(PictureLoss("mean_squared_error", "n13", "y"),))
    found = cells(picture)
    assert found["loss 0"].band == found["n13"].band
    assert found["loss 0"].column == found["n13"].column + 1


def test_two_branches_stand_below_each_other() -> None:
    nodes = tuple(PictureNode(f"n{k}", "", "neurons", (4, 4, 2)) for k in range(4))
    side = PictureNode("side", "", "neurons", (4, 4, 2))
    edges = (
        *(identity(f"n{k}", f"n{k + 1}") for k in range(3)),
        identity("n0", "side"),
        identity("side", "n3"),
    )
    picture = Picture("p", "", (*nodes, side), edges)
    found = cells(picture)
    assert found["side"].row == found["n1"].row + 1
    assert found["side"].column == found["n1"].column
    assert meeting(boxes(picture)) == []


def test_a_cycle_and_a_thicket_are_left_to_graphviz() -> None:
    volume = PictureNode("v", "", "neurons", (4, 4, 2))
    cycle = Picture("p", "", (volume, layer("b", 2)), (identity("v", "b"), identity("b", "v")))
    assert not flows(cycle)
    assert "digraph" in to_dot(cycle)
    thicket = Picture("p", "", tuple(replace(volume, id=f"v{k}") for k in range(9)), ())
    assert not flows(thicket)


def test_a_way_down_passes_beside_words_that_are_wider_than_their_form() -> None:
    picture = shipped(SPECS / "sobel.yaml")
    first = replace(picture.nodes[0], title="a name much wider than the form")
    chart = laid_out(replace(picture, nodes=(first, *picture.nodes[1:])))
    item = chart.items[first.id]
    x, y = chart.layout.middle[first.id]
    words = Box.around(x, y - item.descent + item.words[1] / 2, *item.words)
    for way in chart.ways:
        assert not any(words.holds(*way.route.at(k / 400)) for k in range(401))
