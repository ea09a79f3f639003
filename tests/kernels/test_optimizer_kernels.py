"""The compiled steps of optimisers against the same steps in NumPy calls: the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("numba")

from nngraph.errors import VerifyError
from nngraph.network import Network, compile_document
from nngraph.ops import Fused
from nngraph.plan import verify_plan
from nngraph.run.vectors import BoundUpdate
from nngraph.run.workers import Workers
from nngraph.spec import parse_spec
from nngraph.words.optimizers import OPTIMIZERS

Array = NDArray[Any]

STEPS = [
    *(f"optimizer: {row.word()}" for row in OPTIMIZERS),
    "optimizer: {kind: sgd, momentum: 0.9}",
    "optimizer: {kind: sgd, momentum: 0.5, nesterov: true}",
    "optimizer: {kind: adagrad, initial_accumulator: 0.1}",
    "optimizer: {kind: rmsprop, momentum: 0.9, centered: true}",
    "optimizer: {kind: adam, beta1: 0.0, beta2: 0.0, epsilon: 1e-3}",
    "optimizer: sgd, clip: {norm: 1.0, value: 0.5}",
    "optimizer: adam, l1: 0.01, weight_decay: 0.1",
    "optimizer: adamw, clip: {norm: 1.0}",
]
EVERY_STEP = pytest.mark.parametrize("train", STEPS)


UNLIKE = "{from: x, to: y, learning_rate_scale: 0.5, weight_decay_scale: 2.0}"
"""An edge whose weights move and decay unlike the bias."""

Side = tuple[BoundUpdate, Array, Array]
"""A step, its weights, its gradients."""


def network(train: str, *, kernels: bool, dtype: str = "float32", edge: str = "x -> y") -> Network:
    text = (
        f"nngraph: 1\ndtype: {dtype}\nnodes: {{x: {{kind: input, shape: 30}}, y: {{units: 7}}}}\n"
        f"edges: [{edge}]\nloss: mean_squared_error\ntrain: {{{train}}}\n"
    )
    return compile_document(parse_spec(text), kernels=kernels)


def both(train: str, dtype: str, edge: str, workers: int = 1) -> list[Side]:
    """The step without and with kernels."""
    made: list[Side] = []
    for kernels in (False, True):
        built = network(train, kernels=kernels, dtype=dtype, edge=edge)
        stage, size = built.update_stage, built.arenas.parameters.size
        assert stage is not None
        w = np.random.default_rng(1).standard_normal(size).astype(dtype)
        g = np.zeros(size, dtype)
        made.append((BoundUpdate(stage, w, g, Workers(workers)), w, g))
    return made


def check_same(sides: list[Side]) -> None:
    (plain, w, _), (compiled, compiled_w, _) = sides
    np.testing.assert_array_equal(compiled_w, w)
    for name, state in plain.state.items():
        np.testing.assert_array_equal(compiled.state[name], state, err_msg=name)


def take_step(sides: list[Side], gradient: Array, step: int) -> None:
    with np.errstate(all="ignore"):
        for update, _, g in sides:
            g[:] = gradient
            update.run(0.01, step)


CASES = [
    *((train, "float32", "x -> y") for train in STEPS),
    *((train, "float32", UNLIKE) for train in (STEPS[0], "optimizer: adamw", "optimizer: rprop")),
    *((f"optimizer: {kind}", "float64", "x -> y") for kind in ("sgd", "adam", "rmsprop")),
]


@pytest.mark.parametrize(("train", "dtype", "edge"), CASES)
def test_a_kernel_makes_the_bits_that_numpy_makes(train, dtype, edge) -> None:
    sides, rng = both(train, dtype, edge), np.random.default_rng(5)
    before = sides[0][1].copy()
    for step in (1, 2, 3, 128, 1000):
        size = len(before)
        take_step(sides, rng.standard_normal(size) * rng.choice([0.0, 1e-3, 30.0], size), step)
        check_same(sides)
    assert not np.array_equal(before, sides[1][1])


@pytest.mark.filterwarnings("error")
@EVERY_STEP
def test_what_is_infinite_tiny_or_no_number_behaves_as_in_numpy(train) -> None:
    dtype = "float32"
    limits = np.finfo(dtype)
    special = [0.0, -0.0, 1.0, limits.tiny, limits.tiny / 4, limits.max, np.inf, -np.inf, np.nan]
    sides, rng = both(train, dtype, "x -> y"), np.random.default_rng(3)
    for update, w, _ in sides:
        rng = np.random.default_rng(3)
        w[:] = rng.choice(np.array(special, dtype), w.size)
        for state in update.state.values():
            state[:] = rng.choice(np.abs(np.array(special, dtype)), w.size)
    take_step(sides, rng.choice(np.array(special, dtype), len(sides[0][1])), 4)
    check_same(sides)


def test_denormals_are_flushed_at_the_same_step() -> None:
    sides = both("optimizer: adam", "float32", "x -> y")
    take_step(sides, np.full(len(sides[0][1]), 1e-30), 127)
    moments = [update.state["first_moment"] for update, _, _ in sides]
    assert all(moment.any() for moment in moments)
    for moment in moments:
        moment[:] = np.float32(1e-38)
    take_step(sides, np.zeros(len(sides[0][1])), 128)
    assert not any(moment.any() for moment in moments)


@EVERY_STEP
def test_an_update_happens_where_the_old_content_lies(train) -> None:
    stage = network(train, kernels=True).update_stage
    assert stage is not None
    last = stage.program.body[-1]
    assert isinstance(last.op, Fused)
    assert last.kernel is not None
    for leaf, value in stage.program.updates:
        assert value in last.outs
        assert stage.plan.places[value] == stage.plan.places[leaf]
    if "clip" not in train:
        assert len(stage.program.body) == 1
        assert "scratch" not in {buffer.role for buffer in stage.plan.buffers}


def test_numbers_of_an_optimizer_are_given_to_one_kernel() -> None:
    stages = [
        network(f"optimizer: {{kind: adam, beta1: {beta}}}", kernels=True).update_stage
        for beta in (0.8, 0.9)
    ]
    first, second = (stage.program.body[-1].call for stage in stages if stage is not None)
    assert first is not None
    assert second is not None
    assert first.function is second.function
    assert first.keywords != second.keywords


def test_a_result_in_the_place_of_another_moment_is_caught() -> None:
    stage = network("optimizer: adam", kernels=True).update_stage
    assert stage is not None
    places = dict(stage.plan.places)
    (_, first), (_, second) = stage.program.updates[1:]
    places[first], places[second] = places[second], places[first]
    with pytest.raises(VerifyError, match="writes over its operand"):
        verify_plan(stage.program, replace(stage.plan, places=places), 8)


WRITE = """
import numpy as np
from nngraph.kernels.compiled.jit import compilations_told
from nngraph.kernels.compiled.written import written_kernel
kernel = written_kernel("twice", "x, out", ("for i in range(x.size):", "    out[i] = x[i] + x[i]"))
x, counts = np.ones(3), []
with compilations_told(counts.append):
    kernel(x, out=x)
    kernel(x, out=x)
print(x, counts)
"""


def test_a_written_kernel_is_compiled_once_for_all_processes_and_told(tmp_path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", "-c", WRITE]
    at_once = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    printed = [run.communicate()[0] for run in at_once]
    assert "[4. 4. 4.] [1]\n" in printed
    assert all(text.startswith("[4. 4. 4.]") for text in printed)
    later = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert later.stdout == "[4. 4. 4.] []\n"


def test_kernels_compile_where_no_folder_keeps_their_code(tmp_path) -> None:
    """A read-only installation used without a home."""
    kernels = tmp_path / "kernels_here.py"
    kernels.write_text(
        textwrap.dedent("""
            from nngraph.kernels.compiled.jit import kernel

            @kernel
            def double(x, out):
                for i in range(x.size):
                    out[i] = 2.0 * x[i]
        """)
    )
    (tmp_path / "__pycache__").write_text("a file, where the folder should be")
    nowhere = str(kernels / "none")  # below a file there is no folder
    code = (
        "import numpy as np, kernels_here; x = np.ones(3); kernels_here.double(x, out=x); print(x)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={"HOME": nowhere, "XDG_CACHE_HOME": nowhere, "PATH": "", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[2. 2. 2.]\n", done.stderr
