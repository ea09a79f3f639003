"""Figures of classes and numbers, against scikit-learn 1.9.1's and against formulas by hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from metric_samples import classes, numbers, yes_or_no

from nngraph.data import Part
from nngraph.errors import SpecError
from nngraph.spec import parse_spec
from nngraph.train.learner import Learner
from nngraph.train.metrics import Figure, MetricPlan, confusion, correct, figures_of
from nngraph.train.ports import metric_plans
from nngraph.train.supervision import confusions

# what scikit-learn 1.9.1 gives for `classes()`: *_score(average=..., zero_division=0), iou as
# jaccard_score, roc_auc as the mean of one class against the others
OF_CLASSES = [
    ("accuracy", {}, 0.5),
    ("top_k", {"k": 1}, 0.5),
    ("top_k", {"k": 2}, 0.8),
    ("top_k", {"k": 3}, 0.95),
    ("precision", {}, 0.4333333333333333),
    ("recall", {}, 0.3638888888888889),
    ("f1", {}, 0.376984126984127),
    ("dice", {}, 0.376984126984127),
    ("iou", {}, 0.2553694581280788),
    ("precision", {"average": "micro"}, 0.5),
    ("recall", {"average": "micro"}, 0.5),
    ("f1", {"average": "micro"}, 0.5),
    ("iou", {"average": "micro"}, 0.3333333333333333),
    ("f1", {"average": "per_class", "index": 0}, 0.6190476190476191),
    ("f1", {"average": "per_class", "index": 3}, 0.25),
    ("f1", {"average": "per_class", "index": 4}, 0.0),
    ("roc_auc", {}, 0.8096478174603174),
    ("roc_auc", {"average": "micro"}, 0.8282638888888889),
    ("roc_auc", {"average": "per_class", "index": 1}, 0.7513227513227513),
    ("perplexity", {}, 3.413802517527677),  # exp of log_loss
]
OF_YES_OR_NO = [
    ("precision", {}, 0.665079365079365),
    ("recall", {}, 0.8040555935292777),
    ("f1", {}, 0.7095238095238096),
    ("iou", {}, 0.5628205128205128),
    ("roc_auc", {}, 0.8822434875066455),
    ("precision", {"average": "micro"}, 0.7230769230769231),
    ("recall", {"average": "micro"}, 0.7966101694915254),
    ("f1", {"average": "micro"}, 0.7580645161290323),
    ("iou", {"average": "micro"}, 0.6103896103896104),
    ("roc_auc", {"average": "micro"}, 0.8849680466796332),
    ("f1", {"average": "per_class", "index": 1}, 0.7),
]
OF_NUMBERS = [
    ("r2", {}, -0.5275521927712278),
    ("mean_squared_error", {}, 0.1534688000000031),
    ("mean_absolute_error", {}, 0.27176000000000156),
]
SAMPLES: list[tuple[Callable, bool, list]] = [
    (classes, True, OF_CLASSES),
    (yes_or_no, False, OF_YES_OR_NO),
    (numbers, False, OF_NUMBERS),
]
ROWS = [(make, known, *row) for make, known, rows in SAMPLES for row in rows]


def plan(kind, classes=False, **options) -> MetricPlan:
    return MetricPlan(kind, kind, "y", "t", classes, **options)


@pytest.mark.parametrize(("make", "known", "kind", "options", "expected"), ROWS)
@pytest.mark.parametrize("size", [1000, 7, 1])
def test_figures_are_those_of_scikit_learn_however_rows_are_cut(
    make, known, kind, options, expected, size
):
    figure = Figure(plan(kind, known, **options))
    z, t = make()
    for start in range(0, len(z), size):
        figure.add(z[start : start + size], t[start : start + size])
    assert figure.value == pytest.approx(expected, rel=1e-12)


def test_figures_that_share_their_counts_say_the_same_as_alone():
    z, t = classes()
    plans = [plan(kind, True, **options) for kind, options, _ in OF_CLASSES]
    together = figures_of(plans)
    for _ in range(2):  # a reset forgets the rows of all
        for figure in together:
            figure.reset()
        for rows in (slice(0, 13), slice(13, 60)):
            for figure in together:
                figure.add(z[rows], t[rows])
    alone = [Figure(one) for one in plans]
    for figure in alone:
        figure.add(z, t)
    assert [f.value for f in together] == pytest.approx([f.value for f in alone])


def test_a_figure_of_counts_without_rows_is_not_a_number():
    for kind in ("f1", "roc_auc", "perplexity", "r2", "top_k", "iou"):
        assert math.isnan(Figure(plan(kind, True)).value), kind


def test_negative_targets_move_the_middle_to_zero_even_when_they_come_late():
    z, t = np.array([[0.2], [0.3], [-0.1]]), np.array([[1.0], [1.0], [-1.0]])
    for kind in ("accuracy", "f1", "precision"):
        figure = Figure(plan(kind))
        for row in range(3):  # the first batches hold no negative target
            figure.add(z[row : row + 1], t[row : row + 1])
        assert figure.value == 1.0, kind


def test_a_fixed_middle_reads_zero_one_and_minus_one_one_alike():
    z = np.array([[0.2], [-0.3], [0.4]])
    for t in (np.array([[1.0], [0.0], [0.0]]), np.array([[1.0], [-1.0], [-1.0]])):
        figure = Figure(plan("accuracy", middle=0.0))
        figure.add(z, t)
        assert figure.value == pytest.approx(2 / 3)


def test_of_equal_units_the_first_is_the_larger_as_in_accuracy():
    z, t = np.full((4, 4), 0.25), np.eye(4)
    for k in (1, 2, 3):
        figure = Figure(plan("top_k", True, k=k))
        figure.add(z, t)
        assert figure.value == k / 4


def test_a_class_that_is_neither_answered_nor_true_is_left_out_of_the_mean():
    z, t = np.eye(4)[[0, 0, 1]], np.eye(4)[[0, 1, 1]]
    figure = Figure(plan("recall", True))
    figure.add(z, t)
    assert figure.value == 0.75  # (1 + 1/2) / 2, not over 4 classes


def test_masks_are_judged_pixel_by_pixel():
    t, z = np.zeros((2, 3, 3, 1)), np.zeros((2, 3, 3, 1))
    t[:, :2, :2] = 1  # 4 pixels a picture
    z[:, 1:, :2] = 0.9  # 4 pixels a picture, 2 of them right
    both, answered, true = 4, 8, 8
    values = {}
    for kind in ("dice", "iou"):
        figure = Figure(plan(kind))
        figure.add(z, t)
        values[kind] = figure.value
    assert values["dice"] == pytest.approx(2 * both / (answered + true))
    assert values["iou"] == pytest.approx(both / (answered + true - both))


def test_perplexity_of_certainty_is_one_and_of_a_guess_the_number_of_classes():
    t = np.eye(4)
    for z, logarithmic, expected in (
        (t, False, 1.0),
        (np.full((4, 4), 0.25), False, 4.0),
        (np.log(np.full((4, 4), 0.25)), True, 4.0),
    ):
        figure = Figure(plan("perplexity", True, logarithmic=logarithmic))
        figure.add(z, t)
        assert figure.value == pytest.approx(expected)


def test_perplexity_of_a_yes_or_no_counts_both_sides():
    figure = Figure(plan("perplexity"))
    figure.add(np.array([[0.8], [0.4]]), np.array([[1.0], [0.0]]))
    assert figure.value == pytest.approx(math.exp(-(math.log(0.8) + math.log(0.6)) / 2))


def test_a_wrong_certainty_is_finite_or_infinite_but_no_crash():
    figure = Figure(plan("perplexity", True))
    figure.add(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    assert figure.value > 1e300


def test_area_under_the_curve_counts_pairs():
    z, t = yes_or_no()
    scores, truth = z[:, 0], t[:, 0] > 0.5
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[truth] for b in scores[~truth]]
    figure = Figure(plan("roc_auc"))
    figure.add(z[:, :1], t[:, :1])
    assert figure.value == pytest.approx(sum(pairs) / len(pairs))


def test_a_class_without_both_answers_has_no_area():
    figure = Figure(plan("roc_auc"))
    figure.add(np.array([[0.1], [0.2]]), np.ones((2, 1)))
    assert math.isnan(figure.value)


def test_r2_of_a_target_that_never_changes_is_one_where_it_is_met_and_else_zero():
    t = np.full((3, 2), 5.0)
    figure = Figure(plan("r2"))
    figure.add(t + np.array([0.0, 1.0]), t)
    assert figure.value == 0.5


def test_r2_keeps_its_digits_far_from_zero():
    z, t = numbers()
    near, far = Figure(plan("r2")), Figure(plan("r2"))
    for start in range(0, 50, 3):
        near.add(z[start : start + 3] - 1000, t[start : start + 3] - 1000)
        far.add(z[start : start + 3] + 1e7, t[start : start + 3] + 1e7)
    assert far.value == pytest.approx(near.value, rel=1e-6)


def test_confusion_counts_what_was_taken_for_what():
    z, t = classes()
    found = confusion(z, t, ("a", "b", "c", "d", "e"), classes=True)
    assert found.counts.tolist() == [  # scikit-learn's confusion_matrix
        [13, 5, 4, 0, 2],
        [3, 8, 3, 1, 3],
        [0, 4, 8, 0, 0],
        [2, 1, 1, 1, 1],
        [0, 0, 0, 0, 0],
    ]
    assert found.most_confused(2) == [(0, 1, 5), (0, 2, 4)]
    assert found.per_class[0] == pytest.approx(
        {"precision": 13 / 18, "recall": 13 / 24, "f1": 0.6190476190476191, "support": 24}
    )
    assert found.to_json()["labels"] == ["a", "b", "c", "d", "e"]


def test_confusion_of_yes_and_no_has_two_classes():
    found = confusion(
        np.array([[0.9], [0.2], [0.6]]), np.array([[1], [1], [0]]), None, classes=False
    )
    assert (found.labels, found.counts.tolist()) == (("no", "yes"), [[0, 1], [1, 1]])
    assert not correct(np.array([[0.2]]), np.array([[1]]), classes=False).any()


SPEC = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  y: {units: 3, activation: ACTIVATION, labels: [red wine, white wine, beer]}
edges: [x -> y]
loss: LOSS
train: {metrics: METRICS}
"""


