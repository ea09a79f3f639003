"""Pairs of IR texts: what a pass makes of a program, also executed on random numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping

import numpy as np

from nngraph.ir import (
    Array,
    Constant,
    Leaf,
    Program,
    TensorType,
    interpret,
    parse_text,
    to_text,
    verify_program,
)
from nngraph.ops import OPS_BY_NAME

AXES = {"N": 3, "P": 7}


def read(text: str, data: Mapping[str, Array] | None = None) -> Program:
    """A program from its indented text."""
    return verify_program(parse_text(textwrap.dedent(text).strip("\n"), OPS_BY_NAME, data))


def check_pair(
    run_pass: Callable[[Program], Program],
    before: str,
    after: str,
    data: Mapping[str, Array] | None = None,
    *,
    tolerance: float = 0.0,
) -> None:
    """`run_pass` makes `after` of `before`, and both compute the same."""
    program = read(before, data)
    result = verify_program(run_pass(program), "the pass under test")
    assert to_text(result) == textwrap.dedent(after).strip("\n")
    check_same_results(program, result, np.random.default_rng(0), tolerance)


def check_same_results(
    before: Program, after: Program, rng: np.random.Generator, tolerance: float = 0.0
) -> None:
    """Both programs give the same outputs and updates for random leaves.

    A tolerance of 0 asks for equal numbers, where the two zeros count as equal.
    """
    assert [name for name, _ in before.outputs] == [name for name, _ in after.outputs]
    arrays = random_leaves(before, rng)
    first, second = interpret(before, arrays), interpret(after, arrays)
    for name, expected in first.outputs.items():
        _check_equal(expected, second.outputs[name], tolerance, name)
    for leaf, expected in first.updates.items():
        _check_equal(expected, second.updates[leaf], tolerance, leaf.id)


def _check_equal(expected: Array, got: Array, tolerance: float, name: str) -> None:
    assert got.shape == expected.shape, name
    assert got.dtype == expected.dtype, name
    if tolerance == 0.0:
        np.testing.assert_array_equal(got, expected, err_msg=name)
    else:
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(got, expected, atol=tolerance * scale, rtol=0, err_msg=name)


def random_leaves(program: Program, rng: np.random.Generator) -> dict[Leaf, Array]:
    """Random arrays for all leaves without data."""
    return {
        leaf: random_array(leaf.type, rng)
        for leaf in program.leaves
        if not (isinstance(leaf, Constant) and leaf.data is not None)
    }


def random_array(type_: TensorType, rng: np.random.Generator) -> Array:
    """Normal numbers, coin flips or words."""
    shape = type_.sizes(AXES)
    if type_.dtype == "bool":
        return np.asarray(rng.random(shape) < 0.5)
    if type_.dtype.startswith("float"):
        return np.asarray(rng.standard_normal(shape), type_.dtype)
    return np.asarray(rng.integers(0, 5, shape), type_.dtype)
