"""A run folder names no place: it can be moved with its data, or sent without them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from old_runs import make_old

import nngraph
from nngraph.cli.frame import run as call
from nngraph.errors import FileError, ModelFileError, OtherDataWarning, UnboundRunWarning
from nngraph.files import bind_files

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, y: {}}
edges:
  - x -> h: {weight: {file: w.npz, key: W}, mask: {file: w.npz, key: M}}
  - h -> y
loss: mean_squared_error
data: {source: csv, path: rows.csv, inputs: {x: [a, b]}, targets: {y: t}, normalize: standard}
train: {epochs: 2}
"""
ROWS = "a,b,t\n" + "".join(f"{n},{n * n % 7},{n % 5}\n" for n in range(12))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a spec, its data and its weights; the current folder is another."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    (home / "net.yaml").write_text(SPEC)
    (home / "rows.csv").write_text(ROWS)
    np.savez(home / "w.npz", W=[[0.1, 0.2], [0.3, 0.4]], M=[[1, 0], [1, 1]])
    monkeypatch.chdir(here)
    return home


def trained(home: Path, *options: str) -> Path:
    assert call(["train", str(home / "net.yaml"), "-o", str(home / "runs/one"), *options]) == 0
    return home / "runs/one"


def answers(run: Path) -> tuple[float, ...]:
    model = nngraph.load(run)
    return (
        float(model.evaluate(part="train")["loss"]),
        *model.predict([[1.0, 2.0]]).ravel().tolist(),
    )


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--data", "../home/rows.csv"),
        ("--data-root", "../home/sets"),
        ("-s", "data.path=../home/sets/more.csv"),
    ],
    ids=["beside the spec", "--data", "--data-root", "-s"],
)
def test_a_project_that_is_moved_as_a_whole_gives_the_same_answers(
    home: Path, options: tuple[str, ...]
) -> None:
    (home / "sets").mkdir()
    (home / "sets/more.csv").write_text(ROWS)
    if "--data-root" in options:
        (home / "rows.csv").rename(home / "sets/rows.csv")
    run = trained(home, *options)
    before = answers(run)
    stored = (run / "data.json").read_text()
    assert str(home) not in stored
    assert json.loads(stored)["folder"] == "../.."
    moved = home.rename(home.with_name("elsewhere"))
    assert answers(moved / "runs/one") == before
    assert nngraph.verify(moved / "runs/one").holds
    assert call(["train", "--resume", str(moved / "runs/one"), "-s", "train.epochs=3"]) == 0


def test_a_run_that_is_sent_without_its_project_predicts_and_reports(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = answers(trained(home))
    sent = Path(shutil.move(home / "runs/one", tmp_path / "sent"))
    shutil.move(home / "rows.csv", tmp_path / "here/rows.csv")
    shutil.rmtree(home)
    assert nngraph.load(sent).predict([[1.0, 2.0]]).ravel().tolist() == list(before[1:])
    for words in (["report"], ["render", "-o", "net.svg"], ["predict", "--given", "x=[1, 2]"]):
        assert call([words[0], str(sent), *words[1:]]) == 0
    capsys.readouterr()
    assert call(["evaluate", str(sent)]) == 8
    assert "--data-root" in capsys.readouterr().err
    assert call(["evaluate", str(sent), "--data-root", "."]) == 0
    assert call(["train", "--resume", str(sent), "-s", "train.epochs=3", "--data-root", "."]) == 0
    assert call(["evaluate", str(sent)]) == 0  # it has kept where they lie now


def test_the_data_of_the_command_line_are_found_in_the_data_root_too(
    home: Path, tmp_path: Path
) -> None:
    (home / "rows.csv").rename(home / "own.csv")
    before = answers(trained(home, "--data", str(home / "own.csv")))
    (home / "own.csv").rename(tmp_path / "here/own.csv")
    model = nngraph.load(home / "runs/one", data_root=".")
    assert model.evaluate(part="train")["loss"] == before[0]


def test_another_file_of_weights_changes_no_run(home: Path) -> None:
    before = answers(trained(home))
    np.savez(home / "w.npz", W=[[9.0, 9.0], [9.0, 9.0]], M=[[1, 1], [1, 1]])
    assert answers(home / "runs/one") == before
    (home / "w.npz").unlink()
    assert answers(home / "runs/one") == before
    assert call(["train", "--resume", str(home / "runs/one"), "-s", "train.epochs=3"]) == 0
    nngraph.load(home / "runs/one").save(home / "runs/kept")
    given = [(home / "runs" / name / "given.safetensors").read_bytes() for name in ("one", "kept")]
    assert given[0] == given[1]


def test_a_moved_run_that_finds_other_data_of_the_same_name_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(home)
    moved = home / "elsewhere" / "runs" / "one"
    moved.parent.mkdir(parents=True)
    shutil.copytree(run, moved)
    for name in ("net.yaml", "w.npz"):
        shutil.copy(home / name, home / "elsewhere")
    (home / "elsewhere/rows.csv").write_text(ROWS)
    assert answers(moved) == answers(run)
    (home / "elsewhere/rows.csv").write_text(ROWS.replace("3,2,3", "3,2,4"))
    with pytest.warns(OtherDataWarning, match=r"finds other data .* rows\.csv has the same name"):
        answers(moved)
    capsys.readouterr()
    assert call(["evaluate", str(moved)]) == 0
    assert capsys.readouterr().err.count("warning: ") == 1
    # whoever names the data, or changes what is read of them, knows
    assert call(["evaluate", str(moved), "--data", str(home / "elsewhere/rows.csv")]) == 0
    assert call(["evaluate", str(moved), "-s", "data.normalize=none"]) == 0
    assert "warning: " not in capsys.readouterr().err


# ---- formats


def test_an_old_run_with_absolute_paths_is_read_with_one_warning(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(home)
    before = answers(run)
    make_old(run)
    (run / "given.safetensors").unlink()
    with pytest.warns(UnboundRunWarning) as warned:
        assert answers(run) == before
    assert len(warned) == 1
    moved = home / "moved"
    run.rename(moved)
    capsys.readouterr()
    assert call(["evaluate", str(moved)]) == 0
    assert capsys.readouterr().err.count("warning: ") == 1
    assert call(["train", "--resume", str(moved), "-s", "train.epochs=3"]) == 0
    assert nngraph.verify(moved).holds
    assert answers(moved)[0] < before[0]


def test_a_run_that_was_written_with_a_manifest_is_not_read_without(home: Path) -> None:
    run = trained(home)
    (run / "manifest.json").unlink()
    with pytest.raises(FileError, match=r"has no manifest\.json, with which it was written"):
        nngraph.load(run)
    with pytest.raises(FileError, match=r"has no manifest\.json, with which it was written"):
        nngraph.compare(run, home)


def test_a_newer_format_is_refused(home: Path) -> None:
    run = trained(home)
    stored = json.loads((run / "data.json").read_text()) | {"format": 4}
    bind_files(run, {"data.json": json.dumps(stored).encode()})
    with pytest.raises(ModelFileError, match="is of format 4, this nngraph reads 3"):
        nngraph.load(run)
