"""Rows of a matrix as kernels want them: what lies side by side in memory, known to do so.

A matrix whose rows are parts of wider ones has no type that says that each row is dense, and its
loops would not vectorise.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import carray
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel


def _typed(context: Any, address: Any) -> Any:
    """An address as a pointer: its type, and the instruction for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(address), generate


_pointer: Any = intrinsic(_typed)


@kernel
def row(x: NDArray[Any], n: int) -> NDArray[Any]:
    """x[n], of which the caller knows that it is dense."""
    return carray(_pointer(x.ctypes.data + n * x.strides[0]), x.shape[1], x.dtype)


@kernel
def has_dense_rows(x: NDArray[Any]) -> bool:
    """Whether the elements of each row lie side by side."""
    return x.strides[1] == x.itemsize
