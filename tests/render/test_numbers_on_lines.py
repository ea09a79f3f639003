"""In a small network of single neurons each weight stands on its own line, not between two."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from render_samples import dense, gates, neuron
from svg_reading import NUMBER, SVG, words

import nngraph
from nngraph.insight.picture import picture_of
from nngraph.render import Picture, PictureNode, to_svg

SPECS = Path(__file__).parents[2] / "specs"
Line = tuple[float, float, float, float]


def crossing(sources: int = 2) -> Picture:
    """Inputs and two neurons, all joined; a weight of input 0 to neuron 1 is 1, and so on."""
    inputs = [PictureNode(f"x{k}", f"x{k}", "input") for k in range(sources)]
    edges = [
        dense(f"x{i}", f"h{j}", np.array([[10.0 * i + j - 4.5]]))
        for i in range(sources)
        for j in (0, 1)
    ]
    return Picture("p", "", (*inputs, neuron("h0"), neuron("h1")), tuple(edges))


def lines(svg: str) -> list[Line]:
    """The arrows without their heads, in the order of the drawing: from and to."""
    root = ElementTree.fromstring(svg)
    found: list[Line] = []
    for group in root.iter(f"{SVG}g"):
        way = group.find(f"{SVG}path")
        if group.get("class") != "edge" or way is None or way.get("stroke-dasharray"):
            continue
        places = [float(n) for n in NUMBER.findall(way.get("d", ""))]
        found.append((*places[:2], *places[-2:]))  # type: ignore[arg-type]
    return found


def away(x: float, y: float, line: Line) -> float:
    """How far a place is from a straight line, in points."""
    a, b, c, d = line
    length = math.hypot(c - a, d - b)
    along = min(max(((x - a) * (c - a) + (y - b) * (d - b)) / length**2, 0.0), 1.0)
    return math.hypot(x - a - along * (c - a), y - b - along * (d - b))


def numbers_away(svg: str, texts: list[str]) -> list[tuple[float, float]]:
    """For the number of each line in turn: how far from its own, and from the nearest other."""
    drawn = lines(svg)
    assert len(drawn) == len(texts)
    boxes = [box for box, _ in words(svg) if box.what in texts]
    assert len(boxes) == len(texts)
    found = []
    for own, text in enumerate(texts):
        middles = [
            ((b.left + b.right) / 2, (b.top + b.bottom) / 2) for b in boxes if b.what == text
        ]
        x, y = min(middles, key=lambda place: away(*place, drawn[own]))
        others = [away(x, y, line) for k, line in enumerate(drawn) if k != own]
        found.append((away(x, y, drawn[own]), min(others)))
    return found


def test_each_number_is_on_its_line_and_on_no_other() -> None:
    for sources in (2, 3):
        texts = [f"{10 * i + j - 4.5:g}".replace("-", "−") for i in range(sources) for j in (0, 1)]
        for own, other in numbers_away(to_svg(crossing(sources)), texts):
            assert own < 2.5
            assert other > 6


def test_the_gates_of_xor_say_which_line_has_which_weight() -> None:
    model = nngraph.compile(SPECS / "xor-gates.yaml")
    svg = to_svg(picture_of(model.network, model.weights))
    for own, other in numbers_away(svg, ["1", "−1", "1", "−1", "1", "1"]):
        assert own < 2.5
        assert other > 6


def test_numbers_with_more_to_say_stay_beside_their_lines() -> None:
    picture = gates()
    noted = Picture(
        "p",
        "",
        picture.nodes,
        (*picture.edges[:2], dense("h", "y", np.ones((1, 1)), note="fixed by hand")),
    )
    assert "fixed by hand" in to_svg(noted)
    first, *_ = numbers_away(to_svg(noted), ["1", "−2", "1"])
    assert first[0] > 4
