"""Graphs of single neurons train as a plain loop over their neurons and edges does.

The loop below knows nothing of the package: one sample, one neuron, one edge at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from cases import by_tens, for_each

import nngraph
from nngraph.kernels.compiled.jit import available

EXACT = {
    "tanh": (lambda a: math.tanh(a), lambda a, z: 1 - z * z),
    "sigmoid": (lambda a: 1 / (1 + math.exp(-a)), lambda a, z: z * (1 - z)),
    "identity": (lambda a: a, lambda a, z: 1.0),
    "relu": (lambda a: max(a, 0.0), lambda a, z: float(a > 0)),
    "softplus": (lambda a: math.log1p(math.exp(a)), lambda a, z: 1 / (1 + math.exp(-a))),
    "gaussian": (lambda a: math.exp(-a * a), lambda a, z: -2 * a * z),
    "sin": (lambda a: math.sin(a), lambda a, z: math.cos(a)),
    "gelu": (
        lambda a: a * 0.5 * math.erfc(-a / math.sqrt(2)),
        lambda a, z: (
            0.5 * math.erfc(-a / math.sqrt(2)) + a * math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
        ),
    ),
    "silu": (
        lambda a: a / (1 + math.exp(-a)),
        lambda a, z: (s := 1 / (1 + math.exp(-a))) * (1 + a * (1 - s)),
    ),
    "leaky_relu": (lambda a: a if a > 0 else 0.01 * a, lambda a, z: 1.0 if a > 0 else 0.01),
}
"""f(a), and f'(a) from a and z."""


def combined(aggregate: str, terms: list[float]) -> tuple[float, list[float]]:
    """The aggregate, and its derivative by each term."""
    many = len(terms)
    match aggregate:
        case "sum":
            return sum(terms), [1.0] * many
        case "mean":
            return sum(terms) / many, [1.0 / many] * many
        case "product":
            return math.prod(terms), [math.prod(terms[:k] + terms[k + 1 :]) for k in range(many)]
    extreme = max(terms) if aggregate == "maximum" else min(terms)
    chosen = [float(term == extreme) for term in terms]
    return extreme, [c / sum(chosen) for c in chosen]


@dataclass
class Neuron:
    """What a neuron is; `edges` are (source, name of the weight)."""

    activation: str
    aggregate: str
    bias: str | None
    edges: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Net:
    """A random graph; numbers by name, and which of them are trained."""

    neurons: dict[str, Neuron]
    numbers: dict[str, float]
    fixed: set[str]
    text: str

    def forward(self, z: dict[str, float]) -> tuple[dict[str, float], dict[str, list[float]]]:
        """z of all, from inputs z; and the derivative of each aggregate by its terms."""
        self.a: dict[str, float] = {}
        shares = {}
        for name, neuron in self.neurons.items():
            terms = [self.numbers[w] * z[source] for source, w in neuron.edges]
            a, shares[name] = combined(neuron.aggregate, terms)
            self.a[name] = a + (self.numbers[neuron.bias] if neuron.bias else 0.0)
            z = {**z, name: EXACT[neuron.activation][0](self.a[name])}
        return z, shares

    def gradient(self, inputs: dict[str, float], target: float) -> tuple[float, dict[str, float]]:
        """Loss (y - t)^2 of one sample, and its derivative by every trained number."""
        z, shares = self.forward(inputs)
        back = dict.fromkeys(z, 0.0)
        back["y"] = 2 * (z["y"] - target)
        found = {name: 0.0 for name in self.numbers if name not in self.fixed}
        for name, neuron in reversed(self.neurons.items()):
            delta = back[name] * EXACT[neuron.activation][1](self.a[name], z[name])
            if neuron.bias in found:
                found[neuron.bias] += delta
            for (source, w), share in zip(neuron.edges, shares[name], strict=True):
                if w in found:
                    found[w] += delta * share * z[source]
                back[source] += delta * share * self.numbers[w]
        return (z["y"] - target) ** 2, found


