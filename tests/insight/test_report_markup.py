"""The writer of HTML: one escaper, and no way around it."""

from __future__ import annotations

import pytest
from html_reading import Page

from nngraph.render.markup import Markup, escaped, join, tag

HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "' onload='alert(1)",
    "</td></table></main><h1>x",
    "]]><!-- --> &amp; &#60;b&#62;",
    "javascript:alert(1)",
    "\u202eright to left\u2066",
    "two\nlines\tand a tab",
    "café 数字 🙂",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_comes_back_as_text_and_as_an_attribute(text):
    page = Page(tag("p", text, title=text))
    readable = text.translate({0x202E: "\ufffd", 0x2066: "\ufffd"})
    assert page.text() == readable
    assert page.named("p")[0]["title"] == readable
    assert [name for name, _ in page.elements] == ["p"]


def test_what_no_document_can_hold_becomes_a_replacement_character():
    assert escaped("a\x00b\x1b[0m\ud800\uffff\x85") == "a\ufffdb\ufffd[0m\ufffd\ufffd\ufffd"


def test_only_markup_is_taken_as_it_stands():
    assert join("<", Markup("<b>"), ["&", None, [tag("br")]]) == "&lt;<b>&amp;<br>"


def test_attributes_are_named_as_html_wants_them_and_none_is_left_out():
    made = tag("text", "t", class_="a", text_anchor="end", viewBox="0 0 1 1", id=None)
    assert made == '<text class="a" text-anchor="end" viewBox="0 0 1 1">t</text>'
