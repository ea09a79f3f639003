"""Networks of single neurons from other projects, within their stated tolerance."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from lowering_helpers import lowered, run

from nngraph.lower import differentiate, initial_weights, pack_weights, unpack_weights

CASES = os.environ.get("NNGRAPH_CASES")
needs_cases = pytest.mark.skipif(CASES is None, reason="NNGRAPH_CASES names no folder of cases")
FOLDER = Path(CASES or "") / "neuron-graphs"
FILES = [path for path in sorted(FOLDER.glob("*.json")) if "training" not in path.name]
RUNS = (0, 1, 4, 5)  # those without regularisation
NAMES = {"logistic": "sigmoid"}


def to_spec(network) -> str:
    """The JSON form as YAML; neat_sigmoid is sigmoid(5 a), so the 5 goes into the weights."""
    name = {node["id"]: f"n{at}" for at, node in enumerate(network["nodes"])}
    steep = {n["id"]: 5.0 if n["activation"] == "neat_sigmoid" else 1.0 for n in network["nodes"]}
    lines = ["nodes:"]
    for node in network["nodes"]:
        if node["id"] in network["inputs"]:
            lines.append(f"  {name[node['id']]}: input")
            continue
        kind = NAMES.get(node["activation"], node["activation"])
        kind = "sigmoid" if kind == "neat_sigmoid" else kind
        bias = node["bias"] * steep[node["id"]]
        lines.append(f"  {name[node['id']]}: {{activation: {kind}, bias: {bias!r}}}")
    lines.append("edges:")
    for edge in network["edges"]:
        weight = edge["weight"] * steep[edge["to"]]
        lines.append(f"  - {name[edge['from']]} -> {name[edge['to']]}: {weight!r}")
    ends = ", ".join(name[id] for id in network["outputs"])
    if network.get("softmax_groups") == [network["outputs"]]:
        lines.insert(1, "  together: concat\n  p: {kind: activation, function: softmax}")
        lines.append(f"  - {ends} -> together -> p")
        ends = "p"
    return "\n".join([*lines, f"outputs: [{ends}]"])


@needs_cases
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_network_from_another_project(path) -> None:
    network = json.loads(path.read_text())
    low = lowered(to_spec(network))
    name = {node["id"]: f"n{at}" for at, node in enumerate(network["nodes"])}
    rows = np.array(network["cases"]["inputs"])
    arrays = {name[id]: rows[:, at] for at, id in enumerate(network["inputs"])}
    found = run(low, arrays).outputs
    ours = np.concatenate([found[end.node] for end in low.graph.outputs], axis=1)
    np.testing.assert_allclose(
        ours, network["cases"]["outputs"], rtol=0, atol=network["cases"]["abs_tol"]
    )


def training_spec(case) -> str:
    """A run of the playground, neuron by neuron."""
    lines = ["nodes:"]
    for node in case["initial"]["nodes"]:
        last = node["layer"] == len(case["shape"]) - 1
        kind = case["output_activation" if last else "hidden_activation"]
        neuron = f"{{activation: {kind}, bias: {node['bias']!r}}}"
        lines.append(f"  n{node['id']}: {'input' if node['layer'] == 0 else neuron}")
    lines.append("edges:")
    for edge in case["initial"]["edges"]:
        lines.append(f"  - n{edge['from']} -> n{edge['to']}: {edge['weight']!r}")
    return "\n".join([*lines, "loss: {kind: mean_squared_error, values: sum, weight: 0.5}"])


@needs_cases
@pytest.mark.parametrize("number", RUNS)
def test_a_training_run_of_the_playground(number) -> None:
    case = json.loads((FOLDER / "playground-training.json").read_text())["cases"][number]
    low = lowered(training_spec(case))
    program = differentiate(low.program, low.parameters)
    x, t = np.array(case["inputs"]), np.array(case["targets"]).reshape(-1, 1)
    weights = initial_weights(low, 0)
    (output,) = (end.node for end in low.graph.outputs)
    compared = 0
    names = [node["id"] for node in case["initial"]["nodes"] if node["layer"] == 0]
    for epoch in case["epochs"]:
        for start in range(0, len(x), case["batch"]):
            rows = slice(start, start + case["batch"])
            arrays = {f"n{name}": x[rows, at] for at, name in enumerate(names)}
            found = run(low, {**arrays, f"target:{output}": t[rows]}, weights, program).outputs
            packed = pack_weights(low, weights)
            for leaf in low.parameters:
                packed[leaf.id] = packed[leaf.id] - case["lr"] * found[f"gradient:{leaf.id}"]
            weights = unpack_weights(low, packed)
        params = epoch.get("params", {"edges": [], "nodes": []})
        for edge in params["edges"]:
            ours = weights[f"n{edge['from']}->n{edge['to']}"].item()
            assert ours == pytest.approx(edge["weight"], abs=1e-9)
            compared += 1
        for node in params["nodes"]:
            if node["layer"] > 0:
                assert weights[f"n{node['id']}.bias"].item() == pytest.approx(
                    node["bias"], abs=1e-9
                )
    assert compared >= len(case["initial"]["edges"])