def random_net(seed: int, momentum: float, batch: int) -> Net:
    """All aggregates and many activations; masked, shared and fixed edges, scalar and vector
    inputs; the last neuron reads all that would lead nowhere."""
    rng = np.random.default_rng(seed)
    units = ["x[0]", "x[1]", "x[2]", "s", "t"]
    nodes = ["  x: {kind: input, shape: 3}", "  s, t: input"]
    edges, neurons, numbers, fixed = [], {}, {}, set()
    first_edges: list[str] = []
    for j in range(int(rng.integers(3, 12))):
        name = f"n{j}"
        kind = str(rng.choice(list(EXACT)))
        aggregate = str(rng.choice(["sum", "sum", "mean", "product", "maximum", "minimum"]))
        options = [f"activation: {kind}", f"aggregate: {aggregate}"]
        draw, bias = rng.random(), f"{name}.bias"
        shared = [n for n, m in neurons.items() if m.bias == f"{n}.bias"]
        if draw < 0.15:
            bias = None
            options.append("bias: false")
        elif draw < 0.3 and shared:
            owner = str(rng.choice(shared))
            bias = f"{owner}.bias"
            options.append(f"share: {owner}")
        else:
            numbers[bias] = round(float(rng.normal(0, 0.5)), 4)
            frozen = rng.random() < 0.2
            fixed |= {bias} if frozen else set()
            options.append(
                f"bias: {{value: {numbers[bias]}, trainable: {str(not frozen).lower()}}}"
            )
        nodes.append(f"  {name}: {{{', '.join(options)}}}")
        neurons[name] = Neuron(kind, aggregate, bias)
        for source in rng.choice(units, int(rng.integers(1, 4)), replace=False).tolist():
            id, draw = f"e{len(edges)}", rng.random()
            weight = id
            if draw < 0.2 and first_edges:
                weight = str(rng.choice(first_edges))
                more = f"share: {weight}"
            else:
                first_edges.append(id)
                numbers[id] = round(float(rng.normal(0, 0.9)), 4)
                more = f"weight: {numbers[id]}"
                if draw > 0.85:
                    fixed.add(id)
                    more += ", trainable: false"
                elif draw > 0.75:
                    more += ", mask: [[1]]"
            edges.append(f'  - {{from: "{source}", to: {name}, id: {id}, {more}}}')
            neurons[name].edges.append((source, weight))
        units.append(name)
    read = {source for neuron in neurons.values() for source, _ in neuron.edges}
    neurons["y"] = Neuron("identity", "sum", "y.bias")
    numbers["y.bias"] = 0.0
    nodes.append("  y: {}")
    for source in [unit for unit in units if unit not in read]:
        id = f"e{len(edges)}"
        numbers[id] = round(float(rng.normal(0, 0.9)), 4)
        edges.append(f'  - {{from: "{source}", to: y, id: {id}, weight: {numbers[id]}}}')
        neurons["y"].edges.append((source, id))
    optimizer = f"{{kind: sgd, learning_rate: 0.02, momentum: {momentum}}}"
    head, lines = "nngraph: 1\ndtype: float64\nnodes:\n", "\n".join([*nodes, "edges:", *edges])
    train = f"{{epochs: 3, batch_size: {batch}, shuffle: false, optimizer: {optimizer}}}"
    text = f"{head}{lines}\nloss: mean_squared_error\ntrain: {train}"
    return Net(neurons, numbers, fixed, text)


def trained_by_hand(net: Net, rows, targets, momentum: float, batch: int) -> list[float]:
    """Three epochs in order; the mean loss of each while it trains."""
    velocity = dict.fromkeys(net.numbers, 0.0)
    losses = []
    for _ in range(3):
        total = 0.0
        for start in range(0, len(rows), batch):
            found = [
                net.gradient(row, target)
                for row, target in zip(
                    rows[start : start + batch], targets[start : start + batch], strict=True
                )
            ]
            total += sum(loss for loss, _ in found)
            for name in found[0][1]:
                g = sum(gradient[name] for _, gradient in found) / len(found)
                velocity[name] = momentum * velocity[name] + g
                net.numbers[name] -= 0.02 * velocity[name]
        losses.append(total / len(rows))
    return losses


@pytest.fixture(params=["never", "always"])
def with_kernels(request, monkeypatch) -> str:
    """Without kernels, and with them."""
    if request.param == "always" and not available():
        pytest.skip("numba is not installed")
    monkeypatch.setenv("NNGRAPH_KERNELS", request.param)
    return request.param


@for_each("seed", range(20), together=by_tens)
@pytest.mark.parametrize(("momentum", "batch"), [(0.0, 1), (0.9, 1), (0.9, 5)])
def test_a_training_is_that_of_a_loop_over_neurons_and_edges(
    with_kernels, momentum, batch, seed
) -> None:
    net = random_net(seed, momentum, batch)
    rng = np.random.default_rng(100 + seed)
    x, s, t = rng.standard_normal((7, 3)), rng.standard_normal(7), rng.standard_normal(7)
    targets = rng.standard_normal(7)
    rows = [
        {"x[0]": a, "x[1]": b, "x[2]": c, "s": d, "t": e}
        for (a, b, c), d, e in zip(x.tolist(), s.tolist(), t.tolist(), strict=True)
    ]
    model = nngraph.compile(net.text)
    history = model.fit({"x": x, "s": s, "t": t}, {"y": targets.reshape(-1, 1)})
    losses = trained_by_hand(net, rows, targets.tolist(), momentum, batch)
    assert [epoch.train["loss"] for epoch in history] == pytest.approx(losses, rel=1e-9)
    for name, array in model.weights.items():
        assert np.ravel(array).item() == pytest.approx(net.numbers[name], rel=1e-9, abs=1e-12), name
    z = model.predict({"x": x, "s": s, "t": t})
    assert np.ravel(z)[2] == pytest.approx(net.forward(rows[2])[0]["y"], rel=1e-9, abs=1e-12)
