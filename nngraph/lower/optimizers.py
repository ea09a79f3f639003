"""Optimisers as programs over flat vectors: the formula of a row, written out.

Weights, gradients and states of a dtype are one vector T[P] each. What is done to gradients and
weights beside the rule (clipping, decay, rates of single weights) is the same for all. Scalars that
change with the step are computed in float64 and rounded once, where they meet a vector: a float32
network takes the same steps as a float64 one but for the rounding of its vectors.
"""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.formula import FormulaStep
from nngraph.ir import DType, Program, Value
from nngraph.lower.update import NONE, Regularisation, Update
from nngraph.ops import Cast, Multiply
from nngraph.ops.word import op_of, written
from nngraph.words.row import Optimizer, step_formula


def optimizer_program(
    spec: Optimizer, dtype: DType, regularisation: Regularisation = NONE
) -> Program:
    """One step of an optimiser.

    Leaves: Param "parameters" and Input "gradients", T[P]; Input "learning_rate", float64[];
    Input "step", int64[], which counts from 1; State vectors T[P], zero at the start; Constant
    vectors T[P] where weights are decayed or moved unlike each other. The parameters and the
    states are updated; there are no outputs.
    """
    at = Update(dtype, regularisation, decoupled=spec.decoupled)
    if spec.decoupled and (decay := at.decay()) is not None:
        at.w = at.moved(at(Multiply(), at(Multiply(), at.w, decay), at.scalar(at.rate)))
    states = [at.state(name) for name in spec.states]

    def write(step: FormulaStep, *args: Value) -> Value:
        args = _of_one_type(at, args)
        if step.primitive == "number":  # of a mask, in the type of what it was compared in
            return at(Cast(dtype if args[0].type.shape else "float64"), *args)
        return at(op_of(step, dtype), *args)

    t = at(Cast("float64"), at.count)
    taken, *new = written(at.builder, step_formula(spec), at.g, at.rate, t, *states, other=write)
    assert taken is not None
    return at.done(taken, *zip(states, map(_there, new), strict=True))


def _of_one_type(at: Update, args: Sequence[Value]) -> tuple[Value, ...]:
    """Operands of a step; a scalar of double precision beside a vector takes the vector's type."""
    if not any(arg.type.shape for arg in args):
        return tuple(args)
    return tuple(arg if arg.type.shape else at.scalar(arg) for arg in args)


def _there(value: Value | None) -> Value:
    """A state's new content: each has one."""
    assert value is not None
    return value
