"""The limit of a graph of neurons: one product of all its edges as a CSR matrix, by SciPy."""

from __future__ import annotations

import numpy as np
from harness.graphs import graph_of
from harness.task import Answer, Task, Tasks
from harness.timing import measure
from scipy.sparse import _sparsetools


def graph(task: Task) -> Answer:
    """z = W a for a batch: [nodes, nodes] times [nodes, batch], into place."""
    asked, batch = graph_of(task.options["graph"]), task.options["batch"]
    sources, targets, weights = asked.edges
    count = asked.inputs + asked.neurons + 1
    starts = np.searchsorted(targets, np.arange(count + 1)).astype(np.int32)
    columns = sources.astype(np.int32)
    a = np.random.default_rng(0).random(count * batch).astype(np.float32)
    z = np.zeros_like(a)

    def product() -> None:
        z.fill(0)
        if batch == 1:
            _sparsetools.csr_matvec(count, count, starts, columns, weights, a, z)
        else:
            _sparsetools.csr_matvecs(count, count, batch, starts, columns, weights, a, z)

    return {"figures": {"forward": measure(product, task.seconds)}}


TASKS: Tasks = {"graph": graph}
