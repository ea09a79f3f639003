"""A study on the disk: nothing finished is lost or done twice, whatever happens to the workers."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import FileError, UsageError
from nngraph.search.plan import make_plan
from nngraph.search.session import Session
from nngraph.search.study import begin_study, plan_of_study, working
from nngraph.search.trainer import Trainer
from nngraph.search.trials import Trials
from nngraph.search.worker import Listener, work
from nngraph.spec import open_spec, parse_spec

SPEC = """\
# A comment that stays.
nngraph: 1
name: little
nodes:
  x: {kind: input, shape: 4}
  h: {units: 3, activation: tanh}  # how wide?
  y: {units: 3, activation: softmax}
edges: [x -> h -> y]
loss: cross_entropy
data: {source: iris, normalize: standard, split: {validation: 0.2, test: 0.2}}
train: {epochs: EPOCHS, batch_size: 16, optimizer: {kind: adam, learning_rate: 0.01}}
search:
  by: BY
  trials: 8
  repeats: 2
  keep: 2
  space:
    nodes.h.units: {integer: [1, 12]}
    train.optimizer.learning_rate: {log: [1e-3, 0.3]}
"""


def spec_text(by: str = "random", epochs: int = 3) -> str:
    return SPEC.replace("BY", by).replace("EPOCHS", str(epochs))


def written(tmp_path: Path, by: str = "random", epochs: int = 3) -> Path:
    path = tmp_path / "little.yaml"
    path.write_text(spec_text(by, epochs))
    return path


def rows_of(study: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((study / "trials.csv").read_text().splitlines()))


def test_a_search_leaves_table_best_spec_picture_and_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = nngraph.tune(written(tmp_path, "genetic"))
    assert study.folder == Path("studies/little-001")
    rows = rows_of(study.folder)
    assert [row["trial"] for row in rows] == [str(k) for k in range(8)]
    assert {row["state"] for row in rows} == {"done"}
    figures = [float(row["validation.loss"]) for row in rows]
    for row, figure in zip(rows, figures, strict=True):
        both = float(row["validation.loss.1"]) + float(row["validation.loss.2"])
        assert figure == pytest.approx(both / 2)
    best = rows[figures.index(min(figures))]
    text = study.spec.read_text()
    assert text.startswith("# A comment that stays.")
    assert f"h: {{units: {best['nodes.h.units']}, activation: tanh}}  # how wide?" in text
    assert "<svg" in (study.folder / "search.svg").read_text()
    assert study.best is not None
    assert study.best.number == int(best["trial"])


def test_the_test_part_is_looked_at_once_for_the_best_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = nngraph.tune(written(tmp_path))
    first, second = (json.loads((run / "summary.json").read_text()) for run in study.runs)
    assert "test" in first
    assert "test" not in second


def test_the_run_of_the_best_has_the_figures_of_its_trial_to_the_bit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = nngraph.tune(written(tmp_path))
    assert study.best is not None
    loss = json.loads((study.runs[0] / "summary.json").read_text())["validation"]["loss"]
    assert loss in study.best.figures
    assert study.model().evaluate(part="validation")["loss"] == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize("by", ["grid", "swarm", "genetic", "tpe"])
def test_one_worker_finds_the_same_again_also_in_two_sittings(tmp_path, by):
    text = spec_text(by, 1)
    whole = nngraph.tune(text, trials=6, study=tmp_path / "whole")
    nngraph.tune(text, trials=3, study=tmp_path / "two")
    parts = nngraph.tune(trials=6, study=tmp_path / "two")
    found = [[(t.texts, t.figures) for t in study.trials] for study in (whole, parts)]
    assert found[0] == found[1]
    assert len(found[0]) == 6


def test_a_trial_gives_what_a_training_with_its_values_gives():
    plan = make_plan(parse_spec(spec_text()))
    trainer = Trainer(plan)
    texts = {"nodes.h.units": "5", "train.optimizer.learning_rate": "0.02"}
    trainer.figures({**texts, "train.optimizer.learning_rate": "0.1"})  # the network is kept
    figures = trainer.figures(texts)
    for seed, figure in enumerate(figures):
        values = [f"{path}={text}" for path, text in texts.items()]
        model = nngraph.compile(spec_text(), [*values, f"train.seed={seed}"])
        model.fit()
        assert model.evaluate(part="validation")["loss"] == figure


def test_a_network_is_compiled_once_and_the_data_are_read_once(monkeypatch):
    from nngraph.search import trainer as module

    plan = make_plan(parse_spec(spec_text(epochs=1)))
    compiled, read = [], []
    compile_document, prepared_data = module.compile_document, module.prepared_data
    monkeypatch.setattr(
        module, "compile_document", lambda d: compiled.append(d) or compile_document(d)
    )
    monkeypatch.setattr(module, "prepared_data", lambda n: read.append(n) or prepared_data(n))
    trainer = Trainer(plan)
    for units in ("2", "3"):
        for rate in ("0.1", "0.2", "0.3"):
            trainer.figures({"nodes.h.units": units, "train.optimizer.learning_rate": rate})
    assert len(compiled) == 2
    assert not read


def start_worker(study: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "nngraph.search.worker", str(study)], stderr=subprocess.PIPE
    )


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_two_workers_and_a_kill_lose_no_trial_and_double_none(tmp_path):
    plan = make_plan(parse_spec(spec_text("grid", 80)), trials=12)
    study = begin_study(plan, tmp_path / "study")
    victim, other = start_worker(study), start_worker(study)
    trials = Trials(study, plan)
    try:
        until = time.monotonic() + 300
        while sum(t.state == "done" for t in trials.read()) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        before = {t.number: t.figures for t in trials.read() if t.state == "done"}
        victim.kill()
        victim.wait()
        _, said = other.communicate(timeout=300)
        assert other.returncode == 0, said.decode()
    finally:
        for process in (victim, other):
            if process.poll() is None:
                process.kill()
            process.communicate()
    after = trials.read()
    assert [trial.number for trial in after] == list(range(12))
    assert {trial.state for trial in after} == {"done"}
    assert all(trial.figures == before.get(trial.number, trial.figures) for trial in after)
    assert len({tuple(trial.texts.values()) for trial in after}) == 12
    finished = [t for t in trials.optuna_study.get_trials() if t.state.name == "COMPLETE"]
    assert len(finished) == 12


@pytest.mark.skipif(os.name == "nt", reason="SIGINT")
def test_ctrl_c_keeps_what_is_finished_and_another_sitting_goes_on(tmp_path):
    path, study = written(tmp_path, "random", 200), tmp_path / "study"
    process = subprocess.Popen(
        [sys.executable, "-m", "nngraph", "tune", str(path), "--study", str(study)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job behind ignores it
    )
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None:
        journal = study / "study.journal"
        if journal.exists() and journal.read_text().count('"state":1') >= 2:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said.decode()
    assert f"nngraph tune --study {study}" in said.decode()
    kept = [row for row in rows_of(study) if row["state"] == "done"]
    assert 1 <= len(kept) < 8
    assert run(["tune", "--study", str(study)]) == 0
    after = rows_of(study)
    assert [row["trial"] for row in after] == [str(k) for k in range(8)]
    assert {row["state"] for row in after} == {"done"}
    assert [after[int(row["trial"])] for row in kept] == kept


def test_a_trial_whose_worker_is_gone_is_taken_by_the_next_with_its_values(tmp_path):
    plan = make_plan(parse_spec(spec_text("grid", 1)), trials=3)
    study = begin_study(plan, tmp_path / "study")
    trials = Trials(study, plan)
    with working(study) as first:
        left = trials.take(first)
        assert left is not None
        texts = trials.texts(left)
        with working(study) as second:
            other = trials.take(second)
            assert other is not None
            assert trials.texts(other) != texts  # the first still lives
            trials.finish(other, "done", [1.0, 1.0], {})
    with working(study) as third:
        work(trials, third, Listener(), lambda: False)
    found = trials.read()
    assert [trial.number for trial in found] == [0, 1, 2]
    assert found[0].texts == texts
    assert found[0].worker == third.name
    assert found[1].figures == (1.0, 1.0)


def test_half_a_line_at_the_end_of_the_journal_is_cut_off(tmp_path):
    plan = make_plan(parse_spec(spec_text("grid", 1)), trials=2)
    study = begin_study(plan, tmp_path / "study")
    with working(study) as worker:
        work(Trials(study, plan), worker, Listener(), lambda: False)
    with open(study / "study.journal", "ab") as file:
        file.write(b'{"op_code":6,"wor')
    again = nngraph.tune(trials=3, study=study)
    assert [trial.state for trial in again.trials] == ["done"] * 3


def test_values_that_do_not_go_together_are_a_failed_trial_with_its_reason(tmp_path):
    text = spec_text("grid", 1).replace(
        "    nodes.h.units: {integer: [1, 12]}\n    train.optimizer.learning_rate: "
        "{log: [1e-3, 0.3]}\n",
        "    loss: [cross_entropy, mean_squared_error]\n    nodes.y.activation: [softmax, tanh]\n",
    )
    study = nngraph.tune(text, trials=4, study=tmp_path / "study")
    states = {tuple(trial.texts.values()): trial.state for trial in study.trials}
    assert states[("cross_entropy", "tanh")] == "failed"
    assert sorted(states.values()) == ["done", "done", "done", "failed"]
    (failed,) = (trial for trial in study.trials if trial.state == "failed")
    assert "cross_entropy needs a softmax" in failed.reason


def test_a_training_that_becomes_infinite_counts_as_the_worst(tmp_path):
    text = (
        spec_text("grid", 2)
        .replace(
            "train.optimizer.learning_rate: {log: [1e-3, 0.3]}",
            "train.optimizer: [{kind: sgd, learning_rate: 1e38}, adam]",
        )
        .replace("integer: [1, 12]}", "integer: [1, 12], points: 2}")
    )
    text = text.replace("activation: tanh}", "activation: identity}")
    study = nngraph.tune(text, study=tmp_path / "study")
    assert study.best is not None
    assert study.best.texts["train.optimizer"] == "adam"
    assert {trial.state for trial in study.trials} == {"done"}
    assert any(trial.figure == float("inf") for trial in study.trials)


def test_pruning_stops_bad_trials_and_keeps_the_best(tmp_path):
    text = spec_text("grid", 20).replace("  repeats: 2\n", "  pruning: median\n")
    text = text.replace("trials: 8", "trials: 25").replace(
        "{log: [1e-3, 0.3]}", "{log: [1e-5, 0.1]}"
    )
    study = nngraph.tune(text, study=tmp_path / "study")
    states = [trial.state for trial in study.trials]
    assert states.count("stopped") >= 3
    assert study.best is not None
    assert study.best.state == "done"


def test_another_spec_or_another_override_does_not_go_on_with_a_study(tmp_path):
    study = tmp_path / "study"
    nngraph.tune(spec_text(epochs=1), trials=1, study=study)
    with pytest.raises(FileError, match="another spec"):
        nngraph.tune(spec_text(epochs=2), study=study)
    with pytest.raises(UsageError, match="stay as they are"):
        nngraph.tune(spec_text(epochs=1), ["train.epochs=2"], study=study)
    with pytest.raises(FileError, match="no study in"):
        nngraph.tune(study=tmp_path / "nowhere")


def test_what_s_changed_is_kept_by_the_study_and_written_into_the_best(tmp_path):
    study = nngraph.tune(spec_text(epochs=1), ["train.epochs=2"], trials=1, study=tmp_path / "s")
    assert "epochs: 2" in study.spec.read_text()
    assert plan_of_study(study.folder).overrides == ("train.epochs=2",)


def test_a_mistake_is_told_before_anything_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "wrong.yaml"
    path.write_text(spec_text().replace("integer: [1, 12]", "integer: [0, 12]"))
    assert run(["tune", str(path)]) == 3
    told = capsys.readouterr()
    assert "must be 1 or more" in told.err
    assert "wrong.yaml:18:31" in told.err
    assert not (tmp_path / "studies").exists()


def test_without_a_search_a_loss_or_optuna_tune_says_what_is_missing(tmp_path, monkeypatch):
    plain = spec_text()[: spec_text().index("search:")]
    with pytest.raises(UsageError, match="no section 'search'"):
        nngraph.tune(plain)
    from nngraph.search import study

    monkeypatch.setattr(study.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs Optuna"):
        nngraph.tune(spec_text())


def test_the_command_prints_the_best_first_and_as_json(tmp_path, capsys):
    path = written(tmp_path, "random", 1)
    assert run(["tune", str(path), "--study", str(tmp_path / "s"), "--trials", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "trial",
        "validation.loss",
        "least",
        "greatest",
        "units",
        "learning_rate",
    ]
    losses = [float(line.split()[1]) for line in lines[1:4]]
    assert losses == sorted(losses)
    assert run(["tune", "--study", str(tmp_path / "s"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["trials"] == 3
    assert told["runs"][0]["test"]["loss"] > 0


def test_the_report_of_a_study_shows_values_figures_picture_and_spec(tmp_path):
    study = tmp_path / "study"
    nngraph.tune(spec_text("genetic", 1), trials=5, study=study)
    assert run(["report", str(study)]) == 0
    page = (study / "report.html").read_text()
    for part in (
        "The best values",
        "<svg",
        "All trials",
        "how wide?",
        "test part was looked at once",
    ):
        assert part in page
    assert run(["report", str(study), "-s", "train.epochs=2"]) == 2


def test_no_helper_outlives_its_search(tmp_path):
    session = Session.open(spec_text(epochs=1), study=tmp_path / "study", trials=4)
    session.run(workers=2)
    assert [trial.state for trial in session.trials.read()] == ["done"] * 4
    assert not list((tmp_path / "study" / "workers").iterdir())


def test_the_spec_of_a_file_finds_its_data_from_the_study(tmp_path):
    (tmp_path / "points.csv").write_text(
        "a,b,label\n" + "".join(f"{k},{k % 3},{k % 2}\n" for k in range(20))
    )
    (tmp_path / "net.yaml").write_text(
        "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}\n"
        "edges: [x -> y]\nloss: {kind: binary_cross_entropy, target: label}\n"
        "data: {source: csv, path: points.csv, inputs: {x: [a, b]}, targets: {label: label}}\n"
        "train: {epochs: 1}\nsearch: {by: grid, space: {train.batch_size: [4, 8, 16]}}\n"
    )
    study = tmp_path / "elsewhere" / "study"
    nngraph.tune(tmp_path / "net.yaml", trials=2, study=study)
    assert len(nngraph.tune(study=study, trials=3).trials) == 3
    assert open_spec(study / "best.yaml").name == "best"
