"""What the C libraries behind a drawing write to file descriptor 2 reaches no screen."""

from __future__ import annotations

import os

import pytest

from nngraph.errors import FileError
from nngraph.render import engines
from nngraph.render.engines import KeptText, kept_standard_error, lay_out_drawing

WARNING = b'Fontconfig warning: unknown element "reset-dirs"\n'


class Chatty:
    """In place of a pygraphviz graph: warns from below Python, then draws or fails."""

    def __init__(self, string: str) -> None:
        self.text = string

    def draw(self, format: str, prog: str) -> bytes:
        os.write(2, WARNING)
        if "fail" in self.text:
            raise OSError("no layout")
        return b"<svg/>"


@pytest.fixture
def chatty(monkeypatch: pytest.MonkeyPatch) -> None:
    pygraphviz = pytest.importorskip("pygraphviz")

    def nothing(dot: str, format: str) -> bytes:
        raise engines._NoEngineError("there is no program 'dot'")

    monkeypatch.setattr(engines, "_with_program", nothing)
    monkeypatch.setattr(pygraphviz, "AGraph", Chatty)


@pytest.mark.usefixtures("chatty")
def test_a_drawing_that_succeeds_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert lay_out_drawing("digraph {}", "svg") == b"<svg/>"
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("chatty")
def test_a_drawing_that_fails_tells_what_was_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileError, match=r'no layout; Fontconfig warning: unknown element "reset'):
        lay_out_drawing("digraph {fail}", "svg")
    assert capfd.readouterr().err == ""


def test_the_screen_is_back_afterwards_even_after_an_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = KeptText()

    def warn_and_fail() -> None:
        with kept_standard_error(said):
            os.write(2, b"kept")
            raise KeyError("x")

    with pytest.raises(KeyError):
        warn_and_fail()
    os.write(2, b"shown")
    assert said.text == b"kept"
    assert capfd.readouterr().err == "shown"


def test_a_closed_descriptor_is_no_error() -> None:
    screen = os.dup(2)
    os.close(2)
    try:
        with kept_standard_error(KeptText()):
            pass
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(2)
    finally:
        os.dup2(screen, 2)
        os.close(screen)
