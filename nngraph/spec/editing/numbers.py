"""Numbers as text that is read back as the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np


def number_text(value: Any) -> str:
    """The shortest decimal number that a network of the value's type reads as the same number.

    Numbers of a file are read as float64 and rounded then; where the shortest text of a float32
    would be rounded twice to its neighbour, all digits are written.

    >>> number_text(np.float32(0.1)), number_text(np.float32(-0.0)), number_text(np.float64(1e-7))
    ('0.1', '-0.0', '1e-07')
    """
    number = np.asarray(value)[()]
    text = str(number)
    return text if same_bits(number.dtype.type(float(text)), number) else repr(float(number))


def same_bits(one: Any, other: Any) -> bool:
    """Whether two numbers, or arrays of one shape, are the same to the last bit."""
    one, other = np.asarray(one), np.asarray(other)
    return bool(one.dtype == other.dtype and one.tobytes() == other.tobytes())
