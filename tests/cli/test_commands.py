"""Every command on real specs: what a user does, and the mistakes that a user makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from old_runs import make_old

from nngraph.cli.frame import run

Capture = pytest.CaptureFixture[str]

AND = """
nngraph: 1
name: and
nodes:
  x1, x2: input
  y: {activation: step, bias: -1.5}
edges:
  - x1 -> y: 1
  - x2 -> y: 1
expect:
  - {given: {x1: 1, x2: 1}, output: {y: 1}}
  - {given: {x1: 0, x2: 1}, output: {y: 0}}
"""

LINE = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: 200, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}
expect:
  - {parameters: 2}
  - {given: {x: 10}, output: {y: 21}, within: 0.01, trained: true}
  - {metric: loss, part: train, at_most: 0.001}
"""

COLOURS = """
nngraph: 1
name: colours
nodes:
  x: {kind: input, shape: 2}
  colour: {units: 2, activation: softmax}
edges: [x -> colour]
loss: cross_entropy
data: {source: csv, path: colours.csv, inputs: {x: [a, b]}, targets: {colour: colour}}
train:
  epochs: 300
  batch_size: full
  optimizer: {kind: adam, learning_rate: 0.1}
  metrics: accuracy
"""

ROWS = "a,b,colour\n0,1,red\n0,2,red\n1,0,blue\n2,0,blue\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("and.yaml").write_text(AND)
    Path("line.yaml").write_text(LINE)
    Path("colours.yaml").write_text(COLOURS)
    Path("colours.csv").write_text(ROWS)
    return tmp_path


def call(*arguments: str, code: int = 0) -> None:
    assert run(arguments) == code


def answer(capsys: Capture, *arguments: str, code: int = 0) -> Any:
    """The JSON that a command prints."""
    capsys.readouterr()
    call(*arguments, "--json", code=code)
    return json.loads(capsys.readouterr().out)


def said(capsys: Capture, *arguments: str, code: int = 0) -> str:
    """All that a command prints, results and chatter."""
    capsys.readouterr()
    call(*arguments, code=code)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out + err


# ---- check


def test_check_counts_what_there_is(capsys: Capture) -> None:
    text = said(capsys, "check", "and.yaml", "line.yaml")
    assert "and.yaml: no mistakes (3 nodes, 2 edges, 3 parameters" in text
    assert "line.yaml: no mistakes (2 nodes, 1 edge, 2 parameters" in text


def test_check_tells_every_file_and_exits_with_the_first_mistake(capsys: Capture) -> None:
    Path("bad.yaml").write_text(AND.replace("x1 -> y", "x3 -> y"))
    text = said(capsys, "check", "bad.yaml", "missing.yaml", "and.yaml", code=3)
    assert "bad.yaml:8:" in text
    assert "missing.yaml" in text
    assert "and.yaml: no mistakes" in text


def test_check_as_json_is_for_editors(capsys: Capture) -> None:
    Path("bad.yaml").write_text(AND.replace("activation: step", "activaton: step"))
    files = answer(capsys, "check", "and.yaml", "bad.yaml", code=3)["files"]
    assert files[0]["ok"]
    assert files[0]["parameters"] == 3
    assert not files[1]["ok"]
    assert files[1]["errors"][0]["place"]["line"] == 6


def test_check_finds_a_metric_that_cannot_be_told(capsys: Capture) -> None:
    Path("bad.yaml").write_text(
        LINE.replace("train: {", "train: {metrics: [{kind: accuracy, target: z}], ")
    )
    assert "no loss has a target 'z'" in said(capsys, "check", "bad.yaml", code=3)


# ---- train


def test_training_writes_the_whole_run_folder_and_counts_up(capsys: Capture) -> None:
    text = said(capsys, "train", "line.yaml")
    assert "trained 200 epochs (200 steps)" in text
    assert "runs/line-001" in text
    call("train", "line.yaml", "-s", "train.epochs=1")
    names = {path.name for path in Path("runs/line-001").iterdir()}
    assert names == {
        "spec.yaml",
        "resolved.yaml",
        "weights.safetensors",
        "metrics.jsonl",
        "curves.svg",
        "statistics.jsonl",
        "checkpoints",
        "network.svg",
        "summary.json",
        "data.json",
        "manifest.json",
    }
    assert Path("runs/line-001/spec.yaml").read_text() == LINE
    written = Path("runs/line-001/metrics.jsonl").read_text().splitlines()
    lines = [json.loads(line) for line in written]
    assert [line["epoch"] for line in lines] == [*range(1, 201)]
    assert lines[-1]["train.loss"] < 1e-3 < lines[0]["train.loss"]
    summary = json.loads(Path("runs/line-002/summary.json").read_text())
    assert summary["epochs"] == 1
    assert summary["parameters"] == 2


