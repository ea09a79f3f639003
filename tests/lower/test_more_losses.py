"""Losses with corners, of masks and of distributions; smoothing; weights of classes and samples.

Numbers marked PyTorch are those of torch.nn.functional, 2.13, on X and the target beside them.
"""

from __future__ import annotations

import numpy as np
import pytest
from lowering_helpers import lowered, mistakes, place, run

import nngraph
from nngraph.errors import DataError
from nngraph.ir import Row, interpret
from nngraph.lower import differentiate, pack_weights
from nngraph.network import compile_document
from nngraph.pipeline import FORWARD, drive
from nngraph.run import Executable
from nngraph.spec import parse_spec
from nngraph.spec.model import LOSSES

X = np.array([[0.5, -1.2, 2.0], [-0.3, 0.8, 0.1]])
CLASSES = np.eye(3)[[2, 0]]
YES_NO = np.array([[1.0, 0, 1], [0, 0, 1]])
SHARES = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.7]])
SPREAD = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]])

NETWORK = """
nodes: {x: {kind: input, shape: 3}, y: {units: 3, activation: %s, bias: false}}
edges: [x -> y: identity]
loss: %s
"""


def loss(activation: str, term: str, x, t) -> float:
    low = lowered(NETWORK % (activation, term))
    return run(low, {"x": x, "target:y": t}).outputs["loss"].item()


@pytest.mark.parametrize(
    ("activation", "term", "t", "expected"),
    [
        ("softmax", "{kind: cross_entropy, label_smoothing: 0.1}", CLASSES, 1.022440835254622),
        (
            "softmax",
            "{kind: cross_entropy, class_weights: [1, 2, 0.5]}",
            CLASSES,
            0.9105584676373389,
        ),
        (
            "softmax",
            "{kind: cross_entropy, class_weights: [1, 2, 0.5], label_smoothing: 0.1}",
            CLASSES,
            1.0242318294310886,
        ),
        (
            "log_softmax",
            "{kind: negative_log_likelihood, class_weights: [1, 2, 0.5]}",
            CLASSES,
            0.9105584676373389,
        ),
        ("softmax", "kl_divergence", SPREAD, 0.5342809948890016),
        ("identity", "{kind: huber, delta: 0.7}", YES_NO, 0.32),
        ("sigmoid", "{kind: focal, alpha: 0.25}", YES_NO, 0.27885520161749194),
        ("sigmoid", "{kind: focal, gamma: 0.5}", YES_NO, 1.1201597919229986),
        ("softmax", "focal", CLASSES, 0.575273370737448),
        ("identity", "hinge", YES_NO, 1.95),
        ("identity", "hinge", 2 * YES_NO - 1, 1.95),
        ("identity", "squared_hinge", YES_NO, 2.395),
        ("sigmoid", "binary_cross_entropy", SHARES, 2.112070016525493),
        ("sigmoid", "{kind: focal, alpha: 0.25}", SHARES, 0.5384372235709927),
        ("sigmoid", "dice", SHARES, 0.3374550993590135),
        ("sigmoid", "jaccard", SHARES, 0.4230861124451852),
    ],
)
def test_the_numbers_of_pytorch(activation, term, t, expected) -> None:
    assert loss(activation, term, X, t) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (
            "binary_cross_entropy",
            [[0.2112296656009273, -0.034262391749508805, 0.19039853898894116],
             [0.2127787415941705, -0.15501275943619375, -0.08751040626052997]],
        ),
        (
            "{kind: focal, alpha: 0.25}",
            [[0.15439712162860209, -0.023078399630790454, 0.20157939069687827],
             [0.07215316474323084, -0.009877408536478937, 0.01546709176743151]],
        ),
        (
            "dice",
            [[0.00652680396358679, 0.00017745139712157368, -0.005517818375865899],
             [0.020208772387911987, -0.03159875132769444, -0.019601896299645392]],
        ),
        (
            "jaccard",
            [[0.008402542877469886, 0.001979408627268281, -0.004003327540844325],
             [0.023331941168638164, -0.03257787967959059, -0.019445125034845436]],
        ),
    ],
)  # fmt: skip
def test_shares_of_yes_pull_as_in_pytorch(term, expected) -> None:
    """Autograd of PyTorch 2.13: binary_cross_entropy_with_logits; the others as formulas."""
    low = lowered((NETWORK % ("sigmoid", term)).replace(", bias: false", ""))
    back = differentiate(low.program, None)
    for row in (0, 1):  # the gradient of one row is that of the biases
        given = {"x": X[row : row + 1], "target:y": SHARES[row : row + 1]}
        found = run(low, given, program=back).outputs["gradient:y.bias"]
        np.testing.assert_allclose(found, 2 * np.array(expected[row]), rtol=1e-11)


