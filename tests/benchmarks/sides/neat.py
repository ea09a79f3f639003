"""neat-python: a sample at a time, a node at a time."""

from __future__ import annotations

import math

import neat
from harness.graphs import graph_of
from harness.task import Answer, Task, Tasks
from harness.timing import measure


def graph(task: Task) -> Answer:
    """`activate` on one sample; the time is that of a whole batch, one sample after the other."""
    asked, batch = graph_of(task.options["graph"]), task.options["batch"]
    sources, targets, weights = asked.edges
    end = asked.inputs + asked.neurons
    links: dict[int, list[tuple[int, float]]] = {n: [] for n in range(asked.inputs, end + 1)}
    for i, j, w in zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True):
        links[j].append((i, w))
    evaluations = [
        (node, (lambda z: z) if node == end else math.tanh, sum, bias, 1.0, links[node])
        for node, bias in zip(range(asked.inputs, end + 1), asked.biases.tolist(), strict=True)
    ]
    net = neat.nn.FeedForwardNetwork(list(range(asked.inputs)), [end], evaluations)
    samples = asked.samples(batch).tolist()
    check = [float(net.activate(row)[0]) for row in samples[:3]]
    seconds = measure(lambda: net.activate(samples[0]), task.seconds)
    return {"check": check, "figures": {"forward": [batch * s for s in seconds]}}


TASKS: Tasks = {"graph": graph}
