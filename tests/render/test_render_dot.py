"""The structure of the DOT text: what stands in it, and what never does."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pygraphviz
import pytest
from render_samples import chain, dense, gates, identity, iris, layer, neuron, renamed, residual

from nngraph.render import Picture, PictureEdge, PictureLoss, PictureNode, to_dot
from nngraph.render.labels import edge_words
from nngraph.render.large import is_large
from nngraph.render.looks import THICKEST, THINNEST, line_width
from nngraph.render.palette import ink


def parsed(picture: Picture, **options: object) -> pygraphviz.AGraph:
    return pygraphviz.AGraph(string=to_dot(picture, **options))


@pytest.mark.parametrize("picture", [gates(), residual()], ids=lambda p: p.name)
def test_there_is_one_node_per_node_and_loss_and_one_edge_per_edge_and_loss(
    picture: Picture,
) -> None:
    graph = parsed(picture)
    assert graph.number_of_nodes() == len(picture.nodes) + len(picture.losses)
    assert graph.number_of_edges() == len(picture.edges) + len(picture.losses)


def test_ids_in_the_file_are_minted() -> None:
    nodes = [str(node) for node in parsed(residual()).nodes()]
    assert nodes == ["n0", "n1", "n2", "n3", "n4", "n5", "l0"]


@pytest.mark.parametrize("neurons", [False, True])
def test_renaming_ids_changes_no_byte_where_titles_stay(neurons: bool) -> None:
    picture = gates()
    assert to_dot(renamed(picture), neurons=neurons) == to_dot(picture, neurons=neurons)


def test_a_node_without_title_shows_its_id() -> None:
    picture = replace(gates(), nodes=(replace(gates().nodes[0], title=" "), *gates().nodes[1:]))
    assert "<B>x1</B>" in to_dot(picture)


def test_parallel_edges_are_both_drawn() -> None:
    picture = gates()
    twice = replace(picture, edges=(*picture.edges, picture.edges[0]))
    assert parsed(twice).number_of_edges() == 5


def label_of(picture: Picture, minted: str) -> str:
    graph = parsed(picture)  # held, for a node does not keep its graph
    return str(graph.get_node(minted).attr["label"])


def test_a_layer_says_units_activation_and_parameters() -> None:
    label = label_of(residual(), "n1")
    assert "8 units · relu" in label
    assert "8 parameters" in label


def test_a_layer_without_activation_does_not_speak_of_one() -> None:
    picture = Picture("p", "", (layer("a", 3, "identity"),), ())
    assert "identity" not in label_of(picture, "n0")


def test_an_image_says_its_shape() -> None:
    picture = Picture("p", "", (PictureNode("i", "i", "input", (28, 28, 1)),), ())
    assert "28 × 28 × 1" in label_of(picture, "n0t")  # below the volume


def test_a_single_neuron_says_its_bias() -> None:
    assert "b = −1.5" in label_of(gates(), "n2")


def edge_line(picture: Picture, source: str, target: str, **options: object) -> str:
    lines = to_dot(picture, **options).splitlines()
    return next(line for line in lines if line.startswith(f"  {source} -> {target}"))


def test_a_dense_edge_says_its_shape_and_its_weights() -> None:
    line = edge_line(residual(), "n4", "n5")
    assert "8 × 3" in line
    assert "24 weights" in line


def test_the_kind_of_an_edge_is_said_in_words() -> None:
    edge = PictureEdge("a", None, "b", None, "conv_transpose", (3, 3, 8, 16), 1152)
    assert edge_words(edge) == ["conv transpose 3 × 3 × 8 × 16", "1,152 weights"]


def test_an_identity_edge_says_nothing() -> None:
    assert "label" not in edge_line(residual(), "n0", "n2")


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ((0, 3), None, "from [0:3]"),
        (None, (2, 3), "into [2]"),
        ((0, 1), (1, 4), "[0] → [1:4]"),
    ],
)
def test_ranges_of_units_are_said(
    source: tuple[int, int] | None, target: tuple[int, int] | None, said: str
) -> None:
    edge = PictureEdge("a", source, "b", target, "dense", (3, 3), 9)
    picture = Picture("p", "", (layer("a", 5), layer("b", 5)), (edge,))
    assert said in edge_line(picture, "n0", "n1")


def test_a_shared_edge_names_its_owner_and_counts_nothing() -> None:
    edge = PictureEdge("a", None, "b", None, "dense", (5, 5), 25, shared_with="c->d")
    line = edge_line(Picture("p", "", (layer("a", 5), layer("b", 5)), (edge,)), "n0", "n1")
    assert "shared with c-&gt;d" in line
    assert "25 weights" not in line


def test_a_fixed_edge_says_so() -> None:
    edge = PictureEdge("a", None, "b", None, "dense", (5, 5), 0, trainable=False)
    assert "fixed" in edge_line(
        Picture("p", "", (layer("a", 5), layer("b", 5)), (edge,)), "n0", "n1"
    )


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_sign_of_a_weight_is_its_colour(theme: str) -> None:
    picture, colours = gates(1.0, -2.0, 0.0), ink(theme)
    assert f'color="{colours.positive}"' in edge_line(picture, "n0", "n2", theme=theme)
    assert f'color="{colours.negative}"' in edge_line(picture, "n1", "n2", theme=theme)
    assert f'color="{colours.line}"' in edge_line(picture, "n2", "n3", theme=theme)


def width(picture: Picture, source: str, target: str) -> float:
    found = re.search(r"penwidth=([\d.]+)", edge_line(picture, source, target))
    assert found is not None
    return float(found[1])


def test_a_larger_weight_is_wider_whatever_its_sign() -> None:
    picture = gates(0.1, -2.0, 0.5)
    widths = [width(picture, *ends) for ends in (("n0", "n2"), ("n2", "n3"), ("n1", "n2"))]
    assert widths == sorted(set(widths))
    assert widths[-1] == pytest.approx(THICKEST)


def test_width_is_monotone_and_bounded() -> None:
    widths = [line_width(weight, 3.0) for weight in np.linspace(0, 3, 50)]
    assert widths == sorted(widths)
    assert widths[0] == THINNEST
    assert line_width(1.0, 0.0) == THINNEST
    assert line_width(float("nan"), 3.0) == THINNEST
    assert line_width(-3.0, 3.0) == pytest.approx(THICKEST)


def test_weights_that_are_not_finite_are_drawn() -> None:
    assert "NaN" in edge_line(gates(float("nan"), float("inf")), "n0", "n2")
    assert "∞" in edge_line(gates(float("nan"), float("inf")), "n1", "n2")


def test_the_legend_stands_only_where_signs_are_drawn() -> None:
    assert "positive" in to_dot(gates())
    assert "positive" not in to_dot(residual())


def test_an_autoencoders_loss_is_joined_with_the_input_that_it_compares() -> None:
    nodes = (PictureNode("x", "x", "input", (4,)), layer("y", 4, is_output=True))
    edges = (PictureEdge("x", None, "y", None, "dense", (4, 4), 16),)
    loss = PictureLoss("mean_squared_error", "y", "x")
    graph = parsed(Picture("p", "", nodes, edges, (loss,), 20))
    assert graph.has_edge("n0", "l0")
    assert graph.has_edge("n1", "l0")


def test_outputs_have_a_double_border() -> None:
    graph = parsed(gates())
    assert graph.get_node("n3").attr["peripheries"] == "2"
    assert graph.get_node("n2").attr["peripheries"] in (None, "")


def test_kinds_differ_in_colour() -> None:
    graph = parsed(residual())
    fills = [graph.get_node(f"n{place}").attr["fillcolor"] for place in range(5)]
    assert len(set(fills)) == 5


def test_deep_networks_turn_and_deep_thickets_grow_downwards() -> None:
    assert 'rankdir="LR"' in to_dot(chain(5))
    assert 'layout="nop2"' in to_dot(chain(20))
    thicket = tuple(layer(f"m{k}", 2) for k in range(40))
    wide = replace(chain(12), nodes=(*chain(12).nodes, *thicket))
    assert 'rankdir="TB"' in to_dot(wide)


def test_given_ranks_become_columns() -> None:
    picture = gates()
    ranks = (0, 0, 1, 2)
    nodes = tuple(replace(n, rank=r) for n, r in zip(picture.nodes, ranks, strict=True))
    assert "{ rank=same; n0; n1; }" in to_dot(replace(picture, nodes=nodes))


def test_a_chain_of_20000_nodes_is_drawn_simplified_and_says_so() -> None:
    text = to_dot(chain(20_000))
    assert "20,000 nodes, 19,999 edges, drawn simplified" in text
    assert 'layout="nop"' in text
    assert text.count(" -> ") == 19_999


def test_many_nodes_or_many_edges_make_a_picture_large() -> None:
    nodes = tuple(neuron(f"n{index}") for index in range(151))
    edges = (identity("n0", "n1"),) * 401
    assert is_large(Picture("p", "", nodes, ()))
    assert is_large(Picture("p", "", nodes[:2], edges))
    assert not is_large(Picture("p", "", nodes[:150], edges[:400]))


def test_a_network_without_nodes_is_still_a_graph() -> None:
    assert parsed(Picture("empty", "", (), ())).number_of_nodes() == 0


def test_a_cycle_does_not_hang() -> None:
    edges = (identity("a", "b"), identity("b", "a"))
    assert parsed(Picture("p", "", (neuron("a"), neuron("b")), edges)).number_of_edges() == 2


def test_iris_has_a_wide_layer_as_one_box() -> None:
    assert parsed(iris(np.random.default_rng(0))).number_of_nodes() == 3


def test_two_weights_of_one_edge_are_not_one_scalar() -> None:
    assert dense("a", "b", np.ones((2, 1))).scalar is None
    assert dense("a", "b", np.full((1, 1), 0.5)).scalar == 0.5
