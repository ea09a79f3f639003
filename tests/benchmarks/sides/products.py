"""The limit: only the matrix products of a step, with nngraph's own NumPy; and other floors."""

from __future__ import annotations

import math

import numpy as np
from harness.networks import NETS, Layer, Net, Shape, shapes
from harness.task import Answer, Task, Tasks
from harness.timing import measure, once


def step(task: Task) -> Answer:
    """np.matmul(out=) on the shapes of all products of the step, convolutions as columns."""
    net, rows = NETS[task.options["net"]], task.options["batch"]
    rng = np.random.default_rng(0)
    products = []
    for layer, (n, k, units) in products_of(net, 4 if rows == "full" else rows):
        z, w, d = (rng.standard_normal(s).astype("f4") for s in ((n, k), (k, units), (n, units)))
        products += [(z, w, np.empty((n, units), "f4")), (z.T, d, np.empty((k, units), "f4"))]
        if layer.after != ("x",):
            products.append((d, w.T, np.empty((n, k), "f4")))

    def call() -> None:
        for a, b, out in products:
            np.matmul(a, b, out=out)

    return {"figures": {"step": measure(call, task.seconds)}}


def products_of(net: Net, rows: int) -> list[tuple[Layer, tuple[int, int, int]]]:
    """(n, k, m) of the forward product [n, k] [k, m] of each layer with weights."""
    known, found = shapes(net), []
    for layer in net.layers:
        before, after = known[layer.after[0]], known[layer.name]
        if layer.op == "dense":
            found.append((layer, (rows, math.prod(before), layer.units)))
        elif layer.op == "conv":
            found.append((layer, (rows * after[0] * after[1], columns(layer, before), layer.units)))
    return found


def columns(layer: Layer, before: Shape) -> int:
    """How many numbers one place of a convolution sees."""
    return layer.window * layer.window * before[-1]


def front(task: Task) -> Answer:
    """All events of the YAML file, as its C parser gives them, and nothing done with them."""
    import yaml

    text = (task.folder / task.options["file"]).read_text()

    def events() -> None:
        for _ in yaml.parse(text, yaml.CSafeLoader):
            pass

    return {"figures": {"parsed and ordered": [once(events)]}}


TASKS: Tasks = {"step": step, "front": front}
