"""What may be connected with what, and how mistakes are shown."""

from __future__ import annotations

import random

import pytest
from cases import by_hundreds, for_each

from nngraph.errors import SpecError
from nngraph.graph import build_graph
from nngraph.graph.connections import overlaps
from nngraph.spec import Document, EdgeEntry, parse_spec


def document(nodes: str, *edges: str, more: str = "") -> Document:
    entries = "\n".join(f"  - {edge}" for edge in edges)
    return parse_spec(f"nngraph: 1\nnodes: {{{nodes}}}\nedges:\n{entries}\n{more}\n")


def codes(nodes: str, *edges: str, more: str = "") -> list[str]:
    with pytest.raises(SpecError) as caught:
        build_graph(document(nodes, *edges, more=more))
    return [diagnostic.code for diagnostic in caught.value.diagnostics]


def test_a_cycle_is_printed_with_the_place_of_each_edge() -> None:
    with pytest.raises(SpecError) as caught:
        build_graph(document("x: input, a: {}, b: {}, c: {}", "x -> a -> b", "b -> c", "c -> a"))
    (told,) = caught.value.diagnostics
    assert told.message == "a cycle: a -> b -> c -> a"
    assert [(note.text, note.span.line) for note in told.notes] == [("a -> b", 4), ("b -> c", 5)]
    assert told.span is not None
    assert told.span.line == 6


def test_each_knot_is_told_once_by_a_shortest_cycle() -> None:
    edges = ("x -> a -> b -> c -> a", "b -> a", "x -> p -> q -> p", "c -> q")
    with pytest.raises(SpecError) as caught:
        build_graph(document("x: input, a: {}, b: {}, c: {}, p: {}, q: {}", *edges))
    told = [diagnostic.message for diagnostic in caught.value.diagnostics]
    assert told == ["a cycle: a -> b -> a", "a cycle: p -> q -> p"]


def test_a_long_cycle_is_shortened() -> None:
    ring = " -> ".join(f"n{i}" for i in range(1_000))
    nodes = ", ".join(f"n{i}: {{}}" for i in range(1_000))
    with pytest.raises(SpecError) as caught:
        build_graph(document(f"x: input, {nodes}", f"x -> {ring} -> n0"))
    (told,) = caught.value.diagnostics
    assert "... 988 more ..." in told.message
    assert len(told.notes) < 20


def test_a_second_edge_with_an_id_of_its_own_is_fine() -> None:
    build_graph(document("x: input, y: {}", "x -> y", "{from: x, to: y, id: second}"))


def test_edges_between_other_units_are_fine() -> None:
    edges = ("x[0] -> y", "x[1:3] -> y[0]", "x[1:3] -> y[1]", "x[3] -> y[0:2]")
    build_graph(document("x: {kind: input, shape: 4}, y: {units: 2}", *edges))


def test_several_mistakes_are_told_in_one_run() -> None:
    found = codes(
        "x: input, u: input, h: {}, y: {}, lonely: {}",
        "x -> h -> y",
        "h -> h",
        "x -> h",
        "y -> x",
        more="outputs: [z]\nloss: {kind: mean_squared_error, node: w}",
    )
    assert sorted(found) == ["E202", "E203", "E204", "E205", "E206", "E210", "E211"]


def test_a_node_used_only_by_a_loss_is_fine() -> None:
    text = "outputs: [y]\nloss: {kind: mean_squared_error, node: side, target: t}"
    graph = build_graph(document("x: input, side: {}, y: {}", "x -> y", "x -> side", more=text))
    assert graph.lints == ()


def test_a_node_that_leads_nowhere_is_a_lint() -> None:
    graph = build_graph(
        document("x: input, side: {}, y: {}", "x -> y", "x -> side", more="outputs: [y]")
    )
    assert [lint.code for lint in graph.lints] == ["L201"]
    assert "'side' leads nowhere" in graph.lints[0].message


def test_a_lint_is_silenced_at_its_line() -> None:
    text = (
        "nngraph: 1\nnodes:\n  x: input\n  y: {}\n  side: {}  # nngraph: ignore L201\n"
        "edges: [x -> y, x -> side]\noutputs: [y]\n"
    )
    assert build_graph(parse_spec(text)).lints == ()
    assert len(build_graph(parse_spec(text.replace("L201", "L202"))).lints) == 1


def test_shares_that_are_fine() -> None:
    build_graph(
        document(
            "x: input, z: input, a: {}, b: {share: a}, y: {}",
            "x -> a",
            "z -> b: {share: x->a}",
            "a, b -> y",
        )
    )


def some_edges(random_: random.Random, count: int) -> list[EdgeEntry]:
    def units() -> str:
        start = random_.randrange(12)
        return f"[{start}:{start + random_.randrange(1, 4)}]" if random_.random() < 0.9 else ""

    lines = [f"x{units()} -> y{units()}" for _ in range(count)]
    return list(document("x: input, y: {}", *lines).edges)


def touch(one: EdgeEntry, other: EdgeEntry) -> bool:
    pairs = ((one.source, other.source), (one.target, other.target))
    return all(
        (a.start is None or b.start is None)
        or (a.start < (b.stop or 0) and b.start < (a.stop or 0))
        for a, b in pairs
    )


@for_each("seed", range(200), together=by_hundreds)
def test_the_sweep_finds_overlapping_units_like_a_look_at_all_pairs(seed: int) -> None:
    random_ = random.Random(seed)
    edges = some_edges(random_, random_.randrange(2, 14))
    found = list(overlaps(list(enumerate(edges))))
    for (_, one), (_, other) in found:
        assert touch(one, other)
    dropped = {later[0] for _, later in found}
    kept = [edge for index, edge in enumerate(edges) if index not in dropped]
    assert not any(touch(one, other) for i, one in enumerate(kept) for other in kept[:i])
