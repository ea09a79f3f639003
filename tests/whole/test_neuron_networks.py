"""Random networks of neurons give what a walk by hand gives, forward and back, in every way.

The gradient of the walk is a difference quotient: it knows nothing of any derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cases import by_tens, for_each
from four_ways import Network
from neuron_specs import neuron_spec
from walk import walk

from nngraph.kernels.compiled.jit import available
from nngraph.network import compile_document
from nngraph.run import Executable

STEP = 1e-6
SHOWN = 15  # weights of a network whose gradients are compared
Array = np.ndarray[Any, Any]


def loss_of(network: Network, weights: dict[str, Array]) -> float:
    """The mean over the rows of the sum of squares of what is missed."""
    z = walk(network.model.document, weights, network.inputs)
    return sum(
        float(((z[t.node] - network.targets[t.name]) ** 2).sum() / len(z[t.node]))
        for t in network.lowered.targets
    )


def quotient(network: Network, name: str, place: tuple[int, ...]) -> float:
    """The change of the loss with one number."""
    ends = []
    for sign in (1, -1):
        moved = network.weights[name].copy()
        moved[place] += sign * STEP
        ends.append(loss_of(network, {**network.weights, name: moved}))
    return (ends[0] - ends[1]) / (2 * STEP)


def gradients(network: Network, *, kernels: bool) -> tuple[dict[str, Array], float, dict]:
    """By weight, of one training step on all rows; its loss, and the outputs."""
    compiled = compile_document(network.model.document, kernels=kernels)
    executable = Executable(compiled, network.weights, workers=1)
    step = executable.training(5)
    rows = network._rows(network.lowered)
    for slot in step.slots.values():
        slot.put(rows[slot.leaf.id])
    with executable.threads():
        step.run()
    outputs = {name: np.array(value) for name, value in step.outputs.items()}
    return executable.gradients(), step.loss, outputs


def marks(seed: int) -> list[pytest.MarkDecorator]:
    """The twenty that always run have one that tore shared weights apart in every attempt."""
    return [] if seed // 10 in (0, 3) else [pytest.mark.slow]


@for_each("seed", range(400), together=by_tens, marks=marks)
def test_outputs_and_gradients_are_those_of_a_walk_by_hand(seed: int) -> None:
    network = Network(neuron_spec(seed), seed)
    rng = np.random.default_rng(seed)
    expected = walk(network.model.document, network.weights, network.inputs)
    loss = loss_of(network, network.weights)
    scale = max(1.0, abs(loss))
    trained = {w.id: w for w in network.lowered.weights if w.trainable}
    ways = [False, True] if available() else [False]
    found = {kernels: gradients(network, kernels=kernels) for kernels in ways}
    for kernels, (back, its_loss, outputs) in found.items():
        assert its_loss == pytest.approx(loss, rel=1e-9), kernels
        assert back.keys() <= trained.keys()
        for node, value in outputs.items():
            np.testing.assert_allclose(value, expected[node], rtol=1e-9, atol=1e-9, err_msg=node)
    names = sorted(trained)
    for name in (names[k] for k in rng.permutation(len(names))[:SHOWN]):
        place = tuple(int(rng.integers(n)) for n in trained[name].shape)
        there = trained[name].mask is None or trained[name].mask[place]
        slope = quotient(network, name, place) if there else 0.0
        for kernels, (back, *_) in found.items():
            ours = back[name][place] if name in back else 0.0  # of what leads to no loss
            assert ours == pytest.approx(slope, rel=1e-4, abs=1e-5 * scale), (name, kernels)
    nodes = network.nodes
    np.random.default_rng(seed).shuffle(nodes)
    for node, value in network.predicted(nodes[:6]).items():
        np.testing.assert_allclose(value, expected[node], rtol=1e-9, atol=1e-9, err_msg=node)
