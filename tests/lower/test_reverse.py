"""The reverse sweep: gradients against numerical ones, and nothing computed in vain."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from lowering_helpers import leaves_of, lowered, run

from nngraph.errors import InternalError
from nngraph.ir import Builder, Input, Op, Param, TensorType, interpret, verify_program
from nngraph.lower import differentiate, initial_weights
from nngraph.ops import Add, MatMul, Multiply, Square, SumRows


def numerical(low, arrays, weights, name, direction) -> float:
    """dL/dw along a direction by Richardson extrapolation of central differences."""

    def at(shift: float) -> float:
        moved = {**weights, name: weights[name] + shift * direction}
        return run(low, arrays, moved).outputs["loss"].item()

    table = [(at(h) - at(-h)) / (2 * h) for h in (0.02, 0.01, 0.005, 0.0025)]
    for order in range(1, 4):
        table = [
            (4**order * fine - coarse) / (4**order - 1)
            for coarse, fine in itertools.pairwise(table)
        ]
    return table[0]


def check(text: str, arrays, rng, *, training=False) -> None:
    low = lowered(text, training=training)
    weights = initial_weights(low, 1)
    weights = {name: w + 0.1 * rng.standard_normal(w.shape) for name, w in weights.items()}
    program = verify_program(differentiate(low.program, low.parameters))
    found = run(low, arrays, weights, program).outputs
    checked = 0
    for weight in low.weights:
        if not weight.trainable:
            continue
        gradient = found[f"gradient:{weight.leaf.id}"]
        if weight.part is not None:
            gradient = gradient.reshape(-1)[weight.part.start :][: weight.size]
        gradient = gradient.reshape(weight.shape)
        direction = rng.standard_normal(weight.shape)
        if weight.mask is not None:
            assert (gradient[~weight.mask] == 0).all()
        along = numerical(low, arrays, weights, weight.id, direction)
        assert (gradient * direction).sum() == pytest.approx(along, rel=1e-9, abs=1e-11), weight.id
        checked += 1
    assert checked


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(17)


SPECS = {
    "layers": """
nodes: {x: {kind: input, shape: 3}, h: {units: 4, activation: tanh}, y: {units: 2}}
edges: [x -> h -> y]
loss: mean_squared_error
""",
    "a value used three times": """
nodes:
  x: {kind: input, shape: 3}
  h: {units: 4, activation: sigmoid}
  m: multiply
  s: {units: 4, activation: softmax}
  y: {units: 2}
edges:
  - x -> h -> s
  - h, s -> m -> y
  - h -> y
loss: mean_squared_error
""",
    "a tied transpose": """
nodes: {x: {kind: input, shape: 3}, h: {units: 2, activation: tanh}, y: {units: 3}}
edges:
  - x -> h
  - h -> y: {share: {edge: x->h, transpose: true}}
loss: {kind: mean_squared_error, target: x}
""",
    "shared weights, biases and slopes": """
nodes:
  x: {kind: input, shape: 3}
  h: {units: 3, activation: prelu, bias: {init: {kind: normal, stddev: 1}}}
  g: {units: 3, activation: prelu, share: h}
  y: {units: 2}
edges:
  - x -> h -> g: {share: x2}
  - {from: x, to: y, id: skip}
  - g -> y
loss: mean_squared_error
""".replace(
        "  - x -> h -> g: {share: x2}\n",
        "  - {from: x, to: h, id: x2}\n  - h -> g: {share: x2}\n",
    ),
    "masks": """
nodes: {x: {kind: input, shape: 3}, y: {units: 2, activation: tanh}}
edges: [{from: x, to: y, mask: [[1, 0], [0, 1], [1, 1]]}]
loss: mean_squared_error
""",
    "ranges, scale and identity": """
nodes: {x: {kind: input, shape: 3}, y: {units: 2, activation: tanh}, z: add}
edges:
  - x[0:2] -> y[1]
  - {from: "x[1:3]", to: y, kind: scale, id: scaled}
  - {from: y, to: z, kind: scale}
loss: mean_squared_error
""",
    "a product of connections": """
