"""`verify` says of every file of a run whether it is what the run wrote."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from old_runs import unbind

import nngraph
from nngraph.cli.frame import run as call
from nngraph.errors import FileError, ModelFileError
from nngraph.files import bind_files

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, samples: 24, normalize: standard, split: {validation: 8}}
train:
  epochs: 4
  early_stopping: {monitor: validation.loss, patience: 3}
  checkpoint: {every: 2}
"""
BOUND = [
    "best.safetensors",
    "data.json",
    "metrics.jsonl",
    "resolved.yaml",
    "spec.yaml",
    "statistics.jsonl",
    "summary.json",
    "weights.safetensors",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    nngraph.train_run(SPEC, run=folder / "run")
    return folder / "run"


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def states(run: Path) -> dict[str, str]:
    return {file.name: file.state for file in nngraph.verify(run).files}


def test_of_a_whole_run_every_file_holds(run: Path) -> None:
    found = nngraph.verify(run)
    assert found.holds
    checkpoints = [f"checkpoints/{p.name}" for p in sorted((run / "checkpoints").iterdir())]
    assert len(checkpoints) == 3
    assert [file.name for file in found.files] == ["manifest.json", *BOUND, *checkpoints]
    assert {file.state for file in found.files} == {"holds"}
    sizes = {file.name: file.bytes for file in found.files}
    assert sizes == {name: (run / name).stat().st_size for name in sizes}


@pytest.mark.parametrize("name", BOUND)
def test_a_changed_byte_and_a_missing_file_are_found_in_each(run: Path, name: str) -> None:
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 1
    (run / name).write_bytes(content)
    found = states(run)
    assert [key for key, state in found.items() if state != "holds"] == [name]
    assert found[name] == "does not hold"
    (run / name).unlink()
    assert states(run)[name] == "missing"


def test_checkpoints_are_looked_at_too(run: Path) -> None:
    first, second, _ = sorted((run / "checkpoints").iterdir())
    first.write_bytes(first.read_bytes()[:-1])
    nngraph.train_run(SPEC, ["train.seed=9"], run=run.parent / "other")
    shutil.copy(run.parent / "other/checkpoints" / second.name, second)
    found = {f.name: (f.state, f.why) for f in nngraph.verify(run).files}
    assert found[f"checkpoints/{first.name}"][0] == "does not hold"
    state, why = found[f"checkpoints/{second.name}"]
    assert state == "does not hold"
    assert "it is of another run" in why


def test_files_of_a_run_that_goes_on_and_files_that_it_did_not_write(run: Path) -> None:
    bind_files(run, {}, growing=("metrics.jsonl",))
    unbind(run, "best.safetensors")
    (run / "notes.txt").write_text("mine")
    assert nngraph.verify(run).holds
    assert states(run)["metrics.jsonl"] == "grows"
    assert "best.safetensors" not in states(run)
    (run / "best.safetensors").write_bytes(b"of another run")
    assert states(run)["best.safetensors"] == "not of this run"
    assert not nngraph.verify(run).holds


def test_a_damaged_or_newer_manifest_and_none_are_refused(run: Path) -> None:
    path = run / "manifest.json"
    text = path.read_text()
    path.write_text(text.replace('"format": 1', '"format": 7'))
    with pytest.raises(ModelFileError, match="a newer one wrote it"):
        nngraph.verify(run)
    path.write_text(text[:-2])
    with pytest.raises(ModelFileError, match=r"manifest\.json' does not hold"):
        nngraph.verify(run)
    path.unlink()
    with pytest.raises(ModelFileError, match=r"has no manifest\.json"):
        nngraph.verify(run)
    with pytest.raises(FileError, match="no run folder"):
        nngraph.verify(run / "none")


def test_a_saved_model_holds_too(tmp_path: Path) -> None:
    model = nngraph.compile(SPEC)
    model.fit(epochs=1)
    model.save(tmp_path / "kept")
    found = nngraph.verify(tmp_path / "kept")
    assert found.holds
    assert len(found.files) == 7


def test_nothing_is_written(run: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (run, *run.rglob("*"))}
    assert nngraph.verify(run).holds
    assert {path: path.stat().st_mtime_ns for path in (run, *run.rglob("*"))} == before


# ---- the command


def test_the_command_shows_a_line_for_each_file(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["verify", str(run)]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].split() == ["file", "bytes", "state"]
    assert len(lines) == 1 + len(nngraph.verify(run).files)
    assert all(line.endswith("  holds") for line in lines[1:])
    assert f"{run}: all 12 files hold" in err


def test_the_command_ends_with_5_and_names_what_does_not_hold(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "spec.yaml").write_text("other")
    (run / "weights.safetensors").unlink()
    assert call(["verify", str(run)]) == 5
    out, err = capsys.readouterr()
    assert "does not hold" in next(line for line in out.splitlines() if "spec.yaml" in line)
    assert "missing" in next(line for line in out.splitlines() if "weights.saf" in line)
    assert f"{run}: 2 of 12 files do not hold" in err
    assert call(["verify", str(run), "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is False
    assert told["run"] == str(run)
    (spec,) = [file for file in told["files"] if file["file"] == "spec.yaml"]
    assert spec["state"] == "does not hold"
    assert "does not hold" in spec["why"]


def test_a_run_whose_weights_do_not_hold_is_not_called_finished(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["train", "--resume", str(run)]) == 0
    assert "is finished" in capsys.readouterr().err
    used = json.loads((run / "summary.json").read_text())["weights"]
    path = run / {"best": "best.safetensors", "last": "weights.safetensors"}[used]
    path.write_bytes(path.read_bytes() + b" ")
    assert call(["train", "--resume", str(run)]) == 5
    assert f"{path.name}' does not hold" in capsys.readouterr().err