def test_the_right_class_is_no_rival_of_itself() -> None:
    """Crammer and Singer: max(0, 1 + highest wrong - right); sklearn.metrics.hinge_loss 0.7."""
    scores = np.array([[0.5, -3, -3], [-3, -2.5, -4], [0.3, 0.9, -1]])
    t = np.eye(3)[[0, 1, 0]]
    each = [loss("identity", "categorical_hinge", scores[k : k + 1], t[k : k + 1]) for k in (0, 1)]
    assert each == pytest.approx([0.0, 0.5], abs=1e-15)
    assert loss("identity", "categorical_hinge", scores, t) == pytest.approx(0.7, rel=1e-15)


def test_a_focal_loss_without_focus_is_the_entropy() -> None:
    for activation, kind, t in [
        ("sigmoid", "binary_cross_entropy", YES_NO),
        ("softmax", "cross_entropy", CLASSES),
    ]:
        plain = loss(activation, kind, X, t)
        assert loss(activation, "{kind: focal, gamma: 0}", X, t) == pytest.approx(plain, rel=1e-12)


def test_a_focal_loss_of_probabilities_that_no_sigmoid_made() -> None:
    p = np.clip(X / 6 + 0.5, 0, 1)
    right = np.where(YES_NO == 1, p, 1 - p)
    expected = (-((1 - right) ** 2) * np.log(right)).sum(axis=1).mean()
    assert loss("hard_sigmoid", "focal", X, YES_NO) == pytest.approx(expected, rel=1e-12)


def test_smoothed_answers_of_yes_and_no() -> None:
    t = YES_NO * 0.8 + 0.1
    p = 1 / (1 + np.exp(-X))
    expected = -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum(axis=1).mean()
    term = "{kind: binary_cross_entropy, label_smoothing: 0.2}"
    assert loss("sigmoid", term, X, YES_NO) == pytest.approx(expected, rel=1e-12)


def test_overlaps_by_their_formulas() -> None:
    p = 1 / (1 + np.exp(-X))
    both, areas = (p * YES_NO).sum(axis=1), p.sum(axis=1) + YES_NO.sum(axis=1)
    dice = (1 - (2 * both + 1) / (areas + 1)).mean()
    assert loss("sigmoid", "dice", X, YES_NO) == pytest.approx(dice, rel=1e-12)
    jaccard = (1 - (both + 0.1) / (areas - both + 0.1)).mean()
    found = loss("sigmoid", "{kind: jaccard, smooth: 0.1}", X, YES_NO)
    assert found == pytest.approx(jaccard, rel=1e-12)
    exact = np.array([[30.0, -30, 30], [-30, -30, -30]])
    assert loss("sigmoid", "dice", exact, (exact > 0) * 1.0) == pytest.approx(0, abs=1e-10)


def test_areas_over_a_softmax_compare_with_classes() -> None:
    for kind in ("dice", "jaccard", "focal"):
        assert lowered(NETWORK % ("softmax", kind)).targets[0].kind == "classes"
        assert lowered(NETWORK % ("sigmoid", kind)).targets[0].kind == "binary"


