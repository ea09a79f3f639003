"""The compiled steps of optimisers against the same steps spelled out in NumPy calls."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("numba")

from nngraph.errors import VerifyError
from nngraph.ir import Builder, Input, Op, TensorType, interpret
from nngraph.network import Stage, compile_document
from nngraph.ops import AdamStep, AdamWStep, GradientStep, MomentumStep
from nngraph.passes import expand_into_calls
from nngraph.plan import verify_plan
from nngraph.spec import parse_spec
from nngraph.targets import COMPILED

Array = NDArray[Any]

STEPS: list[Op] = [
    GradientStep(),
    MomentumStep(0.9),
    MomentumStep(0.5, nesterov=True),
    AdamStep(),
    AdamStep(0.0, 0.0, 1e-3),
    AdamStep(0.5, 0.9, 1e-12),
    AdamWStep(),
]
EVERY_STEP = pytest.mark.parametrize("op", STEPS, ids=str)
BOTH_DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def spelled_out(op: Op, arrays: list[Array]) -> list[Array]:
    """The results of the expansion, computed without warnings."""
    leaves = [Input(TensorType(a.shape, a.dtype.name), f"x{k}") for k, a in enumerate(arrays)]  # type: ignore[arg-type]
    builder = Builder(leaves)
    outs = builder.apply(op, *leaves)
    program = expand_into_calls(builder.done([(str(k), out) for k, out in enumerate(outs)]))
    with np.errstate(all="ignore"):
        return list(interpret(program, dict(zip(leaves, arrays, strict=True))).outputs.values())


def by_kernel(op: Op, arrays: list[Array], outs: list[Array]) -> list[Array]:
    """The results of the kernel, written where told."""
    call = COMPILED.call(op, *(TensorType(a.shape, a.dtype.name) for a in arrays))  # type: ignore[arg-type]
    assert call is not None
    out = outs[0] if len(outs) == 1 else tuple(outs)
    call.function(*arrays, out=out, **dict(call.keywords))
    return outs


def replaced(op: Op, arrays: list[Array]) -> list[Array]:
    """The operands over which the results may be written."""
    call = COMPILED.call(op, *(TensorType(a.shape, a.dtype.name) for a in arrays))  # type: ignore[arg-type]
    assert call is not None
    return [arrays[n] for n in call.overwrites]


def operands(op: Op, rng: np.random.Generator, size: int, dtype: str, t: int = 4) -> list[Array]:
    vectors = {"w": 1.0, "g": 0.1, "v": 0.1, "M": 0.1}
    made: list[Array] = []
    for name in op.operands:
        if name in vectors:
            made.append((vectors[name] * rng.standard_normal(size)).astype(dtype))
        elif name == "V":
            made.append((0.01 * rng.random(size)).astype(dtype))
        elif name == "decay":
            made.append(np.asarray(rng.random(size) * 0.1, dtype))
        else:
            made.append(np.array(t) if name == "count" else np.array(0.01))
    return made


def check_close(found: list[Array], expected: list[Array]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == theirs.dtype
        size = np.finfo(ours.dtype).eps * 8
        np.testing.assert_allclose(ours, theirs, rtol=size, atol=size)


@BOTH_DTYPES
@EVERY_STEP
@settings(max_examples=25)
@given(size=st.integers(0, 300), seed=st.integers(0, 2**32 - 1), t=st.integers(1, 10**6))
def test_a_kernel_makes_the_step_that_numpy_makes(op, dtype, size, seed, t) -> None:
    arrays = operands(op, np.random.default_rng(seed), size, dtype, t)
    expected = spelled_out(op, arrays)
    before = [a.copy() for a in arrays]
    outs = [np.full(size, np.nan, dtype) for _ in expected]
    check_close(by_kernel(op, arrays, outs), expected)
    for array, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, same)


@BOTH_DTYPES
@EVERY_STEP
def test_a_step_in_place_gives_the_same_bits(op, dtype) -> None:
    arrays = operands(op, np.random.default_rng(1), 1001, dtype)
    outs = [np.full(1001, np.nan, dtype) for _ in replaced(op, arrays)]
    apart = by_kernel(op, arrays, outs)
    for ours, theirs in zip(by_kernel(op, arrays, replaced(op, arrays)), apart, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@BOTH_DTYPES
def test_one_decay_for_all_is_that_decay_for_each(dtype) -> None:
    for size in (1, 2, 37):
        *arrays, _ = operands(AdamWStep(), np.random.default_rng(2), size, dtype)
        one, each = np.array(0.05, dtype), np.full(size, 0.05, dtype)
        found = [
            by_kernel(AdamWStep(), [*arrays, d], [np.empty(size, dtype) for _ in range(3)])
            for d in (one, each)
        ]
        check_close(found[0], spelled_out(AdamWStep(), [*arrays, one]))
        check_close(found[0], found[1])


@pytest.mark.filterwarnings("error")
@BOTH_DTYPES
@EVERY_STEP
def test_what_is_infinite_tiny_or_no_number_behaves_as_in_numpy(op, dtype) -> None:
    tiny, largest = np.finfo(dtype).tiny, np.finfo(dtype).max
    special = np.array([0.0, -0.0, 1.0, tiny, largest, np.inf, -np.inf, np.nan], dtype)
    rng = np.random.default_rng(3)
    arrays = operands(op, rng, 4000, dtype)
    for name, array in zip(op.operands, arrays, strict=True):
        if array.ndim:
            array[...] = rng.choice(np.abs(special) if name == "V" else special, array.size)
    expected = spelled_out(op, arrays)
    found = by_kernel(op, arrays, [np.empty(4000, dtype) for _ in expected])
    for ours, theirs in zip(found, expected, strict=True):
        # a product and its sum rounded at once may stay finite at the very end of the range
        at_the_end = np.abs(theirs) > largest / 4
        ordinary = ~at_the_end & ~np.isnan(theirs)
        np.testing.assert_allclose(ours[ordinary], theirs[ordinary], rtol=1e-5, atol=tiny)
        assert not np.isfinite(ours[np.isnan(theirs)]).any()
        assert (np.abs(ours[at_the_end]) > largest / 8).all()


def planned_update(train: str) -> Stage:
    text = (
        "nngraph: 1\nnodes: {x: {kind: input, shape: 3}, y: {units: 2}}\nedges: [x -> y]\n"
        f"loss: mean_squared_error\ntrain: {{{train}}}\n"
    )
    stage = compile_document(parse_spec(text), kernels=True).update_stage
    assert stage is not None
    return stage


@pytest.mark.parametrize(
    ("train", "names"),
    [
        ("optimizer: sgd", ["gradient_step"]),
        ("optimizer: {kind: sgd, momentum: 0.9}", ["momentum_step"]),
        ("optimizer: {kind: sgd, momentum: 0.9, nesterov: true}", ["momentum_step"]),
        ("optimizer: adam", ["adam_step"]),
        ("optimizer: {kind: adam, learning_rate: 0.1}, weight_decay: 0.1", ["adam_step"]),
        ("optimizer: adamw, weight_decay: 0.1", ["adamw_step"]),
    ],
)
def test_an_update_happens_where_the_old_content_lies(train, names) -> None:
    stage = planned_update(train)
    assert [i.op.name for i in stage.program.body if i.kernel is not None] == names
    last = stage.program.body[-1]
    assert len(stage.program.updates) == len(last.outs)
    for leaf, value in stage.program.updates:
        assert value in last.outs
        assert stage.plan.places[value] == stage.plan.places[leaf]
    if "weight_decay" not in train or "adamw" in train:
        assert len(stage.program.body) == 1
        assert "scratch" not in {buffer.role for buffer in stage.plan.buffers}


def test_a_result_in_the_place_of_another_moment_is_caught() -> None:
    stage = planned_update("optimizer: adam")
    places = dict(stage.plan.places)
    (_, first), (_, second) = stage.program.updates[1:]
    places[first], places[second] = places[second], places[first]
    with pytest.raises(VerifyError, match="writes over its operand"):
        verify_plan(stage.program, replace(stage.plan, places=places), 8)


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
