"""Runs that reports are written about."""

from __future__ import annotations

from pathlib import Path

from nngraph.cli.frame import run
from nngraph.files import bind_files

HOSTILE_TITLE = "<script>alert('title')</script>"
HOSTILE_LABEL = '"><img src=x onerror=alert(1)>'

PICTURES = """\
nngraph: 1
name: bars
description: "</p><script>alert('description')</script>"
nodes:
  x: {kind: input, shape: [4, 4, 1]}
  h: {units: 6, activation: relu, title: "TITLE"}
  y: {units: 2, activation: softmax, labels: [across, 'LABEL']}
edges: [x -> h -> y]
loss: cross_entropy
data: {source: npz, path: bars.npz, inputs: {x: x}, targets: {y: y}, split: {test: 0.25}}
train: {epochs: 6, batch_size: 8, optimizer: {kind: adam, learning_rate: 0.02}, metrics: [accuracy]}
""".replace("TITLE", HOSTILE_TITLE).replace("LABEL", HOSTILE_LABEL)

TABLE = """\
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train: {epochs: 30, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}, metrics: [r2]}
"""

DEEP = """\
nngraph: 1
name: deep
nodes:
  x: {kind: input, shape: 2}
  a, b, c, d, e, f, g: {units: 4, activation: sigmoid}
  dead: {units: 5, activation: relu, bias: -100}
  far: {units: 3, activation: tanh, bias: 50}
  y: {activation: sigmoid}
edges:
  - x -> a -> b -> c -> d -> e -> f -> g -> y
  - x -> dead -> y
  - x -> far -> y
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 3, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.01}}
"""

MASKS = """\
nngraph: 1
name: masks
nodes: {image: {kind: input, shape: [8, 8, 1]}, mask: {units: 1, activation: sigmoid}}
edges: [image -> mask: {conv: 3, padding: same}]
loss: dice
data: {source: shapes, samples: 40, size: [8, 8], split: {test: 14}}
train: {epochs: 2, batch_size: 8, optimizer: {kind: adam, learning_rate: 0.02}}
"""


def bars(folder: Path) -> None:
    """Pictures of a bar across or a bar down, 4 x 4, as bars.npz."""
    import numpy as np

    generator = np.random.default_rng(3)
    pictures = generator.uniform(0, 0.3, (40, 4, 4, 1))
    labels = np.arange(40) % 2
    for row, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        if label:
            picture[:, row % 4] += 0.7
        else:
            picture[row % 4] += 0.7
    np.savez(folder / "bars.npz", x=pictures, y=labels)


def train(spec: str, folder: Path, *options: str) -> Path:
    """Train a spec in a folder; the run folder."""
    path = folder / "spec.yaml"
    path.write_text(spec)
    made = folder / "run"
    assert run(["train", str(path), "-o", str(made), *options]) == 0
    return made


def change(folder: Path, name: str, text: str) -> None:
    """Give a file of a run another text, as if the run itself had written it."""
    bind_files(folder, {name: text.encode()})
