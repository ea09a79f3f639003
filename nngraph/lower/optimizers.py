"""Optimisers as programs over flat vectors: parameters, gradients and moments, T[P] each.

The conventions are PyTorch's: weight decay is L2, added to the gradient, except in adamw; epsilon
stands outside of roots, except in adadelta; the learning rate scales the finished step.
Scalars that change with the step are computed in float64 and cast once, so that a float32 network
takes the same steps as a float64 one but for the rounding of its vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nngraph.ir import DType, Program, State, Value
from nngraph.lower.update import NONE, Regularisation, Update
from nngraph.ops import (
    AdamStep,
    AdamWStep,
    Add,
    Cast,
    ClampAbove,
    ClampBelow,
    Divide,
    GradientStep,
    Greater,
    Less,
    MomentumStep,
    Multiply,
    ScaleBy,
    ShiftBy,
    Sign,
    Sqrt,
    Square,
    Subtract,
    SubtractFrom,
)
from nngraph.words.optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Optimizer,
    RmsProp,
    Rprop,
    Sgd,
)


def optimizer_program(
    spec: Optimizer, dtype: DType, regularisation: Regularisation = NONE
) -> Program:
    """One step of an optimiser.

    Leaves: Param "parameters" and Input "gradients", T[P]; Input "learning_rate", float64[];
    Input "step", int64[], which counts from 1; State vectors T[P], zero at the start; Constant
    vectors T[P] where weights are decayed or moved unlike each other. The parameters and the
    states are updated; there are no outputs.
    """
    return OPTIMIZER_ROWS[spec.kind](spec, dtype, regularisation)


def sgd(spec: Sgd, dtype: DType, extras: Regularisation) -> Program:
    """w <- w - eta d; d = g, with momentum mu: v <- mu v + g, d = v, or g + mu v (nesterov).

    The convention of PyTorch: eta scales the whole step, the velocity holds gradients.
    Source: Sutskever et al., On the importance of initialization and momentum, ICML 2013.
    """
    at = Update(dtype, extras)
    if spec.momentum == 0.0 and at.moves_alike:
        (w,) = at.builder.apply(GradientStep(), at.w, at.g, at.rate)
        return at.moved_to(w)
    if spec.momentum == 0.0:
        return at.done(at(Multiply(), at.g, at.scalar(at.rate)))
    rule, velocity = MomentumStep(spec.momentum, spec.nesterov), at.state("velocity")
    if at.moves_alike:
        w, v = at.builder.apply(rule, at.w, at.g, velocity, at.rate)
        return at.moved_to(w, (velocity, v))
    rate = at.scalar(at.rate)
    d, v = rule.direction(at.builder, at.g, velocity)
    return at.done(at(Multiply(), d, rate), (velocity, v))


def _momentum(at: Update, momentum: float, d: Value) -> tuple[State, Value, Value]:
    """The state v, its new content momentum v + d, and the direction, which is that too."""
    velocity = at.state("velocity")
    v = at(Add(), at(ScaleBy(momentum), velocity), d)
    return velocity, v, v


def adagrad(spec: Adagrad, dtype: DType, extras: Regularisation) -> Program:
    """s <- s + g^2; w <- w - eta g / (sqrt(s) + epsilon), as in PyTorch (Keras has epsilon
    inside of the root and starts s at 0.1).

    Source: Duchi, Hazan and Singer, Adaptive subgradient methods, JMLR 12 (2011), figure 1.
    """
    at = Update(dtype, extras)
    squares = at.state("squares")
    s = at(Add(), squares, at(Square(), at.g))
    if spec.initial_accumulator:
        one = at(ShiftBy(1.0), at(ScaleBy(0.0), at.rate))
        start = at.at_first(at(ScaleBy(spec.initial_accumulator), one))
        s = at(Add(), at(Add(), squares, start), at(Square(), at.g))
    divisor = at(ShiftBy(spec.epsilon), at(Sqrt(), s))
    step = at(Multiply(), at(Divide(), at.g, divisor), at.scalar(at.rate))
    return at.done(step, (squares, s))


def adadelta(spec: Adadelta, dtype: DType, extras: Regularisation) -> Program:
    """v <- rho v + (1 - rho) g^2; d = g sqrt(u + epsilon) / sqrt(v + epsilon);
    u <- rho u + (1 - rho) d^2; w <- w - eta d.

    Source: Zeiler, ADADELTA: an adaptive learning rate method, 2012, algorithm 1.
    """
    at = Update(dtype, extras)
    squares, v = at.running_mean("squares", spec.rho, at(Square(), at.g))
    lengths = at.state("lengths")
    above = at(Sqrt(), at(ShiftBy(spec.epsilon), lengths))
    below = at(Sqrt(), at(ShiftBy(spec.epsilon), v))
    d = at(Multiply(), at(Divide(), above, below), at.g)
    kept = at(ScaleBy(spec.rho), lengths)
    u = at(Add(), kept, at(ScaleBy(1.0 - spec.rho), at(Square(), d)))
    return at.done(at(Multiply(), d, at.scalar(at.rate)), (squares, v), (lengths, u))


def rmsprop(spec: RmsProp, dtype: DType, extras: Regularisation) -> Program:
    """v <- rho v + (1 - rho) g^2; w <- w - eta g / (sqrt(v) + epsilon).

    Centered: the running mean of g squared is taken from v. With momentum mu:
    b <- mu b + g / (sqrt(v) + epsilon), w <- w - eta b. As in PyTorch (Keras has epsilon inside
    of the root).
    Source: Hinton, Neural networks for machine learning, lecture 6e, 2012.
    """
    at = Update(dtype, extras)
    squares, v = at.running_mean("squares", spec.rho, at(Square(), at.g))
    states, spread = [(squares, v)], v
    if spec.centered:
        mean, m = at.running_mean("mean", spec.rho, at.g)
        states.append((mean, m))
        spread = at(ClampBelow(0.0), at(Subtract(), v, at(Square(), m)))
    d = at(Divide(), at.g, at(ShiftBy(spec.epsilon), at(Sqrt(), spread)))
    if spec.momentum:
        velocity, b, d = _momentum(at, spec.momentum, d)
        states.append((velocity, b))
    return at.done(at(Multiply(), d, at.scalar(at.rate)), *states)


def adam(spec: Adam | AdamW, dtype: DType, extras: Regularisation) -> Program:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; with both corrected for their start,
    w <- w - eta m / (sqrt(v) + epsilon), the convention of the paper and of PyTorch.

    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """
    return _adam(AdamStep(spec.beta1, spec.beta2, spec.epsilon), Update(dtype, extras))


