"""Optimisers as programs over flat vectors: parameters, gradients and moments, T[P] each.

The conventions are PyTorch's: weight decay is L2, added to the gradient, except in adamw; epsilon
stands outside of roots, except in adadelta; the learning rate scales the finished step.
Scalars that change with the step are computed in float64 and cast once, so that a float32 network
takes the same steps as a float64 one but for the rounding of its vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from nngraph.ir import DType, Program, State, Value
from nngraph.lower.update import NONE, Regularisation, Update
from nngraph.ops import (
    Add,
    Cast,
    ClampAbove,
    ClampBelow,
    Divide,
    Exp,
    Greater,
    Less,
    Multiply,
    Reciprocal,
    ScaleBy,
    ShiftBy,
    Sign,
    Sqrt,
    Square,
    Subtract,
    SubtractFrom,
)
from nngraph.spec.optimizers import Adadelta, Adagrad, Adam, AdamW, Optimizer, RmsProp, Rprop, Sgd


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
    rate = at.scalar(at.rate)
    if spec.momentum == 0.0:
        return at.done(at(Multiply(), at.g, rate))
    velocity, v, d = _momentum(at, spec.momentum, at.g)
    if spec.nesterov:
        d = at(Add(), at(ScaleBy(spec.momentum), v), at.g)
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


def adam(spec: Adam, dtype: DType, extras: Regularisation) -> Program:
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; with both corrected for their start,
    w <- w - eta m / (sqrt(v) + epsilon), the convention of the paper and of PyTorch.

    Source: Kingma and Ba, Adam, ICLR 2015, algorithm 1.
    """
    return _adam(spec, Update(dtype, extras))


def adamw(spec: AdamW, dtype: DType, extras: Regularisation) -> Program:
    """w <- w - eta decay w, then the step of adam, whose moments see no decay.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2
    with its schedule in eta, as PyTorch has it.
    """
    return _adam(spec, Update(dtype, extras, decoupled=True))


def _adam(spec: Adam | AdamW, at: Update) -> Program:
    """The moments are kept rescaled, M = m / (1 - b1) and V = v / (1 - b2), and the corrections
    lie in two scalars, so that ten passes over the vectors are enough:

        s = sqrt((1 - b2) / (1 - b2^t)),  alpha = eta (1 - b1) / ((1 - b1^t) s)
        w <- w - alpha M / (sqrt(V) + epsilon / s)
    """
    first, second = at.state("first_moment"), at.state("second_moment")
    t = at(Cast("float64"), at.count)
    into_s = at(ScaleBy(1.0 - spec.beta2), _over_correction(at, spec.beta2, t))
    s_inverse = at(Reciprocal(), at(Sqrt(), into_s))
    alpha = at(ScaleBy(1.0 - spec.beta1), _over_correction(at, spec.beta1, t))
    alpha = at(Multiply(), at(Multiply(), alpha, s_inverse), at.rate)
    epsilon = at(ScaleBy(spec.epsilon), s_inverse)
    M = at(Add(), at(ScaleBy(spec.beta1), first), at.g)
    V = at(Add(), at(ScaleBy(spec.beta2), second), at(Square(), at.g))
    divisor = at(Add(), at(Sqrt(), V), at.scalar(epsilon))
    step = at(Multiply(), at(Divide(), M, divisor), at.scalar(alpha))
    return at.done(step, (first, M), (second, V))


def _over_correction(at: Update, beta: float, t: Value) -> Value:
    """1 / (1 - beta^t), float64."""
    power = at(ScaleBy(0.0), t) if beta == 0.0 else at(Exp(), at(ScaleBy(math.log(beta)), t))
    return at(Reciprocal(), at(ShiftBy(1.0), at(ScaleBy(-1.0), power)))


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
