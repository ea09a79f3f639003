"""Copies into a given array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def copy(x: NDArray[Any], *, out: NDArray[Any]) -> NDArray[Any]:
    """The elements of x, converted to the dtype of `out`."""
    np.copyto(out, x, casting="unsafe")
    return out
