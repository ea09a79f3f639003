"""Steps that a compiled loop takes many at a time: course, bits and errors as of single steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import nngraph
from nngraph.errors import NonFiniteError
from nngraph.network import Network, compile_document
from nngraph.run import Executable
from nngraph.spec import parse_spec
from nngraph.train.feed import Rows
from nngraph.train.learner import Learner
from nngraph.train.loop import Settings, train
from nngraph.train.origin import plan_digest
from nngraph.train.position import Position
from nngraph.words.schedules import Cosine

NET = """
nngraph: 1
dtype: {dtype}
nodes: {{x: {{kind: input, shape: 3}}, h: {{units: 5, activation: {act}}}, y: {{units: 2, {out}}}}}
edges: [x -> h -> y]
loss: {{kind: {loss}, target: t}}
train: {{epochs: 6, batch_size: 8, {train}}}
"""
SGD = "optimizer: {kind: sgd, learning_rate: 0.1}"
CASES = {
    "sgd": {"train": SGD},
    "momentum": {"train": "optimizer: {kind: sgd, learning_rate: 0.05, momentum: 0.9}"},
    "adam": {"train": "optimizer: {kind: adam, learning_rate: 0.02}"},
    "adamw, decay": {"train": "weight_decay: 0.1, optimizer: {kind: adamw, learning_rate: 0.02}"},
    "clipped": {"train": "clip: {norm: 0.1}, " + SGD},
    "float64": {"train": SGD, "dtype": "float64"},
    "softmax": {"train": SGD, "out": "activation: softmax", "loss": "cross_entropy"},
    "sigmoid": {"train": SGD, "out": "activation: sigmoid", "loss": "binary_cross_entropy"},
    "relu": {"train": SGD, "act": "relu"},
    "mish": {"train": SGD, "act": "mish"},
    "elu": {"train": SGD, "act": "elu"},
    "softplus": {"train": SGD, "act": "softplus"},
}


def text_of(**more: str) -> str:
    given = {"dtype": "float32", "act": "tanh", "out": "bias: true", "loss": "mean_squared_error"}
    return NET.format(**{**given, "train": SGD, **more})


def rows_of(count: int = 21, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    t = np.eye(2)[rng.integers(0, 2, count)]
    return Rows.of({"x": rng.normal(size=(count, 3))}, {"t": t}, weights=rng.random(count) + 0.5)


def started(text: str, *, kernels: bool = True) -> Executable:
    return Executable.start(compile_document(parse_spec(text), kernels=kernels), 3)


def trained(executable: Executable, settings: Settings, **more: Any) -> list[Any]:
    with executable.threads():
        return list(train(executable, settings, rows_of(), **more))


def same_bits(one: Executable, other: Executable) -> None:
    for id_, weights in one.weights().items():
        np.testing.assert_array_equal(weights, other.weights()[id_], err_msg=id_)
    for name, state in one.state().items():
        np.testing.assert_array_equal(state, other.state()[name], err_msg=name)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("size", [8, 21])
def test_the_course_is_that_of_steps_one_by_one(case, size):
    text = text_of(**CASES[case])
    settings = Settings(6, size, 0.05, seed=5, schedule=Cosine())
    ahead, alone = started(text), started(text, kernels=False)
    assert ahead.network.takes_whole_epochs(size)
    assert not alone.network.takes_whole_epochs(size)
    found, expected = trained(ahead, settings, looked_at=False), trained(alone, settings)
    for one, other in zip(found, expected, strict=True):
        assert (one.number, one.step, one.learning_rate) == (
            other.number,
            other.step,
            other.learning_rate,
        )
        assert one.train["loss"] == pytest.approx(other.train["loss"], rel=1e-5)
    for id_, weights in alone.weights().items():
        np.testing.assert_allclose(ahead.weights()[id_], weights, rtol=1e-3, atol=1e-5)


def test_the_bits_do_not_depend_on_who_looks():
    adam = text_of(train="optimizer: {kind: adam, learning_rate: 0.02}")
    settings = Settings(150, 8, 0.02, seed=5)  # more steps than between two copies and two flushes
    free, seen, checked = (started(adam) for _ in range(3))
    history = trained(free, settings, looked_at=False)
    steps = [(epoch, seen.step) for epoch in _each(seen, settings)]
    assert [epoch.step for epoch, _ in steps] == [step for _, step in steps]
    assert [e.train for e, _ in steps] == [e.train for e in history]
    with_validation = trained(checked, settings, validation=rows_of(9, 1))
    assert [e.train for e in with_validation] == [e.train for e in history]
    assert all(e.validation for e in with_validation)
    same_bits(free, seen)
    same_bits(free, checked)


def _each(executable: Executable, settings: Settings):
    with executable.threads():
        yield from train(executable, settings, rows_of())


@pytest.mark.parametrize("size", [8, 21])
def test_a_run_that_is_stopped_and_goes_on_has_the_same_bits(size):
    text, settings = text_of(), Settings(300, size, 0.02, seed=5)
    whole, cut = started(text), started(text)
    history, told, position = trained(whole, settings), [], Position()
    stops = iter([False] * 7 + [True] * 2)
    while position.epoch <= 300:
        with cut.threads():
            for epoch in train(
                cut, settings, rows_of(), position=position, stop=lambda: next(stops, False)
            ):
                told.append(epoch)
    last = {epoch.number: epoch for epoch in told}
    assert [last[e.number].train for e in history] == [e.train for e in history]
    same_bits(whole, cut)


def test_a_stop_in_a_long_epoch_leaves_it_unfinished():
    text, settings = text_of(), Settings(1, 1, 0.02)
    rows = rows_of(700)
    cut, position = started(text), Position()
    heard: list[int] = []
    with cut.threads():
        (epoch,) = train(
            cut, settings, rows, position=position, stop=lambda: True, after_batch=heard.append
        )
    assert (epoch.step, cut.step, position.batch, position.rows) == (256, 256, 256, 256)
    assert heard == [256]
    with cut.threads():
        list(train(cut, settings, rows, position=position, after_batch=heard.append))
    assert heard == [256, 512, 700]
    whole = started(text)
    with whole.threads():
        list(train(whole, settings, rows))
    same_bits(whole, cut)


@pytest.mark.parametrize("rate", [1e4, 1e25])
def test_numbers_that_are_not_finite_are_told_as_by_steps_one_by_one(rate):
    told = []
    for kernels in (True, False):
        executable = started(text_of(act="identity"), kernels=kernels)
        with pytest.raises(NonFiniteError) as caught:
            trained(executable, Settings(400, 8, rate, seed=5), looked_at=False)
        told.append((str(caught.value), executable.step))
        assert all(np.isfinite(w).all() for w in executable.weights().values())
    assert told[0] == told[1]


def test_fit_gives_every_epoch_and_the_weights_of_the_last(monkeypatch):
    monkeypatch.setenv("NNGRAPH_KERNELS", "always")
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(21, 3)), np.eye(2)[rng.integers(0, 2, 21)]
    quiet, heard = (nngraph.compile(text_of()) for _ in range(2))
    losses: list[tuple[float, float]] = []
    epochs = quiet.fit(x, t, epochs=40)
    heard.fit(x, t, epochs=40, on_epoch=lambda e: losses.append((e.train["loss"], e.number)))
    assert [(e.train["loss"], e.number) for e in epochs] == losses
    assert len(quiet.history) == 40
    for id_, weights in quiet.weights.items():
        np.testing.assert_array_equal(weights, heard.weights[id_])


@pytest.mark.parametrize("kernels", ["always", "never"])
@pytest.mark.parametrize("rate", [1e-3, 1.5])
def test_epochs_that_nobody_heard_of_are_those_that_one_would_have_heard(
    kernels, rate, monkeypatch
):
    monkeypatch.setenv("NNGRAPH_KERNELS", kernels)
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(21, 3)), np.eye(2)[rng.integers(0, 2, 21)]
    quiet, heard = (nngraph.compile(text_of(act="identity")) for _ in range(2))
    told = []
    for model, hear in ((quiet, None), (heard, lambda epoch: None)):
        try:
            model.fit(x, t, epochs=400, learning_rate=rate, batch_size=21, on_epoch=hear)
        except NonFiniteError as error:
            told.append(str(error))
    assert len(told) == (2 if rate > 1 else 0)
    assert len(set(told)) <= 1
    assert [e[:2] + e[3:] for e in quiet.history] == [e[:2] + e[3:] for e in heard.history]
    assert 1 < len(quiet.history) <= 400
    for id_, weights in quiet.weights.items():
        np.testing.assert_array_equal(weights, heard.weights[id_])


def test_a_signal_is_heard_soon_where_steps_are_taken_in_runs(monkeypatch):
    monkeypatch.setenv("NNGRAPH_KERNELS", "never")
    executable, asked, position = started(text_of(), kernels=False), [], Position()

    def stop() -> bool:
        asked.append(executable.step)
        return len(asked) > 3

    settings = Settings(2000, 8, 0.02)
    with executable.threads():
        history = list(
            train(executable, settings, rows_of(), stop=stop, position=position, looked_at=False)
        )
    assert asked[0] == 1
    assert executable.step == history[-1].step < 3 * 256
    assert position.epoch in (history[-1].number, history[-1].number + 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("units: 5", "units: 500"),
        ("h: {", "d: {kind: dropout, rate: 0.5}, h: {"),
    ],
    ids=["large", "random"],
)
def test_other_networks_take_their_steps_one_by_one(old, new):
    text = text_of().replace(old, new)
    if "d: {" in text:
        text = text.replace("h -> y", "h -> d -> y")
    network = compile_document(parse_spec(text), kernels=True)
    assert not network.takes_whole_epochs(8)


def test_the_plans_digest_says_how_steps_are_taken(monkeypatch):
    monkeypatch.setenv("NNGRAPH_KERNELS", "always")
    learner = Learner.start(parse_spec(text_of()))
    with_loop = plan_digest(learner, 21)
    monkeypatch.setattr(Network, "takes_whole_epochs", lambda self, batch: False)
    assert plan_digest(learner, 21) != with_loop


@pytest.mark.parametrize("size", [8, 21])
def test_other_rows_of_the_same_shape_are_those_that_are_learnt_next(size):
    settings, ahead = Settings(3, size, 0.05), started(text_of())
    alone = started(text_of(), kernels=False)
    for executable in (ahead, alone):
        with executable.threads():
            for seed in (0, 1):
                rows = rows_of(seed=seed)
                list(train(executable, settings, rows, looked_at=False))
    assert ahead.step == alone.step > 0
    for id_, weights in alone.weights().items():
        np.testing.assert_allclose(ahead.weights()[id_], weights, rtol=1e-4, atol=1e-6)
