"""Batches that are read on another thread while a step runs: the same bits, errors at their batch,
and nothing left running."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.data import normalizers
from nngraph.run import Executable
from nngraph.train import feed
from nngraph.train.feed import Feed

SPEC = """
nngraph: 1
nodes: {x: {kind: input, shape: [12, 12]}, f: {kind: flatten}, y: {units: 10, activation: softmax}}
edges: [x -> f -> y]
loss: cross_entropy
train: {epochs: 3, batch_size: 32, metrics: [accuracy]}
data:
  source: npz
  path: pictures.npz
  inputs: {x: image}
  targets: {y: label}
  split: {validation: 0.25}
  normalize: standard
"""
AUGMENT = "  augment: [{kind: rotate, degrees: 20}, {kind: noise, stddev: 0.1}, {kind: mixup}]\n"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    draws = np.random.default_rng(0)
    image, label = draws.integers(0, 256, (200, 12, 12), np.uint8), draws.integers(0, 10, 200)
    np.savez(tmp_path / "pictures.npz", image=image, label=label)
    return tmp_path


@pytest.fixture(params=["whole", "as they were given"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "as they were given":
        monkeypatch.setattr(normalizers, "AT_ONCE", 0)
        monkeypatch.setattr(feed, "AT_ONCE", 0)
    monkeypatch.setattr(feed, "BESIDE_VALUES", 0)
    return str(request.param)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())  # those of other tests may end at any moment
    yield
    gc.collect()
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive(), thread.name


def trained(folder: Path, text: str, workers: int) -> tuple[Any, dict[str, Any]]:
    model = nngraph.compile(text, data_root=folder)
    learner = model.learner
    learner.executable = Executable.start(learner.network, 0)
    learner.executable._workers.count = workers
    history = model.fit()
    return [(epoch.train, epoch.validation) for epoch in history], model.weights


@pytest.fixture
def reference(pictures: Path, request: pytest.FixtureRequest) -> Any:
    return trained(pictures, SPEC + request.param, 1)


@pytest.mark.parametrize("reference", ["", AUGMENT], ids=["plain", "varied"], indirect=True)
@pytest.mark.parametrize("workers", [1, 2])
def test_the_bits_are_those_of_one_thread_with_all_in_place(
    reference: Any, pictures: Path, kept: str, workers: int, request: pytest.FixtureRequest
) -> None:
    words = request.node.callspec.params["reference"]
    figures, weights = trained(pictures, SPEC + words, workers)
    assert figures == reference[0]
    for name, array in reference[1].items():
        np.testing.assert_array_equal(weights[name], array)


def test_another_thread_reads_all_but_the_first_batch_of_an_epoch(
    pictures: Path, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, names = Feed._gather, []

    def gather(self: Feed, indices: Any, epoch: int) -> Any:
        names.append(threading.current_thread().name)
        return here(self, indices, epoch)

    monkeypatch.setattr(Feed, "_gather", gather)
    trained(pictures, SPEC + AUGMENT, 2)
    beside = names.count("nngraph worker")
    assert beside == 3 * 4  # 150 rows: 5 batches an epoch
    assert len(names) - beside >= 3


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_reading_is_that_of_its_batch(
    pictures: Path, kept: str, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, steps = Feed._gather, []
    update = Executable.update

    def gather(self: Feed, indices: Any, epoch: int) -> Any:
        if self._augmenter is not None and epoch == 2:
            raise OSError("the disk is gone")
        return here(self, indices, epoch)

    def updated(self: Executable, rate: float, step: Any = None) -> None:
        steps.append(rate)
        update(self, rate, step)

    monkeypatch.setattr(Feed, "_gather", gather)
    monkeypatch.setattr(Executable, "update", updated)
    with pytest.raises(OSError, match="the disk is gone"):
        trained(pictures, SPEC + AUGMENT, workers)
    assert len(steps) == 5  # all of the first epoch, none of the second


def test_an_error_ahead_is_raised_when_its_batch_comes(
    pictures: Path, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, steps, asked = Feed._gather, [], []
    update = Executable.update

    def gather(self: Feed, indices: Any, epoch: int) -> Any:
        if self._augmenter is not None:
            asked.append(indices)
            if len(asked) == 4:
                raise OSError("the disk is gone")
        return here(self, indices, epoch)

    def updated(self: Executable, rate: float, step: Any = None) -> None:
        steps.append(rate)
        update(self, rate, step)

    monkeypatch.setattr(Feed, "_gather", gather)
    monkeypatch.setattr(Executable, "update", updated)
    with pytest.raises(OSError, match="the disk is gone"):
        trained(pictures, SPEC + AUGMENT, 2)
    assert len(steps) == 3
