"""A training step of a convolutional network: nngraph beside its products, textbooks and PyTorch.

    python tests/benchmarks/conv_step.py 64 adam [--peer-python PATH] [--threads 1]

The network is 28x28x1, 3x3 to 32, pool 2, 3x3 to 64, pool 2, dense to 128 and 10. "limit" is the
time of only the matrix products of the step as textbooks have them, np.matmul(out=) on the same
shapes. "textbook" is im2col from strided windows, col2im, and pools by comparison, written in NumPy
as in lecture notes. A step loads a batch into place, computes loss and gradients, and updates.
--peer-python names a Python that has torch; without it the peers are left out.
OPENBLAS_CORETYPE is left as it is found.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from timing import Step, run_benchmark, training_step

SPEC = """
nngraph: 1
nodes:
  x: {{kind: input, shape: [28, 28, 1]}}
  c1: {{units: 32, activation: relu}}
  p1: {{kind: pool, size: 2}}
  c2: {{units: 64, activation: relu}}
  p2: {{kind: pool, size: 2}}
  h: {{units: 128, activation: relu}}
  y: {{units: 10, activation: softmax}}
edges:
  - x -> c1: {{conv: 3}}
  - c1 -> p1
  - p1 -> c2: {{conv: 3}}
  - c2 -> p2 -> h -> y
loss: cross_entropy
train: {{epochs: 1, batch_size: {rows}, optimizer: {{kind: {optimizer}, {options}}}}}
"""


def limit(rows: int, optimizer: str) -> Step:
    rng = np.random.default_rng(0)
    products = []
    for n, k, units, first in (
        (rows * 26 * 26, 9, 32, True),
        (rows * 11 * 11, 288, 64, False),
        (rows, 1600, 128, False),
        (rows, 128, 10, False),
    ):
        z, w, d = (rng.standard_normal(s).astype("f4") for s in ((n, k), (k, units), (n, units)))
        products += [(z, w, np.empty((n, units), "f4")), (z.T, d, np.empty((k, units), "f4"))]
        if not first:
            products.append((d, w.T, np.empty((n, k), "f4")))

    def step() -> None:
        for a, b, out in products:
            np.matmul(a, b, out=out)

    return step


def textbook(rows: int, optimizer: str) -> Step:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, 28, 28, 1)).astype("f4")
    t = np.eye(10, dtype="f4")[rng.integers(0, 10, rows)]
    shapes = [(9, 32), (32,), (288, 64), (64,), (1600, 128), (128,), (128, 10), (10,)]
    weights = [rng.standard_normal(s).astype("f4") * np.float32(0.05) for s in shapes]
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]

    def columns(z: np.ndarray) -> np.ndarray:
        seen = np.lib.stride_tricks.sliding_window_view(z, (3, 3), (1, 2))
        return seen.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 9 * z.shape[-1])

    def pooled(a: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        cut = a[:, : 2 * size, : 2 * size].reshape(rows, size, 2, size, 2, -1)
        return cut.max((2, 4)), cut

    def unpooled(a: np.ndarray, cut: np.ndarray, p: np.ndarray, d: np.ndarray) -> np.ndarray:
        out, size = np.zeros_like(a), p.shape[1]
        chosen = (cut == p[:, :, None, :, None]) * d[:, :, None, :, None]
        out[:, : 2 * size, : 2 * size] = chosen.reshape(rows, 2 * size, 2 * size, -1)
        return out * (a > 0)

    def step() -> float:
        w1, b1, w2, b2, w3, b3, w4, b4 = weights
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
        gradients = [c1.T @ d1, d1.sum(0), c2.T @ d2, d2.sum(0)]
        gradients += [f.T @ dh, dh.sum(0), h.T @ d, d.sum(0)]
        for w, g, m, v in zip(weights, gradients, first, second, strict=True):
            m += np.float32(0.1) * (g - m)
            v += np.float32(0.001) * (g * g - v)
            w -= np.float32(1e-3) * m / (np.sqrt(v) + np.float32(1e-8))
        return float(-(t * log_p).sum() / rows)

    return step


def ours(rows: int, optimizer: str) -> Step:
    options = "momentum: 0.9, learning_rate: 0.01" if optimizer == "sgd" else "learning_rate: 1e-3"
    text = SPEC.format(rows=rows, optimizer=optimizer, options=options)
    return training_step(text, rows, (28, 28, 1), 10)


def torch_eager(rows: int, optimizer: str, last: bool) -> Step:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    layers = [
        torch.nn.Conv2d(1, 32, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(1600, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10),
    ]  # fmt: skip
    model = torch.nn.Sequential(*layers)
    x = torch.randn(4 * rows, 1, 28, 28)
    if last:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    if optimizer == "sgd":
        update = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, fused=True)
    else:
        update = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    y = torch.randint(0, 10, (4 * rows,))
    indices = torch.randperm(4 * rows)[:rows]
    entropy = torch.nn.CrossEntropyLoss()

    def step() -> float:
        update.zero_grad(set_to_none=True)
        loss = entropy(model(x[indices]), y[indices])
        loss.backward()
        update.step()
        return loss.item()

    return step


MAKERS: dict[str, Callable[[int, str], Step]] = {
    "limit": limit,
    "textbook": textbook,
    "nngraph": ours,
    "torch": lambda r, o: torch_eager(r, o, last=False),
    "torch channels last": lambda r, o: torch_eager(r, o, last=True),
}


if __name__ == "__main__":
    run_benchmark(__doc__, MAKERS, {"rows": int, "optimizer": str})
