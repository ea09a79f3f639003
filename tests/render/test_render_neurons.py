"""The neuron view: who is joined with whom, where they stand, and when it is too much."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pygraphviz
import pytest
from render_samples import dense, gates, identity, iris, layer, residual

from nngraph.errors import UsageError
from nngraph.render import Picture, PictureEdge, PictureNode, to_dot
from nngraph.render.connections import Connection, connections
from nngraph.render.palette import ink
from nngraph.render.unit_places import unit_places

SEED = 7


def circles(picture: Picture) -> dict[str, tuple[float, float]]:
    graph = pygraphviz.AGraph(string=to_dot(picture, neurons=True))
    units = [node for node in graph.nodes() if re.fullmatch(r"n\d+u\d+", str(node))]
    places = {str(node): str(node.attr["pos"]).split(",") for node in units}
    return {node: (float(x), float(y)) for node, (x, y) in places.items()}


def lines(picture: Picture) -> dict[tuple[str, str], str]:
    found = re.findall(r"^  (\w+) -> (\w+) (.*)$", to_dot(picture, neurons=True), re.MULTILINE)
    return {(source, target): rest for source, target, rest in found}


def test_every_unit_is_a_circle_and_every_weight_a_line() -> None:
    picture = iris(np.random.default_rng(SEED))
    assert len(circles(picture)) == 4 + 5 + 3
    assert len(lines(picture)) == 4 * 5 + 5 * 3


def test_layers_are_columns_and_no_two_circles_touch() -> None:
    places = circles(iris(np.random.default_rng(SEED)))
    for id, (x, _) in places.items():
        assert x == places[f"{id[:2]}u0"][0]
    assert places["n0u0"][0] < places["n1u0"][0] < places["n2u0"][0]
    spots = np.array(list(places.values()))
    distances = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))
    assert distances[~np.eye(len(spots), dtype=bool)].min() > 34


def test_units_stand_in_order_from_top_to_bottom() -> None:
    heights = [circles(iris(np.random.default_rng(SEED)))[f"n1u{unit}"][1] for unit in range(5)]
    assert heights == sorted(heights, reverse=True)


def test_colour_is_sign_and_width_grows_with_the_weight() -> None:
    weights = np.array([[-3.0, -0.1, 0.0, 0.2, 3.0]])
    nodes = (PictureNode("x", "x", "input"), layer("y", 5, is_output=True))
    found = lines(Picture("p", "", nodes, (dense("x", "y", weights),)))
    colours = ink("auto")
    widths = []
    for unit, weight in enumerate(weights[0]):
        rest = found["n0u0", f"n1u{unit}"]
        wanted = [colours.negative, colours.line, colours.positive][int(np.sign(weight)) + 1]
        assert f'color="{wanted}' in rest
        width = re.search(r"penwidth=([\d.]+)", rest)
        assert width is not None
        widths.append(float(width[1]))
    order = np.argsort(abs(weights[0]), kind="stable")
    assert (np.diff(np.array(widths)[order]) >= 0).all()
    assert widths[0] == widths[4] > widths[3] > widths[1] > widths[2]


def test_biases_stand_in_the_circles() -> None:
    graph = pygraphviz.AGraph(string=to_dot(gates(), neurons=True))
    assert "−1.5" in graph.get_node("n2u0").attr["label"]
    assert "0.25" in graph.get_node("n3u0").attr["label"]


def test_labels_name_inputs_and_outputs() -> None:
    text = to_dot(iris(np.random.default_rng(SEED)), neurons=True)
    assert ">virginica<" in text
    assert ">a<" in text
    assert "h[0]" not in text


def test_unlabelled_units_at_the_borders_are_named_by_index() -> None:
    nodes = (PictureNode("x", "x", "input", (2,)), layer("a_long_name", 2, is_output=True))
    text = to_dot(
        Picture("p", "", nodes, (dense("x", "a_long_name", np.ones((2, 2))),)), neurons=True
    )
    assert ">x[1]<" in text
    assert ">[1]<" in text


def test_few_weights_are_written_beside_their_lines_and_many_are_not() -> None:
    assert "−2" in to_dot(gates(), neurons=True)
    assert " w0 [" not in to_dot(iris(np.random.default_rng(SEED)), neurons=True)


def test_too_many_units_are_refused_with_their_number_and_a_way_on() -> None:
    nodes = (PictureNode("x", "x", "input", (784,)), layer("y", 10))
    with pytest.raises(UsageError) as caught:
        to_dot(Picture("p", "", nodes, ()), neurons=True)
    text = str(caught.value)
    assert "this network has 794 units, too many to draw one by one (at most 48)" in text
    assert "'x' with 784" in text
    assert "without --neurons" in text


def joined(nodes: tuple[PictureNode, ...], *edges: PictureEdge) -> list[Connection]:
    return connections(Picture("p", "", nodes, edges))


def test_a_dense_edge_joins_the_units_of_its_ranges_with_W_ij() -> None:
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])
    edge = replace(dense("a", "b", weights), source_units=(1, 3), target_units=(0, 2))
    assert joined((layer("a", 3), layer("b", 4)), edge) == [
        Connection(("a", 1), ("b", 0), 1.0),
        Connection(("a", 1), ("b", 1), 2.0),
        Connection(("a", 2), ("b", 0), 3.0),
        Connection(("a", 2), ("b", 1), 4.0),
    ]


def test_a_scale_edge_joins_in_pairs_with_its_weights() -> None:
    edge = PictureEdge("a", None, "b", None, "scale", (2,), 2, np.array([5.0, 6.0]))
    assert joined((layer("a", 2), layer("b", 2)), edge) == [
        Connection(("a", 0), ("b", 0), 5.0),
        Connection(("a", 1), ("b", 1), 6.0),
    ]


def test_edges_into_a_concat_follow_each_other() -> None:
    both = PictureNode("c", "c", "concat", (3,))
    found = joined((layer("a", 1), layer("b", 2), both), identity("a", "c"), identity("b", "c"))
    assert [line.target for line in found] == [("c", 0), ("c", 1), ("c", 2)]


def test_one_unit_beside_many_is_paired_with_each() -> None:
    found = joined((layer("a", 1), layer("b", 3)), identity("a", "b"))
    assert [line.target[1] for line in found] == [0, 1, 2]


def test_unknown_weights_are_lines_all_the_same() -> None:
    picture = residual()
    assert {line.weight for line in connections(picture)} == {None}
    assert len(lines(picture)) == 64 + 4 * 8 + 24


def test_a_line_past_a_column_meets_no_circle_of_its_height() -> None:
    places = circles(residual())
    rows = {y for id, (_, y) in places.items() if id.startswith("n0")}
    assert not rows & {y for id, (_, y) in places.items() if id.startswith("n1")}


def test_a_network_without_units_is_drawn() -> None:
    assert "digraph" in to_dot(Picture("p", "", (), ()), neurons=True)


def test_a_bias_between_two_outputs_with_maps_touches_no_ring() -> None:
    maps = (np.zeros((8, 8)),) * 3
    output = replace(layer("y", 3, is_output=True), maps=maps, bias=(0.92, -0.46, -0.63))
    places = unit_places(Picture("p", "", (output,), ()))
    for unit in (0, 1):
        box = places.below["y", unit].box
        above, below = places.circles["y", unit], places.circles["y", unit + 1]
        assert below.y + below.radius <= box.bottom < box.top <= above.y - above.radius
