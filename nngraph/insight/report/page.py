"""The whole page."""

from __future__ import annotations

from collections.abc import Iterable

from nngraph.data.dataset import PARTS
from nngraph.errors import FileError
from nngraph.insight.curves import curves_svg
from nngraph.insight.history import panels
from nngraph.insight.picture import picture_of
from nngraph.insight.report.confusion_table import Links, confusion_section
from nngraph.insight.report.examples import worst_examples
from nngraph.insight.report.findings import Finding, findings
from nngraph.insight.report.frame import page
from nngraph.insight.report.gather import Story
from nngraph.insight.report.inside import inside
from nngraph.insight.report.learnt import learnt_section
from nngraph.insight.report.mistake_sheet import found_mistakes, mistake_section, sheet_cells
from nngraph.insight.report.scatter import scatter_section
from nngraph.render import to_svg
from nngraph.render.markup import Markup, join, tag
from nngraph.render.words import number
from nngraph.train.metrics import Confusion
from nngraph.train.supervision import confusions

LONGEST_SPEC = 200_000  # characters; a spec with its weights written out can be far longer
Section = tuple[str, str, Markup | None]


def report_html(story: Story) -> str:
    """The report of a run: one HTML file that needs no network and no script."""
    found = confusions(story.learner, story.examined[1]) if story.examined is not None else {}
    sections = [section for section in _sections(story, found) if section[2] is not None]
    body = join(
        _header(story, sections),
        _tiles(story, found),
        _findings(findings(story, found)),
        [tag("section", tag("h2", title), content, id=id_) for id_, title, content in sections],
        tag("footer", f"Written by nngraph{_source(story)}."),
    )
    return page(f"{story.name}: report", body)


def _source(story: Story) -> str:
    return "" if story.folder is None else f" from the run folder '{story.folder.name}'"


def _sections(story: Story, found: dict[str, Confusion]) -> Iterable[Section]:
    part = story.examined[0] if story.examined is not None else ""
    mistakes = found_mistakes(story)
    yield "curves", "Learning curves", _curves(story)
    yield "figures", "Final figures", _figures(story)
    yield (
        "answers",
        f"Right and wrong answers ({part} part)",
        _confusions(found, sheet_cells(mistakes)),
    )
    yield "mistakes", f"Mistakes ({part} part)", mistake_section(story, mistakes)
    yield "scatter", f"Answers against truth ({part} part)", scatter_section(story)
    yield "function", "What was learnt", learnt_section(story)
    yield "examples", "The worst examples", worst_examples(story) or _no_data(story)
    yield "inside", "Inside the network", inside(story)
    yield "network", "The network", _learner(story)
    yield "spec", "The spec", _spec(story)
    yield "environment", "Environment", _environment(story)


def _header(story: Story, sections: list[Section]) -> Markup:
    description = story.learner.document.spec.description
    links = [tag("a", title.partition(" (")[0], href=f"#{id_}") for id_, title, _ in sections]
    return tag(
        "header",
        tag("h1", story.name),
        tag("p", description) if description else None,
        tag("nav", links),
    )


def _tiles(story: Story, found: dict[str, Confusion]) -> Markup:
    """The few numbers that one wants first."""
    tiles = [*_headline(story)]
    summary = story.summary
    tiles.append((f"{story.learner.network.parameters:,}", "parameters"))
    if isinstance(epochs := summary.get("epochs"), int):
        tiles.append((f"{epochs:,}", "epoch" if epochs == 1 else "epochs"))
    if isinstance(seconds := summary.get("seconds"), int | float):
        tiles.append((_duration(float(seconds)), "of training"))
    if isinstance(rows := summary.get("rows"), dict) and isinstance(rows.get("train"), int):
        tiles.append((f"{rows['train']:,}", "training rows"))
    items = [
        tag("li", tag("b", value), tag("span", what), class_="first" if place == 0 else None)
        for place, (value, what) in enumerate(tiles)
    ]
    return tag("ul", items, class_="tiles")


def _headline(story: Story) -> Iterable[tuple[str, str]]:
    """The first metric and the loss of the part that says most."""
    for part in reversed(PARTS):
        figures = story.figures.get(part)
        if figures:
            names = [name for name in figures if name != "loss"][:1]
            for name in [*names, "loss"]:
                value = figures.get(name)
                if isinstance(value, int | float):
                    yield number(float(value), 4), f"{part} {name.replace('_', ' ')}"
            return


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{number(seconds, 3)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def _findings(found: list[Finding]) -> Markup | None:
    if not found:
        return None
    items = [tag("li", f.text, class_="warn" if f.warns else None) for f in found]
    return tag("ul", items, class_="findings")


def _curves(story: Story) -> Markup | None:
    if not panels(story.history):
        return None
    return tag("figure", curves_svg(story.history, title="learning curves", heading=False))


def _figures(story: Story) -> Markup | None:
    if not story.figures:
        return None
    parts = list(story.figures)
    names = list(dict.fromkeys(name for part in parts for name in story.figures[part]))
    rows = [
        tag("tr", tag("th", name.replace("_", " "), scope="row"), [
            tag("td", _figure(story.figures[part].get(name))) for part in parts
        ])
        for name in names
    ]  # fmt: skip
    counts = story.summary.get("rows")
    counts = counts if isinstance(counts, dict) else {}
    heads = [
        tag("th", part, tag("small", f"{counts[part]:,} rows") if part in counts else None)
        for part in parts
    ]
    head = tag("thead", tag("tr", tag("th", "figure", class_="left"), heads))
    return tag("div", tag("table", head, tag("tbody", rows)), class_="wide")


def _figure(value: object) -> str:
    return number(float(value), 5) if isinstance(value, int | float) else "not finite"


def _confusions(found: dict[str, Confusion], links: Links) -> Markup | None:
    if not found:
        return None
    return join([confusion_section(node, c, links) for node, c in found.items()])


def _no_data(story: Story) -> Markup | None:
    if story.data is not None or not story.missing:
        return None
    return tag("p", f"The data of the run could not be read: {story.missing}", class_="detail")


def _learner(story: Story) -> Markup:
    picture = picture_of(story.learner.network, story.learner.executable.weights())
    try:
        drawing = to_svg(picture)
    except FileError as error:
        problem = error.diagnostics[0]
        return tag("p", f"No picture: {problem.message}; {problem.help}", class_="detail")
    return tag("figure", Markup(drawing), class_="network")


def _spec(story: Story) -> Markup:
    text = story.spec_text
    cut = None
    if len(text) > LONGEST_SPEC:
        cut = tag("p", f"The first {LONGEST_SPEC:,} of {len(text):,} characters.", class_="detail")
    return join(cut, tag("pre", text[:LONGEST_SPEC].replace("\r\n", "\n")))


def _environment(story: Story) -> Markup:
    summary = story.summary
    versions = summary.get("versions")
    facts = {
        "run folder": story.folder.name if story.folder is not None else None,
        "seed": summary.get("seed", story.learner.seed),
        "steps": summary.get("steps"),
        "dtype": story.learner.network.dtype,
        **(versions if isinstance(versions, dict) else {}),
        "digest of the data": summary.get("data"),
    }
    pairs = [(tag("dt", k), tag("dd", _plain(v))) for k, v in facts.items() if v is not None]
    return tag("dl", pairs)


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
