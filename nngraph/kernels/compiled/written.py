"""Kernels whose text is written from a formula: compiled once, kept on disk like all others.

Code is kept under the name of its function, so the name holds a digest of the text; a kernel that
is written again tomorrow, by another process, is found. The rounding is that of NumPy: no product
is taken together with a sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from nngraph.kernels.compiled.jit import kernel_rounding_each

BLOCK = "    "


@cache
def written_kernel(name: str, parameters: str, body: tuple[str, ...]) -> Callable[..., Any]:
    """The kernel of a function with these parameters and lines, which may call `np`.

    The same text is the same kernel.
    """
    text = "\n".join((f"({parameters}):", *(BLOCK + line for line in body))) + "\n"
    named = f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    # numba keeps code beside the file that a function says it stands in, and looks up its module
    space: dict[str, Any] = {"np": np, "__name__": __name__}
    exec(compile(f"def {named}{text}", __file__, "exec"), space)
    function: Callable[..., Any] = space[named]
    return kernel_rounding_each(function)
