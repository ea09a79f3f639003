"""All messages of a run fit a screen, and no text of a file drives the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nngraph.cli.frame import run
from nngraph.cli.output import chatter, result, result_json, warn
from nngraph.errors import LINES_AT_MOST, SourceFile, Span, SpecError, diagnostic, format_error

Capture = pytest.CaptureFixture[str]

BAD = "nngraph: 1\nnodes: {x: input, y: {}}\nedges:\n" + "- x -> z: {wieght: 1}\n" * 30


def test_the_mistakes_of_many_specs_fit_one_screen(tmp_path: Path, capsys: Capture) -> None:
    for k in range(20):
        (tmp_path / f"{k}.yaml").write_text(BAD)
    specs = [str(tmp_path / f"{k}.yaml") for k in range(20)]
    assert run(["check", *specs]) == 3
    lines = capsys.readouterr().err.splitlines()
    shown = sum("[E104]" in line for line in lines)
    assert len(lines) <= LINES_AT_MOST
    assert lines[-1] == f"... and {20 * 30 - shown:,} more errors"


def test_json_gives_what_the_screen_has_no_room_for(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.yaml").write_text(BAD)
    assert run(["check", "--json", str(tmp_path / "a.yaml")]) == 3
    found = json.loads(capsys.readouterr().out)["files"][0]
    assert (len(found["errors"]), found["hidden"]) == (30, 0)


def test_a_line_of_a_megabyte_is_cut_around_the_place(tmp_path: Path, capsys: Capture) -> None:
    text = BAD.partition("- x")[0] + f"- x -> y: {{wieght: {'b' * 10**6}}}\n"
    (tmp_path / "a.yaml").write_text(text)
    assert run(["check", str(tmp_path / "a.yaml")]) == 3
    told = capsys.readouterr().err
    assert max(map(len, told.splitlines())) <= 200
    assert "[E104]" in told
    assert run(["check", "--json", str(tmp_path / "a.yaml")]) == 3
    assert len(capsys.readouterr().out) < 10_000


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x85", "\\x85"),
        ("\x7f", "\\x7f"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u2028", "\\u2028"),
        ("\r", "\\r"),
        ("\udc9b", "\\udc9b"),
    ],
)
def test_no_control_character_reaches_a_terminal(mark: str, shown: str, capsys: Capture) -> None:
    for write in (result, chatter, warn):
        write(f"a{mark}b")
        told = capsys.readouterr()
        assert f"a{shown}b" in told.out + told.err
    source = SourceFile(f"name{mark}", f"text{mark}text")
    problem = SpecError(diagnostic("E206", Span(source, 0, 9), label=f"label{mark}", id=mark))
    assert mark not in format_error(problem)
    assert f"name{shown}" in format_error(problem)


def test_json_escapes_what_a_terminal_would_obey(capsys: Capture) -> None:
    result_json({"name": "a\x9b\u202e\x7fä"})
    told = capsys.readouterr().out
    assert told == '{\n  "name": "a\\u009b\\u202e\\u007fä"\n}\n'
    assert json.loads(told) == {"name": "a\x9b\u202e\x7fä"}


def test_a_line_break_in_a_name_forges_no_line_of_an_error(capsys: Capture) -> None:
    assert run(["check", "none\nerror: forged.yaml"]) == 8
    assert [line[:6] for line in capsys.readouterr().err.splitlines()] == ["error:", "  = he"]