def adamw(spec: AdamW, dtype: DType, extras: Regularisation) -> Program:
    """w <- w - eta decay w, then the step of adam, whose moments see no decay.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2
    with its schedule in eta, as PyTorch has it.
    """
    at = Update(dtype, extras, decoupled=True)
    decay = at.decay()
    if decay is None:
        return adam(spec, dtype, extras)
    rule = AdamWStep(spec.beta1, spec.beta2, spec.epsilon)
    if at.moves_alike:
        return _adam(rule, at, decay)
    at.w = at.moved(at(Multiply(), at(Multiply(), at.w, decay), at.scalar(at.rate)))
    return _adam(rule.adam, at)


def _adam(rule: AdamStep | AdamWStep, at: Update, *decay: Value) -> Program:
    """The step of a rule on both moments; beside it where each weight has a rate of its own."""
    first, second = at.state("first_moment"), at.state("second_moment")
    operands = (at.g, first, second, at.rate, at.count)
    if at.moves_alike:
        w, M, V = at.builder.apply(rule, at.w, *operands, *decay)
        return at.moved_to(w, (first, M), (second, V))
    assert isinstance(rule, AdamStep)
    step, M, V = rule.step(at.builder, *operands)
    return at.done(step, (first, M), (second, V))


def rprop(spec: Rprop, dtype: DType, extras: Regularisation) -> Program:
    """Each weight's step grows while g keeps its sign and shrinks when it changes; in that case
    the weight rests once: w <- w - step sign(g).

    The first steps are eta long; later rates are not read, since each weight finds its own.
    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning,
    ICNN 1993, in the form without backtracking of PyTorch (iRprop-: Igel and Huesken, 2000).
    """
    at = Update(dtype, extras)
    before, steps = at.state("last_gradient"), at.state("steps")
    agreement = at(Multiply(), at.g, before)
    same = at(Cast(dtype), at(Greater(0.0), agreement))
    changed = at(Cast(dtype), at(Less(0.0), agreement))
    factor = at(Add(), at(ScaleBy(spec.grow - 1.0), same), at(ScaleBy(spec.shrink - 1.0), changed))
    length = at(Add(), steps, at.at_first(at.rate))
    length = at(Multiply(), length, at(ShiftBy(1.0), factor))
    length = at(ClampAbove(spec.largest), at(ClampBelow(spec.smallest), length))
    g = at(Multiply(), at.g, at(SubtractFrom(1.0), changed))
    return at.done(at(Multiply(), at(Sign(), g), length), (before, g), (steps, length))


OPTIMIZER_ROWS: Mapping[str, Callable[[Any, DType, Regularisation], Program]] = {
    "sgd": sgd,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
    "rprop": rprop,
}
"""The step of each row, by its word."""
