"""Nothing that is written lies on anything else: the geometry of every shipped spec's picture."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from render_samples import dense, gates, layer
from svg_reading import Box, words
from svg_reading import circles as ellipses

import nngraph
from nngraph.insight.picture import picture_of
from nngraph.render import Picture, PictureNode, to_svg
from nngraph.render.connections import connections
from nngraph.render.neurons import NEURONS_AT_MOST
from nngraph.render.words import number

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
TOUCH = 0.6  # points by which letters may reach into each other's room


def overlaps(svg: str) -> list[tuple[str, str]]:
    """Texts that lie on another text, or across the edge of a circle."""
    texts = [box for box, _ in words(svg)]
    assert texts
    found = [(a.what, b.what) for a, b in itertools.combinations(texts, 2) if a.overlap(b) > TOUCH]
    found += [
        (text.what, f"circle at {circle.left:.0f}, {circle.top:.0f}")
        for text in texts
        for circle in ellipses(svg)
        if text.overlap(circle) > TOUCH and across(text, circle)
    ]
    return found


def across(text: Box, circle: Box) -> bool:
    """Whether some corners of the text are in the circle and some are not."""
    x, y = (circle.left + circle.right) / 2, (circle.top + circle.bottom) / 2
    rx, ry = (circle.right - circle.left) / 2, (circle.bottom - circle.top) / 2
    corners = itertools.product((text.left, text.right), (text.top, text.bottom))
    inside = [((cx - x) / rx) ** 2 + ((cy - y) / ry) ** 2 <= 1.0 for cx, cy in corners]
    middle = (text.left + text.right) / 2, (text.top + text.bottom) / 2
    holds = ((middle[0] - x) / rx) ** 2 + ((middle[1] - y) / ry) ** 2 <= 1
    return holds != all(inside) if holds else any(inside)


def shipped(path: Path) -> Picture:
    model = nngraph.compile(path)
    return picture_of(model.network, model.weights)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_no_text_of_a_shipped_specs_picture_lies_on_another_or_on_a_circle(path: Path) -> None:
    picture = shipped(path)
    assert overlaps(to_svg(picture)) == []
    if sum(node.units for node in picture.nodes) <= NEURONS_AT_MOST:
        assert overlaps(to_svg(picture, neurons=True)) == []


@pytest.mark.parametrize("seed", range(5))
def test_numbers_on_crossing_lines_keep_apart(seed: int) -> None:
    generator = np.random.default_rng(seed)
    nodes = (
        PictureNode("x", "x", "input", (2,)),
        layer("h", 3, "tanh", bias=tuple(generator.normal(size=3))),
        layer("y", 1, is_output=True),
    )
    edges = (
        dense("x", "h", generator.normal(size=(2, 3)) * 1e-5),
        dense("h", "y", generator.normal(size=(3, 1))),
        dense("x", "y", generator.normal(size=(2, 1)) * 1e3),
    )
    picture = Picture("p", "", nodes, edges)
    svg = to_svg(picture, neurons=True)
    assert overlaps(svg) == []
    shown = {box.what for box, _ in words(svg)}
    assert {number(c.weight) for c in connections(picture)} <= shown


def test_an_overlap_would_be_found() -> None:
    svg = to_svg(gates(), neurons=True)
    box = next(box for box, _ in words(svg) if box.what == "−2")
    doubled = svg.replace(
        "</svg>", f'<g transform=""><text x="{box.left}" y="{box.bottom}">7</text></g></svg>'
    )
    assert ("−2", "7") in overlaps(doubled)
