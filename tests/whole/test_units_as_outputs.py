"""`outputs: ["h[1]"]`: those units are the output, under that name, wherever outputs are told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.errors import SpecError, UsageError

SPEC = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: sigmoid, bias: [0, 1, 2]}}
edges:
  - x -> h: [[1, 2, 3], [4, 5, 6]]
outputs: ["h[1]", "h[1:3]"]
expect:
  - {given: {x: [0, 0]}, output: {"h[1]": 0.7310586}}
  - {given: {x: [0, 0]}, output: {"h[1:3]": [0.7310586, 0.8807971], h: [0.5, 0.7310586, 0.8807971]}}
"""
SIGMOID = [0.5, 0.7310586, 0.8807971]


def test_a_prediction_gives_the_units_that_outputs_name_under_that_name() -> None:
    outputs = nngraph.compile(SPEC).predict([[0.0, 0.0], [0.0, 0.0]])
    assert isinstance(outputs, dict)
    assert list(outputs) == ["h[1]", "h[1:3]"]
    np.testing.assert_allclose(outputs["h[1]"], [SIGMOID[1:2]] * 2, rtol=1e-6)
    np.testing.assert_allclose(outputs["h[1:3]"], [SIGMOID[1:]] * 2, rtol=1e-6)


def test_expect_names_units() -> None:
    assert [outcome.status for outcome in nngraph.compile(SPEC).test()] == ["passed"] * 2
    wrong = nngraph.compile(SPEC.replace("0.7310586}", "0.5}")).test()
    assert [outcome.status for outcome in wrong] == ["failed", "passed"]
    assert "h[1] = 0.731059" in wrong[0].got


