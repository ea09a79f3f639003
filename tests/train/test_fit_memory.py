"""Training on many pictures of bytes makes no array of them all in the network's numbers."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph

ROWS, PIXELS = 40_000, 784
GIVEN = ROWS * PIXELS
"""Bytes of the pictures; as numbers of the network they take four times as many."""

SPEC = """
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28]}, f: {kind: flatten}, y: {units: 10}}
edges: [x -> f -> y]
loss: mean_squared_error
train: {epochs: 1, batch_size: 256, metrics: [mean_absolute_error]}
"""
DATA = """
data:
  source: npz
  path: pictures.npz
  inputs: {x: image}
  targets: {y: label}
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draws = np.random.default_rng(0)
    arrays = {
        "image": draws.integers(0, 256, (ROWS, 28, 28), np.uint8),
        "label": draws.integers(0, 10, ROWS),
        "weight": draws.uniform(0.5, 1.5, ROWS),
    }
    folder = tmp_path_factory.mktemp("pictures")
    np.savez(folder / "pictures.npz", **arrays)
    return folder


def peak_of(run: Callable[[], object]) -> int:
    """The most bytes of arrays that were there at once, over those before."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_of_arrays_as_they_are_given(pictures: Path) -> None:
    rule = "data: {source: mnist, normalize: {kind: scale, divisor: 255}}"
    model = nngraph.compile(SPEC + rule)
    with np.load(pictures / "pictures.npz") as kept:
        image, label = kept["image"], kept["label"]
    few = (image[:4_000], label[:4_000])
    assert peak_of(lambda: model.fit(image, label, validation=few)) < 1.5 * GIVEN


@pytest.mark.parametrize(
    "words",
    [
        "normalize: standard",
        "normalize: minmax\n  split: {validation: 0.3, test: 0.1}",
        "normalize: {kind: scale, divisor: 255}\n  augment: [{kind: shift, pixels: 2}]",
        "sample_weight: weight\n  split: {validation: 0.3}",
    ],
)
def test_of_the_data_of_a_spec(pictures: Path, words: str) -> None:
    def run() -> Any:
        model = nngraph.compile(f"{SPEC}{DATA}  {words}\n", data_root=pictures)
        model.fit()
        return model.evaluate(part="validation" if "validation" in words else "train")

    assert peak_of(run) < 2.5 * GIVEN  # as the file holds them, once, and the work on some rows
