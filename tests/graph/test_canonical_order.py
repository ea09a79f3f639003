"""The order of the nodes follows from the edges alone."""

from __future__ import annotations

import random

import networkx as nx
import pytest

from nngraph.graph import Graph, build_graph
from nngraph.spec import End, parse_spec


def graph_of(nodes: str, *edges: str, more: str = "") -> Graph:
    entries = "\n".join(f"  - {edge}" for edge in edges)
    text = f"nngraph: 1\nnodes: {{{nodes}}}\nedges:\n{entries}\n{more}\n"
    return build_graph(parse_spec(text))


def random_edges(random_: random.Random, nodes: int, edges: int) -> list[tuple[int, int]]:
    """An acyclic graph in which every node but the first has an edge into it."""
    pairs = {(random_.randrange(j), j) for j in range(1, nodes)}
    while len(pairs) < edges:
        j = random_.randrange(1, nodes)
        pairs.add((random_.randrange(j), j))
    listed = sorted(pairs)
    random_.shuffle(listed)
    return listed


def text_of(order: list[int], edges: list[tuple[int, int]], prefix: str = "n") -> str:
    nodes = "".join(f"  {prefix}{i}: {'input' if i == 0 else '{}'}\n" for i in order)
    lines = "".join(f"  - {prefix}{i} -> {prefix}{j}\n" for i, j in edges)
    return f"nngraph: 1\nnodes:\n{nodes}edges:\n{lines}"


def reference_order(edges: list[tuple[str, str]]) -> list[str]:
    """Again and again the first mentioned node whose sources are all done."""
    mentioned = list(dict.fromkeys(end for edge in edges for end in edge))
    order: list[str] = []
    while len(order) < len(mentioned):
        order.append(
            next(
                node
                for node in mentioned
                if node not in order
                and all(source in order for source, target in edges if target == node)
            )
        )
    return order


def test_sources_come_before_targets_and_ties_follow_the_first_mention() -> None:
    graph = graph_of("a: input, b: input, p: {}, q: {}, r: {}", "b -> q", "a -> p", "p, q -> r")
    assert graph.order == ("b", "q", "a", "p", "r")
    assert graph.inputs == ("b", "a")


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_are_ordered_by_the_definition(seed: int) -> None:
    random_ = random.Random(seed)
    edges = random_edges(random_, 25, 60)
    graph = build_graph(parse_spec(text_of(list(range(25)), edges)))
    assert list(graph.order) == reference_order([(f"n{i}", f"n{j}") for i, j in edges])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_nodes_and_their_names_do_not_matter(seed: int) -> None:
    random_ = random.Random(seed)
    edges = random_edges(random_, 40, 100)
    nodes = list(range(40))
    first = build_graph(parse_spec(text_of(nodes, edges)))
    random_.shuffle(nodes)
    second = build_graph(parse_spec(text_of(nodes, edges, prefix="zz")))
    assert [id.replace("zz", "n") for id in second.order] == list(first.order)


def mentioned(edges: list[tuple[int, int]]) -> dict[str, int]:
    """Nodes by the rank of their first mention."""
    ends = dict.fromkeys(f"n{end}" for edge in edges for end in edge)
    return {id: rank for rank, id in enumerate(ends)}


@pytest.mark.parametrize("seed", range(5))
def test_the_order_is_that_of_networkx(seed: int) -> None:
    edges = random_edges(random.Random(seed), 300, 5_000)
    graph = build_graph(parse_spec(text_of(list(range(300)), edges)))
    key = mentioned(edges).__getitem__
    assert graph.order == tuple(nx.lexicographical_topological_sort(graph.network, key=key))


def test_edges_in_order_give_the_order_of_networkx_too() -> None:
    edges = sorted(random_edges(random.Random(0), 300, 5_000), key=lambda edge: edge[1])
    graph = build_graph(parse_spec(text_of(list(range(300)), edges)))
    key = mentioned(edges).__getitem__
    assert graph.order == tuple(nx.lexicographical_topological_sort(graph.network, key=key))


def test_incoming_and_outgoing_edges_stand_in_order_of_mention() -> None:
    graph = graph_of("a: input, b: input, c: concat, d: {}", "b -> c", "a -> d", "a -> c -> d")
    assert [edge.id for edge in graph.incoming["c"]] == ["b->c", "a->c"]
    assert [edge.id for edge in graph.outgoing["a"]] == ["a->d", "a->c"]
    assert graph.incoming["a"] == graph.outgoing["d"] == ()


def test_outputs_are_the_nodes_without_an_outgoing_edge() -> None:
    nodes = "x: input, p: {}, q: {}, r: {}"
    graph = graph_of(nodes, "x -> q", "x -> p", "q -> r")
    assert graph.outputs == (End("p"), End("r"))
    graph = graph_of(nodes, "x -> q", "x -> p", "q -> r", more='outputs: [q, "r[0]", p]')
    assert graph.outputs == (End("q"), End("r", 0, 1), End("p"))


def test_the_network_is_there_for_networkx() -> None:
    graph = graph_of("x: input, y: {}", "x -> y", "{from: x, to: y, id: again}")
    assert isinstance(graph.network, nx.MultiDiGraph)
    assert list(graph.network.edges(keys=True)) == [("x", "y", "x->y"), ("x", "y", "again")]
    assert graph.network.edges["x", "y", "again"]["edge"] is graph.document.edges[1]


def test_an_input_that_is_only_a_target_is_fine() -> None:
    graph = graph_of(
        "x: input, t: input, y: {}", "x -> y", more="loss: {kind: mean_squared_error, target: t}"
    )
    assert set(graph.inputs) == {"x", "t"}


def test_an_autoencoder_may_name_its_input_as_the_target() -> None:
    graph_of("x: input, y: {}", "x -> y", more="loss: {kind: mean_squared_error, target: x}")


def test_a_target_may_be_named_like_the_only_output() -> None:
    graph_of("x: input, y: {}", "x -> y", more="loss: {kind: mean_squared_error, target: y}")
