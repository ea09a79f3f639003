"""`nngraph render --filters` and `--feature-maps` from the command line."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from nngraph.cli.frame import run
from nngraph.data.picture_files import decode_png, encode_png

SOBEL = Path(__file__).parents[2] / "specs" / "sobel.yaml"
KERNEL = """nngraph: 1
name: kernel
nodes: {x: {kind: input, shape: [4, 4, 1]}, y: {units: 1, bias: 0}}
edges: [{x -> y: {conv: 1, weight: [[[[2]]]]}}]
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "kernel.yaml"
    path.write_text(KERNEL)
    return str(path)


def words(path: Path) -> str:
    return "".join(ElementTree.fromstring(path.read_text()).itertext())


def test_filters_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    drawn = tmp_path / "f.svg"
    assert run(["render", str(SOBEL), "--filters", "-o", str(drawn)]) == 0
    assert "conv 3×3" in words(drawn)
    assert run(["render", str(SOBEL), "--filters", "-o", str(tmp_path / "f.png")]) == 0
    assert decode_png((tmp_path / "f.png").read_bytes(), "f").shape[2] == 3


def test_the_random_start_is_drawn_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, drawn = tmp_path / "start.yaml", tmp_path / "f.svg"
    path.write_text(KERNEL.replace(", weight: [[[[2]]]]", ""))
    assert run(["render", str(path), "--filters", "-o", str(drawn)]) == 2
    assert "use --initial for the random start" in capsys.readouterr().err
    assert run(["render", str(path), "--filters", "--initial", "-o", str(drawn)]) == 0
    assert "conv 1×1" in words(drawn)


def test_feature_maps_of_a_picture_name_it(spec: str, tmp_path: Path) -> None:
    picture, drawn = tmp_path / "mine.png", tmp_path / "m.svg"
    picture.write_bytes(encode_png(np.arange(16, dtype=np.uint8).reshape(4, 4, 1)))
    given = ["--feature-maps", "--input", str(picture), "-o", str(drawn)]
    assert run(["render", spec, *given]) == 0
    assert "mine.png" in words(drawn)
    assert "values from 0 to 30" in words(drawn)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--filters", "--neurons"], "choose one of"),
        (["--sample", "1"], "--sample belongs to --feature-maps or --predictions"),
        (["--filters", "--sample", "1"], "--sample belongs to --feature-maps or --predictions"),
        (["--predictions", "--node", "y"], "--input and --node belong to --feature-maps"),
        (["--predictions", "--filters"], "choose one of --filters and --predictions"),
        (["--initial"], "--initial belongs to --filters, --feature-maps or --predictions"),
        (["--predictions"], "no truth to draw predictions beside"),
        (["--feature-maps", "--sample", "1", "--input", "x.png"], "one picture"),
        (["--feature-maps", "--resize"], "for the picture of --input"),
        (["--filters", "-o", "f.pdf"], "written as .svg or .png"),
        (["--feature-maps", "--sample", "0"], "data"),
    ],
)
def test_what_does_not_go_together_is_refused(
    spec: str, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", spec, *options]) == 2
    assert message in capsys.readouterr().err


MEAN = """nngraph: 1
name: mean
nodes: {x: {kind: input, shape: [2, 2, CHANNELS]}, y: {kind: pool, size: global, function: average}}
edges: [x -> y]
DATA
"""


def predict(folder: Path, channels: int, pixels: object, *options: str, data: str = "") -> int:
    (folder / "mean.yaml").write_text(MEAN.replace("CHANNELS", str(channels)).replace("DATA", data))
    (folder / "p.png").write_bytes(encode_png(np.array(pixels, np.uint8)))
    picture = ["--input", str(folder / "p.png"), *options]
    return run(["predict", str(folder / "mean.yaml"), *picture])


GREY = [[[0], [40]], [[80], [120]]]
COLOUR = [[[10, 20, 30]] * 2] * 2


def test_predict_reads_grey_and_coloured_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict(tmp_path, 1, GREY) == 0
    assert capsys.readouterr().out.split()[-1:] == ["60"]
    assert predict(tmp_path, 3, COLOUR) == 0
    assert capsys.readouterr().out.split()[-3:] == ["10", "20", "30"]


def test_a_picture_is_as_bright_as_those_of_the_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    white = [[[255]] * 2] * 2
    assert predict(tmp_path, 1, white, data="data: {source: shapes, samples: 9, size: [2, 2]}") == 0
    assert capsys.readouterr().out.split()[-1] == "1"


def test_a_picture_of_another_size_is_refused_with_what_to_do_and_resized_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = [[[30, 30, 30]] * 6] * 4
    assert predict(tmp_path, 1, large) != 0
    said = capsys.readouterr().err
    assert "'p.png' is 4 x 6 pixels in colour, but the input 'x' is 2 x 2 pixels in grey" in said
    assert "--resize" in said
    assert "-s 'nodes.x.shape=[4,6,1]'" in said
    assert predict(tmp_path, 1, large, "--resize") == 0
    assert capsys.readouterr().out.split()[-1] == "30"
