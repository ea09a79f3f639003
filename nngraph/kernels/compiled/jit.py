"""How kernels are compiled, and whether they can be."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
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


def kernel_summing_in_any_order(function: Kernel) -> Kernel:
    """As `kernel`, but a sum along an array is several sums, as many as the processor adds at once.

    The order follows from the processor and the length, so one machine gives the same bits again.
    """
    return _compiled(function, {"contract", "reassoc"})


def kernel_calling(*modules: ModuleType) -> Callable[[Kernel], Kernel]:
    """Compile functions that call kernels of other files, whose code becomes part of theirs.

    What is kept on disk is then of all these files: when one changes, it is compiled again.
    """
    files = [os.stat(str(module.__file__)) for module in modules]
    stamps = tuple((file.st_mtime, file.st_size) for file in files)

    def compiled(function: Kernel) -> Kernel:
        made: Any = kernel(function)
        kept = getattr(getattr(made, "_cache", None), "_cache_file", None)
        if kept is not None:
            kept._source_stamp = (kept._source_stamp, *stamps)
        return cast(Kernel, made)

    return compiled


def _compiled(function: Kernel, fastmath: set[str]) -> Kernel:
    import numba

    def compiled(cache: bool) -> Kernel:
        options = numba.njit(nogil=True, error_model="numpy", cache=cache, fastmath=fastmath)
        return cast(Kernel, options(function))

    try:
        return compiled(cache=True)
    except RuntimeError:  # neither beside the source nor in a folder of the user
        return compiled(cache=False)


@contextmanager
def compilations_told(told: Callable[[int], None]) -> Iterator[None]:
    """Tell how many kernels had to be compiled so far, whenever another one begins.

    What is found on disk is not compiled. A kernel that another one calls counts with that one.
    """
    from numba.core.event import Listener, install_listener

    class Counting(Listener):
        count = depth = 0

        def on_start(self, event: Any) -> None:
            self.depth += 1
            if self.depth == 1:
                self.count += 1
                told(self.count)

        def on_end(self, event: Any) -> None:
            self.depth -= 1

    with install_listener("numba:compile", Counting()):
        yield
