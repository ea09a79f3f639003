"""The formulas of networks say what is computed: evaluated, compared, read."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.cli import run
from nngraph.insight.expressions import derivative_of_a, function_of_a, loss_of
from nngraph.insight.notation import (
    Absolute,
    Call,
    Expr,
    Fraction,
    Indicator,
    Letter,
    Negative,
    Number,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
    text,
)
from nngraph.ops.loss_word import loss_word
from nngraph.ops.word import op_for
from nngraph.words.activations import ACTIVATIONS
from nngraph.words.losses import LOSSES
from nngraph.words.row import Activation, LossRow

SPECS = Path(__file__).parent.parent.parent / "specs"
Array = np.ndarray[Any, Any]

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "max": np.maximum,
    "min": np.minimum,
    "ln": np.log,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "sqrt": np.sqrt,
    "sign": np.sign,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "gaussian": lambda a: np.exp(-(a**2)),
    "hard_sigmoid": lambda a: np.clip(a + 3, 0, 6) / 6,
    "erfc": np.vectorize(math.erfc),
}


def valued(expr: Expr, known: Mapping[str, Any]) -> Any:
    """What an expression comes to, by the signs as a reader takes them."""
    match expr:
        case Number(value, _):
            return value
        case Letter(name):
            return math.e if name == "e" else known[name]
        case Symbol(letter, _, _):
            return known[letter]
        case Sum(terms):
            return sum(valued(term, known) for term in terms)
        case Product(factors, _):
            return math.prod(valued(factor, known) for factor in factors)
        case Fraction(above, below):
            return valued(above, known) / valued(below, known)
        case Power(base, exponent):
            return valued(base, known) ** valued(exponent, known)
        case Negative(inner):
            return -valued(inner, known)
        case Absolute(inner):
            return np.abs(valued(inner, known))
        case Call(name, arguments):
            return FUNCTIONS[name](*(valued(argument, known) for argument in arguments))
        case Over(operator, _, inner):
            return {"sum": np.sum, "max": np.max}[operator](valued(inner, known))
        case Indicator(inner, above, below, equal):
            x = valued(inner, known)
            holds = np.ones_like(x, bool)
            if above is not None:
                holds &= x > above
            if below is not None:
                holds &= x < below
            return 1.0 * (holds if equal is None else holds & (x == equal))
    raise AssertionError(f"{expr} is nothing that a formula of the vocabulary has")


@pytest.mark.parametrize("row", ACTIVATIONS, ids=lambda row: row.name)
def test_the_formula_of_an_activation_is_what_its_op_computes(row: Activation) -> None:
    a = np.array([0.3, 1.7, 2.9]) if row.name in ("log", "sqrt") else np.array([-2.1, -0.4, 0.7, 5])
    values = tuple(1.3 * value + 0.1 for value in row.defaults)
    learned = dict.fromkeys(row.learned, 0.3)
    letters = [Letter(name) for name in learned]
    op = op_for(row, values)
    expected = op.evaluate(a[None], *(np.full(len(a), v) for v in learned.values()))
    found = function_of_a(row, values, Letter("a"), *letters)
    np.testing.assert_allclose(valued(found, {"a": a, **learned}), expected[0], rtol=1e-12)
    if row.over_last_axis or not row.trainable:
        return
    slope = derivative_of_a(row, values, Letter("a"), Letter("z"), *letters)
    h = 1e-6

    def f(at: Array) -> Any:
        return op.evaluate(at[None], *(np.full(len(a), v) for v in learned.values()))[0]

    numerical = (f(a + h) - f(a - h)) / (2 * h)
    got = valued(slope, {"a": a, "z": f(a), **learned}) * np.ones_like(a)
    np.testing.assert_allclose(got, numerical, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("row", LOSSES, ids=lambda row: row.name)
def test_the_formula_of_a_loss_is_what_its_op_computes(row: LossRow) -> None:
    if row.name == "kl_divergence":
        pytest.skip("it is written by the names of two other losses")
    y, t = np.array([0.2, 0.5, 0.3]), np.array([0.0, 1.0, 0.0])
    mean = row.values == "mean"
    found = loss_of(row, row.defaults, Symbol("z", "y"), Symbol("t", "y"), 3, mean=mean)
    expected = loss_word(row.op).evaluate(y[None], t[None])
    assert valued(found, {"z": y, "t": t}) == pytest.approx(float(expected.item()), rel=1e-12)


def test_what_only_keeps_numbers_finite_is_left_out_as_in_books() -> None:
    told = {row.name: text(function_of_a(row, row.defaults, Letter("a"))) for row in ACTIVATIONS
            if not row.learned}  # fmt: skip
    assert told["sigmoid"] == "1 / (1 + e^(-a))"
    assert told["softmax"] == "e^a / (sum_k e^a_k)"
    assert told["softplus"] == "ln(1 + e^a)"
    assert told["relu"] == "max(a, 0)"


def test_a_network_is_written_as_in_a_lecture() -> None:
    lines = nngraph.compile(SPECS / "xor-trained.yaml").formulas().text().splitlines()
    told = [" ".join(line.split()) for line in lines]
    for line in (
        "a_h = W_x->h^T z_x + b_h (3)",
        "z_h = tanh(a_h)",
        "z_y = sigmoid(W_h->y^T tanh(W_x->h^T z_x + b_h) + b_y)",
        "L = -(t_label * ln(z_y) + (1 - t_label) * ln(1 - z_y))",
        "delta_y = z_y - t_label",
        "delta_h = tanh'(a_h) * (W_h->y delta_y)",
        "dL/dW(h->y) = z_h delta_y^T",
        "dL/db(h) = delta_h",
    ):
        assert line in told, line
    assert max(map(len, lines)) <= 80


def test_single_neurons_are_written_edge_by_edge() -> None:
    found = nngraph.compile("""
