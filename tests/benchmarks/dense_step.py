"""A training step of a dense network: nngraph beside its own matrix products and PyTorch.

    python tests/benchmarks/dense_step.py 784-128-10 128 adam [--peer-python PATH] [--threads 1]

"limit" is the time of only the matrix products of the step, np.matmul(out=) on the same shapes.
A step loads a batch into place, computes loss and gradients, and updates. --peer-python names a
Python that has torch; without it the peers are left out. OPENBLAS_CORETYPE is left as it is found.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from timing import Step, run_benchmark, training_step


def limit(widths: list[int], rows: int, optimizer: str) -> Step:
    rng = np.random.default_rng(0)
    products = []
    for k, (i, j) in enumerate(pairwise(widths)):
        z, w, d = (rng.standard_normal(s).astype("f4") for s in ((rows, i), (i, j), (rows, j)))
        products += [(z, w, np.empty((rows, j), "f4")), (z.T, d, np.empty((i, j), "f4"))]
        if k:
            products.append((d, w.T, np.empty((rows, i), "f4")))

    def step() -> None:
        for a, b, out in products:
            np.matmul(a, b, out=out)

    return step


def spec_text(widths: list[int], rows: int, optimizer: str) -> str:
    hidden = "".join(
        f"  h{k}: {{units: {n}, activation: relu}}\n" for k, n in enumerate(widths[1:-1])
    )
    chain = " -> ".join(["x", *(f"h{k}" for k in range(len(widths) - 2)), "y"])
    options = "momentum: 0.9, learning_rate: 0.01" if optimizer == "sgd" else "learning_rate: 1e-3"
    return (
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {widths[0]}}}\n{hidden}"
        f"  y: {{units: {widths[-1]}, activation: softmax}}\nedges:\n  - {chain}\n"
        f"loss: cross_entropy\n"
        f"train: {{epochs: 1, batch_size: {rows}, optimizer: {{kind: {optimizer}, {options}}}}}\n"
    )


def ours(widths: list[int], rows: int, optimizer: str) -> Step:
    return training_step(spec_text(widths, rows, optimizer), rows, widths[:1], widths[-1])


def torch_eager(widths: list[int], rows: int, optimizer: str, fused: bool = False) -> Step:
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    layers: list[torch.nn.Module] = []
    for k, (i, j) in enumerate(pairwise(widths)):
        layers += [torch.nn.Linear(i, j)] + [torch.nn.ReLU()] * (k < len(widths) - 2)
    model = torch.nn.Sequential(*layers)
    more = {"fused": True} if fused else {}
    if optimizer == "sgd":
        update = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, **more)
    else:
        update = torch.optim.Adam(model.parameters(), 1e-3, **more)
    x = torch.randn(4 * rows, widths[0])
    y = torch.randint(0, widths[-1], (4 * rows,))
    indices = torch.randperm(4 * rows)[:rows]
    entropy = torch.nn.CrossEntropyLoss()

    def step() -> float:
        update.zero_grad(set_to_none=True)
        loss = entropy(model(x[indices]), y[indices])
        loss.backward()
        update.step()
        return loss.item()

    return step


MAKERS: dict[str, Callable[[list[int], int, str], Step]] = {
    "limit": limit,
    "nngraph": ours,
    "torch": torch_eager,
    "torch fused": lambda w, r, o: torch_eager(w, r, o, fused=True),
}


def widths_of(text: str) -> list[int]:
    return [int(n) for n in text.split("-")]


if __name__ == "__main__":
    run_benchmark(__doc__, MAKERS, {"widths": widths_of, "rows": int, "optimizer": str})
