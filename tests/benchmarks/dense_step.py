"""A training step of a dense network: nngraph beside its own matrix products and PyTorch.

    python tests/benchmarks/dense_step.py 784-128-10 128 adam [--peer-python PATH] [--threads 1]

"limit" is the time of only the matrix products of the step, np.matmul(out=) on the same shapes.
A step loads a batch into place, computes loss and gradients, and updates. --peer-python names a
Python that has torch; without it the peers are left out. OPENBLAS_CORETYPE is left as it is found.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from timing import blas, interleaved, measure, table

Step = Callable[[], object]


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
    from nngraph.compiler import compile_document
    from nngraph.executor import Executor
    from nngraph.lower import initial_weights
    from nngraph.spec import parse_spec

    compiled = compile_document(parse_spec(spec_text(widths, rows, optimizer)))
    workers = int(os.environ["OMP_NUM_THREADS"])
    executor = Executor(compiled, initial_weights(compiled.lowered, seed=0), workers=workers)
    executor.threads().__enter__()  # as in training: one BLAS thread a worker
    bound = executor.training(rows)
    rng = np.random.default_rng(0)
    x = bound.slots["x"].prepare(rng.standard_normal((4 * rows, widths[0])))
    classes = rng.integers(0, widths[-1], 4 * rows)
    y = bound.slots["target:y"].prepare(np.eye(widths[-1])[classes])
    indices = rng.permutation(4 * rows)[:rows]

    def step() -> float:
        bound.slots["x"].load(x, indices)
        bound.slots["target:y"].load(y, indices)
        bound.run()
        executor.update(0.001)
        return bound.loss

    return step


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("widths")
    parser.add_argument("rows", type=int)
    parser.add_argument("optimizer", choices=["sgd", "adam"])
    parser.add_argument("--peer-python")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--only", choices=list(MAKERS), help="measure one here and print JSON")
    options = parser.parse_args()
    widths = [int(n) for n in options.widths.split("-")]
    if options.only:
        step = MAKERS[options.only](widths, options.rows, options.optimizer)
        print(json.dumps(measure(step, options.seconds)))
        return
    print(blas())
    print(f"{options.widths}, batch {options.rows}, {options.optimizer}, {options.threads} thread")
    arguments = [*sys.argv[:4], "--seconds", str(options.seconds), "--only"]
    commands = {n: [sys.executable, *arguments, n] for n in ("limit", "nngraph")}
    if options.peer_python:
        commands |= {n: [options.peer_python, *arguments, n] for n in ("torch", "torch fused")}
    print(table(interleaved(commands, options.rounds, options.threads), "limit"))


if __name__ == "__main__":
    main()
