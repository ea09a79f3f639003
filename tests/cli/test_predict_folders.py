"""`predict --input` of a folder of pictures, or of a pattern: each by the name of its file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from nngraph.cli.frame import run
from nngraph.data.picture_files import encode_png

Capture = pytest.CaptureFixture[str]

SPEC = """\
nngraph: 1
name: mean
nodes:
  image: {kind: input, shape: [2, 3, 1]}
  bright: {units: 2, activation: softmax, labels: [dark, light], bias: [1, 0]}
edges:
  - {from: image, to: bright, weight: [[0, 0.01], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]]}
"""


def picture(path: Path, grey: int, height: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(np.full((height, 3, 1), grey, np.uint8)))


@pytest.fixture(autouse=True)
def _photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    picture(Path("photos/b.png"), 250)
    picture(Path("photos/a.PNG"), 0)
    picture(Path("photos/more/c.png"), 200)
    picture(Path("photos/.hidden.png"), 0, height=9)
    Path("photos/notes.txt").write_text("not a picture")


def said(capsys: Capture, *words: str, code: int = 0) -> str:
    assert run(["predict", "net.yaml", *words]) == code
    out = capsys.readouterr()
    return out.err if code else out.out


def test_each_picture_of_a_folder_is_a_row_with_its_name(capsys: Capture) -> None:
    lines = [line.split() for line in said(capsys, "--input", "photos").splitlines()]
    assert lines[0] == ["file", "bright", "dark", "light"]
    assert [line[:2] for line in lines[1:]] == [
        ["a.PNG", "dark"],
        ["b.png", "light"],
        ["more/c.png", "light"],
    ]


def test_a_pattern_names_the_pictures_itself(capsys: Capture) -> None:
    found = json.loads(said(capsys, "--input", "photos/*.png", "--json"))
    assert found["files"] == ["photos/b.png"]
    found = json.loads(said(capsys, "--input", "photos/**/*.png", "--json"))
    assert found["files"] == ["photos/b.png", "photos/more/c.png"]
    assert len(found["outputs"]["bright"]) == 2


def test_the_names_of_the_files_are_in_the_csv_file(capsys: Capture) -> None:
    said(capsys, "--input", "photos", "-o", "out.csv")
    header, *rows = csv.reader(Path("out.csv").read_text().splitlines())
    assert header == ["file", "bright", "p_dark", "p_light"]
    assert [row[:2] for row in rows][1] == ["b.png", "light"]
    np.testing.assert_allclose(float(rows[0][2]), np.e / (np.e + 1), rtol=1e-6)


def test_pictures_of_another_size_are_named_or_resized(capsys: Capture) -> None:
    picture(Path("photos/d.png"), 0, height=4)
    picture(Path("photos/e.png"), 0, height=6)
    told = said(capsys, "--input", "photos", code=4)
    assert "the picture 'd.png' is 4 x 3 pixels in grey" in told
    assert "the picture 'e.png' is 6 x 3 pixels in grey" in told
    assert said(capsys, "--input", "photos", "--resize").count("\n") == 6


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("empty", "there is no picture in 'empty' that ends in .png, .jpg or .jpeg"),
        ("photos/*.gif", "no picture has a name like 'photos/*.gif'"),
    ],
)
def test_where_there_is_no_picture_that_is_said(path: str, message: str, capsys: Capture) -> None:
    Path("empty").mkdir()
    assert message in said(capsys, "--input", path, code=2)
