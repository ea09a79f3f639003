"""Elements in order along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sort_along(x: NDArray[Any], *, axis: int, out: NDArray[Any]) -> NDArray[Any]:
    """The elements along an axis, the smallest first."""
    np.copyto(out, x)
    out.sort(axis=axis, kind="stable")
    return out


def unsort_along(g: NDArray[Any], x: NDArray[Any], *, axis: int, out: NDArray[Any]) -> NDArray[Any]:
    """g, which lies as x would in order, back where the elements of x stand."""
    np.put_along_axis(out, np.argsort(x, axis=axis, kind="stable"), g, axis)
    return out
