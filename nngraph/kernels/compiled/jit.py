"""How kernels are compiled, and whether they can be."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def available() -> bool:
    """Whether numba is installed (asked without importing it)."""
    return importlib.util.find_spec("numba") is not None


def kernel(function: Kernel) -> Kernel:
    """Compile a function over arrays: without the interpreter's lock, kept on disk.

    With `error_model="numpy"` a division by zero gives what NumPy gives, and the loop vectorises.
    """
    import numba

    # one rounding for a product and its sum; sums keep their order, nothing is assumed of NaN
    options = numba.njit(nogil=True, error_model="numpy", cache=True, fastmath={"contract"})
    return cast(Kernel, options(function))
