"""Edges with windows and nodes over images: every form, and back from the long one."""

from __future__ import annotations

import pytest

from nngraph.errors import SpecError
from nngraph.spec import EdgeEntry, parse_spec
from nngraph.spec.image_edges import ConvEdge, ConvTransposeEdge, DepthwiseEdge
from nngraph.spec.image_nodes import PadNode, PoolNode, TransposeNode, UpsampleNode
from nngraph.spec.resolved import resolved_yaml

HEAD = """nngraph: 1
nodes:
  x: {kind: input, shape: [8, 8, 1]}
  h: {units: 4}
"""


def edge(text: str) -> EdgeEntry:
    (found,) = parse_spec(f"{HEAD}edges:\n  - {text}\n").edges
    return found


def options(text: str) -> object:
    return edge(text).options


@pytest.mark.parametrize(
    "text",
    [
        "x -> h: {conv: 3, stride: 2}",
        "x -> h: {kind: conv, kernel: 3, stride: 2}",
        "x -> h: {kind: conv, kernel: [3], stride: [2]}",
        "{from: x, to: h, conv: 3, stride: 2}",
        "{from: x, to: h, kind: conv, kernel: 3, stride: 2}",
    ],
)
def test_all_forms_of_a_conv_edge_mean_the_same(text: str) -> None:
    assert options(text) == ConvEdge(kernel=(3,), stride=(2,))


def test_the_other_windows_have_short_forms_too() -> None:
    assert options("x -> h: {depthwise: [3, 5]}") == DepthwiseEdge(kernel=(3, 5))
    assert options("x -> h: {conv_transpose: 2, groups: 2}") == ConvTransposeEdge(
        kernel=(2,), groups=2
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("valid", "valid"),
        ("same", "same"),
        ("2", ((2, 2),)),
        ("[1, 2]", ((1, 1), (2, 2))),
        ("[[1, 2]]", ((1, 2),)),
        ("[[1, 2], 3]", ((1, 2), (3, 3))),
    ],
)
def test_padding_is_a_word_or_pixels_per_side(written: str, read: object) -> None:
    found = options(f"x -> h: {{conv: 3, padding: {written}}}")
    assert isinstance(found, ConvEdge)
    assert found.padding == read


def test_an_alias_brings_the_same_kernel_twice() -> None:
    text = HEAD + "  k: {units: 4}\nedges:\n  - x -> h: &c3 {conv: 3}\n  - h -> k: *c3\n"
    first, second = parse_spec(text).edges
    assert first.options == second.options == ConvEdge(kernel=(3,))


def test_a_kernel_may_follow_from_given_weights_or_from_the_edge_that_owns_them() -> None:
    given = options("x -> h: {kind: conv, weight: [[1, 2], [3, 4]]}")
    assert isinstance(given, ConvEdge)
    assert given.kernel is None
    shared = options("x -> h: {id: other, kind: conv, share: x->h}")
    assert isinstance(shared, ConvEdge)


def test_places_of_the_short_form_are_those_of_its_parts() -> None:
    found = edge("x -> h: {conv: 3, stride: 2}")
    source = found.span.source.text
    shown = {
        key: source[found.span_of(key).start : found.span_of(key).end]
        for key in ("kind", "kernel", "stride")
    }
    assert shown == {"kind": "conv", "kernel": "3", "stride": "2"}


def test_an_override_reaches_into_the_short_form() -> None:
    text = f"{HEAD}edges:\n  - x -> h: {{conv: 3}}\n"
    (found,) = parse_spec(text, overrides=["edges.x->h.conv=5", "edges.0.stride=2"]).edges
    assert found.options == ConvEdge(kernel=(5,), stride=(2,))


def test_nodes_over_images_have_their_defaults() -> None:
    text = HEAD + (
        "  p: {kind: pool, size: 2}\n  g: {kind: pool, size: global, function: average}\n"
        "  u: upsample\n  f: {kind: pad, padding: [1, [0, 2]]}\n  t: transpose\nedges: []\n"
    )
    nodes = parse_spec(text).spec.nodes
    assert nodes["p"] == PoolNode(size=(2,), function="max", stride=None, padding="valid")
    assert nodes["g"] == PoolNode(size="global", function="average")
    assert nodes["u"] == UpsampleNode(factor=(2,), method="nearest")
    assert nodes["f"] == PadNode(padding=((1, 1), (0, 2)), value=0.0)
    assert nodes["t"] == TransposeNode(axes=None)


def test_the_long_form_reads_back_the_same() -> None:
    text = HEAD + (
        "  p: {kind: pool, size: [2, 3], padding: [[1, 0], [0, 1]]}\n  u: upsample\n"
        "  g: {kind: pool, size: global}\n  k, m, n: {units: 4}\n"
        "edges:\n  - x -> h: {conv: 3, padding: same}\n  - h -> p -> u -> g\n"
        "  - h -> k: {depthwise: 3, padding: 1}\n"
        "  - k -> m: {conv_transpose: 3, dilation: 2}\n"
        "  - h -> n: {kind: conv, share: x->h}\n"
    )
    document = parse_spec(text)
    again = parse_spec(resolved_yaml(document))
    assert again.spec.nodes == document.spec.nodes
    assert [(e.id, e.options) for e in again.edges if e.options.kind] == [
        (e.id, e.options) for e in document.edges if e.options.kind
    ]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("{conv: 3, kernle: 2}", "E104", "unknown key 'kernle'"),
        ("{conv: 3, kind: conv}", "E104", "unknown key 'conv'"),
        ("{conv: 2.5}", "E106", "'kernel' of edge 'x -> h' must be a whole number"),
        ("{conv: [1, 2, 3]}", "E107", "'kernel'"),
        ("{conv: 3, padding: -1}", "E107", "whole numbers, 0 or more"),
        ("{conv: 3, padding: [1, 2, 3]}", "E107", "one entry per spatial axis"),
        ("{depthwise: 3, groups: 2}", "E104", "unknown key 'groups'"),
    ],
)
def test_mistakes_in_windows_are_told_once(text: str, code: str, message: str) -> None:
    with pytest.raises(SpecError) as told:
        edge(f"x -> h: {text}")
    (found,) = told.value.diagnostics
    assert found.code == code
    assert message in found.message