def test_a_divergence_is_zero_where_both_agree_and_fuses_with_its_softmax() -> None:
    low = lowered(NETWORK % ("softmax", "kl_divergence"))
    e = np.exp(X)
    same = e / e.sum(axis=1, keepdims=True)
    found = run(low, {"x": X, "target:y": same}).outputs["loss"].item()
    assert found == pytest.approx(0, abs=1e-15)
    fused = drive(low.program, FORWARD)
    assert "softmax_cross_entropy" in [i.op.name for i in fused.body]


EXTREME = """
nodes:
  x: {kind: input, shape: 3}
  h: {kind: add}
  y: {kind: activation, function: %s}
edges:
  - x -> h: {kind: scale, weight: [1, 1, 1]}
  - h -> y
loss: %s
"""
FITTING = {
    "cross_entropy": "softmax",
    "binary_cross_entropy": "sigmoid",
    "negative_log_likelihood": "log_softmax",
    "kl_divergence": "softmax",
    "dice": "sigmoid",
    "jaccard": "sigmoid",
    "focal": "sigmoid",
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "kind",
    [*LOSSES, "focal over classes", "focal, little", "focal, few", "focal little over classes"],
)
def test_every_loss_and_its_slope_is_finite_at_extremes_and_points_home(kind, dtype) -> None:
    word, _, rest = kind.partition(" ")
    word = word.rstrip(",")
    activation = "softmax" if rest.endswith("classes") else FITTING.get(word, "identity")
    focus = {"little": 0.5, "few": 5.0}.get(rest.partition(" ")[0])
    term = word if focus is None else f"{{kind: focal, gamma: {focus}}}"
    low = lowered(f"nngraph: 1\ndtype: {dtype}\n" + EXTREME % (activation, term))
    fused = drive(low.program, FORWARD)
    program = differentiate(fused, low.parameters)
    by_id = {leaf.id: leaf for leaf in program.leaves}
    for size in (0.0, 1.0, 30.0, 200.0, 1e4):
        x = np.array([[-size, size, -size], [size, -size, -size]], dtype)
        t = np.array([[1, 0, 0], [1, 0, 0]], dtype)
        given = {
            by_id["x"]: x,
            by_id["target:y"]: t,
            by_id["per_sample"]: np.array(0.5, dtype),
            **{by_id[k]: v for k, v in pack_weights(low, {"x->h": np.ones(3)}).items()},
        }
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            found = interpret(program, given).outputs
        assert np.isfinite(found["loss"])
        assert np.all(np.isfinite(found["gradient:x->h"]))
        surely_wrong = size >= 30.0 and word not in ("dice", "jaccard")
        if surely_wrong:  # x0 < 0 should be > 0: its weight must fall, however sure the answer
            assert found["gradient:x->h"][0] > 0


@pytest.mark.parametrize(
    ("activation", "term", "message"),
    [
        ("sigmoid", "hinge", "hinge takes outputs that reach -1 and 1, but 'y' (sigmoid) gives"),
        ("relu", "squared_hinge", "squared_hinge takes outputs that reach -1 and 1"),
        ("softmax", "categorical_hinge", "takes scores that differ by more than 1"),
        ("sigmoid", "kl_divergence", "kl_divergence needs a softmax"),
        ("identity", "dice", "dice takes outputs between 0 and 1"),
        ("tanh", "focal", "focal takes outputs between 0 and 1"),
        ("identity", "jaccard", "jaccard takes outputs between 0 and 1"),
    ],
)
def test_a_loss_that_does_not_fit_its_output_is_refused_with_the_mend(
    activation, term, message
) -> None:
    (told,) = mistakes(NETWORK % (activation, term))
    assert told.code == "E240"
    assert message in told.message
    assert told.help


def test_scores_without_bounds_fit_every_hinge() -> None:
    for activation, term in [("tanh", "hinge"), ("identity", "squared_hinge"),
                             ("relu", "categorical_hinge")]:  # fmt: skip
        lowered(NETWORK % (activation, term))


