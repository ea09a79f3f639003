"""What ops say of themselves to planners: additive, multilinear, elementwise."""

from __future__ import annotations

import numpy as np
from cases import for_each
from op_row import N, Row
from op_rows import ROWS
from op_running import arrays_of, results, seeded, types_of

BY_ROW = for_each(
    "row",
    [row for row in ROWS if all("float" in t for t in row.types)],
    together=lambda row: row.op.name,
)


@for_each("row", [row for row in ROWS if row.op.additive], together=lambda row: row.op.name)
def test_an_additive_op_maps_sums_to_sums(row: Row) -> None:
    if row.types[0].startswith(("bool", "int64")):
        return
    rng, (out,) = seeded(row), results(row.op, arrays_of(row))
    first = [rng.normal(size=a.shape) for a in arrays_of(row)]
    second = [rng.normal(size=a.shape) for a in arrays_of(row)]
    (whole,) = results(row.op, [a + b for a, b in zip(first, second, strict=True)])
    parts = results(row.op, first)[0] + results(row.op, second)[0]
    np.testing.assert_allclose(whole, parts, rtol=1e-12, atol=1e-13)
    assert whole.shape == out.shape


@for_each("row", [row for row in ROWS if row.op.multilinear], together=lambda row: row.op.name)
def test_a_multilinear_op_is_linear_in_each_operand(row: Row) -> None:
    rng, arrays = seeded(row), arrays_of(row)
    for index, array in enumerate(arrays):
        if array.dtype == bool:
            continue
        other = rng.normal(size=array.shape)
        moved = [[x if i == index else a for i, a in enumerate(arrays)] for x in (array, other)]
        summed = [array + other if i == index else a for i, a in enumerate(arrays)]
        parts = results(row.op, moved[0])[0] + results(row.op, moved[1])[0]
        np.testing.assert_allclose(results(row.op, summed)[0], parts, rtol=1e-12, atol=1e-13)


@for_each("row", [row for row in ROWS if row.op.elementwise], together=lambda row: row.op.name)
def test_an_elementwise_op_gives_each_row_from_that_row_alone(row: Row) -> None:
    types, arrays = types_of(row), arrays_of(row)
    if not types or not any(t.shape[:1] == ("N",) for t in types):
        return
    if max(len(t.shape) for t in types) != len(next(t for t in types if t.batched).shape):
        return
    (whole,) = results(row.op, arrays)
    for n in range(N):
        alone = [a[n : n + 1] if t.batched else a for a, t in zip(arrays, types, strict=True)]
        np.testing.assert_array_equal(results(row.op, alone)[0], whole[n : n + 1])


WHOLE = ("broadcast_like", "batch_norm")  # one has no rows of its own; one never meets a planner


@BY_ROW
def test_no_row_depends_on_another_unless_the_batch_vanishes(row: Row) -> None:
    """The planner splits the batch wherever the types show that rows stay rows."""
    types, arrays = types_of(row), arrays_of(row)
    inferred = row.op.infer(*types)
    outs = inferred if isinstance(inferred, tuple) else (inferred,)
    if not all(t.shape[:1] == ("N",) for t in outs):
        return
    if any(t.batched and t.shape[0] != "N" for t in types) or row.op.name in WHOLE:
        return
    whole = results(row.op, arrays)
    half = [a[1:3] if t.batched else a for a, t in zip(arrays, types, strict=True)]
    for part, full in zip(results(row.op, half), whole, strict=True):
        np.testing.assert_allclose(part, full[1:3], rtol=1e-14, atol=1e-15)
