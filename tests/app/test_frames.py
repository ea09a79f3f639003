"""A run drawn after each epoch: it is trained once more, and must end with the same weights."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nngraph
from nngraph.app.frames import draw_frames
from nngraph.cli.frame import run as command_line
from nngraph.errors import ModelFileError, UsageError
from nngraph.insight.moving import moving_picture

SPEC = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, split: {validation: 0.2}}
train: {epochs: 3, batch_size: 50, optimizer: {kind: adam, learning_rate: 0.05}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames") / "run"
    nngraph.train_run(SPEC, run=folder)
    return folder


def test_a_folder_gets_a_picture_before_and_after_each_epoch(run: Path, tmp_path: Path) -> None:
    assert draw_frames(run, tmp_path / "frames", neurons=True) == 4
    files = sorted((tmp_path / "frames").iterdir())
    assert [file.name for file in files] == [f"epoch-{n:04}.svg" for n in range(4)]
    texts = [file.read_text() for file in files]
    assert all(f"after epoch {n} of 3" in text for n, text in enumerate(texts))
    assert len(set(texts)) == 4
    model = nngraph.load(run)
    model.render(tmp_path / "end.svg", neurons=True)
    images = [part.split('"')[0] for part in texts[-1].split("base64,")[1:]]
    end = (tmp_path / "end.svg").read_text()
    assert images
    assert all(image in end for image in images), "the last shows the run's own weights"


def test_a_gif_has_a_frame_each(run: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "run.gif"
    assert command_line(["render", str(run), "--frames", "-o", str(file)]) == 0
    with Image.open(file) as moving:
        assert moving.n_frames == 4
        assert moving.info["loop"] == 0


def test_frames_of_several_sizes_lie_on_paper_of_the_largest() -> None:
    files = []
    for side in (4, 9):
        file = io.BytesIO()
        Image.fromarray(np.zeros((side, side, 3), np.uint8)).save(file, "PNG")
        files.append(file.getvalue())
    moving = Image.open(io.BytesIO(moving_picture(files)))
    assert moving.size == (9, 9)
    assert moving.convert("RGB").getpixel((0, 8)) == (255, 255, 255)


def test_other_weights_at_the_end_are_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nngraph.app.frames as module

    loaded = module.load_run

    def changed(*arguments):
        learner, place = loaded(*arguments)
        weights = learner.executable.weights()
        learner.executable.set_weights({**weights, "h.bias": weights["h.bias"] + 1})
        return learner, place

    monkeypatch.setattr(module, "load_run", changed)
    with pytest.raises(ModelFileError, match=r"ends with another 'h\.bias'"):
        draw_frames(run, tmp_path / "frames")


def test_what_cannot_be_drawn_is_refused(run: Path, tmp_path: Path, capsys) -> None:
    with pytest.raises(UsageError, match=r"\.gif or into a folder"):
        draw_frames(run, tmp_path / "run.mp4")
    spec = tmp_path / "s.yaml"
    spec.write_text(SPEC)
    assert command_line(["render", str(spec), "--frames"]) == 2
    assert "--frames are those of a run" in capsys.readouterr().err
    assert command_line(["render", str(run), "--frames", "--overlay", "deltas"]) == 2
