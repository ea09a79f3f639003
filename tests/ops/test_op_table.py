"""Every op against its row: definition, types, calls, expansion."""

from __future__ import annotations

import inspect
import itertools

import numpy as np
import pytest
from cases import for_each
from op_row import N, Row
from op_rows import ROWS
from op_running import (
    AXES,
    LAYOUTS,
    arrays_of,
    as_tuple,
    in_dtype,
    is_legal,
    legal_program,
    results,
    run_call,
    run_legal,
    types_of,
)

from nngraph.ir import Builder, Input, parse_text, to_text
from nngraph.ops import ALL_OPS, OPS_BY_NAME
from nngraph.ops.loss_word import LOSS_WORDS
from nngraph.ops.word import WORDS

BY_ROW = for_each("row", ROWS, together=lambda row: row.op.name)
DTYPES = ("float64", "float32")

ELSEWHERE = {"neuron"}
"""Prefixes of op names whose rows are in another file."""


def test_every_op_and_word_has_a_row() -> None:
    judged = {row.op.name for row in ROWS}
    assert judged == {name for name in OPS_BY_NAME if not any(map(name.startswith, ELSEWHERE))}


def test_every_op_and_word_has_its_own_name() -> None:
    assert len(OPS_BY_NAME) == len(ALL_OPS) + len(WORDS) + len(LOSS_WORDS)


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_the_docstring_tells_types_and_derivative(op: type) -> None:
    text = inspect.getdoc(op) or ""
    assert "Types" in text
    assert "Errors" in text or op.name in ("copy",)
    if any(type(row.op) is op and row.derivative != "none" for row in ROWS):
        assert "VJP" in text


@BY_ROW
def test_evaluate_agrees_with_the_reference(row: Row) -> None:
    for dtype in DTYPES:
        check_value(row, dtype)


def check_value(row: Row, dtype: str) -> None:
    arrays = arrays_of(row, dtype)
    wide = [a.astype("float64") if a.dtype.kind == "f" else a for a in arrays]
    expected = as_tuple(row.reference(*wide))
    rtol = 1e-12 if dtype == "float64" else 3e-6
    atol = row.scale if dtype == "float64" else 1e9 * row.scale
    if "tiny" in row.region or "far" in row.region or "sure" in row.region:
        # what is near the smallest normal number need not be exact
        atol += 2e3 * float(np.finfo(dtype).tiny)
    for out, value in zip(results(in_dtype(row.op, dtype), arrays), expected, strict=True):
        np.testing.assert_allclose(out, value, rtol=rtol, atol=atol, err_msg=dtype)


@BY_ROW
def test_inferred_types_are_those_of_the_results(row: Row) -> None:
    for dtype in DTYPES:
        op = in_dtype(row.op, dtype)
        inferred = as_tuple(op.infer(*types_of(row, dtype)))
        for type_, out in zip(inferred, results(op, arrays_of(row, dtype)), strict=True):
            assert np.shape(out) == type_.sizes(AXES)
            assert np.asarray(out).dtype == type_.dtype


EVERYWHERE = tuple(itertools.product(LAYOUTS, DTYPES))
SAMPLED = (("contiguous", "float64"), ("transposed", "float32"), ("strided", "float32"))
"""For one ufunc, which is NumPy's own and strides as it is told to."""


def is_one_ufunc(row: Row) -> bool:
    call = row.op.call(*types_of(row))
    return call is not None and isinstance(call.function, np.ufunc)


@BY_ROW
def test_calls_into_arrays_of_nan_agree_with_evaluate(row: Row) -> None:
    for layout, dtype in SAMPLED if is_one_ufunc(row) else EVERYWHERE:
        check_calls(row, layout, dtype)


def check_calls(row: Row, layout: str, dtype: str) -> None:
    op, types, arrays = in_dtype(row.op, dtype), types_of(row, dtype), arrays_of(row, dtype)
    before = [a.copy() for a in arrays]
    found = run_legal(legal_program(op, types), arrays, LAYOUTS[layout])
    rtol = 1e-13 if dtype == "float64" else 1e-6
    atol = row.scale if dtype == "float64" else 1e9 * row.scale
    for out, value in zip(found, results(op, arrays), strict=True):
        np.testing.assert_allclose(out, value, rtol=rtol, atol=atol, err_msg=f"{layout} {dtype}")
    for array, same in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, same)


@BY_ROW
def test_a_call_may_overwrite_the_operands_that_it_names(row: Row) -> None:
    types = types_of(row)
    call = row.op.call(*types)
    for index in call.overwrites if call is not None else ():
        arrays = arrays_of(row)
        (expected,) = results(row.op, arrays)
        assert call is not None
        run_call(call, arrays, arrays[index])
        np.testing.assert_allclose(arrays[index], expected, rtol=1e-13)


@BY_ROW
def test_evaluate_writes_none_of_its_operands(row: Row) -> None:
    arrays = arrays_of(row)
    for array in arrays:
        array.flags.writeable = False
    results(row.op, arrays)


@BY_ROW
def test_an_op_expands_exactly_where_it_is_no_call_view_or_container(row: Row) -> None:
    types = types_of(row)
    if is_legal(row.op, types):
        rules = (row.op.call(*types), row.op.view(*types), row.op.container(*types))
        assert sum(rule is not None for rule in rules) == 1
    else:
        assert legal_program(row.op, types).body


@BY_ROW
def test_results_hold_for_an_empty_batch(row: Row) -> None:
    """The last batch may leave a shard without rows."""
    types = types_of(row)
    if not any(t.batched for t in types):
        return
    arrays = [
        np.zeros(t.sizes({"N": 0}), t.dtype) if t.batched else a
        for t, a in zip(types, arrays_of(row), strict=True)
    ]
    try:
        outs = results(row.op, arrays)
    except ValueError as error:
        if "zero-size array to reduction" not in str(error):
            raise
        return  # there is no extreme of no elements
    for type_, out in zip(as_tuple(row.op.infer(*types)), outs, strict=True):
        assert np.shape(out) == type_.sizes({"N": 0})


@BY_ROW
def test_the_text_form_reads_back(row: Row) -> None:
    leaves = [Input(t, f"x{i}") for i, t in enumerate(types_of(row))]
    builder = Builder(leaves)
    outs = builder.apply(row.op, *leaves)
    program = builder.done([(str(i), out) for i, out in enumerate(outs)])
    again = parse_text(to_text(program), OPS_BY_NAME)
    assert to_text(again) == to_text(program)
    assert again.body[0].op == row.op


@BY_ROW
def test_flops_are_whole_numbers_and_none_for_views(row: Row) -> None:
    types = types_of(row)
    flops = row.op.flops(*types)
    assert all(isinstance(f, int) and f >= 0 for f in flops)
    if row.op.call(*types) is None and is_legal(row.op, types):
        assert flops == (0, 0)


def test_a_product_counts_a_multiplication_and_an_addition_for_each_weight() -> None:
    (row,) = [row for row in ROWS if row.region == "normal" and row.op.name == "matmul"]
    assert row.op.flops(*types_of(row)) == (2 * 3 * 5, 0)
    assert N == 4
