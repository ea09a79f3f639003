"""How weights are drawn: the words of `init` that have no options."""

from __future__ import annotations

from typing import Literal

PlainInitName = Literal[
    "zeros",
    "ones",
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_normal",
]
