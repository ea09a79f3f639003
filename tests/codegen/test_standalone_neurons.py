"""A module of single neurons has gradients like any other, by the names of their edges."""

from __future__ import annotations

import numpy as np
import pytest

import nngraph

SPEC = """
nngraph: 1
dtype: float64
nodes: {x: input, h: {activation: tanh, bias: 0.5}, y: {bias: -1}}
edges: [x -> h: 2, h -> y: 3]
loss: mean_squared_error
"""


def test_single_neurons_leave_with_their_gradients(tmp_path) -> None:
    model = nngraph.compile(SPEC)
    model.export(tmp_path / "net.py")
    names: dict[str, object] = {"__name__": "net", "__file__": str(tmp_path / "net.py")}
    exec(compile((tmp_path / "net.py").read_text(), "net.py", "exec"), names)
    x, t = np.array([0.3, -0.2]), np.array([[1.0], [0.0]])  # x is a scalar, y a vector of one
    found = names["gradients"](names["load_weights"](), x, t)  # type: ignore[operator]
    h = np.tanh(2 * x[:, None] + 0.5)
    delta_y = 2 * (3 * h - 1 - t) / 2
    delta_h = (1 - h**2) * 3 * delta_y
    want = {
        "h->y": (delta_y * h).sum(),
        "y.bias": delta_y.sum(),
        "x->h": (delta_h * x[:, None]).sum(),
        "h.bias": delta_h.sum(),
    }
    assert found.keys() == want.keys()
    for name, value in want.items():
        assert float(np.squeeze(found[name])) == pytest.approx(value, rel=1e-12)
        assert float(model.gradients(x, t)[name].item()) == pytest.approx(value, rel=1e-12)
