"""Test accuracy beside scikit-learn's MLPClassifier: same splits, widths, scaling, epochs.

    python tests/benchmarks/accuracy.py [--seeds 10] [--epochs 800]

Wants scikit-learn, which nothing else here does. Both train with Adam at 1e-3 in batches of at
most 200 rows, one hidden layer of 100 relu units, no decay. Iris has one batch an epoch: after 200
epochs neither is done, and the two first draws of weights still tell.
"""

from __future__ import annotations

import argparse
import statistics
import warnings

import numpy as np

import nngraph

SETS = {"iris": (4, 3), "wine": (13, 3), "breast_cancer": (30, 2), "digits": (64, 10)}

SPEC = """
nngraph: 1
nodes:
  x: {{kind: input, shape: {width}}}
  h: {{units: 100, activation: relu}}
  y: {{units: {classes}, activation: softmax}}
edges:
  - x -> h -> y
loss: cross_entropy
data: {{source: {name}, normalize: {scaling}, split: {{test: 0.25, seed: {seed}}}}}
train: {{epochs: {epochs}, batch_size: {batch}, optimizer: adam, seed: {seed}, metrics: [accuracy]}}
"""


def accuracies(name: str, seed: int, epochs: int) -> tuple[float, float]:
    """Ours and scikit-learn's on the same rows."""
    from sklearn.neural_network import MLPClassifier

    width, classes = SETS[name]
    scaling = "{kind: scale, divisor: 16}" if name == "digits" else "standard"
    text = SPEC.format(
        name=name,
        width=width,
        classes=classes,
        scaling=scaling,
        seed=seed,
        batch=200,
        epochs=epochs,
    )
    rows = nngraph.compile(text).data.parts["train"].rows
    model = nngraph.compile(text, [f"train.batch_size={min(200, rows)}"])
    model.fit()
    train, test = model.data.parts["train"], model.data.parts["test"]
    ours = model.evaluate(part="test")["accuracy"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = MLPClassifier((100,), alpha=0.0, max_iter=epochs, random_state=seed)
        peer.set_params(n_iter_no_change=epochs + 1)
        peer.fit(train.inputs["x"].reshape(rows, -1), train.targets["y"].argmax(axis=1))
    predicted = peer.predict(test.inputs["x"].reshape(test.rows, -1))
    return ours, float(np.mean(predicted == test.targets["y"].argmax(axis=1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=800)
    options = parser.parse_args()
    print(f"{'':16s}{'nngraph':>10s}{'sklearn':>10s}{'difference':>12s}")
    for name in SETS:
        pairs = [accuracies(name, seed, options.epochs) for seed in range(options.seeds)]
        ours, theirs = (statistics.mean(column) for column in zip(*pairs, strict=True))
        print(f"{name:16s}{ours:10.4f}{theirs:10.4f}{ours - theirs:12.4f}", flush=True)


if __name__ == "__main__":
    main()
