"""Steps of optimisers: weights, gradients and moments pass through the processor once.

Vectors of one float dtype. A result may be the array of the operand that it replaces, as it is in
training; elsewhere the operand is copied first. Loops over arrays that are read and written in
place vectorise, for the compiler need only ask once that they do not overlap.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.kernels.compiled.jit import kernel

Vector = NDArray[Any]
Scalar = NDArray[Any]  # without axes


@kernel
def _start_from(old: Vector, new: Vector) -> None:
    """What is updated in place below; nothing to do where it lies there already."""
    if old.ctypes.data != new.ctypes.data:
        new[:] = old


@kernel
def gradient_step(w: Vector, g: Vector, rate: Scalar, out: Vector) -> None:
    """w - rate g."""
    _start_from(w, out)
    eta = w.dtype.type(rate[()])
    for i in range(w.size):
        out[i] -= eta * g[i]


@kernel
def momentum_step(
    w: Vector,
    g: Vector,
    v: Vector,
    rate: Scalar,
    momentum: float,
    nesterov: bool,
    out: tuple[Vector, Vector],
) -> None:
    """v' = momentum v + g; w' = w - rate v', or w - rate (momentum v' + g) where nesterov."""
    new_w, new_v = out
    _start_from(w, new_w)
    _start_from(v, new_v)
    eta, mu = w.dtype.type(rate[()]), w.dtype.type(momentum)
    if nesterov:
        for i in range(w.size):
            gradient = g[i]
            velocity = mu * new_v[i] + gradient
            new_w[i] -= eta * (mu * velocity + gradient)
            new_v[i] = velocity
    else:
        for i in range(w.size):
            velocity = mu * new_v[i] + g[i]
            new_w[i] -= eta * velocity
            new_v[i] = velocity


@kernel
def _over_correction(beta: float, t: float) -> float:
    """1 / (1 - beta^t)."""
    power = math.exp(t * math.log(beta)) if beta > 0.0 else 0.0
    return 1.0 / (1.0 - power)


@kernel
def _adam_scalars(
    rate: Scalar, count: Scalar, beta1: float, beta2: float, epsilon: float
) -> tuple[float, float]:
    """alpha and epsilon / s, the corrections of both moments."""
    t = float(count[()])
    s_inverse = 1.0 / math.sqrt((1.0 - beta2) * _over_correction(beta2, t))
    alpha = (1.0 - beta1) * _over_correction(beta1, t) * s_inverse * float(rate[()])
    return alpha, epsilon * s_inverse


@kernel
def _moments(
    gradient: float, first: float, second: float, keep1: float, keep2: float
) -> tuple[float, float]:
    """beta1 M + g and beta2 V + g^2."""
    return keep1 * first + gradient, keep2 * second + gradient * gradient


@kernel
def adam_step(
    w: Vector,
    g: Vector,
    M: Vector,
    V: Vector,
    rate: Scalar,
    count: Scalar,
    beta1: float,
    beta2: float,
    epsilon: float,
    out: tuple[Vector, Vector, Vector],
) -> None:
    """M' = beta1 M + g; V' = beta2 V + g^2; w' = w - alpha M' / (sqrt(V') + epsilon / s)."""
    new_w, new_M, new_V = out
    _start_from(w, new_w)
    _start_from(M, new_M)
    _start_from(V, new_V)
    T = w.dtype.type
    step, floor = _adam_scalars(rate, count, beta1, beta2, epsilon)
    alpha, above, keep1, keep2 = T(step), T(floor), T(beta1), T(beta2)
    for i in range(w.size):
        first, second = _moments(g[i], new_M[i], new_V[i], keep1, keep2)
        new_w[i] -= alpha * (first / (np.sqrt(second) + above))
        new_M[i] = first
        new_V[i] = second


@kernel
def adamw_step(
    w: Vector,
    g: Vector,
    M: Vector,
    V: Vector,
    rate: Scalar,
    count: Scalar,
    decay: NDArray[Any],
    beta1: float,
    beta2: float,
    epsilon: float,
    out: tuple[Vector, Vector, Vector],
) -> None:
    """The step of adam from w - rate decay w; one decay for all weights, or one for each."""
    new_w, new_M, new_V = out
    _start_from(w, new_w)
    _start_from(M, new_M)
    _start_from(V, new_V)
    T = w.dtype.type
    step, floor = _adam_scalars(rate, count, beta1, beta2, epsilon)
    alpha, above, keep1, keep2 = T(step), T(floor), T(beta1), T(beta2)
    eta = T(rate[()])
    decays = decay.ravel()
    one_for_all = decays.size != w.size
    every = decays[0] if one_for_all else T(0)
    pulls = new_w if one_for_all else decays
    for i in range(w.size):
        pull = every if one_for_all else pulls[i]
        first, second = _moments(g[i], new_M[i], new_V[i], keep1, keep2)
        kept = new_w[i] - eta * (pull * new_w[i])
        new_w[i] = kept - alpha * (first / (np.sqrt(second) + above))
        new_M[i] = first
        new_V[i] = second
