"""Softmax and its cross-entropy in one kernel, along the samples.

Logits lie class-major, so that all loops run over the samples of one class and vectorise; in any
other layout the same loops are right, and slower. So is the exponential made to vectorise:
e^s = 2^n e^r with |r| <= ln 2 / 2. n ln 2 is taken off in two parts, of which the first is exact;
the series of e^r ends where the next term is below half a unit of the last place; 2^n is put
together from its bits in two factors, since alone it may be too small for a float.
Source: Muller, Elementary functions (2016), chapters 3 and 11.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel

Array = NDArray[Any]

F, D, N, L = np.float32, np.float64, np.int32, np.int64

LOWEST_32, LOWEST_64 = F(-104.0), -746.0  # e^s is 0 from there on
OVER_LN2_32, OVER_LN2_64 = F(1.0 / math.log(2.0)), 1.0 / math.log(2.0)
HIGH_32, LOW_32 = F(355.0 / 512.0), F(-2.1219444005469057e-04)
HIGH_64, LOW_64 = float.fromhex("0x1.62e42feep-1"), 1.9082149292705877e-10
HALF, ONE = F(0.5), F(1.0)
R2, R3, R4, R5, R6, R7 = (F(1.0 / math.factorial(k)) for k in range(2, 8))
S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13 = (1.0 / math.factorial(k) for k in range(2, 14))


@kernel
def exp_float32(s: np.float32) -> np.float32:
    """Within a unit of the last place; no number stays none."""
    x = s if s > LOWEST_32 else LOWEST_32
    n = np.floor(x * OVER_LN2_32 + HALF)
    r = (x - n * HIGH_32) - n * LOW_32
    p = (((((R7 * r + R6) * r + R5) * r + R4) * r + R3) * r + R2) * r + ONE
    whole = N(n)
    half = whole >> N(1)
    first = N((half + N(127)) << N(23)).view(F)
    second = N((whole - half + N(127)) << N(23)).view(F)
    e = (p * r + ONE) * first * second
    return e if s == s else s


@kernel
def exp_float64(s: float) -> float:
    """Within a unit of the last place; no number stays none."""
    x = s if s > LOWEST_64 else LOWEST_64
    n = np.floor(x * OVER_LN2_64 + 0.5)
    r = (x - n * HIGH_64) - n * LOW_64
    p = (((((S13 * r + S12) * r + S11) * r + S10) * r + S9) * r + S8) * r + S7
    p = (((((p * r + S6) * r + S5) * r + S4) * r + S3) * r + S2) * r + 1.0
    whole = L(n)
    half = whole >> L(1)
    first = L((half + L(1023)) << L(52)).view(D)
    second = L((whole - half + L(1023)) << L(52)).view(D)
    e = (p * r + 1.0) * first * second
    return e if s == s else s


def exp_below(s: Any) -> Any:
    """e^s in the dtype of s, inside of a kernel."""
    raise NotImplementedError


@overload(exp_below)
def _choose(s: Any) -> Callable[[Any], Any]:
    """What is compiled for a dtype."""

    def short(s: Any) -> Any:
        return exp_float32(s)

    def long(s: Any) -> Any:
        return exp_float64(s)

    return short if s == types.float32 else long


@kernel
def softmax_cross_entropy(a: Array, t: Array, factor: float, out: tuple[Array, Array]) -> None:
    """loss = factor sum_k t_k (ln q - s_k) and p = e^s / q with s = a - max a, q = sum_k e^s_k."""
    loss, p = out
    samples, classes = a.shape
    scale = a.dtype.type(factor)
    highest, total = np.empty(samples, a.dtype), np.zeros(samples, a.dtype)
    highest[:] = a[:, 0]
    for k in range(1, classes):
        for n in range(samples):
            old, new = highest[n], a[n, k]
            highest[n] = old if old >= new or old != old else new  # what is no number stays
    for k in range(classes):
        for n in range(samples):
            e = exp_below(a[n, k] - highest[n])
            p[n, k] = e
            total[n] += e
    for k in range(classes):
        for n in range(samples):
            p[n, k] /= total[n]
    for n in range(samples):
        total[n] = np.log(total[n])
    loss[:] = a.dtype.type(0)
    for k in range(classes):
        for n in range(samples):
            loss[n] += t[n, k] * (total[n] - (a[n, k] - highest[n]))
    for n in range(samples):
        loss[n] *= scale
