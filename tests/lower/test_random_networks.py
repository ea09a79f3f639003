"""Random networks of layers, single neurons and nodes that combine, values used more than once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from cases import by_tens, few_fast, for_each
from lowering_helpers import lowered, run

from nngraph.ir import verify_program
from nngraph.lower import differentiate, initial_weights, singles, unpack_weights

SMOOTH = ("tanh", "sigmoid", "softplus", "gaussian", "gelu", "mish", "identity")


class RandomSpec:
    """Grows a spec node by node; `widths` are those of the nodes so far, 0 for a scalar."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.widths = {"x": 3, "s": 0}
        self.nodes = ["  x: {kind: input, shape: 3}", "  s: input"]
        self.edges: list[str] = []
        self.dense: dict[tuple[int, int], list[str]] = {}
        self.biased: dict[int, list[str]] = {}
        for number in range(int(rng.integers(4, 12))):
            self.grow(f"n{number}")
        self.finish()

    def pick(self, width: int | None = None) -> str:
        names = [n for n, w in self.widths.items() if width in (None, w)]
        return str(self.rng.choice(names))

    def grow(self, id: str) -> None:
        kinds = [self.single, self.single, self.single, self.layer, self.layer, self.combine]
        self.widths |= {id: kinds[int(self.rng.integers(len(kinds)))](id)}

    def single(self, id: str) -> int:
        self.node(id, 1)
        for _ in range(int(self.rng.integers(1, 4))):
            source = self.pick()
            width = self.widths[source]
            unit = "" if width <= 1 else f"[{self.rng.integers(width)}]"
            self.edge(source + unit, id, 1, 1)
        return 1

    def layer(self, id: str) -> int:
        units = int(self.rng.integers(1, 5))
        self.node(id, units)
        for _ in range(int(self.rng.integers(1, 3))):
            source = self.pick()
            self.edge(source, id, max(1, self.widths[source]), units)
        if units > 1 and self.rng.random() < 0.3:
            self.edge(self.pick(), f"{id}[1]", None, 1)
        if self.rng.random() < 0.3:
            other = self.pick()
            if max(1, self.widths[other]) == units:
                kind = str(self.rng.choice(["identity", "scale"]))
                self.line(f"{{from: {other}, to: {id}, kind: {kind}, id: e{len(self.edges)}}}")
        return units

    def combine(self, id: str) -> int:
        first = self.pick()
        second = self.pick(self.widths[first])
        kind = str(self.rng.choice(["add", "multiply", "concat"]))
        self.nodes.append(f"  {id}: {kind}")
        for source in (first, second):
            self.line(f"{{from: {source}, to: {id}, id: e{len(self.edges)}}}")
        wide = max(1, self.widths[first])
        return 2 * wide if kind == "concat" else self.widths[first]

    def node(self, id: str, units: int) -> None:
        options = [f"units: {units}", f"activation: {self.rng.choice(SMOOTH)}"]
        if self.rng.random() < 0.15:
            options.append("bias: false")
        elif self.rng.random() < 0.3 and self.biased.get(units):
            options.append(f"share: {self.rng.choice(self.biased[units])}")
        else:
            self.biased.setdefault(units, []).append(id)
        if self.rng.random() < 0.15:
            options.append(f"aggregate: {self.rng.choice(['mean', 'product'])}")
        self.nodes.append(f"  {id}: {{{', '.join(options)}}}")

    def edge(self, source: str, target: str, fan_in: int | None, units: int) -> None:
        id = f"e{len(self.edges)}"
        options = [f'from: "{source}"', f'to: "{target}"', f"id: {id}"]
        same = self.dense.get((fan_in, units), []) if fan_in is not None else []
        turned = self.dense.get((units, fan_in), []) if fan_in is not None else []
        draw = self.rng.random()
        if same and draw < 0.2:
            options.append(f"share: {self.rng.choice(same)}")
        elif turned and draw < 0.3:
            options.append(f"share: {{edge: {self.rng.choice(turned)}, transpose: true}}")
        else:
            if fan_in is not None:
                self.dense.setdefault((fan_in, units), []).append(id)
            if draw > 0.9:
                options.append("trainable: false")
            elif draw > 0.8:
                options.append(f"weight: {self.rng.standard_normal():.3f}")
        self.line(f"{{{', '.join(options)}}}")

    def line(self, text: str) -> None:
        self.edges.append(f"  - {text}")

    def finish(self) -> None:
        """One layer reads everything, so that all that is trained reaches the loss."""
        self.nodes.append("  y: {units: 2, activation: sigmoid}")
        self.edges.append(f"  - {', '.join(self.widths)} -> y")

    def text(self) -> str:
        loss = self.rng.choice(["mean_squared_error", "binary_cross_entropy"])
        return "\n".join(["nodes:", *self.nodes, "edges:", *self.edges, f"loss: {loss}"])


