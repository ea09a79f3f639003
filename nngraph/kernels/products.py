"""Products along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def cumulative_product_backward(x: NDArray[Any], *, axis: int, out: NDArray[Any]) -> NDArray[Any]:
    """out_i = product of x_k from i on, along one axis."""
    np.multiply.accumulate(np.flip(x, axis), axis=axis, out=np.flip(out, axis))
    return out
