"""Softmax and its cross-entropy in one kernel, along the samples.

Logits lie class-major, so that all loops run over the samples of one class and vectorise; in any
other layout the same loops are right, and slower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.exponential import exp_below
from nngraph.kernels.compiled.jit import kernel

Array = NDArray[Any]


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