nngraph: 1
nodes: {x1: input, x2: input, m: {aggregate: maximum}, y: {activation: tanh, bias: false}}
edges: [x1 -> m, x2 -> m, m -> y, x1 -> y]
loss: {kind: mean_squared_error, target: t, weight: 0.5}
""")
    told = [" ".join(line.split()) for line in found.formulas().text().splitlines()]
    assert "z_m = maximum(W_x1->m * z_x1, W_x2->m * z_x2) + b_m" in told
    assert "a_y = W_m->y * z_m + W_x1->y * z_x1" in told
    assert "L = 0.5 * (z_y - t_t)^2" in told
    assert "delta_y = tanh'(a_y) * (z_y - t_t)" in told
    assert "delta_m = W_m->y * delta_y" in told
    assert "dL/dW(m->y) = delta_y * z_m" in told


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_network_has_formulas_that_latex_can_read(path: Path) -> None:
    found = nngraph.compile(path).formulas()
    for section in found.as_json()["sections"]:  # type: ignore[attr-defined]
        for equation in section["equations"]:
            written = equation["latex"]
            assert written.count("{") == written.count("}")
            assert written.count(r"\left") == written.count(r"\right")
    told = found.latex()
    assert told.count(r"\begin{align*}") == told.count(r"\end{align*}") == len(found.sections)


def test_names_with_underscores_are_words_in_latex() -> None:
    text = "nngraph: 1\nnodes: {x_1: input, a_b: {}}\nedges: [x_1 -> a_b]\n"
    told = nngraph.compile(text).formulas().latex()
    assert r"W_{\mathrm{x\_1} \to \mathrm{a\_b}}" in told


def test_a_code_is_explained_by_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "e240"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("E240 loss-and-output (exit code 3)\n")
    for part in ("What to do:", "Wrong:", "Right:", "```yaml"):
        assert part in told
    assert told == nngraph.explain("E240").rstrip("\n") + "\n"
    assert run(["explain", "L203", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "L203"
    assert run(["explain", "E299"]) == 2
    assert "no code is named 'E299'" in capsys.readouterr().err
    assert run(["explain", "E240", "--latex"]) == 2


def test_one_form_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "xor-trained.yaml")
    assert run(["explain", spec, "--latex"]) == 0
    latex = capsys.readouterr().out
    assert r"\delta_{\mathrm{h}} &= \tanh'\left(a_{\mathrm{h}}\right) \odot" in latex
    assert run(["explain", spec]) == 0
    plain = capsys.readouterr().out
    assert run(["explain", spec, "--text"]) == 0
    assert capsys.readouterr().out == plain
    assert run(["explain", spec, "--text", "--latex"]) == 2