def test_a_run_is_never_overwritten(capsys: Capture) -> None:
    call("train", "line.yaml", "-o", "mine")
    assert "'mine' holds a run already" in said(capsys, "train", "line.yaml", "-o", "mine", code=8)
    assert "is a file" in said(capsys, "train", "line.yaml", "-o", "line.yaml", code=8)


def test_nothing_is_left_behind_by_a_spec_that_cannot_be_trained(capsys: Capture) -> None:
    for arguments, code, words in [
        (["and.yaml"], 2, "has no 'loss'"),
        (["line.yaml", "-s", "train.epochs=-1"], 3, "train.epochs=-1"),
        (["line.yaml", "-s", "train.epoch=1"], 3, "did you mean 'epochs'?"),
        (["line.yaml", "-s", "epochs"], 2, "path=value"),
        (["line.yaml", "--data", "none.csv"], 8, "none.csv"),
        (["line.yaml", "--data", "colours.csv"], 4, "colours.csv"),
        (["line.yaml", "--data", "line.yaml"], 2, ".csv and .npz"),
        (["line.yaml", "--data-root", "none"], 8, "no folder 'none'"),
        (["line.yaml", "--epochs", "3"], 2, "-s train.epochs=3"),
        (["line.yaml", "--resume", "runs/line-001"], 8, "no run folder 'runs/line-001'"),
        (["line.yaml", "--warm-start"], 2, "add --resume RUN"),
        (["--resume", "runs/line-001", "-o", "runs/b"], 2, "goes on in its own"),
        ([], 2, "name the spec"),
        (["none.yaml"], 8, "none.yaml"),
        (["."], 2, "is a folder"),
    ]:
        assert words in said(capsys, "train", *arguments, code=code), arguments
    assert not Path("runs").exists()


def test_the_seed_of_the_command_line_stands_in_the_run(capsys: Capture) -> None:
    summary = answer(capsys, "train", "line.yaml", "--seed", "7", "-s", "train.epochs=1")
    assert summary["seed"] == 7
    assert "seed: 7" in Path(summary["run"], "resolved.yaml").read_text()


def test_a_spec_without_data_or_train_is_trained_on_a_file(capsys: Capture) -> None:
    Path("bare.yaml").write_text(
        "nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y]\nloss: mean_squared_error\n"
    )
    Path("points.csv").write_text("x,y\n" + "".join(f"{i},{2 * i + 1}\n" for i in range(20)))
    assert "names no data" in said(capsys, "train", "bare.yaml", code=2)
    summary = answer(capsys, "train", "bare.yaml", "--data", "points.csv")
    assert summary["rows"] == {"train": 20}
    figures = answer(capsys, "evaluate", summary["run"])
    assert figures["train"] == summary["train"]


def test_training_that_leaves_the_numbers_exits_7_and_saves_no_weights(capsys: Capture) -> None:
    text = said(capsys, "train", "line.yaml", "-s", "train.optimizer.learning_rate=1e30", code=7)
    assert re.search(r"the loss became (infinite|not a number) in epoch \d+, step \d+", text)
    assert not Path("runs/line-001/weights.safetensors").exists()
    assert "has no weights.safetensors" in said(capsys, "evaluate", "runs/line-001", code=8)


def test_data_lie_where_the_command_line_says_and_the_run_remembers(
    folder: Path, capsys: Capture
) -> None:
    (folder / "elsewhere").mkdir()
    Path("colours.csv").rename("elsewhere/colours.csv")
    assert "colours.csv" in said(capsys, "train", "colours.yaml", code=8)
    there = str(folder / "elsewhere" / "colours.csv")
    for options in (["--data-root", "elsewhere"], ["-s", f"data.path={there}"], ["--data", there]):
        summary = answer(capsys, "train", "colours.yaml", *options)
        assert figures(capsys, summary["run"]) == {"train": summary["train"]}


def test_weights_that_leave_the_numbers_in_the_last_step_are_not_saved(capsys: Capture) -> None:
    options = ["-s", "train.epochs=1", "-s", "train.optimizer.learning_rate=3e38"]
    text = said(capsys, "train", "line.yaml", *options, code=7)
    assert "became non-finite in epoch 1, step 1" in text
    assert not Path("runs/line-001/weights.safetensors").exists()
    assert not Path("runs/line-001/summary.json").exists()


# ---- evaluate


