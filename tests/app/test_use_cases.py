"""What the commands do can be had from Python, as data."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path
from types import FrameType

import numpy as np
import pytest

import nngraph
from nngraph.cli import run as run_command
from nngraph.errors import FileError, UsageError
from nngraph.train.position import Epoch

FIXED = """
nngraph: 1
name: fixed
dtype: float64
nodes: {x: {kind: input, shape: 2}, y: {activation: tanh, bias: 0.1}}
edges: [x -> y: [[0.5], [-0.3]]]
loss: mean_squared_error
expect:
  - {given: {x: [0, 0]}, output: {y: 0.09966799}}
  - {given: {x: [1, 0]}, output: {y: 0.25}, within: 0.001}
  - {metric: loss, part: train, at_most: 1}
"""


def test_a_check_tells_all_mistakes_with_their_places_and_raises_none(tmp_path: Path) -> None:
    spec = tmp_path / "two.yaml"
    spec.write_text("nngraph: 1\nnodes: {x: input, y: {unts: 2}}\nedges: [x -> z]\n")
    found = nngraph.check(spec)
    assert not found.ok
    assert found.exit_code == 3
    assert found.facts is None
    assert [(e.code, e.span.line) for e in found.errors if e.span is not None] == [("E104", 2)]
    missing = nngraph.check(tmp_path / "none.yaml")
    assert (missing.exit_code, missing.errors[0].code) == (8, "E801")
    assert str(tmp_path / "none.yaml") in missing.errors[0].message


def test_a_check_counts_and_hands_lints_over() -> None:
    text = "nngraph: 1\nnodes: {x: input, y: {}, z: {}}\nedges: [x -> y, x -> z]\noutputs: y\n"
    found = nngraph.check(text)
    assert found.ok
    assert found.facts is not None
    assert (found.facts.nodes, found.facts.edges, found.facts.parameters) == (3, 2, 4)
    assert [lint.severity for lint in found.lints] == ["lint"]
    assert "'z'" in found.lints[0].message
    assert nngraph.check(text, ["nodes.y.units=5"]).facts.parameters == 12  # type: ignore[union-attr]


def test_expectations_come_back_as_data_with_both_sides_and_the_line() -> None:
    passed, failed, waiting = nngraph.compile(FIXED).test()
    assert [passed.status, waiting.status] == ["passed", "needs a run"]
    assert failed.status == "failed"
    assert failed.span.line == 10
    assert (failed.expected, failed.got) == ("y = 0.25 within 0.001", "y = 0.53705")


def test_an_exported_module_computes_what_the_model_computes(tmp_path: Path) -> None:
    model = nngraph.compile(FIXED)
    module, weights = model.export(tmp_path / "fixed_net.py")
    assert weights == tmp_path / "fixed_net.npz"
    found = importlib.util.spec_from_file_location("fixed_net", module)
    assert found is not None
    assert found.loader is not None
    fixed_net = importlib.util.module_from_spec(found)
    found.loader.exec_module(fixed_net)
    x = np.array([[1.0, 2.0], [-0.5, 0.25]])
    given = dict(np.load(weights))
    np.testing.assert_allclose(fixed_net.forward(given, x=x)["y"], model.predict(x), rtol=1e-14)


def test_a_module_that_python_cannot_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none that is known"):
        nngraph.compile(FIXED).export(tmp_path / "net.txt")
    with pytest.raises(UsageError, match="'1-net' cannot be imported"):
        nngraph.compile(FIXED).export(tmp_path / "1-net.py")
    assert not list(tmp_path.iterdir())


def test_runs_are_compared_as_data_and_as_a_page(tmp_path: Path) -> None:
    for name, epochs in (("few", 2), ("many", 40)):
        spec = FIXED + f"train: {{epochs: {epochs}, batch_size: full}}\n"
        model = nngraph.compile(spec)
        model.fit([[1.0, 0.0], [0.0, 1.0]], [0.5, -0.5])
        model.save(tmp_path / name)
    page = tmp_path / "compare.html"
    found = nngraph.compare(tmp_path / "few", str(tmp_path / "many"), output=page)
    assert [(line.name, line.values) for line in found.differing] == [("train.epochs", ("2", "40"))]
    assert "2 runs side by side" in page.read_text()
    with pytest.raises(UsageError, match="two runs or more"):
        nngraph.compare(tmp_path / "few")
    with pytest.raises(UsageError, match=r"\.html or \.svg"):
        nngraph.compare(tmp_path / "few", tmp_path / "many", output=tmp_path / "compare.txt")
    with pytest.raises(FileError, match="no run"):
        nngraph.compare(tmp_path / "few", tmp_path / "none")


LEARNED = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: 6, batch_size: 2, optimizer: {kind: sgd, learning_rate: 0.1}, seed: 3}
"""


