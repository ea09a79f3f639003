"""A target is a table: one made up here is chosen, planned, written and run like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from planned_programs import interpreted, leaf_arrays, planned

from nngraph.ir import Builder, Call, Input, Program, TensorType
from nngraph.ops import AppendOne, Tanh, Word, word
from nngraph.passes import choose_kernels, choose_whole_kernels
from nngraph.pipeline import LEGAL, Facts, drive
from nngraph.targets import NUMPY, Target

Array = NDArray[Any]


def leaky_relu(x: Array, *, alpha: float, out: Array) -> None:
    out[...] = np.where(x > 0, x, alpha * x)


def tanh_of_doubles(x: Array, *, out: Array) -> None:
    assert x.dtype == np.float64, "the table has declined all other types"
    out[...] = np.tanh(x)


def leaky_row(op: Word, x: TensorType) -> Call:
    alpha = op.attributes()["alpha"]
    return Call(leaky_relu, "leaky_relu", keywords=(("alpha", alpha),), overwrites=(0,))


def tanh_row(op: Tanh, x: TensorType) -> Call | None:
    return Call(tanh_of_doubles, "tanh_of_doubles") if x.dtype == "float64" else None


MADE_UP = Target("made_up", {"leaky_relu": leaky_row, Tanh: tanh_row}, lambda: "functions made up")


def chain(dtype: Any) -> Program:
    """leaky_relu, tanh and relu one after the other, the last beside its ones."""
    builder = Builder()
    value = x = builder.leaf(Input(TensorType(("N", 3), dtype), "x"))
    for op in (word("leaky_relu", 0.2), Tanh(), word("relu"), AppendOne()):
        value = builder(op, value)
    return builder.done([("y", value), ("x", x)])


def for_made_up(program: Program) -> Program:
    return drive(program, LEGAL, Facts(target=MADE_UP))


def test_a_table_is_all_that_a_new_target_needs() -> None:
    program = chain("float64")
    ready = planned(for_made_up(program))
    arrays = leaf_arrays(program, np.random.default_rng(0), 5)
    bound, _ = ready.bind(arrays, 5)
    text = str(ready.program)
    assert "made_up leaky_relu{alpha=0.2} %0" in text
    assert "made_up tanh %1" in text
    assert "= relu %2" in text
    bound.run()
    expected = interpreted(program, arrays)["y"]
    np.testing.assert_array_equal(bound.array(ready.program.output("y")), expected)


def test_a_table_may_decline_by_type() -> None:
    text = str(for_made_up(chain("float32")))
    assert "made_up leaky_relu" in text
    assert "float32[N, 3] = tanh %1" in text


def test_an_op_with_a_call_of_its_own_keeps_it_until_the_last_choice() -> None:
    text = str(choose_whole_kernels(chain("float64"), MADE_UP))
    assert "made_up leaky_relu" in text
    assert "= tanh %1" in text


def test_what_a_kernel_may_not_overwrite_keeps_its_place() -> None:
    """`tanh_of_doubles` names no operand that it may write over, `leaky_relu` does."""
    ready = planned(for_made_up(chain("float64")))
    leaky, tanh, *_ = ready.program.body
    places = ready.plan.places
    assert places[tanh.outs[0]].buffer != places[leaky.outs[0]].buffer


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_a_row_for_anything_the_program_stays_the_same(dtype: str) -> None:
    program = chain(dtype)
    assert str(choose_kernels(program, NUMPY)) == str(program)