def figures(capsys: Capture, run: str) -> dict[str, Any]:
    """What evaluation says of each part, without the confusion matrices."""
    parts = answer(capsys, "evaluate", run)
    return {p: {k: v for k, v in f.items() if k != "confusion"} for p, f in parts.items()}


def test_evaluation_of_a_run_repeats_its_summary(capsys: Capture) -> None:
    summary = answer(capsys, "train", "colours.yaml")
    assert summary["train"]["accuracy"] == 1
    assert figures(capsys, summary["run"]) == {"train": summary["train"]}
    assert answer(capsys, "evaluate", summary["run"], "--part", "train")["train"]["accuracy"] == 1
    text = said(capsys, "evaluate", summary["run"], "--part", "test", code=2)
    assert "no part 'test'" in text
    assert "it has 'train'" in text


def test_evaluation_on_another_file_keeps_the_classes_of_the_run(capsys: Capture) -> None:
    call("train", "colours.yaml")
    Path("blue.csv").write_text("a,b,colour\n3,0,blue\n")
    found = answer(capsys, "evaluate", "runs/colours-001", "--data", "blue.csv")["blue.csv"]
    assert found["accuracy"] == 1
    assert found["loss"] < 0.1
    assert found["confusion"]["colour"]["counts"] == [[1, 0], [0, 0]]
    assert found["confusion"]["colour"]["labels"] == ["blue", "red"]


def test_weights_that_are_not_given_need_a_run_or_the_random_start(capsys: Capture) -> None:
    for command in (["evaluate"], ["predict", "--given", "x=1"]):
        text = said(capsys, command[0], "line.yaml", *command[1:], code=2)
        assert "'x->y'" in text
        assert "--initial" in text
    assert "train" in answer(capsys, "evaluate", "line.yaml", "--initial")
    one, two = (
        answer(capsys, "predict", "line.yaml", "--given", "x=1", "--initial", "--seed", seed)
        for seed in "12"
    )
    assert one != two
    assert "untrained: " in said(capsys, "predict", "line.yaml", "--given", "x=1", "--initial")
    assert "untrained" not in said(capsys, "predict", "and.yaml", "--given", "x1=1, x2=1")


# ---- predict


def test_predict_by_hand_on_a_spec_that_gives_all_weights(capsys: Capture) -> None:
    assert answer(capsys, "predict", "and.yaml", "--given", "x1=1, x2=1") == {
        "outputs": {"y": [[1]]}
    }
    assert said(capsys, "predict", "and.yaml", "--given", "x1=0, x2=1").split() == ["y", "0"]


def test_predict_names_the_class(capsys: Capture) -> None:
    call("train", "colours.yaml")
    lines = said(capsys, "predict", "runs/colours-001", "--given", "x=[0, 3]").splitlines()
    assert lines[0].split() == ["colour", "blue", "red"]
    assert lines[1].split()[0] == "red"


def test_predict_reads_and_writes_files(capsys: Capture) -> None:
    call("train", "colours.yaml")
    call("predict", "runs/colours-001", "--input", "colours.csv", "-o", "out.csv")
    rows = Path("out.csv").read_text().splitlines()
    assert rows[0] == "colour,p_blue,p_red"
    assert [row.split(",")[0] for row in rows[1:]] == ["red", "red", "blue", "blue"]
    np.save("x.npy", np.array([[0.0, 3.0], [3.0, 0.0]]))
    call("predict", "runs/colours-001", "--input", "x.npy", "-o", "out.npz")
    assert np.load("out.npz")["colour"].argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--given", "x1=1"], 2, "--given gives nothing for the input 'x2'"),
        (["--given", "x1=1, x3=1"], 2, "--given names 'x3', which is no input"),
        (["--given", "x1=1, x2"], 2, "'x2' is not of the form name=value"),
        (["--given", "x1=1, x1=2"], 2, "'x1' is given twice"),
        (["--given", "x1=[1, x2=2"], 2, "the value of 'x1' cannot be read"),
        (["--given", "x1=[1, 2], x2=0"], 4, "shape"),
        (["--given", "x1=yes, x2=0"], 2, "'x1' takes numbers, got 'yes'"),
        ([], 2, "--input FILE or with --given"),
        (["--given", "x1=1, x2=1", "--input", "a.csv"], 2, "--input FILE or with --given"),
        (["--input", "none.csv"], 8, "none.csv"),
        (["--input", "and.yaml"], 2, ".csv, .npz, .npy, .png and .jpg"),
        (["--given", "x1=1, x2=1", "-o", "out.txt"], 2, ".csv, .npz, .npy and .png"),
        (["--given", "x1=1, x2=1", "--node", "z"], 2, "no node 'z'"),
    ],
)
def test_mistakes_with_predict_are_told(
    arguments: list[str], code: int, words: str, capsys: Capture
) -> None:
    assert words in said(capsys, "predict", "and.yaml", *arguments, code=code)


