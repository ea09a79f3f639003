"""What passes back through a rectifier, in one op."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nngraph.ir import Array, Builder, Op, TensorType, Value
from nngraph.ops.arithmetic import Multiply
from nngraph.ops.compare import Greater
from nngraph.ops.shared import same_type
from nngraph.records import dataclass


@dataclass(frozen=True)
class Gate(Op):
    """g where x > threshold, 0 elsewhere: g times the mask, so no number times 0 is no number.

    Types   g: T[N, *d], x: T[N, *d] -> T[N, *d].
    Errors  ShapeError where the types differ.
    Source  Bishop, Pattern Recognition and Machine Learning (2006), eq. 5.56 for the rectifier.
    """

    threshold: float = 0.0
    name: ClassVar[str] = "gate"
    operands: ClassVar[tuple[str, ...]] = ("g", "x")
    elementwise: ClassVar[bool] = True

    def infer(self, *types: TensorType) -> TensorType:
        return same_type(self, *types)

    def evaluate(self, *arrays: Array) -> Array:
        g, x = arrays
        return np.asarray(g * (x > self.threshold))

    def expand(self, builder: Builder, *operands: Value) -> Value:
        g, x = operands
        return builder(Multiply(), g, builder(Greater(self.threshold), x))