def gradients(low, arrays, weights) -> dict[str, np.ndarray]:
    """Gradients by the names of the weights."""
    program = verify_program(differentiate(low.program, low.parameters))
    found = run(low, arrays, weights, program).outputs
    fixed = {w.leaf.id: np.zeros(w.leaf.type.shape) for w in low.weights}
    by_leaf = {
        name.removeprefix("gradient:"): array
        for name, array in found.items()
        if name.startswith("gradient:")
    }
    named = unpack_weights(low, {**fixed, **by_leaf})
    return {w.id: named[w.id] for w in low.weights if w.trainable}


def case(seed: int):
    rng = np.random.default_rng(seed)
    text = RandomSpec(rng).text()
    arrays = {
        "x": rng.standard_normal((4, 3)),
        "s": rng.standard_normal(4),
        "target:y": rng.integers(0, 2, (4, 2)).astype(float),
    }
    return rng, text, arrays


@for_each("seed", range(100), together=by_tens, marks=few_fast)
def test_gradients_of_random_networks_are_those_of_numerical_differences(seed) -> None:
    rng, text, arrays = case(seed)
    low = lowered(text)
    weights = {
        k: w + 0.1 * rng.standard_normal(w.shape) for k, w in initial_weights(low, 0).items()
    }
    direction = {w.id: rng.standard_normal(w.shape) for w in low.weights if w.trainable}

    def at(shift: float) -> float:
        moved = {k: w + shift * direction.get(k, 0.0) for k, w in weights.items()}
        return run(low, arrays, moved).outputs["loss"].item()

    table = [(at(h) - at(-h)) / (2 * h) for h in (0.01, 0.005, 0.0025, 0.00125)]
    for order in range(1, 4):
        table = [(4**order * b - a) / (4**order - 1) for a, b in itertools.pairwise(table)]
    found = gradients(low, arrays, weights)
    along = sum(float((found[k] * d).sum()) for k, d in direction.items())
    assert along == pytest.approx(table[0], rel=1e-9, abs=1e-9)


@for_each("seed", range(100, 160), together=by_tens, marks=few_fast)
def test_single_neurons_mean_the_same_as_ordinary_nodes(seed) -> None:
    _, text, arrays = case(seed)
    together = lowered(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(singles, "single_neurons", lambda lowering: set())
        alone = lowered(text)
    assert not any(instr.op.name == "neuron_stretch" for instr in alone.program.body)
    weights = initial_weights(together, 0)
    assert weights.keys() == initial_weights(alone, 0).keys()
    for name, array in initial_weights(alone, 0).items():
        np.testing.assert_array_equal(array, weights[name])
    ours, theirs = (run(low, arrays, weights).outputs for low in (together, alone))
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-10, atol=1e-12, err_msg=name)
    one, other = (gradients(low, arrays, weights) for low in (together, alone))
    for name, value in other.items():
        np.testing.assert_allclose(one[name], value, rtol=1e-9, atol=1e-11, err_msg=name)


def test_the_random_networks_hold_what_they_are_meant_to() -> None:
    found: set[str] = set()
    for seed in range(100):
        _, text, _ = case(seed)
        found |= {instr.op.name for instr in lowered(text).program.body}
        found |= {word for word in ("share:", "transpose:", "trainable:") if word in text}
    assert found >= {
        "neuron_stretch", "matmul", "place", "concat", "multiply", "product_axis",
        "share:", "transpose:", "trainable:",
    }  # fmt: skip
