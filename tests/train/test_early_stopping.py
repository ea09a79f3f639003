"""Training ends when it has stopped becoming better, and the best weights are the ones used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from training_runs import HEAD, start

import nngraph
from nngraph.app.preparing import prepared_data
from nngraph.errors import SpecError
from nngraph.files import read_arrays
from nngraph.spec import Document, parse_spec
from nngraph.spec.model import EarlyStopping
from nngraph.train.early_stopping import Stopper
from nngraph.train.learner import Learner
from nngraph.train.load_run import load_run
from nngraph.train.position import Epoch

NAN = float("nan")


def told(spec: EarlyStopping, figure: str, values: list[float]) -> tuple[int | None, int | None]:
    """The best epoch, and the epoch after which it ends."""
    stopper, over = Stopper(spec, figure), None
    part, _, name = figure.partition(".")
    for number, value in enumerate(values, 1):
        figures = {"train": {}, "validation": {}, part: {name: value}}
        stopper.hear(Epoch(number, number, 0.0, 0.1, figures["train"], figures["validation"]))
        if stopper.is_over and over is None:
            over = number
    return None if stopper.best is None else stopper.best.number, over


@pytest.mark.parametrize(
    ("options", "figure", "values", "best", "over"),
    [
        ({"patience": 2}, "validation.loss", [3, 2, 1, 2, 2, 0], 6, 5),
        ({"patience": 2}, "validation.loss", [3, 2, 1, 1, 1], 3, 5),  # as good is not better
        ({"patience": 2}, "validation.accuracy", [0.1, 0.5, 0.4, 0.3], 2, 4),
        ({"patience": 1}, "validation.accuracy", [0.1, 0.2, 0.3], 3, None),
        ({"patience": 2, "min_delta": 0.5}, "train.loss", [3, 2.6, 2.4, 2.3], 3, None),
        ({"patience": 2, "min_delta": 0.7}, "train.loss", [3, 2.6, 2.4, 2.3], 1, 3),
        ({"patience": 2}, "validation.loss", [NAN, NAN, 1], 3, 2),
        ({"patience": 3}, "validation.loss", [2, NAN, NAN, 1], 4, None),
        ({"patience": 1}, "validation.loss", [float("-inf"), 1], 1, 2),
    ],
)
def test_patience_counts_epochs_without_progress(
    options: dict[str, float], figure: str, values: list[float], best: int, over: int | None
) -> None:
    assert told(EarlyStopping.model_validate(options), figure, values) == (best, over)


LATE = (
    HEAD
    + """
train:
  epochs: 60
  batch_size: 6
  optimizer: {kind: adam, learning_rate: 0.1}
  metrics: [accuracy]
  early_stopping: {monitor: validation.loss, patience: 4}
"""
)


def figures_of(folder: Path) -> list[float]:
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["validation.loss"] for line in lines]


def test_a_run_ends_early_and_is_used_with_its_best_weights(tmp_path: Path) -> None:
    start(LATE, tmp_path / "run")
    losses = figures_of(tmp_path / "run")
    best = int(np.argmin(losses)) + 1
    assert len(losses) == best + 4 < 60
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    expected = {"epoch": best, "monitor": "validation.loss", "value": min(losses)}
    assert summary["best"] == {**expected, "stopped_early": True}
    assert summary["weights"] == "best"
    assert summary["validation"]["loss"] == pytest.approx(min(losses), rel=1e-6)
    used = load_run(tmp_path / "run")[0].executable.weights()
    assert_same(used, read_arrays(tmp_path / "run/best.safetensors"))
    last = read_arrays(tmp_path / "run/weights.safetensors")
    assert any((last[id_] != array).any() for id_, array in used.items())
    assert nngraph.load(tmp_path / "run").evaluate(part="validation") == summary["validation"]


def test_the_best_weights_are_those_at_the_end_of_their_epoch(tmp_path: Path) -> None:
    start(LATE, tmp_path / "run")
    best = json.loads((tmp_path / "run/summary.json").read_text())["best"]["epoch"]
    start(LATE.replace("epochs: 60", f"epochs: {best}"), tmp_path / "short")
    assert_same(
        read_arrays(tmp_path / "run/best.safetensors"),
        read_arrays(tmp_path / "short/weights.safetensors"),
    )


def test_without_restoring_the_last_weights_are_used(tmp_path: Path) -> None:
    start(LATE.replace("patience: 4", "patience: 4, restore_best: false"), tmp_path / "run")
    summary = json.loads((tmp_path / "run/summary.json").read_text())
    assert summary["weights"] == "last"
    used = load_run(tmp_path / "run")[0].executable.weights()
    assert_same(used, read_arrays(tmp_path / "run/weights.safetensors"))
    assert (tmp_path / "run/best.safetensors").exists()


def test_an_interrupted_run_is_used_with_its_last_weights(tmp_path: Path) -> None:
    start(LATE, tmp_path / "run", 30)
    used = load_run(tmp_path / "run")[0].executable.weights()
    assert_same(used, read_arrays(tmp_path / "run/weights.safetensors"))


def test_without_early_stopping_there_are_no_best_weights(tmp_path: Path) -> None:
    start(HEAD + "train: {epochs: 2}", tmp_path / "run")
    assert not (tmp_path / "run/best.safetensors").exists()


def test_the_interface_in_python_restores_the_best_weights_too() -> None:
    model = nngraph.compile(LATE)
    epochs = model.fit()
    losses = [epoch.validation["loss"] for epoch in epochs]
    assert len(losses) < 60
    assert model.evaluate(part="validation")["loss"] == pytest.approx(min(losses), rel=1e-6)


def checked(document: Document) -> None:
    prepared_data(Learner.start(document).network)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["train.early_stopping.monitor=validation.acuracy"], "did you mean 'validation.accuracy'"),
        (["train.early_stopping.monitor=test.loss"], "looked at once, when all is over"),
        (["train.early_stopping.monitor=validation.recall"], "`metrics: [recall]` may be missing"),
        (["data.split={}"], "split: {validation: 0.2}"),
    ],
)
def test_a_figure_that_never_comes_is_refused_at_its_place(changes: list[str], words: str) -> None:
    document = parse_spec(LATE, overrides=changes)
    with pytest.raises(SpecError) as caught:
        checked(document)
    assert words in str(caught.value)
    assert caught.value.diagnostics[0].span == document.span("train", "early_stopping", "monitor")


def test_the_figure_is_the_validation_loss_where_there_is_one() -> None:
    checked(parse_spec(LATE.replace("monitor: validation.loss, ", "")))
    losses = [
        epoch.train["loss"]
        for epoch in nngraph.compile(
            LATE.replace("monitor: validation.loss, ", "").replace(
                "split: {validation: 10}", "split: {}"
            )
        ).fit()
    ]
    best = int(np.argmin(losses)) + 1
    assert len(losses) in (best + 4, 60)


def assert_same(first: object, second: object) -> None:
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first.keys() == second.keys()
    for id_, array in first.items():
        np.testing.assert_array_equal(array, second[id_])
