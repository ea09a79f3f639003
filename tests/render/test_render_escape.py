"""Whatever stands in a title, a picture shows it and nothing else happens."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_samples import HOSTILE, gates, residual

from nngraph.insight.curves import curves_svg
from nngraph.render import Picture, to_dot, to_mermaid, to_svg
from nngraph.render.engines import _with_library, _with_program
from nngraph.render.escape import dot_html, dot_quoted, mermaid_text
from nngraph.render.markup import tag
from nngraph.render.words import clean

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "g", "title", "text", "path", "polygon", "polyline", "ellipse", "rect", "line"}
ALLOWED |= {"circle", "style"}


def titled(title: str) -> Picture:
    """A picture that has the text wherever a user's text can stand."""
    picture = residual()
    nodes = tuple(replace(node, title=title) for node in picture.nodes)
    edges = tuple(replace(edge, shared_with=title) for edge in picture.edges)
    losses = tuple(replace(loss, kind=title, target=title) for loss in picture.losses)
    return Picture(title, title, nodes, edges, losses, 1)


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def assert_harmless(svg: str) -> None:
    for element in ElementTree.fromstring(svg).iter():
        assert element.tag.removeprefix(SVG) in ALLOWED
        for name in element.attrib:
            assert "href" not in name
            assert not name.startswith("on")


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_drawn_and_injects_nothing(title: str) -> None:
    svg = to_svg(titled(title))
    assert_harmless(svg)
    harmless = to_svg(titled("x" * len(clean(title))))
    assert len(ElementTree.fromstring(svg).findall(f".//{SVG}g")) == len(
        ElementTree.fromstring(harmless).findall(f".//{SVG}g")
    )


@pytest.mark.parametrize("title", [t for t in HOSTILE if len(t) < 24], ids=repr)
def test_a_hostile_title_comes_back_as_one_text(title: str) -> None:
    picture = residual()
    first = replace(picture.nodes[0], title=title)
    found = texts(to_svg(replace(picture, nodes=(first, *picture.nodes[1:]))))
    assert [spaced(text) for text in found].count(clean(title)) == 1


def test_ten_thousand_characters_are_clipped_in_the_drawing_and_in_the_tooltip() -> None:
    svg = to_svg(titled("y" * 10_000))
    assert max(len(text) for text in texts(svg)) <= 100
    assert "…" in svg
    assert "y" * 201 not in svg


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_curves_show_a_hostile_title_as_one_text(title: str) -> None:
    rows = [{"epoch": 1, "train.loss": 1.0, f"train.{title}": 2.0}]
    svg = curves_svg(rows, title=title)
    assert_harmless(svg)
    if len(clean(title)) < 40:
        assert texts(svg).count(clean(title)) >= 1


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_dot_has_the_same_lines_whatever_the_text(title: str) -> None:
    """One line per statement, so a statement that a text smuggled in would be one more."""
    lines = to_dot(titled(title)).splitlines()
    plain = to_dot(titled("plain")).splitlines()
    assert [line[:6] for line in lines] == [line[:6] for line in plain]


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("engine", [_with_program, _with_library])
def test_both_engines_read_the_same_text_from_a_label(engine: object, title: str) -> None:
    if engine is _with_program and shutil.which("dot") is None:
        pytest.skip("no program 'dot' on this machine")
    short = clean(title)[:30].strip()
    svg = engine(f"digraph {{ n0 [label=<<B>{dot_html(short)}</B>>] }}", "svg").decode()
    assert [spaced(text) for text in texts(svg)] == [short]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_any_text_comes_back_from_a_label(text: str) -> None:
    short = clean(text)
    if not short:
        return
    svg = _with_library(f"digraph {{ n0 [label=<<B>{dot_html(short)}</B>>] }}", "svg").decode()
    assert [spaced(found) for found in texts(svg)] == [short]


@given(st.text())
def test_any_text_comes_back_from_xml(text: str) -> None:
    element = ElementTree.fromstring(tag("a", clean(text), b=clean(text)))
    assert (element.text or "") == clean(text)
    assert element.get("b") == clean(text)


@given(st.text())
def test_a_quoted_dot_string_ends_where_it_should(text: str) -> None:
    quoted = dot_quoted(text)
    assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', quoted, re.DOTALL)
    assert re.sub(r"\\(.)", r"\1", quoted[1:-1]) == clean(text)


def unmermaid(text: str) -> str:
    """Mermaid's own rule: `#NN;` is the character of that number."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@given(st.text())
def test_any_text_comes_back_from_mermaid(text: str) -> None:
    escaped = mermaid_text(text)
    assert unmermaid(escaped) == clean(text)
    assert not set(escaped) & set('"<>`[](){}|\\&%\n')


LINES = re.compile(
    r"flowchart LR"
    r'|  [nl]\d+(?:\("|\["|\(\("|\(\["|>")[^"]*(?:"\)|"\]|"\)\)|"\]\))'
    r'|  n\d+ (?:-- "[^"]*" )?--> n\d+'
    r"|  n\d+ -\.- l\d+"
    r"|  classDef c\d+ fill:#\w+,stroke:#\w+,color:#\w+"
    r"|  class [nl\d,]+ c\d+"
)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_mermaid_has_only_lines_of_our_grammar(title: str) -> None:
    for line in to_mermaid(titled(title)).splitlines():
        assert LINES.fullmatch(line), line


def test_mermaid_has_every_node_edge_and_loss() -> None:
    text = to_mermaid(gates())
    assert len(re.findall(r"^  n\d+[\[(]", text, re.MULTILINE)) == 4
    assert len(re.findall(r" --> ", text)) == 3
    assert "n3 -.- l0" in text
    assert unmermaid(text).count("binary cross entropy") == 1
    assert '"−2"' in text


def test_neurons_inject_nothing_either() -> None:
    for title in HOSTILE:
        picture = gates()
        nodes = tuple(replace(n, title=title, labels=(title,)) for n in picture.nodes)
        assert_harmless(to_svg(replace(picture, nodes=nodes, name=title), neurons=True))
