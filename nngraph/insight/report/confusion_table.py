"""The confusion matrix, and what each class came to."""

from __future__ import annotations

from collections.abc import Mapping

from nngraph.render.markup import Markup, join, tag
from nngraph.render.words import clip_text, number
from nngraph.train.metrics import Confusion

MOST_CLASSES = 30  # of a whole matrix; beyond, the commonest mistakes are listed
FAINTEST, STRONGEST = 0.1, 0.5  # opacity of a cell; its number can be read on the strongest
MISTAKES = 15


Links = Mapping[tuple[str, int, int], str]
"""Node, class that is true, class that came -> the id of what tells more of such rows."""


def confusion_section(node: str, found: Confusion, links: Links) -> Markup:
    """The matrix (or the commonest mistakes) and a table of the classes."""
    is_small = len(found.labels) <= MOST_CLASSES
    own = {(true, came): id_ for (of, true, came), id_ in links.items() if of == node}
    main = tag("div", _matrix(found, own), class_="wide") if is_small else _mistakes(found)
    classes = tag("div", _classes(found), class_="wide")
    text = "Rows are what is true, columns what was answered; the colour is the share of the row."
    text += " A mistake leads to its pictures." if own else ""
    return join(
        tag("h3", f"Answers of '{node}'"),
        tag("p", text, class_="detail") if is_small else None,
        tag("div", main, classes, class_="beside"),
    )


def _matrix(found: Confusion, links: Mapping[tuple[int, int], str]) -> Markup:
    labels = [clip_text(label, 14) for label in found.labels]
    heads = [tag("th", label, scope="col") for label in labels]
    rows = []
    for i, label in enumerate(labels):
        counts = found.counts[i]
        total = int(counts.sum())
        cells = [
            _cell(int(n), total, is_right=i == j, link=links.get((i, j)))
            for j, n in enumerate(counts)
        ]
        sum_ = tag("td", f"{total:,}", class_="sum")
        rows.append(tag("tr", tag("th", label, scope="row"), cells, sum_))
    head = tag("tr", tag("td", class_="sum"), heads, tag("th", "all", scope="col"))
    return tag("table", tag("thead", head), tag("tbody", rows), class_="confusion")


def _cell(count: int, total: int, *, is_right: bool, link: str | None) -> Markup:
    if not count:
        return tag("td", "0", class_="zero")
    share = count / total
    # a single mistake must be seen beside thousands of right answers
    shade = FAINTEST + (STRONGEST - FAINTEST) * (share if is_right else share**0.5)
    kind = "right" if is_right else "wrong"
    shown = tag("a", f"{count:,}", href=f"#{link}") if link else f"{count:,}"
    return tag("td", shown, class_=kind, style=f"--share:{shade:.2f}")


def _mistakes(found: Confusion) -> Markup:
    rows = [
        tag(
            "tr",
            tag("td", clip_text(found.labels[i], 40), class_="left"),
            tag("td", clip_text(found.labels[j], 40), class_="left"),
            tag("td", f"{times:,}"),
        )
        for i, j, times in found.most_confused(MISTAKES)
    ]
    heads = [tag("th", name, scope="col") for name in ("true", "answered", "times")]
    caption = tag("caption", f"The commonest mistakes among {len(found.labels)} classes.")
    return tag("table", caption, tag("thead", tag("tr", heads)), tag("tbody", rows))


def _classes(found: Confusion) -> Markup:
    rows = []
    for label, figures in zip(found.labels, found.per_class, strict=True):
        cells = [tag("td", number(figures[key], 4)) for key in ("precision", "recall", "f1")]
        support = tag("td", f"{int(figures['support']):,}")
        rows.append(tag("tr", tag("th", clip_text(label, 40), scope="row"), cells, support))
    names = ("precision", "recall", "F1", "support")
    heads = [tag("th", "class", scope="col", class_="left")]
    heads += [tag("th", name, scope="col") for name in names]
    return tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows))
