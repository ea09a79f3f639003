"""What all optimisers share: the leaves of the update, the gradient made ready, decay, rates."""

from __future__ import annotations

import numpy as np

from nngraph.ir import (
    FLAT,
    GRADIENTS,
    LEARNING_RATE,
    STEP,
    Array,
    Builder,
    Constant,
    DType,
    Input,
    Op,
    Param,
    Program,
    State,
    TensorType,
    Value,
    verify_program,
)
from nngraph.ops import (
    Add,
    Cast,
    ClampAbove,
    ClampBelow,
    Multiply,
    Reciprocal,
    ScaleBy,
    ShiftBy,
    Sign,
    Sqrt,
    Square,
    Subtract,
    SumAll,
)
from nngraph.records import dataclass

NORM_FLOOR = 1e-6  # PyTorch's: added to the norm, so that a gradient of 0 stays 0


@dataclass(frozen=True, slots=True, eq=False)
class Regularisation:
    """What is done to gradients and weights beside the optimiser's own rule.

    First the gradient is clipped (values, then the norm of the whole of it), then
    l1 sign(w) + weight_decay w is added to it. adamw takes weight_decay from the weights instead
    and sees only l1. `decay_scale` says how much of decay and l1 each weight gets (None: all of
    both; a bias gets 0), `rate_scale` multiplies each weight's step, decoupled decay included.
    """

    weight_decay: float = 0.0
    l1: float = 0.0
    clip_norm: float | None = None
    clip_value: float | None = None
    decay_scale: Array | None = None
    rate_scale: Array | None = None


NONE = Regularisation()


class Update:
    """The leaves that all optimisers have, and g, the gradient with its additions."""

    def __init__(self, dtype: DType, extras: Regularisation, *, decoupled: bool = False) -> None:
        self.builder = Builder()
        self.dtype = dtype
        self.extras = extras
        self.vector = TensorType((FLAT,), dtype)
        self.w: Value = self.builder.leaf(Param(self.vector, "parameters"))
        self._parameters = self.w
        gradients = self.builder.leaf(Input.of(GRADIENTS, self.vector))
        self.rate = self.builder.leaf(Input.of(LEARNING_RATE, TensorType((), "float64")))
        self.count = self.builder.leaf(Input.of(STEP, TensorType((), "int64")))
        self.g = self._penalised(self._clipped(gradients), decoupled)

    # ---- small words

    def __call__(self, op: Op, *args: Value) -> Value:
        return self.builder(op, *args)

    def state(self, id: str) -> State:
        """A vector that the step reads and writes, zero at the start."""
        return self.builder.leaf(State(self.vector, id))

    def scalar(self, value: Value) -> Value:
        """A float64 scalar in the dtype of the vectors."""
        return self(Cast(self.dtype), value)

    # ---- the gradient

    def _clipped(self, g: Value) -> Value:
        if (limit := self.extras.clip_value) is not None:
            g = self(ClampAbove(limit), self(ClampBelow(-limit), g))
        if (limit := self.extras.clip_norm) is not None:
            squares = self(Cast("float64"), self(SumAll(), self(Square(), g)))
            over = self(Reciprocal(), self(ShiftBy(NORM_FLOOR), self(Sqrt(), squares)))
            factor = self(ClampAbove(1.0), self(ScaleBy(limit), over))
            g = self(Multiply(), g, self.scalar(factor))
        return g

    def _penalised(self, g: Value, decoupled: bool) -> Value:
        if self.extras.l1:
            g = self(Add(), g, self._scaled(self.extras.l1, self(Sign(), self.w)))
        if self.extras.weight_decay and not decoupled:
            g = self(Add(), g, self._scaled(self.extras.weight_decay, self.w))
        return g

    def _scaled(self, factor: float, value: Value) -> Value:
        """factor times a vector, weight by weight as `decay_scale` says."""
        if self.extras.decay_scale is None:
            return self(ScaleBy(factor), value)
        return self(Multiply(), value, self._constant(f"scale:{factor!r}", factor))

    def _constant(self, id: str, factor: float) -> Value:
        for leaf in self.builder.leaves:
            if leaf.id == id:
                return leaf
        assert self.extras.decay_scale is not None
        data = np.asarray(factor * self.extras.decay_scale, self.dtype)
        return self.builder.leaf(Constant(self.vector, id, data))

    # ---- the step

    def decay(self) -> Value | None:
        """By how much each weight is decayed apart from the gradient, T[] or T[P]; None: not."""
        factor = self.extras.weight_decay
        if not factor:
            return None
        if self.extras.decay_scale is not None:
            return self._constant(f"scale:{factor!r}", factor)
        data = np.asarray(factor, self.dtype)
        return self.builder.leaf(Constant(TensorType((), self.dtype), "decay", data))

    def moved(self, step: Value) -> Value:
        """The weights less a step, each scaled as `rate_scale` says."""
        if self.extras.rate_scale is not None:
            data = np.asarray(self.extras.rate_scale, self.dtype)
            known = next((v for v in self.builder.leaves if v.id == "rate_scale"), None)
            scale = known or self.builder.leaf(Constant(self.vector, "rate_scale", data))
            step = self(Multiply(), step, scale)
        return self(Subtract(), self.w, step)

    def done(self, taken: Value, *states: tuple[State, Value]) -> Program:
        """The weights less what is taken off them, and new states."""
        assert isinstance(self._parameters, Param)
        w = (self._parameters, self.moved(taken))
        return verify_program(self.builder.done((), (w, *states)), "building an optimiser")
