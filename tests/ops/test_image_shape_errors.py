"""Operands that do not fit ops on images are refused, and both sides are named."""

from __future__ import annotations

import pytest
from image_shape_cases import CASES

from nngraph.ir import Builder, Input, Op, ShapeError, parse_type


@pytest.mark.parametrize(("op", "types", "says"), CASES, ids=lambda x: getattr(x, "name", None))
def test_what_does_not_fit_is_refused(op: Op, types: tuple[str, ...], says: str) -> None:
    leaves = [Input(parse_type(t), f"x{i}") for i, t in enumerate(types)]
    with pytest.raises(ShapeError) as told:
        Builder(leaves).apply(op, *leaves)
    assert says in str(told.value)
    assert str(told.value).startswith((op.name, "patches"))
