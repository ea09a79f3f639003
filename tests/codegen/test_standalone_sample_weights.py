"""The module of a network whose samples count unlike each other."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from nngraph.cli import run

SPEC = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {bias: 0}}
edges:
  - x -> y: [[2], [0]]
data:
  {source: table, columns: {x: [[1, 0], [2, 0], [3, 0]], y: [2, 4, 7], w: [1, 1, 2]},
   sample_weight: w}
loss: mean_squared_error
train: {epochs: 2}
"""


def test_loss_and_gradients_take_what_each_sample_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    assert run(["compile", "net.yaml", "-o", "net.py"]) == 0
    found = importlib.util.spec_from_file_location("net", tmp_path / "net.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    weights = module.load_weights()
    given = [[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]], [[2.0], [4.0], [7.0]], [1.0, 1.0, 2.0]
    # one error of 1, counted twice, over three samples; dL/dW = 2 (6 - 7) 3 * 2 / 3
    assert module.loss(weights, *given) == pytest.approx(2 / 3)
    np.testing.assert_allclose(
        module.gradients(weights, *given)["x->y"], [[-4.0], [0.0]], rtol=1e-6
    )
