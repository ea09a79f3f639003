"""Learning rates by hand, and beside numbers of PyTorch's schedulers (2.13)."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

import nngraph
from nngraph.errors import SpecError, UsageError
from nngraph.insight.schedule_picture import schedule_svg, schedule_table
from nngraph.spec import parse_spec
from nngraph.train.schedules import FACTORS, Rates, monitored, plateau_factor
from nngraph.words.metrics import is_rising
from nngraph.words.schedules import (
    SCHEDULES,
    ConstantRate,
    Cosine,
    Exponential,
    FigureSchedule,
    OneCycle,
    Plateau,
    Polynomial,
    StepDecay,
)


def curve(schedule, epochs=10, steps=2, base=0.1):
    return Rates(schedule, base, epochs, steps).curve()


def test_every_schedule_has_its_rule() -> None:
    assert set(FACTORS) == {row.word() for row in SCHEDULES}


@pytest.mark.parametrize("row", SCHEDULES, ids=lambda row: row.word())
def test_a_row_says_whether_rates_change_and_fall_by_equal_factors(row) -> None:
    if issubclass(row, FigureSchedule):
        return
    rates = curve(row(every=10.0) if row is StepDecay else row(), epochs=40)
    assert (len(set(rates)) > 1) is row.changes
    factors = {round(b / a, 12) for a, b in pairwise(rates) if a != b}
    assert (len(factors) == 1) is row.by_factors


def test_a_constant_rate_stays() -> None:
    assert curve(ConstantRate()) == [0.1] * 20


def test_a_warm_up_rises_in_a_straight_line_to_the_schedule() -> None:
    rates = curve(ConstantRate(warmup=2.0), epochs=4, steps=2)
    np.testing.assert_allclose(rates, [0.02, 0.04, 0.06, 0.08, 0.1, 0.1, 0.1, 0.1])


def test_the_schedule_after_a_warm_up_is_the_same_over_the_rest() -> None:
    warm, plain = curve(Cosine(warmup=4.0), epochs=10), curve(Cosine(), epochs=6)
    np.testing.assert_allclose(warm[8:], plain)


def test_steps_fall_at_their_epochs() -> None:
    every = curve(StepDecay(every=2.0, factor=0.5), epochs=6, steps=1, base=1.0)
    assert every == [1, 1, 0.5, 0.5, 0.25, 0.25]
    at = curve(StepDecay(at=(3.0, 7.0)), epochs=10, steps=1)  # MultiStepLR([3, 7])
    np.testing.assert_allclose(at, [0.1] * 3 + [0.01] * 4 + [0.001] * 3)
    half = curve(StepDecay(every=0.5, factor=0.1), epochs=1, steps=4, base=1.0)
    np.testing.assert_allclose(half, [1, 1, 0.1, 0.1])


def test_exponential_decay_takes_its_factor_over_each_epoch() -> None:
    rates = curve(Exponential(factor=0.81), epochs=3, steps=2, base=1.0)
    np.testing.assert_allclose(rates, [1, 0.9, 0.81, 0.729, 0.6561, 0.59049])


def test_the_cosine_of_pytorch() -> None:
    rates = curve(Cosine(), epochs=10, steps=2)[::5]
    np.testing.assert_allclose(
        rates, [0.1, 0.08535533905932739, 0.05000000000000001, 0.014644660940672629], rtol=1e-12
    )


def test_a_cosine_of_its_own_length_ends_early_and_stays() -> None:
    rates = curve(Cosine(epochs=4.0, end=0.1), epochs=6, steps=1, base=1.0)
    assert rates[:2] == pytest.approx([1.0, 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi / 4))])
    assert rates[4:] == pytest.approx([0.1, 0.1])


def test_the_polynomial_of_pytorch() -> None:
    rates = curve(Polynomial(power=2.0), epochs=10, steps=1)
    np.testing.assert_allclose(rates, [0.1 * (1 - k / 10) ** 2 for k in range(10)], rtol=1e-12)


def test_the_cycle_of_pytorch() -> None:
    rates = curve(OneCycle(), epochs=20, steps=1)
    expected = [
        0.0040000000000000036,
        0.06683281572999747,
        0.09874640062350874,
        0.0811745653949763,
        0.0500002,
        0.0188258346050237,
        0.0012539993764912555,
    ]
    np.testing.assert_allclose(rates[:19:3], expected, rtol=1e-12)
    assert rates[-1] == pytest.approx(0.1 * 4e-6)


@pytest.mark.parametrize("rise", [0.0, 1.0])
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_cycle_without_a_rise_or_a_fall_stays_within_its_bounds(rise, epochs) -> None:
    for rate in curve(OneCycle(rise=rise), epochs=epochs, steps=1):
        assert 0.1 * 4e-6 <= rate <= 0.1 * (1 + 1e-12)


def test_a_plateau_waits_and_falls_and_waits_again() -> None:
    spec = Plateau(patience=2, factor=0.5)
    losses = [1.0, 0.9, 0.95, 0.92, 0.91, 0.905, 0.5, 0.6]
    found = [plateau_factor(spec, losses[:n]) for n in range(len(losses) + 1)]
    assert found == [1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_a_plateau_of_accuracy_rises() -> None:
    spec = Plateau(patience=1, factor=0.1, min_delta=0.01)
    assert plateau_factor(spec, [0.5, 0.6, 0.7], rising=True) == 1.0
    assert plateau_factor(spec, [0.5, 0.505], rising=True) == pytest.approx(0.1)
    assert plateau_factor(spec, [0.5, math.nan], rising=True) == pytest.approx(0.1)


def test_a_plateau_does_not_fall_below_its_end() -> None:
    assert plateau_factor(Plateau(patience=1, end=0.05), [1.0] * 20) == 0.05


def test_figures_rise_or_fall_by_their_names() -> None:
    assert is_rising("validation.y.accuracy")
    assert is_rising("train.r2")
    assert not is_rising("validation.loss")
    assert not is_rising("train.mean_squared_error")


def test_the_figure_of_a_plateau_is_one_that_there_is() -> None:
    figures = ["train.loss", "validation.loss"]
    assert monitored(Plateau(), figures) == "validation.loss"
    assert monitored(Plateau(), figures[:1]) == "train.loss"
    with pytest.raises(UsageError, match="does not compute") as told:
        monitored(Plateau(monitor="validation.los"), figures)
    assert "validation.loss" in told.value.diagnostics[0].help


SPEC = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 1}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 4, batch_size: 5, optimizer: {kind: sgd, learning_rate: 0.1}, schedule: %s}
"""