def test_a_training_from_python_writes_the_run_of_the_command_line(tmp_path: Path) -> None:
    spec, heard = tmp_path / "line.yaml", []
    spec.write_text(LEARNED)
    model = nngraph.train_run(spec, run=tmp_path / "python", on_epoch=heard.append)
    assert run_command(["train", str(spec), "-o", str(tmp_path / "command")]) == 0
    assert [epoch.number for epoch in heard] == [1, 2, 3, 4, 5, 6]
    assert model.history == tuple(heard)
    assert (model.run, model.is_trained) == (tmp_path / "python", True)
    names = [{f.name for f in (tmp_path / n).iterdir()} for n in ("python", "command")]
    assert names[0] == names[1]
    for file in ("weights.safetensors", "resolved.yaml", "data.json", "statistics.jsonl"):
        assert (tmp_path / "python" / file).read_bytes() == (
            tmp_path / "command" / file
        ).read_bytes()


def test_a_run_goes_on_from_python_to_the_bits_of_one_that_never_stopped(tmp_path: Path) -> None:
    whole = nngraph.train_run(LEARNED, run=tmp_path / "whole")
    nngraph.train_run(LEARNED, ["train.epochs=2"], run=tmp_path / "cut")
    heard: list[int] = []
    with pytest.warns(UserWarning, match=r"train\.epochs was 2, it is 6"):
        model = nngraph.resume(
            tmp_path / "cut", ["train.epochs=6"], on_epoch=lambda epoch: heard.append(epoch.number)
        )
    assert heard == [3, 4, 5, 6]
    assert [epoch.number for epoch in model.history] == [1, 2, 3, 4, 5, 6]
    for id_, array in whole.weights.items():
        np.testing.assert_array_equal(model.weights[id_], array)


def test_a_warm_start_begins_where_another_run_ended(tmp_path: Path) -> None:
    first = nngraph.train_run(LEARNED, run=tmp_path / "first", seed=5)
    assert "seed: 5" in (tmp_path / "first" / "resolved.yaml").read_text()
    still = ["train.optimizer.learning_rate=1e-30", "train.epochs=1"]
    second = nngraph.train_run(LEARNED, still, run=tmp_path / "b", warm_start=tmp_path / "first")
    np.testing.assert_array_equal(second.weights["x->y"], first.weights["x->y"])


def test_nothing_is_written_of_a_spec_that_cannot_be_trained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no 'loss'"):
        nngraph.train_run(
            "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]", run=tmp_path / "no"
        )
    assert not (tmp_path / "no").exists()


def test_a_report_tells_of_a_run_and_of_a_model_in_memory(tmp_path: Path) -> None:
    model = nngraph.train_run(LEARNED, run=tmp_path / "kept")
    told = model.report(tmp_path / "run.html").read_text()
    assert "from the run folder &#39;kept&#39;" in told
    assert "Inside the network" in told  # what only the run recorded
    model.fit(epochs=2)
    assert model.run is None
    told = model.report(tmp_path / "memory.html").read_text()
    assert "run folder" not in told
    assert "Learning curves" in told
    assert "Final figures" in told
    with pytest.raises(UsageError, match="an HTML file"):
        model.report(tmp_path / "report.txt")


def test_a_path_is_predicted_like_its_rows(tmp_path: Path) -> None:
    model = nngraph.train_run(LEARNED, run=tmp_path / "run")
    (tmp_path / "new.csv").write_text("x\n4\n5.5\n")
    np.testing.assert_array_equal(model.predict(tmp_path / "new.csv"), model.predict([4, 5.5]))


def test_the_data_of_a_model_are_described_in_figures() -> None:
    facts = nngraph.compile(LEARNED).describe()
    assert facts.rows == {"train": 4}
    x, y = facts.ports
    assert x.raw is not None
    assert y.raw is not None
    assert (x.raw.low, x.raw.high, y.raw.mean) == (0, 3, 4)


def test_a_prediction_that_was_asked_before_enters_eight_files_at_most() -> None:
    model, package = nngraph.compile(FIXED), str(Path(nngraph.__file__).parent)
    model.predict([[0, 1]])
    entered: set[str] = set()

    def see(frame: FrameType, event: str, value: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(package):
            entered.add(frame.f_code.co_filename)

    sys.setprofile(see)
    try:
        model.predict([[1, 0]])
    finally:
        sys.setprofile(None)
    assert 1 < len(entered) <= 8, sorted(entered)


def test_a_signal_saves_the_run_and_a_callback_that_raises_leaves_it_whole(tmp_path: Path) -> None:
    whole = nngraph.train_run(LEARNED, run=tmp_path / "whole").weights

    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 2:
            os.kill(os.getpid(), signal.SIGINT)

    def fail(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyError("a mistake of the caller")

    with pytest.raises(KeyboardInterrupt):
        nngraph.train_run(LEARNED, run=tmp_path / "stopped", on_epoch=interrupt)
    told = (tmp_path / "stopped" / "metrics.jsonl").read_text()
    assert len(told.splitlines()) == 2
    with pytest.raises(KeyError):
        nngraph.train_run(LEARNED, run=tmp_path / "failed", on_epoch=fail)
    for name in ("stopped", "failed"):
        model = nngraph.resume(tmp_path / name)
        assert [epoch.number for epoch in model.history] == [1, 2, 3, 4, 5, 6]
        for id_, array in model.weights.items():
            np.testing.assert_array_equal(array, whole[id_])
