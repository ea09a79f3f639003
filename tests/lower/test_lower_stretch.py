"""Single neurons: which become a stretch or a block, and that they compute what they say."""

from __future__ import annotations

import time

import numpy as np
import pytest
from cases import by_tens, for_each
from lowering_helpers import lowered, mistakes, outputs, run

from nngraph.ir import Constant, Param
from nngraph.lower import differentiate, initial_weights, pack_weights, unpack_weights


def ops(low) -> list[str]:
    return [instr.op.name for instr in low.program.body]


def test_a_network_of_single_neurons_is_one_instruction() -> None:
    low = lowered("""
nodes:
  x1, x2: input
  h1: {activation: tanh}
  h2: {activation: gaussian}
  y: {activation: sigmoid}
edges:
  - x1, x2 -> h1, h2
  - h1, h2 -> y
""")
    assert ops(low).count("neuron_stretch") == 1
    assert "matmul" not in ops(low)
    (leaf,) = low.parameters
    assert [part.name for part in leaf.parts] == [
        "x1->h1", "x2->h1", "h1.bias", "x1->h2", "x2->h2", "h2.bias", "h1->y", "h2->y", "y.bias",
    ]  # fmt: skip
    assert {weight.id for weight in low.weights} == {part.name for part in leaf.parts}


def random_spec(rng, neurons=12) -> tuple[str, dict]:
    """A random graph of single neurons over a vector and a scalar, and its edges."""
    units = ["x[0]", "x[1]", "x[2]", "s"]
    functions = ["tanh", "sigmoid", "relu", "identity", "gaussian"]
    nodes, edges, wires = [], [], {}
    for j in range(neurons):
        kind = functions[rng.integers(len(functions))]
        bias = round(float(rng.standard_normal()), 3) if rng.random() < 0.7 else "false"
        nodes.append(f"  n{j}: {{activation: {kind}, bias: {bias}}}")
        wires[f"n{j}"] = (kind, 0.0 if bias == "false" else bias, [])
        for unit in rng.choice(units, rng.integers(1, 4), replace=False):
            weight = round(float(rng.standard_normal()), 3)
            fixed = ", trainable: false" if rng.random() < 0.3 else ""
            edges.append(f'  - {{from: "{unit}", to: n{j}, weight: {weight}{fixed}}}')
            wires[f"n{j}"][2].append((str(unit), weight))
        units.append(f"n{j}")
    head = ["nodes:", "  x: {kind: input, shape: 3}", "  s: input", "  rest: {units: 3}"]
    return "\n".join([*head, *nodes, "edges:", "  - x, s -> rest", *edges]), wires


FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "relu": lambda a: np.maximum(a, 0),
    "identity": lambda a: a,
    "gaussian": lambda a: np.exp(-a * a),
}


@for_each("seed", range(20), together=by_tens)
def test_every_node_of_a_random_graph_has_its_own_z(seed) -> None:
    rng = np.random.default_rng(seed)
    text, wires = random_spec(rng)
    x, s = rng.standard_normal((5, 3)), rng.standard_normal(5)
    z = outputs(text, {"x": x, "s": s})
    known = {"x[0]": x[:, 0], "x[1]": x[:, 1], "x[2]": x[:, 2], "s": s}
    for node, (kind, bias, sources) in wires.items():
        a = sum(weight * known[unit] for unit, weight in sources) + bias
        known[node] = FUNCTIONS[kind](a)
        np.testing.assert_allclose(z[node], known[node][:, None], rtol=1e-12, atol=1e-13)


def test_fixed_numbers_lie_in_a_constant_and_trained_ones_in_a_parameter() -> None:
    low = lowered("""
nodes: {x: input, h: {bias: 2}, y: {bias: {value: 3, trainable: false}}}
edges:
  - {from: x, to: h, weight: 5, trainable: false}
  - h -> y: 7
""")
    kinds = {weight.id: type(weight.leaf) for weight in low.weights}
    assert kinds == {"x->h": Constant, "h.bias": Param, "h->y": Param, "y.bias": Constant}
    assert low.trainable_count == 2
    assert run(low, {"x": np.array([1.0])}).outputs["y"].tolist() == [[(5 + 2) * 7 + 3]]


