"""`nngraph predict -o FILE.png` from the command line: what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nngraph.cli.frame import run
from nngraph.data.picture_files import decode_png, encode_png

SPEC = """nngraph: 1
name: twice
nodes: {x: {kind: input, shape: [2, 2, 1]}, y: {units: 1, bias: 0}, z: {units: 1, bias: 0}}
edges: [{x -> y: {conv: 1, weight: 2}}, {x -> z: {conv: 1, weight: -1}}]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "twice.yaml").write_text(SPEC)
    (tmp_path / "p.png").write_bytes(encode_png(np.array([[[1], [2]], [[3], [200]]], np.uint8)))
    np.save(tmp_path / "two.npy", np.zeros((2, 2, 2, 1)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_chosen_node_is_written_as_a_picture(here: Path) -> None:
    assert run(["predict", "twice.yaml", "--input", "p.png", "--node", "y", "-o", "y.png"]) == 0
    written = decode_png((here / "y.png").read_bytes(), "y.png")
    assert written.ravel().tolist() == [2, 4, 6, 255]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--input p.png -o y.png", "'y.png' is one picture, but there is 'y' and 'z'"),
        ("--input two.npy --node y -o y.png", "one picture, but there are 2 samples"),
        ("--input p.png --stretch", "--stretch is for a picture"),
        ("--input p.png --stretch -o y.csv", "--stretch is for a picture"),
    ],
)
def test_what_is_not_one_picture_is_refused(
    here: Path, options: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["predict", "twice.yaml", *options.split()]) == 2
    assert message in capsys.readouterr().err
    assert not (here / "y.png").exists()


def test_the_classes_of_one_picture_are_listed_with_the_most_probable_first(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "four.yaml").write_text("""nngraph: 1
name: four
nodes:
  x: {kind: input, shape: [2, 2, 1]}
  kind: {units: 4, activation: softmax, bias: 0, labels: [one, two, three, four]}
edges: [x -> kind: [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0.01, 0.02, 0, 0.005]]]
""")
    assert run(["predict", "four.yaml", "--input", "p.png"]) == 0
    shown = [line.split() for line in capsys.readouterr().out.splitlines()]
    e = np.exp(np.array([4.0, 2.0, 1.0, 0.0]))
    expected = [f"{100 * share:.2f}" for share in e / e.sum()]
    assert shown[0] == ["kind", "probability"]
    names = ["two", "one", "four", "three"]
    assert shown[1:] == [[name, share, "%"] for name, share in zip(names, expected, strict=True)]
    assert run(["predict", "four.yaml", "--input", "two.npy"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == [
        "kind",
        *["one", "two", "three", "four"],
    ]
