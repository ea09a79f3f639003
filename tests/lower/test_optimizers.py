"""Optimisers step for step against hand-written float64 references."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from nngraph.ir import Program, interpret
from nngraph.lower import optimizer_program
from nngraph.spec.training import Adam, Sgd

CASES = os.environ.get("NNGRAPH_CASES")


def steps(program: Program, w, gradients, rate) -> list[np.ndarray]:
    """Parameters after each step; all leaves but the given ones start at zero."""
    leaves = {leaf.id: leaf for leaf in program.leaves}
    kept = {
        leaf: np.zeros(len(w), leaf.type.dtype)
        for leaf in program.leaves
        if type(leaf).__name__ == "State"
    }
    w = np.asarray(w, leaves["parameters"].type.dtype)
    history = []
    for number, g in enumerate(gradients, start=1):
        fed = {
            leaves["parameters"]: w,
            leaves["gradients"]: np.asarray(g, w.dtype),
            leaves["learning_rate"]: np.array(rate(number)),
            leaves["step"]: np.array(number),
            **kept,
        }
        updates = interpret(program, {k: v for k, v in fed.items() if k in program.leaves}).updates
        w = updates.pop(leaves["parameters"])
        kept = updates
        history.append(w)
    return history


def sgd(w, gradients, rate, momentum, nesterov):
    v = np.zeros_like(w)
    for number, g in enumerate(gradients, start=1):
        v = momentum * v + g
        w = w - rate(number) * (g + momentum * v if nesterov else v)
        yield w


def adam(w, gradients, rate, beta1, beta2, epsilon):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        corrected = m / (1 - beta1**t), v / (1 - beta2**t)
        w = w - rate(t) * corrected[0] / (np.sqrt(corrected[1]) + epsilon)
        yield w


def problem(seed: int = 0):
    """A start, and 1,000 gradients of very different sizes."""
    rng = np.random.default_rng(seed)
    scale = 10.0 ** np.array([-6.0, -3, -1, 0, 2])
    return rng.standard_normal(5), rng.standard_normal((1000, 5)) * scale


def changing(number: int) -> float:
    return 0.01 / (1 + 0.01 * number)


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.8, True)])
def test_sgd_for_a_thousand_steps(momentum, nesterov) -> None:
    w, gradients = problem()
    spec = Sgd(learning_rate=0.01, momentum=momentum, nesterov=nesterov)
    ours = steps(optimizer_program(spec, "float64"), w, gradients, changing)
    theirs = list(sgd(w, gradients, changing, momentum, nesterov))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


@pytest.mark.parametrize(
    ("beta1", "beta2", "epsilon"),
    [(0.9, 0.999, 1e-8), (0.5, 0.9, 1e-3), (0.0, 0.99, 1e-8), (0.9, 0.0, 1e-8)],
)
def test_adam_for_a_thousand_steps(beta1, beta2, epsilon) -> None:
    w, gradients = problem(1)
    spec = Adam(learning_rate=0.01, beta1=beta1, beta2=beta2, epsilon=epsilon)
    ours = steps(optimizer_program(spec, "float64"), w, gradients, changing)
    theirs = list(adam(w, gradients, changing, beta1, beta2, epsilon))
    np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_adam_in_float32_follows_float64() -> None:
    w, gradients = problem(2)
    spec = Adam(learning_rate=0.01)
    ours = steps(optimizer_program(spec, "float32"), w, gradients[:200], changing)
    assert ours[0].dtype == np.float32
    theirs = list(adam(w, gradients[:200], changing, 0.9, 0.999, 1e-8))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_adam_with_a_gradient_of_zero_stays_and_is_finite() -> None:
    for dtype in ("float32", "float64"):
        (w,) = steps(optimizer_program(Adam(), dtype), [1.0], [[0.0]], lambda n: 0.1)
        assert w.tolist() == [1.0]


def test_adam_needs_ten_passes_over_the_vectors() -> None:
    program = optimizer_program(Adam(), "float32")
    passes = [i for i in program.body if i.outs[0].type.shape == ("P",)]
    assert len(passes) == 10
    assert all(i.outs[0].type.dtype == "float32" for i in passes)
    scalars = [i.outs[0].type for i in program.body if i.outs[0].type.shape == ()]
    assert [t.dtype for t in scalars].count("float32") == 2  # cast once each


def test_the_program_names_its_leaves() -> None:
    program = optimizer_program(Sgd(momentum=0.9), "float64")
    assert {leaf.id: type(leaf).__name__ for leaf in program.leaves} == {
        "parameters": "Param",
        "gradients": "Input",
        "learning_rate": "Input",
        "step": "Input",
        "velocity": "State",
    }
    assert {leaf.id for leaf, _ in program.updates} == {"parameters", "velocity"}


@pytest.mark.skipif(CASES is None, reason="NNGRAPH_CASES names no folder of cases")
def test_the_single_steps_of_keras() -> None:
    cases = json.loads((Path(CASES or "") / "keras-optimizer-steps.json").read_text())
    known = {
        "SGD(learning_rate=0.5)": Sgd(learning_rate=0.5),
        "Adam(learning_rate=0.5)": Adam(learning_rate=0.5, epsilon=1e-7),
    }
    checked = 0
    for case in cases["single_step"]:
        spec = known.get(case["optimizer"])
        if spec is None:
            continue
        program = optimizer_program(spec, "float64")
        (w,) = steps(program, case["x0"], [case["grad"]], lambda n: 0.5)
        np.testing.assert_allclose(w, case["x1"], atol=case["tol"])
        checked += 1
    assert checked == 2