def test_weights_go_into_packed_leaves_and_come_back() -> None:
    low = lowered(
        """
nodes: {x: {kind: input, shape: 2}, h1, h2: {activation: tanh}, y: {units: 2}}
edges:
  - x[0] -> h1
  - x[1], h1 -> h2
  - h1, h2 -> y
""".replace("h1, h2: {activation: tanh}", "h1: {activation: tanh}, h2: {activation: tanh}")
    )
    weights = initial_weights(low, 4)
    packed = pack_weights(low, weights)
    assert {leaf.id for leaf in low.parameters} == set(packed)
    again = unpack_weights(low, packed)
    assert again.keys() == weights.keys()
    for name, array in weights.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].shape == array.shape


def test_shared_weights_and_biases_use_one_slot() -> None:
    low = lowered("""
nodes: {x1: input, x2: input, h1: {bias: 3}, h2: {share: h1}, y: {bias: false}}
edges:
  - x1 -> h1: 2
  - x2 -> h2: {share: x1->h1}
  - h1, h2 -> y: 1
""")
    assert ops(low).count("neuron_stretch") == 1
    assert [w.id for w in low.weights] == ["x1->h1", "h1.bias", "h1->y", "h2->y"]
    z = run(low, {"x1": np.array([1.0]), "x2": np.array([10.0])}).outputs
    assert (z["h1"].item(), z["h2"].item(), z["y"].item()) == (5, 23, 28)


def test_neurons_that_share_with_others_are_ordinary_nodes() -> None:
    low = lowered("""
nodes: {x: {kind: input, shape: 3}, w: {units: 1}, h: {}, y: {}}
edges:
  - x[0] -> w
  - x[1:3] -> w
  - x[0] -> h: {share: "x[0]->w"}
  - w, h -> y
""")
    assert ops(low).count("neuron_stretch") == 1  # y alone
    alone = [w.id for w in low.weights if w.part is None]
    assert alone == ["x[0]->w", "x[1:3]->w", "w.bias", "h.bias"]


def test_identities_scales_and_masks_between_units_are_connections_of_a_stretch() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 3}
  a: {bias: 1}
  m: {aggregate: maximum, bias: false}
  p: {aggregate: mean, bias: false}
  y: {activation: tanh, bias: false}
edges:
  - x[0] -> a: 2
  - x[1] -> a: identity
  - {from: "x[2]", to: a, weight: 5, mask: 0}
  - {from: "x[0]", to: m, weight: 100, mask: [[0]]}
  - {from: "x[1]", to: m, kind: scale, weight: [3]}
  - {from: "x[2]", to: m, kind: scale}
  - x[0] -> p: {share: "x[2]->a"}
  - x[1] -> p: 4
  - x[2] -> p: identity
  - a, m, p -> y: 0.1
""")
    assert ops(low).count("neuron_stretch") == 1
    assert "multiply" not in ops(low)
    by_id = {weight.id: weight for weight in low.weights}
    assert (by_id["x[1]->m"].shape, by_id["x[2]->a"].shape) == ((1,), (1, 1))
    assert "x[1]->a" not in by_id
    assert by_id["x[2]->a"].mask.tolist() == [[False]]
    assert (by_id["x[0]->a"].fan_in, by_id["x[1]->p"].fan_out) == (1, 2)
    weights = initial_weights(low, 0)
    assert (weights["x[2]->a"].item(), weights["x[2]->m"].item()) == (0.0, 1.0)
    x = np.array([[1.0, -2.0, 7.0]])
    z = run(low, {"x": x}).outputs
    assert (z["a"].item(), z["m"].item(), z["p"].item()) == (1.0, 7.0, (-8 + 7) / 2)
    assert z["y"].item() == pytest.approx(np.tanh(0.1 * (1.0 + 7.0 - 0.5)))


def test_a_neuron_all_of_whose_edges_are_masked_is_an_ordinary_node() -> None:
    low = lowered("""
nodes: {x: input, h: {bias: 3}, y: {bias: false}}
edges:
  - x -> h: {weight: 2, mask: 0}
  - h -> y: 2
""")
    assert run(low, {"x": np.array([5.0])}).outputs["y"].item() == 6.0


@pytest.mark.parametrize("weight", ["[[[1]]]", "[[1, 2]]"])
def test_a_weight_of_another_shape_between_single_neurons_is_told(weight) -> None:
    (told,) = mistakes(f"nodes: {{x: input, y: {{}}}}\nedges:\n  - x -> y: {{weight: {weight}}}")
    assert told.code == "E221"


def test_stretches_are_split_where_other_nodes_lie_between() -> None:
    text = """
nodes:
  x: {kind: input, shape: 2}
  a: {activation: tanh, bias: 1}
  d: {units: 2, bias: false}
  b: {activation: tanh, bias: false}
  c: {bias: false}