nodes: {x: {kind: input, shape: 3}, y: {units: 2, aggregate: product, activation: tanh}}
edges: [{from: x, to: y, mask: [[1, 0], [1, 1], [1, 1]]}]
loss: mean_squared_error
""",
    "a maximum and a mean of connections": """
nodes:
  x: {kind: input, shape: 3}
  h: {units: 4, aggregate: maximum}
  y: {units: 2, aggregate: mean}
edges: [x -> h -> y]
loss: mean_squared_error
""",
    "images": """
nodes:
  x: {kind: input, shape: [1, 3]}
  i: {units: 3, activation: gelu}
  c: {units: 3, activation: sigmoid}
  m: multiply
  f: flatten
  y: {units: 2}
edges:
  - x -> i: {kind: scale}
  - x -> c
  - i, c -> m -> f -> y
loss: mean_squared_error
""",
    "single neurons among layers": """
nodes:
  x: {kind: input, shape: 3}
  a: {activation: tanh}
  b: {activation: gaussian}
  c: {share: a}
  d: {units: 3, activation: softplus}
  y: {units: 2}
edges:
  - x[0] -> a
  - x[1], a -> b
  - {from: "x[2]", to: c, share: "x[0]->a"}
  - a, b, c -> d -> y
  - b -> y[1]
loss: mean_squared_error
""",
}


@pytest.mark.parametrize("name", SPECS)
def test_gradients_are_those_of_numerical_differences(name, rng) -> None:
    x = rng.standard_normal((5, 3))
    arrays = {"x": x.reshape(5, 1, 3) if name == "images" else x, "t": rng.standard_normal((5, 2))}
    target = {"target:y": rng.standard_normal((5, 2)), "target:z": rng.standard_normal((5, 2))}
    check(SPECS[name], {**arrays, **target}, rng)


def test_gradients_with_entropies_and_dropout(rng) -> None:
    text = """
nodes:
  x: {kind: input, shape: 3}
  h: {units: 8, activation: elu}
  d: {kind: dropout, rate: 0.5}
  c: {units: 3, activation: softmax}
  l: {units: 3, activation: log_softmax}
  b: {units: 2, activation: sigmoid}
  s: {activation: sigmoid}
edges:
  - x -> h -> d
  - d -> c
  - d -> l
  - d -> b
  - b[0], b[1] -> s
loss:
  - {kind: cross_entropy, node: c, target: class, weight: 0.5}
  - {kind: negative_log_likelihood, node: l, target: class}
  - {kind: binary_cross_entropy, node: b, reduction: sum}
  - {kind: binary_cross_entropy, node: s, values: mean}
"""
    arrays = {
        "x": rng.standard_normal((6, 3)),
        "class": np.eye(3)[rng.integers(0, 3, 6)],
        "b": rng.integers(0, 2, (6, 2)).astype(float),
        "s": rng.integers(0, 2, (6, 1)).astype(float),
    }
    check(text, arrays, rng, training=True)


def products(program) -> list:
    """Products that make a weight's gradient: their result has no batch axis."""
    found = [i for i in program.body if isinstance(i.op, MatMul)]
    return [i for i in found if not i.outs[0].type.batched]


def test_one_delta_z_product_for_each_weighted_edge() -> None:
    low = lowered("""
nodes:
  x: {kind: input, shape: 4}
  h: {units: 5, activation: relu}
  g: {units: 5, activation: tanh}
  y: {units: 3, activation: softmax}
edges: [x -> h -> g -> y, h -> y, x -> y]
loss: cross_entropy
""")
    program = differentiate(low.program, low.parameters)
    assert len(products(program)) == len(low.graph.document.edges) == 5


def test_nothing_is_computed_for_the_input() -> None:
    low = lowered("""
nodes: {x: {kind: input, shape: 4}, h: {units: 5, activation: relu}, y: {units: 3}}
edges: [x -> h -> y]
loss: mean_squared_error
""")
    program = differentiate(low.program, low.parameters)
    shapes = [out.type.shape for i in program.body for out in i.outs]
    assert ("N", 4) not in shapes
    assert sum(isinstance(i.op, MatMul) for i in program.body) == 2 + 3