def test_any_node_can_be_asked_for(capsys: Capture) -> None:
    text = said(capsys, "predict", "and.yaml", "--given", "x1=0.5, x2=1", "--node", "x1")
    assert text.split() == ["x1", "0.5"]


# ---- test


def test_expectations_pass_on_a_spec_that_gives_all_weights(capsys: Capture) -> None:
    assert "and.yaml: 2 passed of 2 expectations" in said(capsys, "test", "and.yaml")


def test_expectations_of_a_trained_network_need_a_run(capsys: Capture) -> None:
    text = said(capsys, "test", "line.yaml")
    assert "1 passed, 2 need a run of 3 expectations" in text
    call("train", "line.yaml")
    assert "3 passed of 3" in said(capsys, "test", "runs/line-001")


def test_a_failed_expectation_shows_line_expectation_and_result(capsys: Capture) -> None:
    Path("bad.yaml").write_text(AND.replace("x2: 1}, output: {y: 0}", "x2: 1}, output: {y: 1}"))
    text = said(capsys, "test", "bad.yaml", code=10)
    assert "failed: expected y = 1 within 1e-05, got y = 0" in text
    assert "bad.yaml:12:5" in text
    assert "1 passed, 1 failed of 2 expectations" in text
    entries = answer(capsys, "test", "bad.yaml", code=10)
    assert entries["counts"] == {"passed": 1, "failed": 1, "needs a run": 0}
    assert entries["entries"][1]["line"] == 12


# ---- render, compile, schema


def test_render_writes_beside_you_or_where_told(capsys: Capture) -> None:
    call("render", "and.yaml", "-o", "and.dot")
    assert Path("and.dot").read_text().startswith("digraph")
    call("render", "and.yaml", "-o", "and.mmd")
    assert "x1" in Path("and.mmd").read_text()
    assert "'.jpg'" in said(capsys, "render", "and.yaml", "-o", "and.jpg", code=2)


def test_compile_prints_the_plan(capsys: Capture) -> None:
    text = said(capsys, "compile", "colours.yaml")
    assert re.search(r"colour +neurons +softmax +2 +6", text)
    assert "6 parameters, float32" in text
    plan = answer(capsys, "compile", "colours.yaml")
    assert [node["id"] for node in plan["nodes"]] == ["x", "colour"]
    assert plan["memory"]["total"] > 0


def test_compile_prints_programs_and_sources(capsys: Capture) -> None:
    assert "# gradients" in said(capsys, "compile", "colours.yaml", "--print", "ir")
    assert "def step():" in said(capsys, "compile", "colours.yaml", "--print", "source")
    text = said(capsys, "compile", "colours.yaml", "--print-after", "bias_into_product")
    assert "after bias_into_product" in text
    assert "did you mean 'simplify'?" in said(
        capsys, "compile", "colours.yaml", "--print-after", "simplfy", code=2
    )


def test_a_compiled_module_computes_what_the_network_computes(
    folder: Path, capsys: Capture
) -> None:
    call("train", "colours.yaml")
    text = said(capsys, "compile", "runs/colours-001", "-o", "net.py")
    assert "wrote net.py and net.npz" in text
    assert "random" not in text
    code = (
        "import sys, net, numpy as np\n"
        "print(net.forward(net.load_weights(), np.array([[0, 3.0]]))['colour'].tolist())\n"
        "assert 'nngraph' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = answer(capsys, "predict", "runs/colours-001", "--given", "x=[0, 3]")
    np.testing.assert_allclose(json.loads(done.stdout), expected["outputs"]["colour"], rtol=1e-5)
    assert "random start" in said(capsys, "compile", "line.yaml", "-o", "line.py")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-o", "net.txt"], "ends in .py"),
        (["-o", "3-d.py"], "cannot be imported"),
        (["-o", "net.py", "--print", "ir"], "choose one"),
        (["--print", "plan"], "'plan' is not one of"),
    ],
)
def test_mistakes_with_compile_are_told(arguments: list[str], words: str, capsys: Capture) -> None:
    assert words in said(capsys, "compile", "and.yaml", *arguments, code=2)


def test_the_schema_is_json(capsys: Capture) -> None:
    call("schema", "-o", "nngraph.schema.json")
    assert "properties" in json.loads(Path("nngraph.schema.json").read_text())


