"""`nngraph data`: what is told of a data set, its pictures, and fetching one from a mirror."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import struct
import threading
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from nngraph.cli.frame import run
from nngraph.data.fetch import RemoteFile, RemoteSet
from nngraph.data.picture_files import decode_png
from nngraph.insight.samples import sample_sheet
from nngraph.render.contact_sheet import SheetImage, sheet_svg

Capture = pytest.CaptureFixture[str]

DIGITS = """
nngraph: 1
name: more-digits
nodes: {image: {kind: input, shape: [8, 8, 1]}, y: {units: 10, activation: softmax}}
edges: [image -> y]
loss: {kind: cross_entropy, target: label}
data: {source: digits, split: {test: 100}, normalize: {kind: scale, divisor: 16}, augment: [shift]}
"""
TABLE = """
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: sick}
data:
  source: csv
  path: t.csv
  inputs: {x: [a, b, c]}
  missing: drop
  sample_weight: w
  split: {test: 1, order: file}
"""
CIRCLES = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, samples: 60}
"""
MNIST = """
nngraph: 1
nodes: {x: {kind: input, shape: 9}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: mnist}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    specs = {"digits": DIGITS, "table": TABLE, "circles": CIRCLES, "mnist": MNIST}
    for name, text in specs.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "t.csv").write_text(
        "a,b,c,sick,w\n1,2,3,0,1\n4,,6,1,2\n7,8,9,1,0.5\n1,5,2,0,1\n3,3,3,1,4\n"
    )
    return tmp_path


def said(capsys: Capture, *arguments: str, code: int = 0) -> tuple[str, str]:
    assert run(["data", *arguments]) == code, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.out, captured.err


def answer(capsys: Capture, *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json")[0])


def test_describe_tells_parts_ranges_classes_and_shows_samples(capsys: Capture) -> None:
    out, _ = said(capsys, "describe", "digits.yaml")
    assert "digits: 1,797 rows: 1,697 train and 100 test" in out
    assert "input image    0    16" in out
    assert "0 to 1" in out
    assert "augmentation: shift" in out
    counts = [line.split() for line in out.splitlines() if line[:1].isdigit()]
    assert sum(int(line[1]) for line in counts) == 1697
    assert sum(int(line[2]) for line in counts) == 100
    assert "@@" in out  # samples in shades of characters


def test_describe_as_json_holds_the_same_facts(capsys: Capture) -> None:
    facts = answer(capsys, "describe", "digits.yaml")
    assert facts["rows"] == {"train": 1697, "test": 100}
    image, label = facts["ports"]
    assert (image["raw"]["low"], image["raw"]["high"]) == (0, 16)
    assert (image["seen"]["low"], image["seen"]["high"]) == (0, 1)
    assert list(label["classes"]) == [str(i) for i in range(10)]
    assert facts["augment"] == ["shift"]
    assert len(facts["digest"]) == 64


def test_describe_counts_what_is_missing_dropped_and_weighed(capsys: Capture) -> None:
    out, _ = said(capsys, "describe", "table.yaml")
    assert "missing: 1 cell of column 'b'" in out
    assert "dropped: 1 row that lack" in out
    assert "sample weights from 0.5 to 1" in out
    assert "a  b  c  sick" in out


def test_describe_writes_a_sheet_of_pictures(capsys: Capture, folder: Path) -> None:
    _, err = said(capsys, "describe", "digits.yaml", "-o", "sheet.png")
    assert "wrote sheet.png" in err
    sheet = decode_png((folder / "sheet.png").read_bytes(), "sheet.png")
    assert sheet.shape == (10 * 62 + 6, 10 * 62 + 6, 1)  # tiles of 7 x 8 pixels
    said(capsys, "describe", "digits.yaml", "-o", "sheet.svg", "--augmented")
    root = ElementTree.parse(folder / "sheet.svg").getroot()
    images = [e for e in root.iter() if e.tag.endswith("image")]
    assert len(images) == 100
    title = next(e for e in root.iter() if e.tag.endswith("title"))
    assert title.text == "more-digits: samples of the training part"


def test_a_vector_that_the_source_has_as_an_image_is_shown_as_one(capsys: Capture) -> None:
    flat = DIGITS.replace("shape: [8, 8, 1]", "shape: 64").replace(", augment: [shift]", "")
    Path("flat.yaml").write_text(flat)
    said(capsys, "describe", "flat.yaml", "-o", "flat.png")
    said(capsys, "describe", "digits.yaml", "-o", "image.png")
    assert Path("flat.png").read_bytes() == Path("image.png").read_bytes()


def test_captions_are_text_not_markup() -> None:
    image = SheetImage(np.zeros((4, 4, 1), np.uint8), "<b> & co")
    root = ElementTree.fromstring(sheet_svg(sample_sheet("a <title>", [[image]])))
    texts = [e.text for e in root.iter() if e.tag.endswith(("text", "title"))]
    assert texts == ["a <title>", "<b> & co"]


def test_describe_draws_points_of_two_numbers(capsys: Capture, folder: Path) -> None:
    said(capsys, "describe", "circles.yaml", "-o", "points.svg")
    root = ElementTree.parse(folder / "points.svg").getroot()
    points = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(points) == 60
    assert len({e.get("fill") for e in points}) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["describe", "digits.yaml", "-o", "sheet.gif"], 2, ".svg or .png"),
        (["describe", "circles.yaml", "-o", "points.png"], 2, "drawn as .svg"),
        (["describe", "table.yaml", "-o", "a.svg"], 2, "pictures are drawn of images"),
        (["describe", "circles.yaml", "--augmented"], 2, "no `augment`"),
        (["describe", "none.yaml"], 8, "none.yaml"),
        (["describe", "table.yaml", "-s", "data.path=none.csv"], 8, "none.csv"),
        (["describe", "table.yaml", "-s", "data.missing=error"], 4, "t.csv:3:3"),
        (["describe", "mnist.yaml"], 8, "nngraph data fetch mnist"),
        (["fetch", "cifar"], 2, "there is 'mnist'"),
        (["fetch", "mnist", "--mirror", "file:///etc"], 2, "no address of a mirror"),
        (["fetch", "mnist", "--mirror", "http://127.0.0.1:9"], 8, "cannot fetch"),
    ],
)
def test_mistakes_have_their_exit_code_and_say_what_to_do(
    capsys: Capture, arguments: list[str], code: int, message: str, folder: Path
) -> None:
    _, err = said(capsys, *arguments, code=code)
    assert message in err
    assert not list(folder.glob("*.gif")) + list(folder.glob("a.svg"))


def idx(values: np.ndarray[Any, Any]) -> bytes:
    head = struct.pack(">HBB", 0, 8, values.ndim) + struct.pack(f">{values.ndim}I", *values.shape)
    return gzip.compress(head + values.astype(np.uint8).tobytes())


def test_mnist_is_fetched_from_a_mirror_and_found_without_a_folder(
    capsys: Capture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    contents = {
        "train-images-idx3-ubyte.gz": idx(generator.integers(0, 256, (12, 3, 3))),
        "train-labels-idx1-ubyte.gz": idx(np.arange(12) % 3),
        "t10k-images-idx3-ubyte.gz": idx(generator.integers(0, 256, (6, 3, 3))),
        "t10k-labels-idx1-ubyte.gz": idx(np.arange(6) % 3),
    }
    site = folder / "site"
    site.mkdir()
    for name, content in contents.items():
        (site / name).write_bytes(content)
    files = tuple(
        RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    )
    small = RemoteSet("small MNIST", "somebody", "CC0", (), files)
    monkeypatch.setattr("nngraph.data.fetch.REMOTE_SETS", {"mnist": small})
    handler = partial(QuietHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        mirror = f"http://127.0.0.1:{server.server_address[1]}"
        out, err = said(capsys, "fetch", "mnist", "--mirror", mirror)
        assert "small MNIST, by somebody" in err
        assert "licence: CC0; 4 files, 0.0 MB" in err
        assert "fetched 4 files; all sums are right" in err
        cache = Path(out.strip())
        assert cache.is_relative_to(folder / "cache")
        assert {path.name for path in cache.iterdir()} == set(contents)
        again = answer(capsys, "fetch", "mnist", "--mirror", mirror)
        assert again["fetched"] == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    facts = answer(capsys, "describe", "mnist.yaml")
    assert facts["rows"] == {"train": 12, "test": 6}
    assert facts["ports"][1]["classes"]["2"] == {"train": 4, "test": 2}


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass
