"""A loss is a row: made-up ones, written into a copy of the package, work everywhere, and take the
files and lines that the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ROWS, TESTED = "nngraph/words/distances.py", "tests/ops/op_rows_losses.py"

IMPORTS = "from nngraph.formula import sqrt, square\n"
ROW = """    of_errors(
        "pseudo_huber",
        "sqrt(1 + e^2) - 1",
        lambda e: sqrt(square(e) + 1.0) - 1.0,
        lambda e: e / sqrt(square(e) + 1.0),
    ),
"""
TEST_ROW = """\
        *losses("pseudo_huber", lambda y, t: math.hypot(y - t, 1.0) - 1.0, normal, normal),
"""

MORE_IMPORTS = "from nngraph.formula import log1p, square, total\n"
OPTIONS = '''class Cauchy(ValuesLoss):
    """ln(1 + (e / width)^2), e = y - t."""

    kind: Literal["cauchy"] = "cauchy"
    """The formula."""
    width: Positive = 1.0
    """From where on a larger error counts little more."""


'''
ROW_WITH_OPTIONS = """    loss_with(
        Cauchy,
        lambda y, t, width: total(log1p(square((y - t) / width))),
        numbers=("width",),
        values="mean",
    ),
"""

END = ')\n"""A loss of numbers is added'
# of each loss: the file, the text before which it is written, and what is written
ADDED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "loss": (
        (ROWS, "from nngraph.words.base", IMPORTS),
        (ROWS, END, ROW),
        (TESTED, '        *losses("absolute_error"', TEST_ROW),
    ),
    "loss with an option and without a derivative": (
        (ROWS, "from nngraph.words.base", MORE_IMPORTS),
        (ROWS, "class Huber(", OPTIONS),
        (ROWS, END, ROW_WITH_OPTIONS),
    ),
}

USED = '''
import json, sys, warnings
warnings.simplefilter("error")
import numpy as np
import nngraph
from nngraph.errors import SpecError
from nngraph.ir import parse_text
from nngraph.ops import OPS_BY_NAME
from nngraph.spec.schema import spec_schema

SPEC = """
nngraph: 1
dtype: float64
nodes:
  x: {kind: input, shape: 2}
  y: {units: 3, activation: tanh}
  z: {units: 1}
edges: [x -> y, y -> z]
loss:
  - {kind: pseudo_huber, node: y, values: sum}
  - {kind: cauchy, node: z, width: 0.7}
train: {epochs: 2, batch_size: 2, optimizer: sgd}
"""
folder = sys.argv[1]
assert nngraph.__file__.startswith(folder)

model = nngraph.compile(SPEC, seed=1)
rng = np.random.default_rng(0)
X, Y, Z = rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
answers = {"y": Y, "z": Z}
y, z = (model.forward(X, list(answers))[node] for node in answers)
by_hand = np.sum(np.hypot(1, y - Y) - 1) / 4 + np.mean(np.log1p(((z - Z) / 0.7) ** 2))
assert abs(model.loss(X, answers) - by_hand) < 1e-12

for name, gradient in model.gradients(X, answers).items():
    weights = {key: value.copy() for key, value in model.weights.items()}
    flat = weights[name].reshape(-1)
    for k, found in enumerate(gradient.ravel()):
        before, losses = flat[k], []
        for step in (1e-5, -1e-5):
            flat[k] = before + step
            model.weights = weights
            losses.append(model.loss(X, answers))
        flat[k] = before
        model.weights = weights
        assert abs((losses[0] - losses[1]) / 2e-5 - found) < 1e-8, (name, k)

program = model.network.training.program
assert "pseudo_huber{mean=False}" in str(program)
assert str(parse_text(str(program), OPS_BY_NAME)) == str(program)
before = model.loss(X, answers)
model.fit(X, answers, epochs=20)
assert model.loss(X, answers) < before

model.export(folder + "/net.py")
import net
found = net.loss(net.load_weights(), X, Y, Z)
assert abs(float(np.sum(found)) - model.loss(X, answers)) < 1e-12, found

text = json.dumps(spec_schema())
for word in ("pseudo_huber", "cauchy", "From where on a larger error"):
    assert word in text, word
for word in ("pseudo_huber", "cauchy"):
    try:
        nngraph.compile(SPEC.replace(word, word[:-1]))
    except SpecError as error:
        assert word in str(error.diagnostics), str(error.diagnostics)
    else:
        raise AssertionError("nobody noticed")
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and of the tests of ops, with the losses written into it."""
    folder = tmp_path_factory.mktemp("copy")
    leave_out = shutil.ignore_patterns("__pycache__")
    for part in ("nngraph", "tests/ops"):
        shutil.copytree(ROOT / part, folder / part, ignore=leave_out)
    for name in ("pyproject.toml", "tests/cases.py", "tests/conftest.py"):
        shutil.copy(ROOT / name, folder / name)
    for written in ADDED.values():
        for name, before, text in written:
            path = folder / name
            old = path.read_text()
            assert old.count(before) == 1, (name, before)
            path.write_text(old.replace(before, text + before))
    return folder


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_row_is_all_that_a_loss_needs(copy: Path) -> None:
    run(copy, "-c", USED, str(copy))


def test_a_row_of_the_table_tests_it(copy: Path) -> None:
    files = ("tests/ops/test_op_table.py", "tests/ops/test_op_derivatives.py")
    run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "pseudo_huber", *files)


@pytest.mark.parametrize("kind", ADDED)
def test_the_readme_counts_what_a_loss_takes(kind: str) -> None:
    written = ADDED[kind]
    files = len({name for name, *_ in written})
    lines = sum(text.count("\n") for *_, text in written)
    said = " ".join((ROOT / "README.md").read_text().split())
    counted = f"{files} file{'s' * (files > 1)} and {lines} lines"
    assert re.search(rf"\b{kind} {counted}", said), counted
