"""Runs that tests stop, continue and compare."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from nngraph.app.recording import Observer, record_training
from nngraph.app.resume import resume, spec_of_run
from nngraph.data import DataSet
from nngraph.spec import parse_spec
from nngraph.train.checkpoint import checkpoint_paths
from nngraph.train.data_files import load_data
from nngraph.train.learner import Learner, rows_of
from nngraph.train.load_run import load_run
from nngraph.train.run_folder import new_folder
from nngraph.train.statistics import Statistics

HEAD = """
nngraph: 1
name: net
nodes:
  x: {kind: input, shape: 2}
  h: {units: 5, activation: tanh}
  drop: {kind: dropout, rate: 0.3}
  y: {activation: sigmoid}
edges: [x -> h -> drop -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, samples: 34, noise: 0.1, split: {validation: 10}}
"""

MOMENTUM = (
    HEAD
    + """
train:
  epochs: 4
  batch_size: 7
  optimizer: {kind: sgd, learning_rate: 0.5, momentum: 0.9, nesterov: true}
  schedule: {kind: plateau, monitor: train.loss, patience: 1, factor: 0.5}
  metrics: [accuracy, roc_auc, f1]
  early_stopping: {monitor: validation.accuracy, patience: 3}
  checkpoint: {every: 1}
  weight_decay: 0.001
"""
)

ADAM = (
    (
        HEAD.replace("samples: 34", "samples: 33")
        + """
train:
  epochs: 4
  batch_size: 8
  dtype: float64
  optimizer: {kind: adam, learning_rate: 0.05}
  schedule: {kind: cosine, warmup: 1}
  clip: {norm: 1.0}
  metrics: [mean_squared_error]
  seed: 3
"""
    )
    .replace("  dtype: float64\n", "")
    .replace("name: net", "name: net\ndtype: float64")
)

PICTURES = """
nngraph: 1
name: net
nodes:
  image: {kind: input, shape: [8, 8, 1]}
  flat: flatten
  h: {units: 6, activation: relu}
  y: {units: 10, activation: softmax}
edges: [image -> flat -> h -> y]
loss: {kind: cross_entropy, target: label}
data:
  source: digits
  split: {validation: 20, test: 1727}
  inputs: {image: image}
  augment: [{kind: shift, pixels: 1}, {kind: noise, stddev: 0.1}, {kind: mixup, alpha: 0.2}]
train:
  epochs: 4
  batch_size: 24
  optimizer: {kind: rmsprop, learning_rate: 0.01}
  metrics: [top_k]
"""

NORM = (
    HEAD.replace("drop -> y", "drop -> norm -> y").replace(
        "  drop: {kind: dropout, rate: 0.3}",
        "  drop: {kind: noise, stddev: 0.3}\n  norm: {kind: batch_norm, momentum: 0.8}",
    )
    + """
train: {epochs: 4, batch_size: 7, optimizer: {kind: adagrad, learning_rate: 0.1}}
"""
)

SEARCH = (
    HEAD.replace("drop -> y", "norm -> y").replace(
        "  drop: {kind: dropout, rate: 0.3}", "  norm: batch_norm"
    )
    + """
train:
  epochs: 13
  batch_size: full
  optimizer: {kind: lbfgs, history: 4}
  weight_decay: 0.01
  metrics: [accuracy]
"""
)

SPECS = {"momentum": MOMENTUM, "adam": ADAM, "pictures": PICTURES, "norm": NORM, "search": SEARCH}


def start(spec: str, folder: Path, stop_after: int | None = None) -> Learner:
    """Train a spec into a new folder; a signal comes after so many steps."""
    learner = Learner.start(parse_spec(spec))
    data = load_data(learner)
    _record(learner, data, new_folder("net", folder), stop_after)
    return learner


def go_on(folder: Path, stop_after: int | None = None, *overrides: str) -> tuple[str, ...]:
    """Train on; what was said aloud."""
    document, place = spec_of_run(folder, overrides)
    learner = Learner.start(document)
    data = load_data(learner, place)
    found = resume(learner, data, folder)
    if found.finished is None:
        _record(learner, data, folder, stop_after, place=place, position=found.position)
    return found.remarks


def _record(
    learner: Learner, data: DataSet, folder: Path, stop_after: int | None, **further: Any
) -> None:
    rows = rows_of(data.parts["train"])
    statistics = Statistics(learner, rows, learner.settings(rows.count).epochs)
    observer = Stop(learner, stop_after)
    record_training(learner, data, folder, observer=observer, statistics=statistics, **further)


class Stop(Observer):
    """Sends the process a signal when so many steps of the run are done."""

    def __init__(self, learner: Learner, step: int | None) -> None:
        super().__init__(batch=self._look)
        self._learner, self._step = learner, step

    def _look(self, done: int) -> None:
        if self._learner.executable.step == self._step:
            signal.raise_signal(signal.SIGINT)


def state_of(run: Path) -> dict[Path, tuple[int, bytes]]:
    """Bytes and times of all there is in a folder, and of the folder."""
    return {
        path: (path.stat().st_mtime_ns, b"" if path.is_dir() else path.read_bytes())
        for path in [run, *run.rglob("*")]
    }


def timeless(folder: Path) -> dict[str, Any]:
    """All files of a run that has ended, by name, and all of them but what depends on the clock."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    found: dict[str, Any] = {str(path.relative_to(folder)): path.read_bytes() for path in paths}
    rows = [json.loads(line) for line in found["metrics.jsonl"].splitlines()]
    summary, manifest = (json.loads(found[f"{name}.json"]) for name in ("summary", "manifest"))
    for value in (*rows, summary):
        del value["seconds"]
    for timed in (manifest["files"].pop(name) for name in ("metrics.jsonl", "summary.json")):
        assert timed["bytes"] > 0
    del manifest["sha256"]
    return found | {"metrics.jsonl": rows, "summary.json": summary, "manifest.json": manifest}


def steps_of(folder: Path) -> int:
    """The number of steps that a run has taken."""
    return int(json.loads((folder / "summary.json").read_text())["steps"])


def story(folder: Path) -> dict[str, Any]:
    """All that a run leaves behind, apart from what depends on the clock."""
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    summary = json.loads((folder / "summary.json").read_text())
    newest = list(checkpoint_paths(folder).values())[-1]
    best = folder / "best.safetensors"
    load_run(folder)
    return {
        "weights": (folder / "weights.safetensors").read_bytes(),
        "best": best.read_bytes() if best.exists() else None,
        "metrics": [{k: v for k, v in row.items() if k != "seconds"} for row in metrics],
        "statistics": (folder / "statistics.jsonl").read_bytes(),
        "summary": {k: v for k, v in summary.items() if k != "seconds"},
        "checkpoint": (newest.name, newest.read_bytes()),
        "leftovers": [path.name for path in folder.rglob("*.tmp")],
    }
