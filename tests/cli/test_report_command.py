"""`nngraph report` and `nngraph compare` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nngraph.cli.frame import run

LINE = """\
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: 5, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}
"""

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    Path("line.yaml").write_text(LINE)
    assert run(["train", "line.yaml", "-o", "a"]) == 0
    assert run(["train", "line.yaml", "-o", "b", "-s", "train.epochs=9"]) == 0
    capsys.readouterr()


def said(capsys: Capture, *arguments: str, code: int = 0) -> str:
    assert run(arguments) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


def test_a_report_lies_in_the_run_folder_or_where_it_is_wanted(capsys):
    assert "wrote a/report.html" in said(capsys, "report", "a")
    assert Path("a/report.html").read_text().startswith("<!DOCTYPE html>")
    found = json.loads(said(capsys, "report", "a", "-o", "mine.html", "--json"))
    assert found == {"file": "mine.html", "bytes": Path("mine.html").stat().st_size}


def test_the_same_run_gives_the_same_report(capsys):
    said(capsys, "report", "a", "-o", "one.html")
    said(capsys, "report", "a", "-o", "two.html")
    assert Path("one.html").read_bytes() == Path("two.html").read_bytes()


def test_what_has_no_report_is_refused_by_name(capsys):
    assert "nngraph train line.yaml" in said(capsys, "report", "line.yaml", code=2)
    assert "no run folder 'missing'" in said(capsys, "report", "missing", code=8)
    assert "-o report.html" in said(capsys, "report", "a", "-o", "report.pdf", code=2)
    assert "--seed" in said(capsys, "report", "a", "--seed", "1", code=2)
    assert "cannot write" in said(capsys, "report", "a", "-o", "none/r.html", code=8)


def test_runs_stand_side_by_side(capsys):
    text = said(capsys, "compare", "a", "b")
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["a", "b"]
    assert ["train.epochs", "5", "9"] in lines
    assert ["parameters", "2", "2"] in lines
    (loss,) = [line for line in lines if line and line[0] == "train.loss"]
    assert [cell.endswith("*") for cell in loss[1:]].count(True) == 1


def test_the_same_spec_is_told(capsys):
    said(capsys, "train", "line.yaml", "-o", "c")
    assert "the runs have the same spec" in said(capsys, "compare", "a", "c")


def test_a_comparison_is_written_as_page_or_picture(capsys):
    found = json.loads(
        said(capsys, "compare", "a", "b", "--json", "-o", "c.html").partition("wrote")[0]
    )
    assert [entry["epochs"] for entry in found["runs"]] == [5, 9]
    said(capsys, "compare", "a", "b", "-o", "c.svg")
    assert Path("c.html").read_text().startswith("<!DOCTYPE html>")
    assert Path("c.svg").read_text().startswith("<svg")


def test_comparisons_that_make_no_sense_are_refused(capsys):
    assert "two runs" in said(capsys, "compare", "a", code=2)
    assert "two runs" in said(capsys, "compare", code=2)
    assert "twice" in said(capsys, "compare", "a", "a", code=2)
    assert "no run 'x'" in said(capsys, "compare", "a", "x", code=8)
    assert "is a file" in said(capsys, "compare", "a", "line.yaml", code=8)
    assert ".svg" in said(capsys, "compare", "a", "b", "-o", "c.pdf", code=2)


@pytest.mark.parametrize(
    "words",
    ["report a -o x.html", "compare a b -o x.svg", "compare a b -o x.html", "render a -o x.svg"],
)
def test_a_page_and_its_pictures_are_light_or_dark_or_as_their_reader_wants(capsys, words):
    texts, words = {}, words.split()
    for theme in ("auto", "light", "dark"):
        said(capsys, *words, "--theme", theme)
        texts[theme] = Path(words[-1]).read_text()
        follows = "prefers-color-scheme" in texts[theme]
        assert follows == (theme == "auto")
        assert theme == "light" or "#14171c" in texts[theme]
    said(capsys, *words)
    assert Path(words[-1]).read_text() == texts["auto"]
    assert texts["light"] != texts["dark"]
