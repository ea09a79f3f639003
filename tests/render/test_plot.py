"""The one plot: where marks lie, what stands beside them, and that texts stay texts."""

from __future__ import annotations

import base64
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from render_samples import HOSTILE

from nngraph.data.picture_files import decode_png
from nngraph.render.colours import series
from nngraph.render.plot import (
    Axis,
    Chart,
    Dots,
    Ground,
    LegendEntry,
    Plot,
    Polyline,
    Ring,
    axis_of,
    chart_svg,
    strip_svg,
)
from nngraph.render.words import clean, clip_text

SVG = "{http://www.w3.org/2000/svg}"
BLUE = series("a")
UNIT = Axis(0.0, 1.0, "x"), Axis(0.0, 10.0, "y")


def drawn(*marks: object, horizontal: Axis = UNIT[0], vertical: Axis = UNIT[1], **more: object):
    plot = Plot(horizontal, vertical, marks, **more)
    return ElementTree.fromstring(chart_svg(Chart("f", (plot,), width=100, height=200)))


def places(root: ElementTree.Element) -> list[tuple[float, float]]:
    found = root.iter(f"{SVG}circle")
    return [(float(e.get("cx", "")), float(e.get("cy", ""))) for e in found]


def tick(root: ElementTree.Element, text: str) -> tuple[float, float]:
    (found,) = [e for e in root.iter(f"{SVG}text") if e.text == text]
    return float(found.get("x", "")), float(found.get("y", ""))


def test_points_lie_where_the_axes_say() -> None:
    (low, high, middle) = places(drawn(Dots([(0, 0), (1, 10), (0.5, 2.5)], BLUE)))
    assert (high[0] - low[0], low[1] - high[1]) == (100, 200)
    assert (middle[0] - low[0], low[1] - middle[1]) == (50, 50)


def test_ticks_stand_at_their_values() -> None:
    root = drawn(Dots([(0.2, 8.0)], BLUE))
    ((x, y),) = places(root)
    assert tick(root, "0.2")[0] == x
    assert tick(root, "8")[1] - 4 == y


def test_what_has_no_place_on_a_logarithmic_axis_breaks_the_line() -> None:
    points = [(0.0, 1.0), (0.1, 10.0), (0.2, 0.0), (0.3, -1.0), (0.4, 100.0), (0.5, 10.0)]
    root = drawn(Polyline(points, BLUE), vertical=Axis(1.0, 100.0, logarithmic=True))
    (path,) = root.iter(f"{SVG}path")
    heights = [float(y) for y in re.findall(r",([\d.]+)", path.get("d", ""))]
    assert path.get("d", "").count("M") == 2
    assert heights[0] - heights[1] == heights[3] - heights[2] == pytest.approx(100)


def test_points_that_are_not_finite_are_not_drawn() -> None:
    root = drawn(Dots([(0, math.nan), (math.inf, 1), (0.5, 5)], BLUE), Ring((0.5, 5), BLUE))
    assert len(places(root)) == 2
    assert "nan" not in ElementTree.tostring(root, encoding="unicode")


def test_a_ground_fills_the_plot_with_its_pixels() -> None:
    pixels = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    root = drawn(Ground(pixels), Dots([(0, 10)], BLUE), lines="none")
    (image,) = root.iter(f"{SVG}image")
    ((x, y),) = places(root)
    assert (float(image.get("x", "")), float(image.get("y", ""))) == (x, y)
    assert (float(image.get("width", "")), float(image.get("height", ""))) == (100, 200)
    content = base64.b64decode(image.get("href", "").partition(",")[2])
    np.testing.assert_array_equal(decode_png(content, "ground"), pixels)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_one_text_wherever_it_stands(text: str) -> None:
    axis = Axis(0.0, 1.0, text)
    plot = Plot(axis, axis, (Polyline([(0, 0), (1, 1)], BLUE, label=text),), text, text)
    chart = Chart(
        text, (plot,), text, (LegendEntry(text, BLUE), LegendEntry(text, BLUE, is_area=True))
    )
    root = ElementTree.fromstring(chart_svg(chart))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {
        "svg", "title", "style", "rect", "text", "line", "path",
    }  # fmt: skip
    assert not any(name.startswith("on") for e in root.iter() for name in e.attrib)
    texts = [e.text for e in root.iter(f"{SVG}text")]
    shortest = clip_text(text, 40).removesuffix("…").rstrip()
    if shortest:
        assert sum((found or "").startswith(shortest) for found in texts) == 8
    assert next(root.iter(f"{SVG}title")).text in (clip_text(text, 200), None)
    assert all(found == clean(found or "") for found in texts)


def test_keys_of_a_legend_stand_in_rows_that_fit_the_paper() -> None:
    keys = tuple(LegendEntry(f"a network of {n} layers", BLUE) for n in range(9))
    plot = Plot(*UNIT, (Dots([(0, 0)], BLUE),))
    root = ElementTree.fromstring(chart_svg(Chart("f", (plot,), legend=keys)))
    found = {e.text: e for e in root.iter(f"{SVG}text")}
    spots = [(float(found[k.text].get("x", "")), float(found[k.text].get("y", ""))) for k in keys]
    assert len(set(spots)) == 9
    assert len({y for _, y in spots}) > 1
    assert max(x for x, _ in spots) + 6.4 * len(keys[0].text) < float(root.get("width", ""))


def test_a_chart_shows_its_light_colours_without_a_style_sheet() -> None:
    root = drawn(Dots([(0, 0)], BLUE), Polyline([(0, 0), (1, 1)], BLUE))
    assert next(root.iter(f"{SVG}circle")).get("fill") == BLUE.light
    assert next(root.iter(f"{SVG}path")).get("stroke") == BLUE.light
    style = next(root.iter(f"{SVG}style")).text or ""
    assert f".a-fill{{fill:{BLUE.dark}}}" in style


def test_bars_are_as_high_as_their_share_and_the_lowest_can_be_seen() -> None:
    bars = [(0.0, BLUE), None, (0.5, BLUE), (7.0, BLUE)]
    root = ElementTree.fromstring(strip_svg("bars", bars, 40, 30))
    found = [e for e in root.iter(f"{SVG}rect") if e.get("class") == "a-fill"]
    assert [float(e.get("height", "")) for e in found] == [1, 15, 30]
    assert [float(e.get("x", "")) for e in found] == [0, 20, 30]


def test_an_axis_leaves_room_and_has_length_whatever_the_values() -> None:
    assert (axis_of([0.0, 10.0], room=0.1).low, axis_of([0.0, 10.0], room=0.1).high) == (-1, 11)
    for values in ([], [0.0], [5.0, 5.0], [math.nan, 3.0], [-math.inf]):
        axis = axis_of(values)
        assert axis.low < axis.high
