"""Training runs of TensorFlow Playground's own code, weight by weight."""

from __future__ import annotations

import numpy as np
import pytest
from outside_cases import load_case

from nngraph.ir import Row, TargetRow
from nngraph.lower import initial_weights
from nngraph.network import compile_document
from nngraph.run import Executable
from nngraph.spec import parse_spec

RUNS = [f"playground-{number}" for number in range(6)]
PENALTIES = {None: "", "L1": "l1", "L2": "weight_decay"}
"""The playground regularises after the gradient step, by the weight before it: that is a term of
the gradient. What the language has no word for is its rule that a weight which l1 takes across 0
stays 0 for ever; no weight of these runs comes near."""


def find(id_: str):
    return next(
        c for c in load_case("neuron-graphs", "playground-training.json")["cases"] if c["id"] == id_
    )


def tail(case) -> str:
    word = PENALTIES[case["regularization"]]
    penalty = f"{word}: {case['reg_rate']!r}" if word else ""
    return f"""
loss: {{kind: mean_squared_error, values: sum, weight: 0.5, target: t}}
train:
  epochs: 8
  batch_size: {case["batch"]}
  optimizer: {{kind: sgd, learning_rate: {case["lr"]}}}
  {penalty}
"""


def as_neurons(case) -> str:
    """One node per neuron, one edge per weight."""
    nodes, edges = [], []
    last = max(n["layer"] for n in case["initial"]["nodes"])
    for node in case["initial"]["nodes"]:
        if node["layer"] == 0:
            nodes.append(f"  n{node['id']}: input")
        else:
            f = case["output_activation" if node["layer"] == last else "hidden_activation"]
            nodes.append(f"  n{node['id']}: {{activation: {f}, bias: {node['bias']!r}}}")
    for edge in case["initial"]["edges"]:
        edges.append(f"  - n{edge['from']} -> n{edge['to']}: {edge['weight']!r}")
    head = ["nngraph: 1", "dtype: float64", "nodes:", *nodes, "edges:", *edges]
    return "\n".join(head) + tail(case)


def as_layers(case) -> str:
    """One node per layer, one matrix per pair of layers."""
    layers = layered(case)
    nodes, edges = ["  l0: {kind: input, shape: 2}"], []
    for k, ids in enumerate(layers[1:], 1):
        f = case["output_activation" if k == len(layers) - 1 else "hidden_activation"]
        bias = [n["bias"] for n in case["initial"]["nodes"] if n["layer"] == k]
        nodes.append(f"  l{k}: {{units: {len(ids)}, activation: {f}, bias: {bias}}}")
        matrix = matrix_of(case["initial"]["edges"], layers[k - 1], ids)
        edges.append(f"  - l{k - 1} -> l{k}: {matrix.tolist()}")
    head = ["nngraph: 1", "dtype: float64", "nodes:", *nodes, "edges:", *edges]
    return "\n".join(head) + tail(case)


def layered(case) -> list[list[str]]:
    depth = max(n["layer"] for n in case["initial"]["nodes"])
    return [
        [n["id"] for n in case["initial"]["nodes"] if n["layer"] == k] for k in range(depth + 1)
    ]


def matrix_of(edges, sources, targets) -> np.ndarray:
    weight = {(e["from"], e["to"]): e["weight"] for e in edges}
    return np.array([[weight[s, t] for t in targets] for s in sources])


def trained(text: str, case) -> dict[str, np.ndarray]:
    compiled = compile_document(parse_spec(text))
    executor = Executable(compiled, initial_weights(compiled.lowered, seed=0))
    step = executor.training(case["batch"])
    x, t = np.array(case["inputs"]), np.array(case["targets"], float)
    data = {TargetRow("t"): t}
    if Row("l0") in step.slots:
        data[Row("l0")] = x
    else:
        data |= {Row("nx"): x[:, 0], Row("ny"): x[:, 1]}
    rows = {role: step.slots[role].prepare(array) for role, array in data.items()}
    for _ in range(8):
        for start in range(0, len(x), case["batch"]):
            for role, slot in step.slots.items():
                slot.load(rows[role], np.arange(start, start + case["batch"]))
            step.run()
            executor.update(case["lr"])
    return executor.weights()


@pytest.mark.parametrize("id_", RUNS)
def test_single_neurons_learn_the_playground_s_weights(id_):
    case = find(id_)
    weights = trained(as_neurons(case), case)
    final = case["epochs"][-1]["params"]
    for edge in final["edges"]:
        learned = weights[f"n{edge['from']}->n{edge['to']}"].item()
        assert learned == pytest.approx(edge["weight"], abs=1e-9)
    for node in final["nodes"]:
        if node.get("layer", 1) != 0 and f"n{node['id']}.bias" in weights:
            assert weights[f"n{node['id']}.bias"].item() == pytest.approx(node["bias"], abs=1e-9)


@pytest.mark.parametrize("id_", RUNS)
def test_layers_learn_the_playground_s_weights(id_):
    case = find(id_)
    weights = trained(as_layers(case), case)
    final, layers = case["epochs"][-1]["params"], layered(case)
    bias = {n["id"]: n["bias"] for n in final["nodes"]}
    for k in range(1, len(layers)):
        want = matrix_of(final["edges"], layers[k - 1], layers[k])
        np.testing.assert_allclose(weights[f"l{k - 1}->l{k}"], want, rtol=0, atol=1e-9)
        want_bias = [bias[n] for n in layers[k]]
        np.testing.assert_allclose(weights[f"l{k}.bias"], want_bias, rtol=0, atol=1e-9)