def learner(metrics: str, activation: str = "softmax", loss: str = "cross_entropy") -> Learner:
    text = SPEC.replace("METRICS", metrics).replace("ACTIVATION", activation).replace("LOSS", loss)
    return Learner.start(parse_spec(text))


def names(metrics: str, **more: str) -> list[str]:
    return [plan.name for plan in metric_plans(learner(metrics, **more).network)]


def test_figures_are_named_by_formula_and_what_was_asked_of_it():
    asked = (
        "[{kind: top_k, k: 2}, f1, {kind: f1, average: micro}, {kind: recall, average: per_class}]"
    )
    assert names(asked) == [
        "top_2",
        "f1",
        "f1_micro",
        "recall_red_wine",
        "recall_white_wine",
        "recall_beer",
    ]


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
def test_yes_begins_at_zero_where_a_hinge_is_learnt(loss):
    text = f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges: [x -> y]\nloss: {loss}\n"
    made = Learner.start(parse_spec(text + "train: {metrics: [accuracy, f1]}"))
    assert [plan.middle for plan in metric_plans(made.network)] == [0.0, 0.0]


def test_perplexity_of_a_log_softmax_knows_that_it_gets_logarithms():
    made = learner("[perplexity]", "log_softmax", "negative_log_likelihood")
    assert metric_plans(made.network)[0].logarithmic


