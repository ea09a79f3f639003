"""The compiled passes over rows around a middle against their definitions, wherever rows lie."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from nngraph.kernels.compiled import rows_around
from nngraph.ops import ScaledAround, ScaledAroundBack, SquaresAround, SumsAround

OPS = (SquaresAround(), SumsAround(), ScaledAround(), ScaledAroundBack())


def plain(x):
    return x


def part_of_wider_rows(x):
    wide = np.zeros((len(x), x.shape[1] + 5), x.dtype)
    wide[:, 2:-3] = x
    return wide[:, 2:-3]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("lay", [plain, part_of_wider_rows, np.asfortranarray])
@pytest.mark.parametrize("op", OPS, ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (37, 19), (0, 4)])
def test_a_pass_is_what_the_definition_says(op, lay, dtype, shape) -> None:
    rng = np.random.default_rng(7)
    rows = [lay(rng.normal(size=shape).astype(dtype)) for _ in range(op.rows)]
    columns = [rng.normal(size=shape[1]).astype(dtype) for _ in op.operands[op.rows :]]
    exact = op.evaluate(*(a.astype("float64") for a in (*rows, *columns)))
    expected = exact if isinstance(exact, tuple) else (exact,)
    outs = [np.full(e.shape, np.nan, dtype) for e in expected]
    outs = [lay(out) if out.ndim == 2 else out for out in outs]
    function = getattr(rows_around, op.name)
    function(*rows, *columns, out=outs[0] if len(outs) == 1 else tuple(outs))
    for found, wanted in zip(outs, expected, strict=True):
        size = 100 * np.finfo(dtype).eps
        np.testing.assert_allclose(found, wanted, rtol=size, atol=size)