edges:
  - x[0] -> a: 2
  - a -> d: {weight: [1, -1]}
  - d[1] -> b: 3
  - a -> c: 4
  - b -> c: 5
"""
    low = lowered(text)
    assert ops(low).count("neuron_stretch") == 2
    x = np.array([[0.3, 9.0]])
    a = np.tanh(2 * 0.3 + 1)
    assert run(low, {"x": x}).outputs["c"].item() == pytest.approx(4 * a + 5 * np.tanh(-3 * a))


def mlp(sizes, options="") -> str:
    """A multilayer perceptron written neuron by neuron, and the same as layers."""
    lines = ["nodes:", f"  x: {{kind: input, shape: {sizes[0]}}}"]
    edges = []
    before = [f"x[{i}]" for i in range(sizes[0])]
    for layer, width in enumerate(sizes[1:]):
        names = [f"l{layer}n{j}" for j in range(width)]
        lines += [f"  {name}: {{activation: tanh{options}}}" for name in names]
        edges.append(f"  - {', '.join(before)} -> {', '.join(names)}")
        before = names
    lines += ["  o: concat", "edges:", *edges, f"  - {', '.join(before)} -> o"]
    return "\n".join(lines)


def test_complete_blocks_become_products_with_a_name_for_every_weight() -> None:
    low = lowered(mlp([10, 8, 9]))
    found = [name for name in ops(low) if name not in ("slice", "concat")]
    assert found == ["matmul", "add", "tanh", "matmul", "add", "tanh"]
    assert ops(low).count("concat") == 1
    weights = initial_weights(low, 0)
    assert weights["x[3]->l0n2"].shape == (1, 1)
    x = np.random.default_rng(0).standard_normal((4, 10))
    z = run(low, {"x": x}).outputs["o"]
    W = np.array([[weights[f"x[{i}]->l0n{j}"].item() for j in range(8)] for i in range(10)])
    V = np.array([[weights[f"l0n{i}->l1n{j}"].item() for j in range(9)] for i in range(8)])
    np.testing.assert_allclose(z, np.tanh(np.tanh(x @ W) @ V), rtol=1e-12)


def test_first_weights_do_not_depend_on_blocks_and_count_all_connections() -> None:
    low = lowered(mlp([10, 8, 9]))
    by_id = {weight.id: weight for weight in low.weights}
    assert (by_id["x[3]->l0n2"].fan_in, by_id["x[3]->l0n2"].fan_out) == (10, 8)
    assert (by_id["l0n2->l1n4"].fan_in, by_id["l0n2->l1n4"].fan_out) == (8, 9)
    limit = np.sqrt(6 / 18)
    drawn = [initial_weights(low, 0)[f"x[{i}]->l0n{j}"].item() for i in range(10) for j in range(8)]
    assert 0.8 * limit < np.max(np.abs(drawn)) <= limit


def test_a_few_complete_layers_are_products_however_small() -> None:
    low = lowered(mlp([3, 3, 2]))
    assert ops(low).count("matmul") == 2
    assert "neuron_stretch" not in ops(low)
    x = np.random.default_rng(0).standard_normal((4, 3))
    weights = initial_weights(low, 0)
    W = np.array([[weights[f"x[{i}]->l0n{j}"].item() for j in range(3)] for i in range(3)])
    V = np.array([[weights[f"l0n{i}->l1n{j}"].item() for j in range(2)] for i in range(3)])
    z = run(low, {"x": x}).outputs["o"]
    np.testing.assert_allclose(z, np.tanh(np.tanh(x @ W) @ V), rtol=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        ("- l0n0, l0n1, l0n2 -> l1n0", "- x[0], l0n0, l0n1, l0n2 -> l1n0"),  # past a layer
        ("- x[0], x[1], x[2] ->", "- x[0], x[2] ->"),  # not side by side
        ("l0n1: {activation: tanh}", "l0n1: {activation: sigmoid}"),
        ("l0n1: {activation: tanh}", "l0n1: {activation: tanh, aggregate: mean}"),
    ],
)
def test_small_networks_that_are_not_a_few_layers_stay_neurons(change) -> None:
    text = mlp([3, 3, 2])
    assert change[0] in text
    assert "matmul" not in ops(lowered(text.replace(*change)))
    assert "matmul" not in ops(lowered(mlp([2] * 10)))  # nine layers


def by_unit(edges: str) -> str:
    """A layer whose connections are edges between single units."""
    return f"""