@pytest.mark.parametrize(
    ("metrics", "activation", "loss", "place", "message"),
    [
        ("[top_k]", "softmax", "cross_entropy", "top_k", "always among the 5 largest of the 3 uni"),
        ("[{kind: top_k, k: 3}]", "softmax", "cross_entropy", "3", "always among the 3 largest"),
        ("[f1]", "identity", "mean_squared_error", "f1", "holds plain numbers"),
        ("[{kind: f1, k: 3}]", "softmax", "cross_entropy", "3", "'k' belongs to 'top_k'"),
        ("[{kind: r2, average: micro}]", "softmax", "cross_entropy", "micro", "no average over"),
        ("[perplexity]", "tanh", "mean_squared_error", "perplexity", "has the activation 'tanh'"),
        ("[{kind: f1, average: all}]", "softmax", "cross_entropy", "all", "macro"),
    ],
)
def test_metrics_that_make_no_sense_are_refused_at_their_place(
    metrics, activation, loss, place, message
):
    with pytest.raises(SpecError) as caught:
        names(metrics, activation=activation, loss=loss)
    (problem,) = caught.value.diagnostics
    assert message in problem.message + problem.help + problem.label
    span = problem.span
    assert span.source.text[span.start : span.end] == place


TWO_HEADS = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 1}
  a: {units: 1, bias: false}
  b: {units: 1, bias: false, activation: sigmoid}
edges: [x -> a: [[1]], x -> b: [[1]]]
loss: [{kind: hinge, node: a}, {kind: binary_cross_entropy, node: b}]
train: {metrics: [accuracy, {kind: f1, node: b}]}
"""


def test_a_hinge_moves_the_middle_of_its_own_node_alone():
    made = Learner.start(parse_spec(TWO_HEADS))
    found = {plan.name: plan.middle for plan in metric_plans(made.network)}
    assert found == {"a.accuracy": 0.0, "b.accuracy": None, "b.f1": None}
    x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    yes = (x > 0).astype(float)
    part = Part({"x": x}, {"a": yes, "b": yes}, np.arange(4))
    for counts in confusions(made, part).values():  # a sigmoid is above 0 everywhere
        np.testing.assert_array_equal(counts.counts, [[2, 0], [0, 2]])
