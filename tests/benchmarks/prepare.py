"""Writes what all sides share, with nngraph: first weights, samples, orders, specs of graphs.

python prepare.py FOLDER '[{"kind": ..., "options": {...}}, ...]'
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from harness.graphs import graph_of
from harness.networks import NETS, spec_text
from harness.samples import mnist_folder, samples_of
from harness.workloads import SMALL_SETS

import nngraph

EPOCHS = 20
MNIST_ROWS = 60_000
FEW = 1024  # rows for a process that shall not read the whole set
SETS = {
    "digits": "{source: digits, inputs: {x: image}, targets: {y: label}, "
    "normalize: {kind: scale, divisor: 16}}",
    "shapes": "{source: shapes, samples: 400, noise: 0.15, seed: 0, inputs: {x: image}, "
    "targets: {y: mask}}",
}

SMALL_SPEC = """
nngraph: 1
nodes:
  x: {{kind: input, shape: {width}}}
  h: {{units: 100, activation: relu}}
  y: {{units: {classes}, activation: softmax}}
edges:
  - x -> h -> y
loss: cross_entropy
data: {{source: {name}, normalize: {scaling}, split: {{test: 0.25, seed: 0}}}}
train: {{epochs: {epochs}, batch_size: {batch}, optimizer: adam, metrics: [accuracy]}}
"""


def network(name: str, folder: Path) -> None:
    """First weights of a network and, unless it learns from MNIST, its samples."""
    net = NETS[name]
    text = spec_text(net, "adam", 1)
    np.savez(folder / f"{name}.weights.npz", **nngraph.compile(text).weights)
    if net.samples in SETS:
        part = nngraph.compile(text + f"data: {SETS[net.samples]}\n").data.parts["train"]
        np.savez(folder / f"{net.samples}.npz", x=part.inputs["x"], t=part.targets["y"])


def orders(folder: Path) -> None:
    """The order of the rows in each epoch, as training takes them."""
    from nngraph.data import Batches

    batches = Batches(MNIST_ROWS, 1, seed=0)
    np.save(folder / "orders.npy", np.stack([batches.order(k + 1) for k in range(EPOCHS)]))


def graph(name: str, folder: Path) -> None:
    """The spec of a graph, once as YAML alone and once with side files."""
    found = graph_of(name)
    (folder / f"{name}.yaml").write_text(found.spec())
    (folder / f"{name}-files.yaml").write_text(found.spec(side_files=True))
    (folder / f"{name}.nodes.csv").write_text(found.nodes_csv())
    (folder / f"{name}.edges.csv").write_text(found.edges_csv())


def deep(layers: int, folder: Path) -> None:
    """A network of many small layers."""
    names = [f"h{k}" for k in range(layers)]
    nodes = "".join(f"  {name}: {{units: 8, activation: tanh}}\n" for name in names)
    (folder / f"layers-{layers}.yaml").write_text(
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: 8}}\n{nodes}  y: {{units: 1}}\n"
        f"edges: [x -> {' -> '.join(names)} -> y]\nloss: mean_squared_error\n"
        "train: {epochs: 1, batch_size: 32, optimizer: adam}\n"
    )


def small_set(name: str, epochs: int, folder: Path) -> None:
    """The spec of a small set and its rows, split and scaled."""
    width, classes = SMALL_SETS[name]
    facts: dict[str, Any] = {"name": name, "width": width, "classes": classes, "epochs": epochs}
    facts["scaling"] = "{kind: scale, divisor: 16}" if name == "digits" else "standard"
    rows = nngraph.compile(SMALL_SPEC.format(**facts, batch=1)).data.parts["train"].rows
    path = folder / f"{name}.yaml"
    path.write_text(SMALL_SPEC.format(**facts, batch=min(200, rows)))
    parts = nngraph.compile(str(path)).data.parts
    kept = {
        f"{before}{letter}": array
        for before, part in (("", parts["train"]), ("test_", parts["test"]))
        for letter, array in (
            ("x", part.inputs["x"].reshape(part.rows, -1)),
            ("y", part.targets["y"].argmax(axis=1)),
        )
    }
    np.savez(folder / f"{name}.npz", **kept)


def prepare(folder: Path, tasks: list[Mapping[str, Any]]) -> None:
    """All that these tasks read."""
    options = [task["options"] for task in tasks]
    for name in dict.fromkeys(o["net"] for o in options if "net" in o):
        network(name, folder)
    if any(task["kind"] == "memory" for task in tasks):
        network("xor", folder)  # what is trained before, to have everything imported
        few = samples_of("mnist", (784,), folder).first(FEW)
        np.savez(folder / "few.npz", x=few.x, t=few.t)
    for name in dict.fromkeys(o["graph"] for o in options if "graph" in o):
        graph(name, folder)
    for name, epochs in dict.fromkeys((o["set"], o["epochs"]) for o in options if "set" in o):
        small_set(name, epochs, folder)
    for layers in dict.fromkeys(o["layers"] for o in options if "layers" in o):
        deep(layers, folder)
    if mnist_folder() is not None:
        orders(folder)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), json.loads(sys.argv[2]))
