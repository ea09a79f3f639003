"""A word of training is a row and its meaning: made-up ones, written into a copy of the package,
work everywhere, and each takes the files and lines that the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

OPTIMIZER_ROW = '''class SignSgd(Optimizer):
    """w <- w - eta sign(grad)."""

    kind: Literal["sign_sgd"] = "sign_sgd"
    by_signs = True
    learning_rate: Positive = 0.001
    """eta, the length of a step."""

    def moves(self, g: Term, rate: Term, t: Term, *states: Term) -> tuple[Term, ...]:
        return (sign(g) * rate,)


'''
SCHEDULE_ROW = '''class InverseRoot(Schedule):
    """1 / sqrt(1 + epochs)."""

    kind: Literal["inverse_root"] = "inverse_root"


'''
SCHEDULE_FACTOR = """def _inverse_root(now: Moment, spec: InverseRoot) -> float:
    epochs = (now.step - now.rates.warm_steps) / now.rates.steps_per_epoch
    return 1.0 / math.sqrt(1.0 + epochs)


"""
INIT_ROW = """    Init("lecun_uniform", "uniform, variance 1 / fan_in"),
"""
INIT_DRAW = """    "lecun_uniform": lambda weight, init: evenly(math.sqrt(3 / weight.fan_in)),
"""
METRIC_ROW = """    Metric("mean_distance", "mean of 2 |y - t|", rising=False, of_classes=False),
"""
METRIC_COUNTING = """    "mean_distance": Counting(
        lambda plan: AbsoluteErrors(), lambda errors, plan: 2.0 * float(errors.value)
    ),
"""

# of each word: the file, the text before which it is written, and what is written
Written = tuple[tuple[str, str, str], ...]
ADDED: dict[str, Written] = {
    "optimiser": (
        ("words/optimizers.py", "OPTIMIZERS: tuple", OPTIMIZER_ROW),
        ("words/optimizers.py", ')\n"""An optimiser is added', "    SignSgd,\n"),
    ),
    "schedule": (
        ("words/schedules.py", "SCHEDULES: tuple", SCHEDULE_ROW),
        ("words/schedules.py", ')\n"""A schedule is added', "    InverseRoot,\n"),
        ("train/schedules.py", "    OneCycle,\n    Plateau", "    InverseRoot,\n"),
        ("train/schedules.py", "FACTORS: Mapping", SCHEDULE_FACTOR),
        ("train/schedules.py", '}\n"""What the learning', '    "inverse_root": _inverse_root,\n'),
    ),
    "metric": (
        ("words/metrics.py", ')\n"""A metric is added', METRIC_ROW),
        ("train/metrics/figure.py", '}\n"""By the name', METRIC_COUNTING),
    ),
    "init": (
        ("words/inits.py", ')\n"""A way to draw is added', INIT_ROW),
        ("lower/initialise.py", '}\n"""What each row draws', INIT_DRAW),
    ),
}

USED = '''
import json, sys, warnings
warnings.simplefilter("error")
import numpy as np
import nngraph
from nngraph.errors import SpecError
from nngraph.spec.schema import spec_schema

SPEC = """
nngraph: 1
dtype: float64
nodes: {x: {kind: input, shape: 300}, y: {units: 40}}
edges: [{from: x, to: y, init: lecun_uniform}]
loss: mean_squared_error
train:
  epochs: 3
  batch_size: 4
  optimizer: {kind: sign_sgd, learning_rate: 0.01}
  schedule: inverse_root
  metrics: mean_distance
  early_stopping: {monitor: train.mean_distance}
"""
folder = sys.argv[1]
assert nngraph.__file__.startswith(folder)

model = nngraph.compile(SPEC, seed=1)
before = {name: value.copy() for name, value in model.weights.items()}
W = before["x->y"]
assert 0.095 < abs(W).max() < 0.1 and abs(W.var() * 300 - 1) < 0.05

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(4, 300)), rng.normal(size=(4, 40))
signs = {name: np.sign(g) for name, g in model.gradients(X, Y).items()}
miss = 2 * abs(model.forward(X)["y"] - Y).mean()
history = model.fit(X, Y, epochs=1)
for name, value in model.weights.items():
    np.testing.assert_allclose(value, before[name] - 0.01 * signs[name], atol=1e-12)
assert abs(history[0].train["mean_distance"] - miss) < 1e-9

from nngraph.train.schedules import Rates
from nngraph.words.metrics import is_rising
train = model.network.document.spec.train
rates = Rates(train.schedule, 1.0, 3, 1).curve()
np.testing.assert_allclose(rates, [1, 2**-0.5, 3**-0.5])
assert not is_rising("train.mean_distance")

with open(folder + "/net.yaml", "w") as file:
    file.write(SPEC)
assert "sign_sgd follows" in str(nngraph.check(folder + "/net.yaml").lints)
text = json.dumps(spec_schema())
for word in ("sign_sgd", "inverse_root", "lecun_uniform", "mean_distance"):
    assert f'"{word}"' in text, word
    try:
        nngraph.compile(SPEC.replace(word, word[:-1]))
    except SpecError as error:
        assert word in str(error.diagnostics), str(error.diagnostics)
    else:
        raise AssertionError("nobody noticed")
'''


def write_into(package: Path, written: Written) -> tuple[int, int]:
    """Write a word into a package; in how many files, and lines."""
    for name, before, text in written:
        path = package / name
        old = path.read_text()
        assert old.count(before) == 1, (name, before)
        path.write_text(old.replace(before, text + before))
    return len({name for name, *_ in written}), sum(text.count("\n") for *_, text in written)


def test_a_row_and_its_meaning_are_all_that_a_word_needs(tmp_path: Path) -> None:
    package = tmp_path / "nngraph"
    shutil.copytree(ROOT / "nngraph", package, ignore=shutil.ignore_patterns("__pycache__"))
    for written in ADDED.values():
        write_into(package, written)
    command = [sys.executable, "-c", USED, str(tmp_path)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ADDED)
def test_the_readme_counts_what_a_word_takes(kind: str) -> None:
    written = ADDED[kind]
    files = len({name for name, *_ in written})
    lines = sum(text.count("\n") for *_, text in written)
    said = " ".join((ROOT / "README.md").read_text().split())
    assert re.search(rf"\b{kind} {files} files? and {lines} lines", said), (files, lines)
