"""Sizes that no machine holds are refused at their place, in a moment, and never by a crash."""

from __future__ import annotations

import time

import pytest

import nngraph
from nngraph.errors import NNGraphError

IMAGE = "x: {kind: input, shape: [8, 8, 1]}"
VAST = "9999999999999999999999"
CASES = [
    ("x: {kind: input, shape: [4294967296, 4294967296, 4]}, y: {}", "x -> y"),
    (f"x: {{kind: input, shape: {VAST}}}, y: {{}}", "x -> y"),
    (f"x: input, h: {{units: {VAST}}}, y: {{}}", "x -> h -> y"),
    (f"x: input, h: {{units: {VAST}, aggregate: maximum}}, y: {{}}", "x -> h -> y"),
    (f"x: input, h: {{units: {VAST}, bias: {{init: normal}}}}, y: {{}}", "x -> h -> y"),
    ("x: {kind: input, shape: 99999999999}, h: {units: 99999999999}, y: {}", "x -> h -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", "x -> c: {conv: 1000000000000, padding: same}|c -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", f"x -> c: {{conv: {VAST}, padding: same}}|c -> y"),
    (f"{IMAGE}, c: {{units: {VAST}}}, y: {{}}", "x -> c: {conv: 3}|c -> y"),
    (f"{IMAGE}, c: {{units: {VAST}}}, y: {{}}", "x -> c: {depthwise: 3}|c -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", f"x -> c: {{conv: 3, padding: {VAST}}}|c -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", f"x -> c: {{conv: 3, dilation: {VAST}}}|c -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", f"x -> c: {{conv: 3, stride: {VAST}}}|c -> y"),
    (f"{IMAGE}, c: {{units: 2}}, y: {{}}", f"x -> c: {{conv_transpose: 3, stride: {VAST}}}|c -> y"),
    (f"{IMAGE}, u: {{kind: upsample, factor: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: upsample, factor: {VAST}, method: bilinear}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: pad, padding: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: pool, size: {VAST}, padding: same}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: pool, size: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: pool, size: 2, stride: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: pool, size: 1000000, padding: same}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: slice, stop: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: concat, axis: {VAST}}}, y: {{}}", "x -> u -> y"),
    (f"{IMAGE}, u: {{kind: reshape, shape: {VAST}}}, y: {{}}", "x -> u -> y"),
]


@pytest.mark.parametrize("loss", ["", "loss: mean_squared_error\n"], ids=["plain", "loss"])
@pytest.mark.parametrize(("nodes", "edges"), CASES, ids=range(len(CASES)))
def test_a_vast_size_is_told_at_its_place(nodes: str, edges: str, loss: str) -> None:
    lines = "".join(f"  - {edge}\n" for edge in edges.split("|"))
    start = time.process_time()
    found = nngraph.check(f"nngraph: 1\nnodes: {{{nodes}}}\nedges:\n{lines}{loss}")
    assert time.process_time() - start < 5
    if "stride" in nodes + edges and "transpose" not in edges and found.problem is None:
        return  # one step is wide enough for anything
    assert isinstance(found.problem, NNGraphError)
    assert found.exit_code in (3, 6), found.problem
    assert all(told.span is not None for told in found.errors)
