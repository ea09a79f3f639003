"""The frame of every page of ours: one file, no network, no script."""

from __future__ import annotations

from nngraph.insight.report.style import style_sheet
from nngraph.render.markup import Markup, tag

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(title: str, body: Markup) -> str:
    """A whole document; the policy in it forbids whatever would come from elsewhere."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(style_sheet())),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', tag('main', body)), lang='en')}\n"
