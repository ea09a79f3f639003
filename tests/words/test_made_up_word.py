"""A word is one row: made-up ones, put into the tuple before anything reads it, work everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ADDED = '''
import json, sys, warnings
warnings.simplefilter("error")
from typing import Literal

from nngraph.formula import cos, exp, sin
from nngraph.words import activations
from nngraph.words.base import Positive
from nngraph.words.row import Activation, ActivationOptions, with_options
from nngraph.words.smooth import sigmoid


class Wavy(ActivationOptions):
    """a + depth sin a."""

    kind: Literal["wavy"] = "wavy"
    depth: Positive = 0.5
    """How far the wave goes."""


class Gated(ActivationOptions):
    """a sigmoid(beta a) with one learned beta per unit."""

    kind: Literal["gated"] = "gated"
    beta: Positive = 0.7
    """beta at the start."""


def pull_gated(g, z, a, beta):
    s = sigmoid(a * beta)
    slope = s * (1.0 - s)
    return g * (s + a * beta * slope), g * (a * a * slope)


activations.ACTIVATIONS = (
    *activations.ACTIVATIONS,
    with_options(
        Wavy,
        lambda a, depth: a + depth * sin(a),
        lambda g, z, a, depth: g * (1.0 + depth * cos(a)),
        rising=True,
        init="he_uniform",
    ),
    with_options(
        Gated, lambda a, beta: a * sigmoid(a * beta), pull_gated, learned=("beta",)
    ),
    Activation("logistic", "1 / (1 + e^-a)", sigmoid, lambda g, z, a: g * (z * (1.0 - z)),
               range=(0.0, 1.0), saturated=(0.05, 0.95)),
)
'''

SPEC = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 3}
  h: {units: 4, activation: {kind: wavy, depth: 0.25}}
  k: {units: 3, activation: gated}
  a: {activation: gated}
  b: {activation: wavy, aggregate: product}
  c: {activation: {kind: gated, beta: 1.5}, aggregate: maximum}
  y: {units: 1, activation: logistic}
edges:
  - x -> h -> k -> y
  - x[0] -> a
  - x[1], a -> b
  - x[2], a, b -> c
  - b, c -> y
loss: binary_cross_entropy
train: {epochs: 2, batch_size: 4, optimizer: sgd}
"""

GRADIENTS = """
import numpy as np
import nngraph

model = nngraph.compile(SPEC, seed=3)
rng = np.random.default_rng(0)
X, Y = rng.normal(size=(8, 3)), rng.integers(0, 2, size=(8, 1)).astype(float)
assert "neuron_stretch" in str(model.network.lowered.program)
for name, gradient in model.gradients(X, Y).items():
    weights = {key: value.copy() for key, value in model.weights.items()}
    flat = weights[name].reshape(-1)
    for k, found in enumerate(gradient.ravel()):
        before, losses = flat[k], []
        for step in (1e-5, -1e-5):
            flat[k] = before + step
            model.weights = weights
            losses.append(model.loss(X, Y))
        flat[k] = before
        model.weights = weights
        assert abs((losses[0] - losses[1]) / 2e-5 - found) < 1e-8, (name, k)
assert {"k.beta", "a.beta", "c.beta"} <= model.gradients(X, Y).keys()
"""

TRAINED = """
import numpy as np
import nngraph

folder = sys.argv[1]
rng = np.random.default_rng(0)
rows = [[*rng.normal(size=3), int(rng.integers(2))] for _ in range(12)]
with open(folder + "/d.csv", "w") as file:
    print("p,q,r,t", *(",".join(map(str, row)) for row in rows), sep=chr(10), file=file)
with open(folder + "/net.yaml", "w") as file:
    data = "data: {source: csv, path: d.csv, inputs: {x: [p, q, r]}, targets: {y: t}}"
    print(SPEC, data, sep=chr(10), file=file)
nngraph.train_run(folder + "/net.yaml", run=folder + "/run")
lines = [json.loads(line) for line in open(folder + "/run/statistics.jsonl")]
assert "saturated" in lines[-1]["nodes"]["y"]
"""

READ = """
import numpy as np
import nngraph

folder = sys.argv[1]
model = nngraph.compile(SPEC, seed=3)
model.export(folder + "/net.py")
sys.path.insert(0, folder)
import net

X = np.random.default_rng(1).normal(size=(5, 3))
found = net.forward(net.load_weights(), X)["y"]
np.testing.assert_allclose(found, model.forward(X)["y"], rtol=1e-12)
model.render(folder + "/net.svg")
assert "wavy" in open(folder + "/net.svg").read()
"""

TOLD = """
import nngraph
from nngraph.errors import SpecError
from nngraph.spec.schema import spec_schema

text = json.dumps(spec_schema())
assert '"wavy"' in text and '"depth"' in text and '"logistic"' in text
try:
    nngraph.compile(SPEC.replace("{kind: wavy, depth: 0.25}", "wawy"))
except SpecError as error:
    assert "wavy" in str(error), str(error)
else:
    raise AssertionError("nobody noticed")
from nngraph.ops import OPS_BY_NAME
from nngraph.ir import parse_text
program = nngraph.compile(SPEC, seed=3).network.lowered.program
assert "wavy{depth=0.25}" in str(program)
assert str(parse_text(str(program), OPS_BY_NAME)) == str(program)
"""


@pytest.mark.parametrize(
    "script",
    [GRADIENTS, TRAINED, READ, TOLD],
    ids=["gradients", "training-and-statistics", "module-and-drawing", "schema-and-mistakes"],
)
def test_a_row_is_all_that_a_word_needs(script: str, tmp_path: Path) -> None:
    text = f"{ADDED}\nSPEC = '''{SPEC}'''\n{script}"
    command = [sys.executable, "-c", text, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
