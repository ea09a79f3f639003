"""The rules of the optimisers, each a plain loop over steps; never the package.

Each follows PyTorch's `torch.optim` (held equal to it, 2.13, over 1,000 steps while writing), lion
Keras's (3.15).
`penalised` is the gradient after clipping, l1 and L2 decay, which all but adamw begin with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Extras:
    decay: float = 0.0
    l1: float = 0.0
    norm: float | None = None
    value: float | None = None
    mask: np.ndarray | float = 1.0
    speed: np.ndarray | float = 1.0


Rate = Callable[[int], float]
Steps = Iterator[np.ndarray]


def penalised(g, w, e: Extras, *, decoupled: bool = False):
    if e.value is not None:
        g = np.clip(g, -e.value, e.value)
    if e.norm is not None:
        g = g * min(1.0, e.norm / (np.linalg.norm(g) + 1e-6))
    g = g + e.l1 * e.mask * np.sign(w)
    return g if decoupled else g + e.decay * e.mask * w


def sgd(w, gradients: Sequence, rate: Rate, e: Extras, momentum=0.0, nesterov=False) -> Steps:
    v = np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        v = momentum * v + g
        w = w - e.speed * rate(t) * (g + momentum * v if nesterov else v)
        yield w


def adagrad(w, gradients, rate, e, initial=0.0, epsilon=1e-10) -> Steps:
    s = np.full_like(w, initial)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        s = s + g * g
        w = w - e.speed * rate(t) * g / (np.sqrt(s) + epsilon)
        yield w


def adadelta(w, gradients, rate, e, rho=0.9, epsilon=1e-6) -> Steps:
    v, u = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        v = rho * v + (1 - rho) * g * g
        d = np.sqrt(u + epsilon) / np.sqrt(v + epsilon) * g
        u = rho * u + (1 - rho) * d * d
        w = w - e.speed * rate(t) * d
        yield w


def rmsprop(w, gradients, rate, e, rho=0.99, epsilon=1e-8, momentum=0.0, centered=False) -> Steps:
    v, m, b = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        v = rho * v + (1 - rho) * g * g
        m = rho * m + (1 - rho) * g
        d = g / (np.sqrt(v - m * m if centered else v) + epsilon)
        b = momentum * b + d
        w = w - e.speed * rate(t) * b
        yield w


def adam(
    w, gradients, rate, e, beta1=0.9, beta2=0.999, epsilon=1e-8, decoupled=False, amsgrad=False
) -> Steps:
    m, v, top = np.zeros_like(w), np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e, decoupled=decoupled)
        if decoupled:
            w = w - e.speed * rate(t) * e.decay * e.mask * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        top = np.maximum(top, v) if amsgrad else v
        corrected = m / (1 - beta1**t), top / (1 - beta2**t)
        w = w - e.speed * rate(t) * corrected[0] / (np.sqrt(corrected[1]) + epsilon)
        yield w


def adamw(w, gradients, rate, e, **options) -> Steps:
    return adam(w, gradients, rate, e, decoupled=True, **options)


def nadam(w, gradients, rate, e, beta1=0.9, beta2=0.999, epsilon=1e-8, psi=0.004) -> Steps:
    m, v, product = np.zeros_like(w), np.zeros_like(w), 1.0
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        mu, ahead = (beta1 * (1 - 0.5 * 0.96 ** (s * psi)) for s in (t, t + 1))
        product *= mu
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        direction = (1 - mu) / (1 - product) * g + ahead / (1 - product * ahead) * m
        w = w - e.speed * rate(t) * direction / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        yield w


def adamax(w, gradients, rate, e, beta1=0.9, beta2=0.999, epsilon=1e-8) -> Steps:
    m, u = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e)
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + epsilon)
        w = w - e.speed * rate(t) / (1 - beta1**t) * m / u
        yield w


def lion(w, gradients, rate, e, beta1=0.9, beta2=0.99) -> Steps:
    m = np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        g = penalised(g, w, e, decoupled=True)
        w = w - e.speed * rate(t) * e.decay * e.mask * w
        w = w - e.speed * rate(t) * np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
        yield w


def rprop(w, gradients, rate, e, shrink=0.5, grow=1.2, smallest=1e-6, largest=50.0) -> Steps:
    before, length = np.zeros_like(w), np.full_like(w, rate(1))
    for g in gradients:
        g = penalised(g, w, e)
        for i in range(len(w)):
            if g[i] * before[i] > 0:
                length[i] = min(max(length[i] * grow, smallest), largest)
            elif g[i] * before[i] < 0:
                length[i] = min(max(length[i] * shrink, smallest), largest)
                g[i] = 0.0
        w = w - e.speed * np.sign(g) * length
        before = g
        yield w