# ---- damaged runs


@pytest.mark.parametrize("is_old", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("weights.safetensors", b"\x10garbage", 5, "is damaged"),
        ("data.json", b"{", 5, "'runs/line-001/data.json' is damaged"),
        ("data.json", b"[]", 5, "is damaged"),
        ("resolved.yaml", b"nngraph: 1\nnodes: {", 5, "'runs/line-001/resolved.yaml' is damaged"),
        ("weights.safetensors", None, 8, "has no weights.safetensors"),
        ("resolved.yaml", None, 8, "resolved.yaml"),
    ],
)
def test_a_damaged_run_names_the_file_and_the_cause(
    name: str, content: bytes | None, code: int, words: str, is_old: bool, capsys: Capture
) -> None:
    call("train", "line.yaml", "-s", "train.epochs=1")
    path = Path("runs/line-001", name)
    if is_old:
        make_old(path.parent)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    if not is_old and content is not None:
        words = f"'runs/line-001/{name}' does not hold"
    text = said(capsys, "evaluate", "runs/line-001", code=code)
    assert words in text
    assert ("warning: 'runs/line-001' has no manifest.json" in text) == is_old


def test_weights_of_another_run_of_the_same_network_are_refused(capsys: Capture) -> None:
    for epochs in (1, 2):
        call("train", "line.yaml", "-s", f"train.epochs={epochs}")
    weights = Path("runs/line-002/weights.safetensors").read_bytes()
    Path("runs/line-001/weights.safetensors").write_bytes(weights)
    text = said(capsys, "evaluate", "runs/line-001", code=5)
    assert "'runs/line-001/weights.safetensors' does not hold" in text


def test_weights_of_another_network_are_refused(capsys: Capture) -> None:
    call("train", "line.yaml", "-s", "train.epochs=1")
    text = said(capsys, "evaluate", "runs/line-001", "-s", "nodes.y.bias=false", code=5)
    assert "weights for 'y.bias', which the network does not have" in text


def test_a_missing_run_names_the_runs_that_there_are(capsys: Capture) -> None:
    none_yet = "there are no runs yet; 'nngraph train SPEC' writes one"
    assert none_yet in said(capsys, "evaluate", "runs/my-001", code=8)
    for number in range(1, 8):
        call("train", "line.yaml", "-s", "train.epochs=1")
        os.utime(f"runs/line-00{number}", (number, number))
    names = [f"runs/line-00{number}" for number in (7, 6, 5, 4, 3)]
    there = f"= help: there are {', '.join(names)} and 2 more"
    for command in (
        ["evaluate", "runs/my-001"],
        ["report", "my-001"],
        ["test", "runs/v1.2-001"],
        ["train", "--resume", "runs/my-001"],
        ["compare", "runs/line-001", "runs/my-001"],
    ):
        text = said(capsys, *command, code=8)
        assert re.search(r"no run (folder )?'", text), command
        assert there in text, command
    assert "did you mean 'line.yaml'?" in said(capsys, "evaluate", "line", code=8)
    assert "did you mean 'line.yaml'?" in said(capsys, "evaluate", "lime.yaml", code=8)


def test_what_is_no_run_is_told(capsys: Capture) -> None:
    Path("empty").mkdir()
    assert "'empty' is no run folder" in said(capsys, "evaluate", "empty", code=8)
    call("train", "line.yaml", "-s", "train.epochs=1")
    text = said(capsys, "evaluate", "runs/line-001/weights.safetensors", code=2)
    assert "name its folder: runs/line-001" in text
    assert "--seed" in said(capsys, "evaluate", "runs/line-001", "--seed", "1", code=2)
    assert "--initial" in said(capsys, "evaluate", "runs/line-001", "--initial", code=2)


def test_lints_are_shown_and_leave_the_exit_code_at_0(capsys: Capture) -> None:
    Path("lint.yaml").write_text(AND.replace("  - x2 -> y: 1", "  - x2 -> y: 1\n  - x2 -> z: 1"))
    text = Path("lint.yaml").read_text().replace("nodes:", "outputs: [y]\nnodes:\n  z: {}")
    Path("lint.yaml").write_text(text)
    shown = said(capsys, "check", "lint.yaml")
    assert "lint: the node 'z' leads nowhere [L201]" in shown
    assert "no mistakes, 1 lint" in shown
    Path("lint.yaml").write_text(text.replace("z: {}", "z: {}  # nngraph: ignore L201"))
    assert "lint" not in said(capsys, "check", "lint.yaml").replace("lint.yaml", "")
