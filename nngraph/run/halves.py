"""A product that two workers compute, half of the result each."""

from __future__ import annotations

from functools import partial

import numpy as np

from nngraph.ir import Array
from nngraph.plan import is_halved
from nngraph.run.workers import Workers

LINE = 16  # where a result is cut, so that the kernels of a BLAS see whole blocks on both sides


class ProductInHalves:
    """`matmul(a, b, out)` of matrices on up to two workers.

    The longer axis of the result is cut in the middle, also where one worker computes both halves
    one after the other: the bits are a function of the shapes.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    def __call__(self, a: Array, b: Array, out: Array) -> None:
        rows, columns = out.shape
        if not is_halved(2 * rows * columns * a.shape[1]):
            # the same product; `dot` asks less beforehand, and wants a dense result
            (np.ndarray.dot if out.flags.c_contiguous else np.matmul)(a, b, out=out)
            return
        middle = -(-max(rows, columns) // (2 * LINE)) * LINE
        if rows >= columns:
            halves = (a[:middle], b, out[:middle]), (a[middle:], b, out[middle:])
        else:
            halves = (a, b[:, :middle], out[:, :middle]), (a, b[:, middle:], out[:, middle:])
        tasks = [partial(np.matmul, left, right, half) for left, right, half in halves]
        if self._workers.count > 1:
            self._workers.run(tasks)
            return
        for task in tasks:
            task()