nodes:
  x: {{kind: input, shape: 3}}
  h1, h2: {{activation: tanh}}
  y: {{units: 2, activation: softmax, bias: [0.5, -0.25]}}
edges:
  - x -> h1, h2
{edges}
"""


COMPLETE = """  - h2 -> y[1]: 4
  - h1 -> y[0]: 1
  - h1 -> y[1]: 2
  - h2 -> y[0]: 3"""


def test_edges_between_single_units_that_are_complete_are_one_product() -> None:
    low = lowered(by_unit(COMPLETE))
    assert ops(low).count("matmul") == 1 + 2  # and those of h1 and h2
    assert "place" not in ops(low)
    assert {"h1->y[0]", "h1->y[1]", "h2->y[0]", "h2->y[1]"} <= {w.id for w in low.weights}
    x = np.random.default_rng(1).standard_normal((5, 3))
    found = run(low, {"x": x}).outputs
    h = np.concatenate([found["h1"], found["h2"]], axis=1)
    a = h @ [[1, 2], [3, 4]] + [0.5, -0.25]
    powers = np.exp(a)
    np.testing.assert_allclose(found["y"], powers / powers.sum(axis=1, keepdims=True), rtol=1e-12)


@pytest.mark.parametrize(
    "change",
    [
        ("  - h2 -> y[1]: 4\n", ""),  # incomplete
        ("h2 -> y[1]: 4", "h2 -> y[1]: {weight: 4, trainable: false}"),
        ("h2 -> y[1]: 4", "{from: h2, to: 'y[1]', share: 'h1->y[0]'}"),
        ("h2 -> y[1]: 4", "{from: h2, to: 'y[1]', weight: 4, mask: [[1]]}"),
    ],
)
def test_edges_between_single_units_that_are_not_a_matrix_are_lowered_alone(change) -> None:
    low = lowered(by_unit(COMPLETE.replace(*change)))
    assert ops(low).count("place") > 1
    last = 4.0 if "4" in change[1] else 1.0 if "share" in change[1] else 0.0
    x = np.random.default_rng(1).standard_normal((5, 3))
    found = run(low, {"x": x}).outputs
    h = np.concatenate([found["h1"], found["h2"]], axis=1)
    powers = np.exp(h @ [[1, 2], [3, last]] + [0.5, -0.25])
    np.testing.assert_allclose(found["y"], powers / powers.sum(axis=1, keepdims=True), rtol=1e-12)


def test_a_shared_weight_keeps_its_neuron_out_of_a_block() -> None:
    text = mlp([10, 8]).replace("nodes:\n", "nodes:\n  twin: {activation: tanh}\n")
    text = text.replace("edges:\n", "edges:\n  - x[0] -> twin: {share: 'x[0]->l0n0'}\n")
    low = lowered(text)
    assert sorted(set(ops(low)) - {"slice", "concat"}) == [
        "add",
        "matmul",
        "neuron_stretch",
        "tanh",
    ]
    z = run(low, {"x": np.ones((1, 10))}).outputs
    assert z["twin"].item() == np.tanh(initial_weights(low, 0)["x[0]->l0n0"].item())


def test_a_block_reads_units_in_any_order() -> None:
    rng = np.random.default_rng(3)
    nodes = [f"  n{j}: {{bias: {j}}}" for j in range(8)]
    W = rng.integers(-5, 6, (8, 8))
    edges = []
    for j in range(8):
        for i in rng.permutation(8):
            source = f"x[{i}]" if i < 4 else f"y[{i - 3}]"
            edges.append(f'  - {{from: "{source}", to: n{j}, weight: {W[i, j]}}}')
    text = "nodes:\n  x, y: {kind: input, shape: 5}\n" + "\n".join(nodes)
    low = lowered(text + "\nedges:\n" + "\n".join(edges))
    assert ops(low).count("matmul") == 1
    assert ops(low).count("slice") == 2 + 8  # x[:4], y[1:], and each neuron's own z
    x, y = rng.standard_normal((3, 5)), rng.standard_normal((3, 5))
    z = run(low, {"x": x, "y": y}).outputs
    want = np.concatenate([x[:, :4], y[:, 1:]], axis=1) @ W + np.arange(8)
    for j in range(8):
        np.testing.assert_allclose(z[f"n{j}"][:, 0], want[:, j], rtol=1e-12, atol=1e-12)


def scattered(neurons: int, edges_each: int) -> str:
    """Neurons that read every other unit of a vector."""
    nodes = [f"  n{j}: {{bias: {j}}}" for j in range(neurons)]
    units = ", ".join(f"x[{2 * i}]" for i in range(edges_each))
    names = ", ".join(f"n{j}" for j in range(neurons))
    head = ["nodes:", f"  x: {{kind: input, shape: {2 * edges_each}}}", *nodes]
    return "\n".join([*head, "edges:", f"  - {units} -> {names}: 1"])


@pytest.mark.parametrize(("neurons", "op"), [(8, "matmul"), (2, "neuron_stretch")])
def test_scattered_units_are_gathered(neurons, op) -> None:
    low = lowered(scattered(neurons, 20))
    assert op in ops(low)
    x = np.random.default_rng(0).standard_normal((3, 40))
    z = run(low, {"x": x}).outputs
    for j in range(neurons):
        np.testing.assert_allclose(z[f"n{j}"][:, 0], x[:, ::2].sum(axis=1) + j, rtol=1e-12)
    # a product needs exactly its units; a stretch rather takes the whole vector
    assert ops(low).count("slice") == neurons + (20 if op == "matmul" else 1)


def test_fixed_blocks_stay_fixed_and_mixed_ones_stay_a_stretch() -> None:
    lines = mlp([10, 8]).split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("  - x[0]"))
    lines[at] = lines[at] + ": {trainable: false}"
    low = lowered("\n".join(lines))
    assert [type(w.leaf) for w in low.weights if "->" in w.id] == [Constant] * 80
    one = "\n".join(lines).replace("x[0], ", "", 1)
    one = one.replace(
        "edges:\n", "edges:\n  - x[0] -> " + ", ".join(f"l0n{j}" for j in range(8)) + "\n"
    )
    assert "matmul" not in ops(lowered(one))


def test_a_mistake_elsewhere_does_not_hide_behind_a_stretch() -> None:
    from lowering_helpers import mistakes

    found = mistakes("""
