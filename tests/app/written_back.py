"""Specs that get weights, and what has become of their files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from nngraph.app.write_back import WroteBack, write_back_learner
from nngraph.spec import read_spec
from nngraph.train.learner import Learner


def fitted(path: Path, seed: int = 0, overrides: tuple[str, ...] = ()) -> Learner:
    """A network whose weights are as if they were trained: all that may change have changed."""
    learner = Learner.start(read_spec(path, overrides))
    random = np.random.default_rng(seed)
    free = {w.id for w in learner.network.lowered.weights if w.trainable}
    weights = learner.executable.weights()
    for id_ in weights:
        if id_ in free:
            weights[id_] = random.normal(size=weights[id_].shape).astype(weights[id_].dtype)
    learner.executable.set_weights(weights)
    return learner


def written(path: Path, learner: Learner) -> WroteBack:
    return write_back_learner(learner, path, path.read_bytes().decode())


def holds(path: Path, learner: Learner) -> bool:
    """Whether the file gives all weights, to the last bit, whatever the seed."""
    again = Learner.start(read_spec(path), seed=12345)
    before, after = learner.executable.weights(), again.executable.weights()
    return list(before) == list(after) and all(
        before[id_].tobytes() == after[id_].tobytes() for id_ in before
    )


def file(folder: Path, text: str, name: str = "net.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def text_after(folder: Path, text: str) -> str:
    """The text with new weights, each number of it shortened to its first decimal."""
    path = file(folder, text)
    learner = fitted(path)
    written(path, learner)
    assert holds(path, learner)
    return path.read_bytes().decode()


NUMBER = re.compile(r"-?[0-9]+\.[0-9]+(e-?[0-9]+)?")


def shape_of(text: str) -> str:
    """A text with all its numbers as `#.#`."""
    return NUMBER.sub("#.#", text)
