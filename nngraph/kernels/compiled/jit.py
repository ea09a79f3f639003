"""How kernels are compiled, and whether they can be."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, TypeVar, cast

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def available() -> bool:
    """Whether numba is installed (asked without importing it)."""
    return importlib.util.find_spec("numba") is not None


def obstacle() -> str | None:
    """Why kernels cannot be compiled: numba is missing, off, or refuses to be imported; or None.

    It refuses where it does not know the installed NumPy or Python yet.
    """
    if not available():
        return "numba is not installed"
    try:
        import numba
    except (ImportError, SystemError, OSError) as error:
        return f"numba cannot be imported: {error}"
    return "NUMBA_DISABLE_JIT is set" if getattr(numba.config, "DISABLE_JIT", 0) else None


def kernel(function: Kernel) -> Kernel:
    """Compile a function over arrays: without the interpreter's lock, kept on disk.

    With `error_model="numpy"` a division by zero gives what NumPy gives, and the loop vectorises.
    Where there is no folder to keep code in, each process compiles for itself. A kernel and the
    kernels that it calls stand in one file: code is kept as long as its own file stays the same.
    """
    # one rounding for a product and its sum; sums keep their order, nothing is assumed of NaN
    return _compiled(function, {"contract"})


def kernel_rounding_each(function: Kernel) -> Kernel:
    """As `kernel`, with a rounding after each operation, which gives the bits of NumPy."""
    return _compiled(function, set())


def _compiled(function: Kernel, fastmath: set[str]) -> Kernel:
    import numba

    def compiled(cache: bool) -> Kernel:
        options = numba.njit(nogil=True, error_model="numpy", cache=cache, fastmath=fastmath)
        return cast(Kernel, options(function))

    try:
        return compiled(cache=True)
    except RuntimeError:  # neither beside the source nor in a folder of the user
        return compiled(cache=False)