def test_the_command_shows_the_name(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    assert run(["predict", str(tmp_path / "net.yaml"), "--given", "x=[0,0]", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["outputs"]) == ["h[1]", "h[1:3]"]


def test_forward_of_the_written_module_returns_the_units(tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(SPEC)
    assert run(["compile", str(tmp_path / "net.yaml"), "-o", str(tmp_path / "net.py")]) == 0
    script = "import net; print(net.forward(net.load_weights(), [[0.0, 0.0]]))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "'h[1]': array([[0.7310586]]" in done.stdout
    assert "'h[1:3]'" in done.stdout


@pytest.mark.parametrize("loss", ["", "loss: mean_squared_error\n"])
def test_a_unit_that_the_node_does_not_have_is_told_at_its_place(loss: str) -> None:
    text = SPEC.split("outputs")[0] + 'outputs: ["h[7]"]\n' + loss
    with pytest.raises(SpecError) as caught:
        nngraph.compile(text)
    (told,) = caught.value.diagnostics
    assert (told.code, told.message) == ("E222", "'h[7]' reaches beyond 3 units")
    assert told.span is not None
    assert (told.span.line, told.span.column) == (5, 11)


def test_a_unit_of_expect_that_the_node_does_not_have_is_told_at_its_place() -> None:
    with pytest.raises(SpecError) as caught:
        nngraph.compile(SPEC.replace('{"h[1]": 0', '{"h[3]": 0'))
    assert [(told.code, str(told.span)) for told in caught.value.diagnostics] == [
        ("E222", "<spec>:7:35")
    ]


def test_a_unit_asked_for_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'h\[3\]' reaches beyond the 3 units of 'h'"):
        nngraph.compile(SPEC).forward([[0.0, 0.0]], ["h[3]"])


def test_a_scaled_target_of_one_unit_is_scaled_back_on_that_unit_alone() -> None:
    text = (
        "nngraph: 1\nnodes: {x: input, h: {units: 2}}\nedges:\n  - x -> h: [[1, 1]]\n"
        'outputs: ["h[1]"]\nloss: mean_squared_error\n'
        "data: {source: table, columns: {x: [0, 1, 2, 3], h: [0, 10, 20, 30]},"
        " normalize: {targets: minmax}}\n"
        "train: {epochs: 1, optimizer: {kind: sgd, learning_rate: 1e-9}}\n"
    )
    model = nngraph.compile(text)
    model.fit()
    out = model.forward([1.0], ["h", "h[1]"])
    np.testing.assert_allclose(out["h"], [[1, 30]], rtol=1e-4)
    np.testing.assert_allclose(out["h[1]"], [[30]], rtol=1e-4)


IRIS = """\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 5, activation: sigmoid%s}}
edges: [x -> h]
outputs: ["h[%s]"]
loss: {kind: %s, target: t}
data: {source: iris, targets: {t: %s}, split: {test: 0.2}, normalize: standard}
train: {epochs: 2, metrics: [%s]}
"""
LABELS = ", labels: [a, b, c, d, e]"
YES = "{column: species, equals: versicolor}"
JUDGED = {
    "yes or no": (("", "3", "binary_cross_entropy", YES, "accuracy"), "h[3]", ["no", "yes"]),
    "yes or no of a unit with a name": (
        (LABELS, "3", "binary_cross_entropy", YES, "accuracy"),
        "h[3]",
        ["no", "yes"],
    ),
    "classes": (
        ("", "1:4", "mean_squared_error", "species", "accuracy"),
        "h[1:4]",
        ["setosa", "versicolor", "virginica"],
    ),
    "numbers": (("", "2", "mean_squared_error", "petal_length", "r2"), "h[2]", None),
    "several numbers": (
        ("", "2:4", "mean_squared_error", "[petal_length, sepal_width]", "r2"),
        "h[3]",
        None,
    ),
}


@pytest.mark.parametrize(("filled", "name", "labels"), JUDGED.values(), ids=JUDGED.keys())
def test_reports_and_confusions_are_of_the_units_and_name_them(
    filled: tuple[str, ...],
    name: str,
    labels: list[str] | None,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec, folder = tmp_path / "net.yaml", str(tmp_path / "run")
    spec.write_text(IRIS % filled)
    assert run(["train", str(spec), "-o", folder]) == 0
    assert run(["report", folder]) == 0
    page = (tmp_path / "run" / "report.html").read_text()
    assert f"{name}&#39; is right for" in page or f"{name} answered" in page
    capsys.readouterr()
    assert run(["evaluate", folder, "--part", "test", "--json"]) == 0
    test = json.loads(capsys.readouterr().out)["test"]
    if labels is None:
        assert "confusion" not in test
        return
    assert list(test["confusion"]) == [name]
    assert test["confusion"][name]["labels"] == labels
    counts = np.array(test["confusion"][name]["counts"])
    assert np.trace(counts) / counts.sum() == pytest.approx(test["accuracy"])


AGAIN = """\
nngraph: 1
nodes: {image: {kind: input, shape: [8, 8, 1]}, h: {units: %d}}
edges: [image -> h: {conv: 1}]
outputs: ["h[%s]"]
loss: {kind: mean_squared_error, target: image}
data: {source: digits, split: {test: 40}}
train: {epochs: 1}
"""


def test_sheets_of_answers_name_the_units(tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(AGAIN % (3, "1"))
    folder, sheet = str(tmp_path / "run"), tmp_path / "sheet.svg"
    assert run(["train", str(tmp_path / "again.yaml"), "-o", folder]) == 0
    assert run(["render", folder, "--predictions", "-o", str(sheet)]) == 0
    assert ">h[1]</text>" in sheet.read_text()
    assert run(["report", folder]) == 0


def test_a_comparison_shows_which_units_are_the_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (0, 2):
        spec = tmp_path / f"net{number}.yaml"
        spec.write_text(AGAIN % (3, number))
        assert run(["train", str(spec), "-o", str(tmp_path / f"run{number}")]) == 0
    capsys.readouterr()
    runs = [str(tmp_path / name) for name in ("run0", "run2")]
    assert run(["compare", *runs, "-o", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["outputs", "h[0]", "h[2]"]
    assert "h[2]" in (tmp_path / "page.html").read_text()
