"""Every text of a picture can be read, on light paper and on dark: WCAG 2.1, level AA."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from render_samples import gates, iris, residual
from svg_reading import contrast, words

from nngraph.insight.curves import curves_svg
from nngraph.insight.report.confusion_table import STRONGEST
from nngraph.insight.report.style import style_sheet
from nngraph.render import Picture, to_svg
from nngraph.render.colours import INKS, SERIES
from nngraph.render.contact_sheet import Sheet, SheetBlock, SheetImage, sheet_svg
from nngraph.render.palette import DRAWN, LOOKS, MARKS, OTHERS, heat_fill, node_style, signed_fill

LEAST = 4.5


def marked() -> Picture:
    marks = [*MARKS, "same", "added", "removed"]
    picture = residual()
    nodes = tuple(replace(n, mark=m) for n, m in zip(picture.nodes, marks, strict=True))
    edges = tuple(replace(e, mark=m) for e, m in zip(picture.edges, marks, strict=True))
    return replace(picture, nodes=nodes, edges=edges)


def heated() -> Picture:
    picture = residual()
    nodes = tuple(replace(n, heat=k / 5, note="1 ms") for k, n in enumerate(picture.nodes))
    return replace(picture, nodes=nodes)


def numbered() -> Picture:
    picture = gates()
    values = (-1.0, 0.0, 0.5, 1.0)
    nodes = tuple(
        replace(n, values=(v,), fills=(signed_fill(v, 1.0),))
        for n, v in zip(picture.nodes, values, strict=True)
    )
    return replace(picture, nodes=nodes, note="in the circles: z")


PICTURES = {
    "gates": (gates(), False),
    "units": (gates(), True),
    "residual": (residual(), False),
    "iris": (iris(np.random.default_rng(1)), True),
    "marked": (marked(), False),
    "heated": (heated(), False),
    "numbered": (numbered(), True),
}


def unreadable(svg: str, *, dark: bool) -> list[tuple[str, float]]:
    found = [(box.what, contrast(box.fill, ground)) for box, ground in words(svg, dark=dark)]
    assert found
    return [(what, ratio) for what, ratio in found if ratio < LEAST]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PICTURES)
def test_each_text_of_a_network_stands_out_from_its_ground(name: str, dark: bool) -> None:
    picture, neurons = PICTURES[name]
    assert unreadable(to_svg(picture, neurons=neurons), dark=dark) == []
    theme = "dark" if dark else "light"
    assert unreadable(to_svg(picture, neurons=neurons, theme=theme), dark=False) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_each_text_of_curves_and_sheets_stands_out_from_its_ground(dark: bool) -> None:
    rows = [{"epoch": n, "train.loss": 1 / n, "validation.loss": 2 / n} for n in range(1, 5)]
    image = SheetImage(np.zeros((4, 4, 1), np.uint8), "a caption")
    sheet = Sheet("s", (SheetBlock("t", "d", (image,), 1, (-1.0, 1.0), "a note"),))
    for svg in (curves_svg(rows, title="curves"), sheet_svg(sheet)):
        assert unreadable(svg, dark=dark) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_in_nodes_can_be_read_on_every_fill(theme: str) -> None:
    for kind in (*LOOKS, "flatten"):
        for mark in ("", *MARKS, "same"):
            style = node_style(kind, mark=mark, theme=theme)
            assert contrast(style.text, style.fill) >= 7
            assert contrast(style.detail, style.fill) >= 5.5
    for heat in np.linspace(0, 1, 5):
        style = node_style("neurons", float(heat), theme=theme)
        assert style.fill == heat_fill(float(heat))
        assert contrast(style.detail, style.fill) >= LEAST
    for value in (-1.0, 0.0, 1.0):
        assert contrast(style.detail, signed_fill(value, 1.0)) >= LEAST


def test_lines_and_borders_can_be_seen() -> None:
    paper = INKS[0]
    for look in (*LOOKS.values(), OTHERS):
        for theme in ("light", "dark"):
            assert contrast(look.border.on(theme), paper.on(theme)) >= 3


def test_no_two_colours_of_a_drawing_are_one_on_light_paper() -> None:
    lights = [colour.light for colour in dict.fromkeys(DRAWN)]
    assert len(set(lights)) == len(lights)


def test_lines_of_plots_can_be_told_from_their_paper() -> None:
    for light, dark in SERIES:
        assert contrast(light, INKS[0].light) >= LEAST
        assert contrast(dark, INKS[0].dark) >= LEAST


def over(colour: str, ground: str, share: float) -> str:
    """A colour laid over another with this opacity."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(ground[1:]), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_numbers_of_a_confusion_matrix_stand_out_from_every_shade(dark: bool) -> None:
    sheet = style_sheet()
    card = re.findall(r"--card:(#\w+)", sheet)[dark]
    text = INKS[1].dark if dark else INKS[1].light
    for pair in SERIES[:2]:
        for share in np.linspace(0, STRONGEST, 6):
            assert contrast(text, over(pair[dark], card, float(share))) >= LEAST


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_of_a_page_stand_out_from_its_paper_and_its_cards(dark: bool) -> None:
    sheet = style_sheet()
    grounds = [re.findall(rf"--{name}:(#\w+)", sheet)[dark] for name in ("paper", "card", "mark")]
    words = [ink.dark if dark else ink.light for ink in INKS[1:3]]
    words += [pair[dark] for pair in SERIES[:2]]
    for word in words:
        assert [ground for ground in grounds if contrast(word, ground) < LEAST] == []
