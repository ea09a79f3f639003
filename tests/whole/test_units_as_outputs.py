"""`outputs: ["h[1]"]`: those units are the output, under that name, wherever outputs are told."""

from __future__ import annotations

import json
import subprocess
import sys

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