nodes: {x: {kind: input, shape: 2}, bad: {units: 2}, n1: {}, n2: {}, y: {units: 2}}
edges:
  - x -> bad: {weight: [1, 2, 3]}
  - bad[0] -> n1
  - x[0] -> n2
  - n1 -> y
  - n2 -> y[5]
""")
    assert [d.code for d in found] == ["E221", "E222"]


def test_a_chain_of_twenty_thousand_neurons_is_lowered_in_seconds() -> None:
    n = 20_000
    nodes = "\n".join(f"  n{i}: {{bias: false}}" for i in range(n))
    chain = " -> ".join(["x", *(f"n{i}" for i in range(n))])
    text = f"nodes:\n  x: input\n{nodes}\nedges:\n  - {chain}\nloss: mean_squared_error"
    start = time.process_time()
    low = lowered(text)
    program = differentiate(low.program, low.parameters)
    assert time.process_time() - start < 20
    assert len(program.body) < n + 50
    assert low.shapes[f"n{n - 1}"] == (1,)


def test_many_edges_between_units_of_layers_are_one_stretch_beside_the_others() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 4}
  h: {units: 5, bias: [0, 0, 0, 0, 10]}
  m: {units: 2, aggregate: maximum, bias: false}
edges:
  - x[0] -> h[0]: 1
  - x[1] -> h[0]: 2
  - x[2] -> h[1]: {weight: 3, trainable: false}
  - x[3] -> h[1]: identity
  - x[0] -> h[3]: 5
  - x[1] -> h[3]: {kind: scale, weight: 6}
  - x[2] -> h[3]: 7
  - {from: "x[1:3]", to: "h[3:5]", id: few, weight: [[1, 2], [3, 4]]}
  - {from: x, to: h, id: all, weight: 100}
  - x[0], x[1], x[2], x[3] -> m[0]: 1
  - x[0], x[1], x[2] -> m[1]: -1
  - h[0] -> m[1]: 0
""")
    assert ops(low).count("neuron_stretch") == 2
    assert ops(low).count("matmul") == 1
    by_id = {weight.id: weight for weight in low.weights}
    assert (by_id["few"].shape, by_id["x[2]->h[1]"].trainable) == ((2, 2), False)
    x = np.array([[1.0, 10.0, -2.0, 0.5]])
    z = run(low, {"x": x}).outputs
    apart = np.array([21.0, -5.5, 0.0, 5 + 60 - 14 + 10 - 6, 20 - 8 + 10])
    np.testing.assert_allclose(z["h"][0], apart + 100 * x.sum())
    np.testing.assert_allclose(z["m"], [[10.0, 2.0]])
