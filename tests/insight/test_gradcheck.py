"""Gradients beside numerical ones: what is right passes, what was broken on purpose is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.app import gradcheck as use_case
from nngraph.cli import run
from nngraph.cli.commands import gradcheck as gradcheck_command
from nngraph.codegen.readable.helpers import HELPERS
from nngraph.insight.gradcheck import Slope
from nngraph.ir import Builder, Value
from nngraph.ops import MatMul, ScaleBy, Tanh
from nngraph.run import Executable

SPECS = Path(__file__).parent.parent.parent / "specs"
TWO_LAYERS = """
nngraph: 1
name: two-layers
nodes:
  x: {kind: input, shape: 2}
  h: {units: 3, activation: tanh}
  y: {units: 2}
edges: [x -> h -> y]
loss: mean_squared_error
"""
IMAGES = """
nngraph: 1
nodes:
  image: {kind: input, shape: [5, 4, 2]}
  c: {units: 4, activation: relu}
  d: {units: 8, activation: prelu}
  up: {units: 2}
  norm: batch_norm
  y: {units: 3, activation: softmax}
edges:
  - {from: image, to: c, conv: 3, padding: same, groups: 2}
  - {from: c, to: d, kind: depthwise, kernel: 2, stride: 2}
  - {from: d, to: up, kind: conv_transpose, kernel: 2, groups: 2}
  - {from: up, to: norm, kind: identity}
  - norm -> y
loss: cross_entropy
"""
QUICK = sorted(
    {path.stem for path in SPECS.glob("*.yaml")}
    - {"photos", "unet-shapes", "residual-convnet", "mnist-pytorch-example", "lenet-digits"}
    - {"digits-careful", "autoencoder-digits", "mnist-convnet", "residual-mlp", "digits-mlp"}
)
PATIENT = sorted({path.stem for path in SPECS.glob("*.yaml")} - set(QUICK))


def check(text: str, **options: Any) -> use_case.GradientCheck:
    return nngraph.compile(text, seed=1).gradcheck(**options)


def scaled_pull(factor: float) -> Any:
    """The derivative of tanh, wrong by a factor."""
    right = Tanh.vjp

    def vjp(self: Any, builder: Builder, *args: Any) -> tuple[Value | None, ...]:
        (into,) = right(self, builder, *args)
        return (None if into is None else builder(ScaleBy(factor), into),)

    return vjp


def test_a_derivative_that_is_wrong_by_a_hundredth_is_found_behind_it_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Tanh, "vjp", scaled_pull(1.01))
    found = check(TWO_LAYERS)
    assert not found.holds
    assert found.slopes is not None
    failed = {array.id: [s.name for s in array.failed] for array in found.slopes.arrays}
    assert failed["h->y"] == failed["y.bias"] == []
    assert sorted(failed["h.bias"]) == ["h.bias[0]", "h.bias[1]", "h.bias[2]"]
    assert len(failed["x->h"]) == 6
    worst = found.slopes.worst
    assert worst is not None
    assert worst.exact == pytest.approx(1.01 * worst.numerical, rel=1e-6)


def test_a_gradient_of_one_edge_alone_is_named_with_its_units_and_both_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(TWO_LAYERS.replace("{units: 2}", "{}"))
    true_gradients = Executable.gradients

    def gradients(self: Executable) -> dict[str, Any]:
        found = true_gradients(self)
        found["h->y"][1, 0] += 0.125
        return found

    monkeypatch.setattr(Executable, "gradients", gradients)
    assert run(["gradcheck", str(spec)]) == 10
    told = capsys.readouterr().out
    (line,) = [line for line in told.splitlines() if line.startswith("wrong: ")]
    assert line.startswith("wrong: h[1]->y: ")
    exact, numerical = (float(word) for word in line.split() if word[-1].isdigit())
    assert exact - numerical == pytest.approx(0.125, abs=1e-6)
    assert "1 gradient does not hold" in told
    assert "training step: gradients DIFFER, most in 'h->y'" in told


def test_a_module_that_computes_something_else_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TWO_LAYERS.replace("tanh", "sigmoid")
    assert check(text).holds
    wrong = HELPERS["sigmoid"].replace("1.0 / (1.0 +", "1.0 / (1.01 +")
    assert wrong != HELPERS["sigmoid"]
    changed = {**HELPERS, "sigmoid": wrong}
    monkeypatch.setattr("nngraph.codegen.readable.module.HELPERS", changed)
    found = check(text)
    assert found.slopes is not None
    assert found.slopes.holds
    assert {each.way for each in found.agreements if not each.holds} == {"standalone module"}


@pytest.mark.parametrize("text", [TWO_LAYERS, IMAGES])
def test_every_parameter_is_checked_and_no_weight_has_changed(text: str) -> None:
    model = nngraph.compile(text, seed=3)
    before = model.weights
    found = model.gradcheck()
    assert found.holds
    assert found.drawn
    assert found.slopes is not None
    assert sum(array.checked for array in found.slopes.arrays) == model.network.trainable
    for id_, array in model.weights.items():
        np.testing.assert_array_equal(array, before[id_])


def test_numbers_of_kernels_are_named_by_their_channels_and_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Slope, "holds", property(lambda slope: False))
    monkeypatch.setattr("nngraph.insight.gradcheck._Checker._is_kink", lambda *args: False)
    found = check(IMAGES)
    assert found.slopes is not None
    named = {array.id: {s.name for s in array.failed} for array in found.slopes.arrays}
    assert all(len(named[array.id]) == array.checked for array in found.slopes.arrays)
    # two groups: units 0 and 1 see channel 0, units 2 and 3 channel 1
    pairs = {name.partition(" ")[0] for name in named["image->c"]}
    assert pairs == {f"image[{unit // 2}]->c[{unit}]" for unit in range(4)}
    assert "image[1]->c[3] at 2,0" in named["image->c"]
    assert {name.partition(" ")[0] for name in named["c->d"]} == {
        f"c[{unit // 2}]->d[{unit}]" for unit in range(8)
    }
    assert {name.partition(" ")[0] for name in named["d->up"]} == {
        f"d[{channel}]->up[{channel // 4}]" for channel in range(8)
    }
    assert "norm[2,1,1]->y[2]" in named["norm->y"]


def test_a_relu_at_zero_is_a_kink_and_no_failure() -> None:
    found = check("""
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: relu}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: binary_cross_entropy
data: {source: table, columns: {x1: [0, 1], x2: [0, -2], y: [0, 1]}, inputs: {x: [x1, x2]}}
""")
    assert found.holds
    assert not found.drawn
    assert found.slopes is not None
    kinks = [name for array in found.slopes.arrays for name in array.kinks]
    assert kinks == ["h.bias[0]", "h.bias[1]", "h.bias[2]"]


def test_a_tie_of_three_in_a_maximum_is_a_kink_and_no_failure() -> None:
    found = check("""
