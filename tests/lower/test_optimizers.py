"""Optimisers step for step against plain loops in float64."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import optimizer_references as references
import pytest
from optimizer_references import Extras

from nngraph.ir import Constant, Program, interpret
from nngraph.lower import optimizer_program
from nngraph.lower.update import Regularisation
from nngraph.passes import expand_into_calls
from nngraph.words.optimizers import (
    OPTIMIZERS,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Nadam,
    RmsProp,
    Rprop,
    Sgd,
)

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


def problem(seed: int = 0, smallest: float = 1e-6):
    """A start, and 1,000 gradients of very different sizes."""
    rng = np.random.default_rng(seed)
    scale = np.maximum(10.0 ** np.array([-6.0, -3, -1, 0, 2]), smallest)
    return rng.standard_normal(5), rng.standard_normal((1000, 5)) * scale


def changing(number: int) -> float:
    return 0.01 / (1 + 0.01 * number)


RULES = [
    (Sgd(), references.sgd, {}),
    (Sgd(momentum=0.9), references.sgd, {"momentum": 0.9}),
    (Sgd(momentum=0.8, nesterov=True), references.sgd, {"momentum": 0.8, "nesterov": True}),
    (Adagrad(), references.adagrad, {}),
    (
        Adagrad(initial_accumulator=0.1, epsilon=1e-7),
        references.adagrad,
        {"initial": 0.1, "epsilon": 1e-7},
    ),
    (Adadelta(), references.adadelta, {}),
    (Adadelta(rho=0.5, epsilon=1e-4), references.adadelta, {"rho": 0.5, "epsilon": 1e-4}),
    (RmsProp(), references.rmsprop, {}),
    (RmsProp(rho=0.9, momentum=0.5), references.rmsprop, {"rho": 0.9, "momentum": 0.5}),
    (RmsProp(centered=True), references.rmsprop, {"centered": True}),
    (Adam(), references.adam, {}),
    (
        Adam(beta1=0.5, beta2=0.9, epsilon=1e-3),
        references.adam,
        {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
    ),
    (Adam(beta1=0.0, beta2=0.99), references.adam, {"beta1": 0.0, "beta2": 0.99}),
    (Adam(beta2=0.0), references.adam, {"beta2": 0.0}),
    (AdamW(), references.adamw, {}),
    (Adam(amsgrad=True), references.adam, {"amsgrad": True}),
    (AdamW(amsgrad=True, beta2=0.9), references.adamw, {"amsgrad": True, "beta2": 0.9}),
    (Nadam(), references.nadam, {}),
    (
        Nadam(beta1=0.5, beta2=0.9, epsilon=1e-3, momentum_decay=1.0),
        references.nadam,
        {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3, "psi": 1.0},
    ),
    (Nadam(momentum_decay=0.0), references.nadam, {"psi": 0.0}),
    (Adamax(), references.adamax, {}),
    (
        Adamax(beta1=0.5, beta2=0.9, epsilon=1e-3),
        references.adamax,
        {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
    ),
    (Lion(), references.lion, {}),
    (Lion(beta1=0.5, beta2=0.9), references.lion, {"beta1": 0.5, "beta2": 0.9}),
    (Rprop(), references.rprop, {}),
    (
        Rprop(shrink=0.7, grow=1.5, smallest=1e-3, largest=0.1),
        references.rprop,
        {"shrink": 0.7, "grow": 1.5, "smallest": 1e-3, "largest": 0.1},
    ),
]
EXTRAS = {
    "plain": Extras(),
    "decay": Extras(decay=0.05),
    "l1": Extras(l1=0.02),
    "clipped norm": Extras(norm=1.5),
    "clipped values": Extras(value=0.2),
    "all, weight by weight": Extras(
        0.05,
        0.01,
        3.0,
        0.5,
        np.array([1.0, 0.0, 1.0, 2.0, 0.5]),
        np.array([1.0, 1.0, 0.0, 0.5, 2.0]),
    ),
}


def regularisation(extras: Extras) -> Regularisation:
    vectors = [v if isinstance(v, np.ndarray) else None for v in (extras.mask, extras.speed)]
    return Regularisation(extras.decay, extras.l1, extras.norm, extras.value, *vectors)


@pytest.mark.parametrize("extras", EXTRAS)
@pytest.mark.parametrize(
    ("spec", "rule", "options"), RULES, ids=lambda v: getattr(v, "__name__", str(v)[:60])
)
def test_a_thousand_steps_are_those_of_the_rule(spec, rule, options, extras) -> None:
    # beside tiny gradients decay decides the sign, and each rounding error grows with the steps
    w, gradients = problem(smallest=1e-6 if extras == "plain" else 0.1)
    chosen = EXTRAS[extras]
    if getattr(spec, "beta2", None) == 0.0 and extras != "plain":
        pytest.skip("divides by the last gradient alone, however near to 0 the decay brings it")
    ours = steps(optimizer_program(spec, "float64", regularisation(chosen)), w, gradients, changing)
    theirs = list(rule(w, gradients, changing, chosen, **options))
    assert len(ours) == len(theirs) == 1000
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("spec", [spec for spec, _, _ in RULES], ids=str)
def test_what_is_not_asked_for_costs_nothing(spec) -> None:
    plain = optimizer_program(spec, "float32")
    assert str(plain) == str(optimizer_program(spec, "float32", Regularisation()))
    assert not any(isinstance(leaf, Constant) for leaf in plain.leaves)


@pytest.mark.parametrize("spec", [spec for spec, _, _ in RULES], ids=str)
def test_a_weight_whose_scales_are_zero_stays(spec) -> None:
    w, gradients = problem(3)
    extras = Regularisation(0.1, 0.1, None, None, np.zeros(5), np.zeros(5))
    for now in steps(optimizer_program(spec, "float64", extras), w, gradients[:20], changing):
        np.testing.assert_array_equal(now, w)


def test_decay_of_adamw_does_not_pass_through_its_moments() -> None:
    w, none = np.array([2.0, -3.0]), np.zeros((10, 2))
    ours = steps(optimizer_program(AdamW(), "float64", Regularisation(0.5)), w, none, lambda n: 0.1)
    np.testing.assert_allclose(ours[-1], w * 0.95**10, rtol=1e-14)


def test_a_gradient_of_zero_survives_clipping_by_norm() -> None:
    clip = Regularisation(clip_norm=1.0)
    (now,) = steps(optimizer_program(Sgd(), "float32", clip), [1.0], [[0.0]], lambda n: 0.1)
    assert now.tolist() == [1.0]


def test_clipping_shortens_the_whole_gradient_and_keeps_its_direction() -> None:
    clip = Regularisation(clip_norm=1.0)
    (now,) = steps(
        optimizer_program(Sgd(), "float64", clip), [0.0, 0.0], [[3.0, 4.0]], lambda n: 1.0
    )
    np.testing.assert_allclose(now, [-0.6, -0.8], rtol=1e-6)


def test_rprop_starts_with_the_learning_rate_and_bounds_its_steps() -> None:
    spec = Rprop(largest=0.05)
    path = steps(optimizer_program(spec, "float64"), [0.0], [[-1.0]] * 12, lambda n: 0.01)
    lengths = np.diff([0.0, *np.ravel(path)])
    assert lengths[0] == pytest.approx(0.01)
    assert lengths[1] == pytest.approx(0.012)
    assert lengths[-1] == pytest.approx(0.05)


def test_adam_in_float32_follows_float64() -> None:
    w, gradients = problem(2)
    spec = Adam(learning_rate=0.01)
    ours = steps(optimizer_program(spec, "float32"), w, gradients[:200], changing)
    assert ours[0].dtype == np.float32
    theirs = list(references.adam(w, gradients[:200], changing, Extras()))
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5)


def test_adam_with_a_gradient_of_zero_stays_and_is_finite() -> None:
    for dtype in ("float32", "float64"):
        (w,) = steps(optimizer_program(Adam(), dtype), [1.0], [[0.0]], lambda n: 0.1)
        assert w.tolist() == [1.0]


def test_adam_needs_ten_passes_over_the_vectors() -> None:
    program = expand_into_calls(optimizer_program(Adam(), "float32"))
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
    known = {  # with the defaults of Keras
        "SGD(learning_rate=0.5)": (Sgd(), 0.0),
        "Adam(learning_rate=0.5)": (Adam(epsilon=1e-7), 0.0),
        "AdamW(learning_rate=0.5)": (AdamW(epsilon=1e-7), 0.004),
        "Adagrad(learning_rate=0.5)": (Adagrad(initial_accumulator=0.1, epsilon=1e-7), 0.0),
        "RMSprop(learning_rate=0.5)": (RmsProp(rho=0.9, epsilon=1e-7), 0.0),
        "Adadelta(learning_rate=0.5)": (Adadelta(rho=0.95, epsilon=1e-7), 0.0),
        "Adamax(learning_rate=0.5)": (Adamax(epsilon=1e-7), 0.0),
        "Nadam(learning_rate=0.5)": (Nadam(epsilon=1e-7, momentum_decay=1.0), 0.0),
        "Lion(learning_rate=0.5)": (Lion(), 0.0),
    }
    checked = 0
    for case in cases["single_step"]:
        if case["optimizer"] not in known:
            continue
        spec, decay = known[case["optimizer"]]
        program = optimizer_program(spec, "float64", Regularisation(decay))
        (w,) = steps(program, case["x0"], [case["grad"]], lambda n: 0.5)
        np.testing.assert_allclose(w, case["x1"], atol=case["tol"])
        checked += 1
    assert checked == len(known)


@pytest.mark.parametrize("row", OPTIMIZERS, ids=lambda row: row.word())
def test_a_row_says_whether_only_signs_and_whether_later_rates_are_read(row) -> None:
    program = optimizer_program(row(), "float64")
    w, gradients = problem()
    factors = np.random.default_rng(1).uniform(0.2, 5.0, gradients.shape)

    def after(rate, gradients=gradients[:60]):
        return steps(program, w, gradients, rate)[-1]

    usual = after(lambda step: 0.01)
    by_size = not np.array_equal(usual, after(lambda step: 0.01, (gradients * factors)[:60]))
    assert by_size is not row.by_signs
    later = not np.array_equal(usual, after(lambda step: 0.01 if step == 1 else 0.03))
    assert later is row.reads_rates
