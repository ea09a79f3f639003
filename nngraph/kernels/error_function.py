"""The complementary error function on arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def erfc(x: NDArray[Any], *, out: NDArray[Any]) -> NDArray[Any]:
    """Placeholder."""
    out[...] = np.vectorize(math.erfc, otypes=[x.dtype])(x)
    return out
