"""A text changed at a place: what is there is replaced, what is missing added, the rest stays."""

from __future__ import annotations

import pytest

from nngraph.spec.editing.editor import Editor

TEXT = """\
# net
nodes: {x: input, y: {units: 2}} # flow
train:   # how
    epochs: 10    # few
    optimizer:
        kind: adam # usual
edges:
-   x -> y   # one
- a: &n [1, 2]
  b: *n
"""


def after(path: tuple[str | int, ...], value: str, text: str = TEXT) -> str:
    editor = Editor(text)
    editor.set(path, value)
    return editor.text()


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("train", "epochs"), "20", "epochs: 10 ", "epochs: 20 "),
        (("nodes", "y", "units"), "3", "units: 2", "units: 3"),
        (("nodes", "y", "bias"), "0.5", "units: 2}", "units: 2, bias: 0.5}"),
        (("nodes", "z"), "{}", "2}} #", "2}, z: {}} #"),
        (
            ("train", "optimizer", "learning_rate"),
            "0.1",
            "usual\n",
            "usual\n        learning_rate: 0.1\n",
        ),
        (("train", "seed"), "1", "usual\n", "usual\n    seed: 1\n"),
        (("train", "clip", "norm"), "1.0", "usual\n", "usual\n    clip: {norm: 1.0}\n"),
        (("edges", 0), "x -> y: 2", "x -> y ", "x -> y: 2 "),
        (("dtype",), "float64", "  b: *n\n", "  b: *n\ndtype: float64\n"),
        (("edges", 1, "b"), "3", "b: *n", "b: 3"),
        (("edges", 1, "b", 0), "3", "b: *n", "b: [3, 2]"),
        (("edges", 1, "a", 1), "3", "&n [1, 2]\n  b: *n", "&n [1, 3]\n  b: [1, 2]"),
    ],
)
def test_only_that_place_changes(path, value, old, new):
    assert TEXT.count(old) == 1
    assert after(path, value) == TEXT.replace(old, new)
    crlf = TEXT.replace("\n", "\r\n")
    assert after(path, value, crlf) == TEXT.replace(old, new).replace("\n", "\r\n")


def test_a_key_is_added_at_the_end_of_a_text_without_a_last_line_end():
    assert after(("b",), "2", "a: 1 # one") == "a: 1 # one\nb: 2"


def test_a_key_goes_before_a_text_that_ends_where_the_next_thing_begins():
    text = "a:\n  b: 1\n  c: |\n    two\n    lines\n\n# far\nd: 2\n"
    assert after(("a", "e"), "3", text) == text.replace("  c: |", "  e: 3\n  c: |")


def test_a_short_form_is_written_out_where_something_is_put_into_it():
    text = "optimizer: adam # usual\nbias: [1, 2]\ndata: 'xor'\n"
    assert after(("optimizer", "epsilon"), "1e-3", text).startswith(
        "optimizer: {kind: adam, epsilon: 1e-3} # usual\n"
    )
    assert "bias: {value: [1, 2], trainable: false}\n" in after(
        ("bias", "trainable"), "false", text
    )
    assert "data: {source: 'xor', noise: 0.1}\n" in after(("data", "noise"), "0.1", text)
    with pytest.raises(ValueError, match="nothing can be put under 'b' into 'a'"):
        after(("a", "b"), "1", "a: 1")


def test_several_changes_are_made_together():
    editor = Editor("{a: 1, b: 2}")
    editor.set(("a",), "10")
    editor.set(("b",), "20")
    editor.set(("c",), "30")
    assert editor.text() == "{a: 10, b: 20, c: 30}"


def test_a_byte_order_mark_stays():
    assert after(("a",), "2", "\ufeffa: 1") == "\ufeffa: 2"
