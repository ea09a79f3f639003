"""A pause for the garbage collector while many lasting objects are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 20_000  # characters of text


@contextmanager
def collector_paused(size: int) -> Iterator[None]:
    """No garbage collection while a text of `size` characters is read or compiled, if it is large.

    Millions of small objects are made and none is garbage: looking for it again and again takes
    as long as reading.
    """
    if size < LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
