"""How numbers are computed: one BLAS thread, and no warnings for what overflows."""

from __future__ import annotations

import numpy as np
from threadpoolctl import ThreadpoolController


class OneThread:
    """A context in which BLAS has one thread, whatever the machine has: the bits of a product
    depend on their number.

    Overflow is no warning inside: what becomes non-finite is found where results are looked at.
    The libraries are looked up once, for that takes longer than a small network; and only those
    that had more threads are set, and set back.
    """

    def __init__(self) -> None:
        self._libraries = tuple(ThreadpoolController().select(user_api="blas").lib_controllers)
        self._entered: list[tuple[np.errstate, list[int]]] = []

    def __enter__(self) -> None:
        quiet = np.errstate(all="ignore")
        quiet.__enter__()
        before = [library.num_threads for library in self._libraries]
        self._set([1] * len(before), before)
        self._entered.append((quiet, before))

    def __exit__(self, *error: object) -> None:
        quiet, before = self._entered.pop()
        self._set(before, [1] * len(before))
        quiet.__exit__(None, None, None)

    def _set(self, wanted: list[int], now: list[int]) -> None:
        for library, threads, current in zip(self._libraries, wanted, now, strict=True):
            if threads != current:
                library.set_num_threads(threads)
