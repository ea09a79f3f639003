"""A comparison of runs as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nngraph.insight.compare import Compared, Comparison
from nngraph.insight.overlay import overlay_svg
from nngraph.insight.report.frame import page
from nngraph.render.markup import Markup, join, tag
from nngraph.render.words import number


def compare_html(comparison: Comparison) -> str:
    """One HTML file that needs no network and no script."""
    count = len(comparison.runs)
    differing = comparison.differing
    body = join(
        tag("header", tag("h1", f"{count} runs side by side")),
        _section("What came of it", _table(comparison, (*comparison.figures, *comparison.facts))),
        _section(
            "What differs in the specs",
            _table(comparison, differing)
            if differing
            else tag("p", "Nothing: the runs have the same spec."),
        ),
        _section("Learning curves", tag("figure", overlay_svg(comparison.runs)))
        if any(run.history for run in comparison.runs)
        else None,
    )
    return page(f"comparison of {count} runs", body)


def _section(title: str, content: Markup) -> Markup:
    return tag("section", tag("h2", title), content)


def _table(comparison: Comparison, lines: Sequence[Compared]) -> Markup:
    heads = [tag("th", run.label, scope="col") for run in comparison.runs]
    rows = [
        tag(
            "tr",
            tag("th", line.name, scope="row"),
            [
                tag("td", _cell(value), class_="best" if k in line.best else None)
                for k, value in enumerate(line.values)
            ],
        )
        for line in lines
    ]
    head = tag("thead", tag("tr", tag("th"), heads))
    return tag("div", tag("table", head, tag("tbody", rows)), class_="wide")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if float(value).is_integer() else number(value, 5)
