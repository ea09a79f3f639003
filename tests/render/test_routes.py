"""Lines that pass columns of units: where they go, and that they meet none."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from render_samples import dense, layer, residual

from nngraph.insight.picture import picture_of
from nngraph.network import compile_document
from nngraph.render import Picture, PictureNode
from nngraph.render.connections import connections
from nngraph.render.neurons import laid_out
from nngraph.render.routes import lanes, routes
from nngraph.render.unit_places import RADIUS
from nngraph.spec import parse_spec


def straight_past(hidden: int) -> Picture:
    """One input, a hidden layer, and an edge past it whose straight line would meet a neuron."""
    nodes = (PictureNode("x", "x", "input"), layer("h", hidden), layer("y", 1, is_output=True))
    edges = (
        dense("x", "h", np.ones((1, hidden))),
        dense("h", "y", np.ones((hidden, 1))),
        dense("x", "y", np.full((1, 1), 2.0)),
    )
    return Picture("p", "", nodes, edges)


def deep() -> Picture:
    """Every layer reads all before it."""
    names = [f"n{k}" for k in range(5)]
    nodes = "\n".join(f"  {name}: {{units: {k + 1}}}" for k, name in enumerate(names[1:]))
    edges = "\n".join(f"  - {a} -> {b}" for a, b in itertools.combinations(names, 2))
    text = f"nngraph: 1\nnodes:\n  n0: {{kind: input, shape: 2}}\n{nodes}\nedges:\n{edges}\n"
    return picture_of(compile_document(parse_spec(text)))


@pytest.mark.parametrize(
    "picture", [*map(straight_past, range(1, 6)), residual(), deep()], ids=range(7)
)
def test_no_line_meets_a_neuron_that_it_only_passes(picture: Picture) -> None:
    joined = connections(picture)
    places, lines, _ = laid_out(picture, joined)
    for connection, line in zip(joined, lines, strict=True):
        ends = {connection.source, connection.target}
        for key, circle in places.circles.items():
            if key in ends:
                continue
            for share in np.linspace(0, 1, 200):
                x, y = line.at(float(share))
                assert math.hypot(x - circle.x, y - circle.y) > RADIUS, (connection, key)


def test_lines_through_one_gap_lie_apart_in_their_order() -> None:
    assert lanes([1.0, 0.0, 2.0], [(-100, -10), (20, 100)]) == [4.0, 0.0, 8.0]
    assert lanes([6.0], [(0, 10)]) == [14.0]
    assert lanes([30.0, 31.0], [(0, 20), (32.0, 50)]) == [24.0, 28.0]


def test_a_free_line_is_straight_and_begins_and_ends_at_the_circles() -> None:
    (line,) = routes([((0.0, 0.0), (100.0, 0.0))], [(17.0, 21.0)], {50.0: [(10.0, 40.0)]})
    assert line.points[0] == (17.0, 0.0)
    assert line.points[-1] == (79.0, 0.0)
    assert line.at(0.5) == pytest.approx((48.0, 0.0))


def test_an_arrowhead_takes_the_end_of_a_line() -> None:
    (line,) = routes([((0.0, 0.0), (100.0, 0.0))], [(10.0, 10.0)], {})
    assert line.position(5.0).startswith("e,90.00,0.00 10.00,0.00 ")
    assert line.position(5.0).endswith(" 85.00,0.00")
    assert line.position().endswith(" 90.00,0.00")