nngraph: 1
nodes: {x: {kind: input, shape: 3}, m: {aggregate: maximum, bias: false}, y: {bias: false}}
edges: [x -> m: 0.5, m -> y: 2]
loss: {kind: mean_squared_error, target: t}
data: {source: table, columns: {a: [1], b: [1], c: [1], t: [0]}, inputs: {x: [a, b, c]}}
""")
    assert found.holds
    assert found.slopes is not None
    kinks = [name for array in found.slopes.arrays for name in array.kinks]
    assert kinks == ["x[0]->m", "x[1]->m", "x[2]->m"]


def test_many_parameters_are_checked_in_part_and_along_a_direction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = TWO_LAYERS.replace("shape: 2", "shape: 200").replace("units: 3", "units: 150")
    found = check(text)
    assert found.slopes is not None
    assert [array.checked for array in found.slopes.arrays] == [64, 64, 64, 2]
    assert found.slopes.direction is not None
    assert found.holds
    monkeypatch.setattr(Tanh, "vjp", scaled_pull(1.01))
    broken = check(text)
    assert broken.slopes is not None
    assert broken.slopes.direction is not None
    assert not broken.slopes.direction.holds


def test_chance_is_the_same_in_both_ways() -> None:
    found = check("""
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  d: {kind: dropout, rate: 0.5}
  n: {kind: noise, stddev: 0.3}
  h: {units: 5, activation: sigmoid}
  y: {}
edges: [x -> d -> n -> h -> y]
loss: mean_squared_error
""")
    assert found.holds
    assert [each.way for each in found.agreements].count("training step") == 2


def test_without_a_loss_the_outputs_alone_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("nngraph: 1\nnodes: {x: input, y: {}}\nedges: [x -> y: 2]\n")
    assert run(["gradcheck", str(spec), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["holds"] is True
    assert told["loss"] is None
    assert [each["what"] for each in told["agreements"]] == ["outputs"] * 2


@pytest.mark.parametrize("name", QUICK)
def test_the_gradients_of_a_shipped_spec_hold(name: str) -> None:
    assert nngraph.compile(SPECS / f"{name}.yaml").gradcheck(data=False).holds


@pytest.mark.slow
@pytest.mark.parametrize("name", PATIENT)
def test_the_gradients_of_a_large_shipped_spec_hold(name: str) -> None:
    assert nngraph.compile(SPECS / f"{name}.yaml").gradcheck(data=False).holds


def test_a_product_has_a_gradient_that_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    right = MatMul.vjp

    def vjp(self: Any, builder: Builder, *args: Any) -> tuple[Value | None, ...]:
        into_x, into_w = right(self, builder, *args)
        return into_x, None if into_w is None else builder(ScaleBy(-1.0), into_w)

    monkeypatch.setattr(MatMul, "vjp", vjp)
    found = check(TWO_LAYERS)
    assert found.slopes is not None
    assert {array.id for array in found.slopes.arrays if array.failed} == {"x->h", "h->y"}


def test_it_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[tuple[int, int]] = []
    check(TWO_LAYERS, watch=lambda done, total: heard.append((done, total)))
    assert heard == [(done, 17) for done in range(1, 18)]
    monkeypatch.setattr(gradcheck_command, "TELL_AFTER", 0.0)
    (tmp_path / "net.yaml").write_text(TWO_LAYERS)
    assert run(["gradcheck", str(tmp_path / "net.yaml")]) == 0
    told = capsys.readouterr()
    assert told.err.splitlines()[0].startswith("1 of 17 parameters checked  ")
    assert "parameters checked" not in told.out