def history(schedule, epochs=4):
    rng = np.random.default_rng(0)
    model = nngraph.compile(SPEC % schedule)
    seen = []
    model.fit(rng.standard_normal((10, 2)), rng.standard_normal((10, 1)), on_epoch=seen.append)
    return [epoch.learning_rate for epoch in seen]


def test_training_follows_the_schedule() -> None:
    np.testing.assert_allclose(history("{kind: step, every: 2}"), [0.1, 0.1, 0.01, 0.01])
    np.testing.assert_allclose(history("constant"), [0.1] * 4)
    last = Rates(Cosine(), 0.1, 4, 2).curve()[1::2]
    np.testing.assert_allclose(history("cosine"), last)


def test_a_plateau_is_reached_while_training() -> None:
    rates = history("{kind: plateau, patience: 1, min_delta: 100}")
    np.testing.assert_allclose(rates, [0.1, 0.1, 0.01, 0.001])


def test_a_schedule_for_rprop_is_refused_at_its_place() -> None:
    with pytest.raises(SpecError, match="no effect on rprop"):
        parse_spec(SPEC.replace("{kind: sgd, learning_rate: 0.1}", "rprop") % "cosine")


@pytest.mark.parametrize(
    "schedule",
    [
        "{kind: one_cycle, warmup: 1}",
        "{kind: step, every: 2, at: [3]}",
        "{kind: step, at: [3, 2]}",
        "{kind: exponential, factor: 1.5}",
        "{kind: cosin}",
        "{kind: plateau, patience: 0}",
    ],
)
def test_wrong_schedules_are_refused(schedule) -> None:
    with pytest.raises(SpecError):
        parse_spec(SPEC % schedule)


@pytest.mark.parametrize(
    "schedule", [ConstantRate(warmup=1.5), Cosine(), Exponential(factor=0.3), Plateau(), OneCycle()]
)
def test_the_picture_is_a_picture_of_every_step(schedule) -> None:
    rates = Rates(schedule, 0.1, 6, 5)
    root = ElementTree.fromstring(schedule_svg(rates, title="<net & co>"))
    path = next(e for e in root.iter() if e.tag.endswith("path"))
    places = [tuple(map(float, p.split(","))) for p in path.attrib["d"][1:].split(" L")]
    assert len(places) == 60
    heights = [y for _, y in places[::2]]
    order = np.argsort(rates.curve(), kind="stable")
    assert np.all(np.diff(np.array(heights)[order]) <= 0.01)  # higher rates lie higher
    assert "<net & co>" in "".join(root.itertext())


def test_the_table_has_a_row_for_each_epoch() -> None:
    assert schedule_table(Rates(StepDecay(every=1.0), 1.0, 2, 3)) == [
        (1, 1.0, 1.0),
        (2, 0.1, 0.1),
    ]
