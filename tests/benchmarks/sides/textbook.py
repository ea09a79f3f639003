"""A convolutional network in NumPy as lecture notes write it: im2col, col2im, temporaries."""

from __future__ import annotations

from typing import Any

import numpy as np
from harness.networks import NETS
from harness.samples import CHECKED_STEPS, batches_of, first_weights, samples_of
from harness.task import Answer, Task, Tasks
from harness.timing import checked_and_timed

IDS = ("x->c1", "c1.bias", "p1->c2", "c2.bias", "p2->h", "h.bias", "h->y", "y.bias")


def columns(z: Any) -> Any:
    """All 3x3 windows of [n, high, wide, channels], a row each."""
    seen = np.lib.stride_tricks.sliding_window_view(z, (3, 3), (1, 2))
    return seen.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 9 * z.shape[-1])


def pooled(a: Any, size: int) -> tuple[Any, Any]:
    """The maxima of 2x2 windows, and the windows."""
    cut = a[:, : 2 * size, : 2 * size].reshape(len(a), size, 2, size, 2, -1)
    return cut.max((2, 4)), cut


def unpooled(a: Any, cut: Any, p: Any, d: Any) -> Any:
    """The gradient behind relu and pool."""
    out, size = np.zeros_like(a), p.shape[1]
    chosen = (cut == p[:, :, None, :, None]) * d[:, :, None, :, None]
    out[:, : 2 * size, : 2 * size] = chosen.reshape(len(a), 2 * size, 2 * size, -1)
    return out * (a > 0)


def gradients(weights: list[Any], x: Any, t: Any) -> tuple[float, list[Any]]:
    """The loss and its gradients."""
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    rows = len(x)
    c1 = columns(x)
    a1 = np.maximum(c1 @ w1 + b1, 0).reshape(rows, 26, 26, 32)
    p1, cut1 = pooled(a1, 13)
    c2 = columns(p1)
    a2 = np.maximum(c2 @ w2 + b2, 0).reshape(rows, 11, 11, 64)
    p2, cut2 = pooled(a2, 5)
    f = p2.reshape(rows, -1)
    h = np.maximum(f @ w3 + b3, 0)
    s = h @ w4 + b4
    s -= s.max(1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(1, keepdims=True))
    d = (np.exp(log_p) - t) / np.float32(rows)
    dh = (d @ w4.T) * (h > 0)
    d2 = unpooled(a2, cut2, p2, (dh @ w3.T).reshape(p2.shape)).reshape(-1, 64)
    back = (d2 @ w2.T).reshape(rows, 11, 11, 3, 3, 32)
    dp1 = np.zeros_like(p1)
    for i in range(3):
        for j in range(3):
            dp1[:, i : i + 11, j : j + 11] += back[:, :, :, i, j]
    d1 = unpooled(a1, cut1, p1, dp1).reshape(-1, 32)
    found = [c1.T @ d1, d1.sum(0), c2.T @ d2, d2.sum(0)]
    found += [f.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]
    return float(-(t * log_p).sum() / rows), found


def step(task: Task) -> Answer:
    """A step of the convnet with Adam."""
    net = NETS[task.options["net"]]
    first = first_weights(task.options["net"], task.folder)
    weights = [first[id_].reshape(-1, first[id_].shape[-1]).copy() for id_ in IDS]
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    everything = samples_of(net.samples, net.shape, task.folder)
    samples, batches = batches_of(everything, task.options["batch"])
    number = 0

    def taken(rows: Any) -> float:
        nonlocal number
        number += 1
        loss, found = gradients(weights, samples.x[rows], samples.t[rows])
        scales = [np.float32(1 / (1 - b**number)) for b in (0.9, 0.999)]
        for w, g, (m, v) in zip(weights, found, moments, strict=True):
            m += np.float32(0.1) * (g.reshape(w.shape) - m)
            v += np.float32(0.001) * (g.reshape(w.shape) ** 2 - v)
            w -= np.float32(1e-3) * m * scales[0] / (np.sqrt(v * scales[1]) + np.float32(1e-8))
        return loss

    return checked_and_timed(taken, batches, CHECKED_STEPS, task.seconds)


TASKS: Tasks = {"step": step}