def test_fixed_and_unused_weights_get_none() -> None:
    low = lowered("""
nodes: {x: {kind: input, shape: 4}, h: {units: 5, trainable: false}, y: {units: 3}, aside: {}}
edges:
  - x -> h: {trainable: false}
  - h -> y
  - h -> aside
outputs: [y, aside]
loss: {kind: mean_squared_error, node: y}
""")
    program = differentiate(low.program, low.parameters)
    names = {name for name in program.named() if name.startswith("gradient:")}
    assert names == {"gradient:h->y", "gradient:y.bias"}
    # nothing goes back through the fixed layer
    assert len(products(program)) == 1


def test_only_what_is_asked_for_is_computed() -> None:
    low = lowered(SPECS["layers"])
    last = [leaf for leaf in low.parameters if leaf.id == "y.bias"]
    program = differentiate(low.program, last)
    assert [n for n in program.named() if n.startswith("gradient")] == ["gradient:y.bias"]
    assert sum(isinstance(i.op, MatMul) for i in program.body) == 2


def test_the_forward_program_stays_as_it_is() -> None:
    low = lowered(SPECS["layers"])
    program = differentiate(low.program, low.parameters)
    assert program.body[: len(low.program.body)] == low.program.body
    assert program.outputs[: len(low.program.outputs)] == low.program.outputs


def test_backward_instructions_keep_their_origin() -> None:
    low = lowered(SPECS["layers"])
    program = differentiate(low.program, low.parameters)
    behind = program.body[len(low.program.body) :]
    assert {i.origins[0].id for i in behind if isinstance(i.op, MatMul)} == {"x->h", "h->y"}


def test_a_value_used_twice_gets_the_sum_of_both_cotangents() -> None:
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N",)), "x"))
    w = builder.leaf(Param(TensorType(()), "w"))
    y = builder(Multiply(), x, w)
    loss = builder(SumRows(), builder(Add(), builder(Square(), y), y))
    program = verify_program(differentiate(builder.done([("loss", loss)]), [w]))
    found = interpret(program, {x: np.array([1.0, 2.0]), w: np.array(3.0)}).outputs
    assert found["gradient:w"] == 2 * 3 * (1 + 4) + 3
    assert found["gradient:w"].shape == ()


def test_a_parameter_that_is_the_loss_has_gradient_one() -> None:
    builder = Builder()
    w = builder.leaf(Param(TensorType(()), "w"))
    program = differentiate(builder.done([("loss", w)]), [w])
    assert interpret(program, {w: np.array(3.0)}).outputs["gradient:w"] == 1


@dataclass(frozen=True, slots=True)
class Opaque(Op):
    """An op without a derivative."""

    name: ClassVar[str] = "opaque"
    operands: ClassVar[tuple[str, ...]] = ("x",)

    def infer(self, *types):
        return types[0]


def test_what_no_parameter_reaches_needs_no_derivative() -> None:
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N",)), "x"))
    w = builder.leaf(Param(TensorType(()), "w"))
    product = builder(Multiply(), builder(Opaque(), x), w)
    program = differentiate(builder.done([("loss", builder(SumRows(), product))]), [w])
    assert program.named().keys() == {"loss", "gradient:w"}


def test_only_scalars_have_gradients() -> None:
    builder = Builder()
    w = builder.leaf(Param(TensorType((3,)), "w"))
    with pytest.raises(InternalError, match="only a scalar has a gradient"):
        differentiate(builder.done([("loss", w)]), [w])


def test_two_sweeps_write_the_same_text() -> None:
    texts = []
    for _ in range(2):
        low = lowered(SPECS["a value used three times"])
        texts.append(str(differentiate(low.program, low.parameters)))
    assert texts[0] == texts[1]


def test_float32_programs_have_float32_gradients() -> None:
    text = "nngraph: 1\ndtype: float32\n" + SPECS["single neurons among layers"]
    low = lowered(text)
    program = differentiate(low.program, low.parameters)
    arrays = {"x": np.ones((2, 3)), "target:y": np.zeros((2, 2))}
    found = interpret(program, leaves_of(low, program, arrays)).outputs
    gradients = [array for name, array in found.items() if name.startswith("gradient")]
    assert gradients
    assert all(array.dtype == np.float32 for array in gradients)
