"""Training curves: panels, lines, gaps, the best epoch, round ticks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import numpy as np
import pytest

from nngraph.insight.curves import curves_svg
from nngraph.insight.history import panels
from nngraph.render.plot.strokes import thinned_points
from nngraph.render.plot.ticks import (
    integer_ticks,
    linear_ticks,
    log_ticks,
    step_between,
    tick_text,
)

SVG = "{http://www.w3.org/2000/svg}"
Rows = Sequence[Mapping[str, float]]


def history(epochs: int, *, metrics: bool = True) -> list[dict[str, float]]:
    rows = []
    for epoch in range(1, epochs + 1):
        row = {"epoch": epoch, "train.loss": 1 / epoch, "validation.loss": 0.3 + 1 / epoch}
        if metrics:
            row |= {"train.accuracy": 1 - 0.5 / epoch, "validation.accuracy": 0.9 - 0.5 / epoch}
        rows.append(row | {"seconds": 0.5})
    return rows


def elements(rows: Rows, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(curves_svg(rows, title="run")).iter(f"{SVG}{tag}"))


def texts(rows: Rows) -> list[str]:
    return [element.text or "" for element in elements(rows, "text")]


def curve(rows: Rows, part: str) -> str:
    paths = [e.get("d", "") for e in elements(rows, "path") if e.get("class") == f"{part}-line"]
    assert len(paths) == 1
    return paths[0]


def test_no_epochs_are_said_to_be_none() -> None:
    assert "no epochs yet" in texts([])


def test_one_epoch_is_a_dot_not_a_line() -> None:
    rows = history(1, metrics=False)
    assert elements(rows, "path") == []
    assert [e.get("class") for e in elements(rows, "circle")] == [
        "train-fill",
        "validation-fill",
        "validation-line paper-fill",
    ]


def test_there_is_one_panel_for_the_loss_and_one_for_each_metric() -> None:
    rows = [row | {"train.mean_absolute_error": 0.5} for row in history(5)]
    assert [panel.figure for panel in panels(rows)] == ["loss", "accuracy", "mean_absolute_error"]
    assert {"loss", "accuracy", "mean absolute error"} <= set(texts(rows))
    assert "seconds" not in " ".join(texts(rows))


def test_without_metrics_the_loss_stands_alone() -> None:
    assert [panel.figure for panel in panels(history(5, metrics=False))] == ["loss"]
    assert len(elements(history(5, metrics=False), "path")) == 2


def test_each_line_has_a_point_per_epoch() -> None:
    places = re.findall(r"[\d.]+,[\d.]+", curve(history(7, metrics=False), "train"))
    assert len(places) == 7
    heights = [float(place.split(",")[1]) for place in places]
    assert heights == sorted(heights)  # the loss falls, and y points down


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
def test_what_is_not_a_number_is_a_gap(bad: float) -> None:
    rows = history(9, metrics=False)
    rows[4]["train.loss"] = bad
    assert curve(rows, "train").count("M") == 2
    assert curve(rows, "validation").count("M") == 1
    assert "nan" not in curves_svg(rows, title="run").lower()


def test_a_missing_row_is_a_gap_and_a_lonely_point_a_dot() -> None:
    rows = history(5, metrics=False)
    del rows[1]["train.loss"], rows[3]["train.loss"]
    dots = [e for e in elements(rows, "circle") if e.get("class") == "train-fill"]
    assert len(dots) == 3
    assert not [e for e in elements(rows, "path") if e.get("class") == "train-line"]


def test_nothing_finite_at_all_is_said() -> None:
    rows = [{"epoch": n, "train.loss": math.nan} for n in range(1, 4)]
    assert "no finite values" in texts(rows)


def test_the_best_epoch_is_the_lowest_loss_and_the_highest_accuracy() -> None:
    rows = history(10)
    rows[5]["validation.loss"] = 0.1
    rows[2]["validation.accuracy"] = 0.99
    best = {panel.figure: panel.best for panel in panels(rows)}
    assert best == {"loss": (6, 0.1), "accuracy": (3, 0.99)}
    assert any("best 0.1 at epoch 6, final 0.4" in text for text in texts(rows))
    assert len([e for e in elements(rows, "circle") if "paper-fill" in e.get("class", "")]) == 2


def test_without_validation_the_training_part_is_judged() -> None:
    rows = [{"epoch": n, "train.loss": 1 / n} for n in range(1, 6)]
    assert panels(rows)[0].deciding.part == "train"
    assert any(text.startswith("train: best 0.2 at epoch 5") for text in texts(rows))


def test_lines_are_named_at_their_ends_and_names_do_not_touch() -> None:
    rows = [{"epoch": n, "train.loss": 0.5, "validation.loss": 0.5001} for n in range(1, 6)]
    rows[0]["train.loss"] = 5.0
    ends = [e for e in elements(rows, "text") if e.get("font-weight") and e.get("x") != "22"]
    named = [e for e in ends if (e.text or "").startswith(("train 0.5", "validation 0.5001"))]
    assert len(named) == 2
    first, second = (float(e.get("y", "0")) for e in named)
    assert abs(first - second) >= 15


def test_everything_stays_on_the_paper() -> None:
    rows = [row | {"test.loss": 0.0001 * row["epoch"]} for row in history(30)]
    root = ElementTree.fromstring(curves_svg(rows, title="run"))
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for element in root.iter(f"{SVG}text"):
        assert 0 <= float(element.get("x", "-1")) <= width
        assert 0 <= float(element.get("y", "-1")) <= height
    for element in root.iter(f"{SVG}path"):
        for place in re.findall(r"([\d.-]+),([\d.-]+)", element.get("d", "")):
            assert 0 <= float(place[0]) <= width
            assert 0 <= float(place[1]) <= height


def test_a_loss_over_many_decades_gets_a_log_scale_that_says_so() -> None:
    rows = [{"epoch": n, "train.loss": 10.0**-n} for n in range(1, 8)]
    assert "loss (log scale)" in texts(rows)
    assert "0.001" in texts(rows)
    heights = [float(y) for y in re.findall(r",([\d.]+)", curve(rows, "train"))]
    assert np.allclose(np.diff(heights), heights[1] - heights[0], atol=0.02)


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0, 1e300, 1e-300, -1e308])
def test_a_constant_line_is_drawn(value: float) -> None:
    rows = [{"epoch": n, "train.loss": value} for n in (1, 2, 3)]
    assert curve(rows, "train").count(",") == 3


def test_a_hundred_thousand_epochs_make_a_small_file_that_keeps_the_extremes() -> None:
    generator = np.random.default_rng(5)
    values = 1 + generator.random(100_000)
    values[77_777] = 9.0
    rows = [{"epoch": n, "train.loss": v} for n, v in enumerate(values.tolist(), 1)]
    assert len(curves_svg(rows, title="long")) < 100_000
    kept = thinned_points(panels(rows)[0].lines[0].points, 300)
    assert (77_778, 9.0) in kept
    assert len(kept) <= 5 * 300


def test_dark_is_a_style_sheet_that_touches_nothing_else() -> None:
    svg = curves_svg(history(3), title="run")
    style = next(ElementTree.fromstring(svg).iter(f"{SVG}style")).text or ""
    assert style.startswith("@media (prefers-color-scheme:dark){")
    rules = re.findall(
        r"([^{}]+)\{[^{}]*\}", style.removeprefix("@media (prefers-color-scheme:dark){")
    )
    assert rules
    assert all(rule.startswith(".nngraph-plot .") for rule in rules)


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (0.13, 0.92), (-3.0, 7.0), (1e-9, 3e-9), (0.0, 12345.0)]
)
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    ticks = linear_ticks(low, high)
    step = step_between(low, high, 5)
    assert f"{step:e}"[0] in "125"
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-9 * step <= tick <= high + 1e-9 * step for tick in ticks)
    assert np.allclose(np.diff(ticks), step)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1, 5, [1, 2, 3, 4, 5]),
        (1, 1, [1]),
        (1, 100, [1, 20, 40, 60, 80, 100]),
        (0, 20, [0, 5, 10, 15, 20]),
    ],
)
def test_epochs_are_whole_numbers(low: int, high: int, ticks: list[int]) -> None:
    assert integer_ticks(low, high) == ticks


def test_log_ticks_thin_out_over_many_decades() -> None:
    assert (
        log_ticks(1e-12, 1.0) == [1e-12, 1e-9, 1e-6, 1e-3, 1.0] or len(log_ticks(1e-12, 1.0)) <= 7
    )


@pytest.mark.parametrize("value", [0.1, 0.25, 3.0, 2e-7, 5e12, -0.002])
def test_a_ticks_name_says_its_value(value: float) -> None:
    assert float(tick_text(value).replace("−", "-").replace(",", "")) == value