def test_too_few_class_weights_are_told_at_their_place() -> None:
    (told,) = mistakes(NETWORK % ("softmax", "{kind: cross_entropy, class_weights: [1, 2]}"))
    assert place(told) == ("E244", 4, 44)
    assert told.message == "2 class weights for the 3 classes of 'y'"


@pytest.mark.parametrize(
    ("activation", "option", "message"),
    [
        ("softmax", "alpha: 0.5", "'alpha' has no meaning here: 'y' says one of several classes"),
        (
            "sigmoid",
            "class_weights: [1, 2, 3]",
            "'class_weights' has no meaning here: 'y' says yes",
        ),
    ],
)
def test_a_balance_of_the_other_kind_is_refused_and_never_ignored(
    activation, option, message
) -> None:
    (told,) = mistakes(NETWORK % (activation, f"{{kind: focal, {option}}}"))
    assert told.code == "E244"
    assert message in told.message


def test_a_focal_loss_weighs_classes() -> None:
    weighed = loss("softmax", "{kind: focal, class_weights: [1, 2, 0.5]}", X, CLASSES)
    p = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
    each = -((1 - p) ** 2) * np.log(p) * CLASSES * np.array([1, 2, 0.5])
    assert weighed == pytest.approx(each.sum(axis=1).mean(), rel=1e-12)


# ---- from data

TABLE = """
nngraph: 1
dtype: float64
nodes: {x: {kind: input, shape: 1}, y: {units: 1, bias: false}}
edges: [x -> y: 1]
loss: %s
data: {source: table, columns: {x: [1, 2, 3], y: %s, w: [1, 0, 4]}%s}
train: {epochs: 1, batch_size: full, shuffle: false, optimizer: {kind: sgd, learning_rate: 0.01}}
"""


def test_samples_count_by_their_weight_in_loss_and_gradient() -> None:
    model = nngraph.compile(TABLE % ("mean_squared_error", "[0, 0, 0]", ", sample_weight: w"))
    (epoch,) = model.fit()
    assert epoch.train["loss"] == pytest.approx((1 * 1 + 0 * 4 + 4 * 9) / 3)
    slope = 2 * (1 * 1 + 0 * 4 + 4 * 9) / 3
    assert model.weights["x->y"].item() == pytest.approx(1 - 0.01 * slope)


def test_without_weights_all_samples_count_one() -> None:
    model = nngraph.compile(TABLE % ("mean_squared_error", "[0, 0, 0]", ", sample_weight: w"))
    model.fit(np.array([[1.0], [2.0], [3.0]]), np.zeros((3, 1)))
    assert model.weights["x->y"].item() == pytest.approx(1 - 0.01 * 2 * 14 / 3)


def test_a_step_that_is_fed_no_weights_counts_every_sample_once() -> None:
    text = TABLE % ("mean_squared_error", "[0, 0, 0]", ", sample_weight: w")
    compiled = compile_document(parse_spec(text))
    executor = Executable(compiled, {"x->y": np.ones((1, 1))})
    step = executor.training(3)
    step.slots[Row("x")].load(
        step.slots[Row("x")].prepare(np.array([[1.0], [2.0], [3.0]])), np.arange(3)
    )
    step.run()
    assert step.loss == pytest.approx(14 / 3)


def test_signs_are_taken_as_zeros_and_ones_or_as_minus_and_plus_one() -> None:
    learnt = []
    for targets in ("[0, 1, 0]", "[-1, 1, -1]", "['no', 'yes', 'no']"):
        model = nngraph.compile(TABLE % ("hinge", targets, ""))
        model.fit()
        learnt.append(model.weights["x->y"].item())
    assert learnt[0] == learnt[1] == learnt[2] != 1.0


@pytest.mark.parametrize("targets", ["[-1, 0, 1]", "[0, 2, 1]", "[-1, 1, 0.5]"])
def test_signs_that_are_none_are_refused(targets) -> None:
    with pytest.raises(DataError, match=r"is -1 or 1|is 0 or 1"):
        nngraph.compile(TABLE % ("hinge", targets, "")).fit()
