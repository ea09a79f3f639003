"""Standalone modules agree with the interpreter, need NumPy alone, and can be read."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest
from cases import by_tens, few_fast, for_each

from nngraph.codegen.readable import Standalone, standalone_module
from nngraph.codegen.readable.helpers import HELPERS
from nngraph.codegen.readable.layout import assignment, returned
from nngraph.codegen.readable.rows import ROWS
from nngraph.codegen.readable.templates import number_template
from nngraph.errors import InternalError
from nngraph.graph import build_graph
from nngraph.ir import (
    Array,
    Builder,
    Constant,
    Input,
    Leaf,
    Op,
    Param,
    Program,
    ShapeError,
    TensorType,
    Value,
    interpret,
    verify_program,
)
from nngraph.lower import Lowered, Weight, differentiate, lower
from nngraph.ops import (
    ALL_OPS,
    Add,
    ClampBelow,
    Divide,
    Greater,
    Heaviside,
    MatMul,
    Maximum,
    MaxLast,
    Multiply,
    Negative,
    Power,
    Reciprocal,
    ScaleBy,
    ShiftBy,
    Square,
    Subtract,
    SubtractFrom,
    SumLast,
    SumRows,
    Tanh,
    Transpose,
    word,
)
from nngraph.pipeline import CLEANED, READ_FORWARD, drive
from nngraph.spec import parse_spec

MLP = """
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  h: {units: 5, activation: relu}
  y: {units: 3, activation: softmax}
edges:
  - x -> h -> y
loss: cross_entropy
"""

NEURONS = """
nngraph: 1
nodes:
  x1: input
  x2: input
  h1, h2: {activation: sigmoid}
  y: {activation: tanh}
edges:
  - x1, x2 -> h1, h2 -> y
loss: {kind: mean_squared_error, values: sum, weight: 0.5}
"""

GATES = """
nngraph: 1
nodes:
  x1: input
  x2: input
  h1: {activation: {kind: step, at_zero: 1}, bias: {value: -1, trainable: false}}
  h2: {activation: step, bias: {value: 1.5, trainable: false}}
  y: {activation: step, bias: {value: -1.5, trainable: false}}
edges:
  - x1, x2 -> h1: {weight: 1, trainable: false}
  - x1, x2 -> h2: {weight: -1, trainable: false}
  - h1, h2 -> y: {weight: 1, trainable: false}
"""

EVERYTHING = """
nngraph: 1
nodes:
  x: {kind: input, shape: [2, 3]}
  h: {units: 4, activation: gelu}
  d: {kind: dropout, rate: 0.5}
  s: add
  c: concat
  m: {units: 3, aggregate: maximum, activation: prelu}
  y: {units: 2, activation: softmax}
edges:
  - x -> h -> d -> s -> y
  - h -> s
  - h, s -> c
  - {from: c, to: m, mask: [[1,0,1],[1,1,1],[1,1,1],[1,1,1],[1,1,1],[1,1,1],[1,1,1],[1,1,0]]}
  - m[0:2] -> y[1]
outputs: [y, m]
loss:
  - {kind: cross_entropy, weight: 2.0, node: y}
  - {kind: mean_squared_error, node: h, target: hh}
"""

AUTOENCODER = """
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  h: {units: 2, activation: {kind: leaky_relu, alpha: 0.2}}
  y: {units: 4, activation: sigmoid}
edges:
  - x -> h
  - {from: h, to: y, share: {edge: x->h, transpose: true}}
loss: {kind: binary_cross_entropy, target: x}
"""


def long_stretch() -> str:
    """A chain of single neurons that is too long to be written out."""
    names = [f"n{k}" for k in range(130)]
    edges = "".join(f"  - n{k}, n{k + 1} -> n{k + 2}\n" for k in range(128))
    return (
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: 2}}\n"
        f"  {', '.join(names)}: {{activation: tanh}}\n  y: {{units: 2}}\n"
        f"edges:\n  - x[0] -> n0\n  - x -> n1\n{edges}  - {names[-1]}, n64 -> y\n"
        "loss: mean_squared_error\n"
    )


def complete_block() -> str:
    """Single neurons of which each reads the same units: one product of a packed matrix."""
    inputs, neurons = ([f"{letter}{k}" for k in range(8)] for letter in "xh")
    return (
        f"nngraph: 1\nnodes:\n  {', '.join(inputs)}: input\n"
        f"  {', '.join(neurons)}: {{activation: sigmoid}}\n  y: {{units: 2}}\n"
        f"edges:\n  - {', '.join(inputs)} -> {', '.join(neurons)} -> y\n"
        "loss: mean_squared_error\n"
    )


ACTIVATIONS = [
    *("elu", "selu", "celu", "silu", "mish", "softplus", "softsign", "hard_sigmoid", "hard_swish"),
    *("hard_tanh", "relu6", "gaussian", "exp", "square", "abs", "sin", "cos"),
]


def with_activation(name: str) -> str:
    """A small network with one activation and a loss of absolute differences."""
    return f"""
nngraph: 1
nodes:
  x: {{kind: input, shape: 3}}
  h: {{units: 4, activation: {name}}}
  y: {{units: 2}}
edges: [x -> h -> y]
loss: mean_absolute_error
"""


IMAGES = """
nngraph: 1
nodes:
  x: {kind: input, shape: [9, 8, 4]}
  a: {units: 6, activation: tanh}
  b: {units: 8, activation: tanh}
  c: {units: 6}
  up: {kind: upsample, method: bilinear}
  near: {kind: upsample}
  d: {units: 4, activation: tanh}
  framed: {kind: pad, padding: [[1, 0], [0, 2]], value: 0.5}
  turned: {kind: transpose, axes: [1, 0, 2]}
  avg: {kind: pool, function: average, size: 3, stride: 2, padding: same}
  big: {kind: pool, size: 3, stride: 1, padding: 1}
  mean: {kind: pool, function: average, size: global}
  most: {kind: pool, size: global}
  y: {units: 3, activation: softmax}
edges:
  - x -> a: {conv: 3, groups: 2, stride: 2, padding: same}
  - x -> b: {depthwise: [2, 3], padding: [1, 0], dilation: [2, 1]}
  - a -> c: {conv_transpose: 3, stride: 2, padding: same, groups: 3}
  - c -> up
  - up -> d: {conv: 1}
  - d -> near -> framed -> turned -> avg -> big -> mean
  - b -> most
  - mean, most -> y
loss: cross_entropy
"""

SPECS = {
    "mlp": MLP,
    "images": IMAGES,
    "neurons": NEURONS,
    "gates": GATES,
    "everything": EVERYTHING,
    "autoencoder": AUTOENCODER,
    "long stretch": long_stretch(),
    "complete block": complete_block(),
    "likelihood": MLP.replace("softmax", "log_softmax").replace(
        "cross_entropy", "negative_log_likelihood"
    ),
    "sigmoid": MLP.replace("softmax", "sigmoid").replace("cross", "binary_cross"),
    **{name: with_activation(name) for name in ACTIVATIONS},
}


@dataclass(frozen=True)
class Case:
    """A network, its module, and random numbers for it."""

    lowered: Lowered
    module: Standalone
    inputs: dict[str, Array]
    targets: dict[str, Array]
    weights: dict[str, Array]
    outputs: list[str]


def make_case(spec: str, dtype: str = "float64", samples: int = 6) -> Case:
    """Lower a spec, write its module, draw its numbers."""
    lowered = lower(build_graph(parse_spec(f"{spec}dtype: {dtype}\n")), training=False)
    program = drive(lowered.program, READ_FORWARD)
    if lowered.targets:
        trained = [leaf for leaf in program.leaves if isinstance(leaf, Param)]
        program = verify_program(differentiate(program, trained))
    outputs = list(dict.fromkeys(end.node for end in lowered.graph.outputs))
    module = standalone_module(
        drive(program, CLEANED),
        inputs=lowered.inputs,
        targets={t.name: t.leaf for t in lowered.targets if t.leaf is not None},
        weights=lowered.weights,
        outputs=outputs,
    )
    rng = np.random.default_rng(7)

    def draw(shape: tuple[int, ...]) -> Array:
        return rng.standard_normal((samples, *shape)).astype(dtype)

    inputs = {node: draw(leaf.type.sample_shape) for node, leaf in lowered.inputs.items()}
    if lowered.targets and lowered.targets[0].leaf is None:
        inputs = {node: np.clip(np.abs(array), 0, 1) for node, array in inputs.items()}
    targets = {}
    for target in lowered.targets:
        values = draw(target.shape)
        if target.kind == "classes":
            values = (values == values.max(axis=-1, keepdims=True)).astype(dtype)
        targets[target.name] = (values > 0).astype(dtype) if target.kind == "binary" else values
    weights = {}
    for weight in lowered.weights:
        given = (
            weight.given if weight.given is not None else 0.5 * rng.standard_normal(weight.shape)
        )
        weights[weight.id] = np.broadcast_to(np.asarray(given, dtype), weight.shape).copy()
    return Case(lowered, module, inputs, targets, weights, outputs)


LETTERS: dict[str, Literal["W", "b", "alpha"]] = {"weight": "W", "bias": "b", "alpha": "alpha"}


def by_interpreter(case: Case) -> dict[str, Array]:
    """Outputs, loss and gradients by the plain definitions, without any pass."""
    program: Program = case.lowered.program
    if case.targets:
        program = differentiate(program, case.lowered.parameters)
    arrays: dict[Leaf, Array] = {leaf: case.inputs[n] for n, leaf in case.lowered.inputs.items()}
    for target in case.lowered.targets:
        if target.leaf is not None:
            arrays[target.leaf] = case.targets[target.name]
    for weight in case.lowered.weights:
        packed = arrays.setdefault(
            weight.leaf, np.zeros(weight.leaf.type.sample_shape, weight.leaf.type.dtype)
        )
        start = weight.part.start if weight.part is not None else 0
        packed.reshape(-1)[start : start + weight.size] = case.weights[weight.id].ravel()
    samples = len(next(iter(case.inputs.values())))
    for leaf in program.leaves:
        if leaf.id == "per_sample":
            arrays[leaf] = np.asarray(1.0 / samples, leaf.type.dtype)
    results = interpret(program, arrays).outputs
    found = {f"forward:{node}": results[node] for node in case.outputs}
    if "loss" in results:
        found["loss"] = results["loss"]
    for weight in case.lowered.weights:
        gradient = results.get(f"gradient:{weight.leaf.id}")
        if gradient is not None:
            start = weight.part.start if weight.part is not None else 0
            piece = gradient.reshape(-1)[start : start + weight.size]
            found[f"gradient:{weight.id}"] = piece.reshape(weight.shape)
    return found


SCRIPT = """
import sys
folder, samples = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, folder)
import numpy as np
import warnings
warnings.simplefilter("error")
import network
with np.load(folder + "/data.npz") as file:
    given = [file[name] for name in file.files]
inputs = given[: int(sys.argv[3])]
weights = network.load_weights()
found = {"forward:" + k: v for k, v in network.forward(weights, *inputs).items()}
if hasattr(network, "loss"):
    found["loss"] = network.loss(weights, *given)
if hasattr(network, "gradients"):
    found |= {"gradient:" + k: v for k, v in network.gradients(weights, *given).items()}
np.savez(folder + "/found.npz", **found)
assert not [name for name in sys.modules if name.startswith("nngraph")]
"""


def save(path: Path, arrays: dict[str, Array]) -> None:
    """Write an npz."""
    np.savez(path, **arrays)  # type: ignore[arg-type]


def by_module(case: Case, folder: Path) -> dict[str, Array]:
    """The same by the module, in a process of its own that never imports nngraph."""
    (folder / "network.py").write_text(case.module.text)
    save(folder / "network.npz", {**case.weights, **case.module.constants})
    own = [t.name for t in case.lowered.targets if t.leaf is not None]
    data = {f"x:{k}": v for k, v in case.inputs.items()} | {f"t:{k}": case.targets[k] for k in own}
    save(folder / "data.npz", data)
    samples, count = len(next(iter(case.inputs.values()))), len(case.inputs)
    subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, str(folder), str(samples), str(count)], check=True
    )
    with np.load(folder / "found.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
def test_a_module_agrees_with_the_interpreter_in_float64(spec: str, tmp_path: Path) -> None:
    case = make_case(spec)
    expected, found = by_interpreter(case), by_module(case, tmp_path)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].shape == array.shape, name
        scale = max(1.0, float(np.abs(array).max()))
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-12 * scale, err_msg=name)


@pytest.mark.parametrize("spec", [MLP, NEURONS, EVERYTHING], ids=["mlp", "neurons", "everything"])
def test_a_module_agrees_with_the_interpreter_in_float32(spec: str, tmp_path: Path) -> None:
    case = make_case(spec, "float32")
    expected, found = by_interpreter(case), by_module(case, tmp_path)
    for name, array in expected.items():
        assert found[name].dtype == np.float32, name
        scale = max(1.0, float(np.abs(array).max()))
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-6 * scale, err_msg=name)


UNARY: tuple[Op, ...] = (
    *(Negative(), ScaleBy(0.5), ScaleBy(-2.0), ShiftBy(1.5), ShiftBy(-1 / 3), SubtractFrom(1.0)),
    *(
        Square(),
        Tanh(),
        word("relu"),
        word("leaky_relu", 0.1),
        word("elu", 0.7),
        word("hard_sigmoid"),
        Heaviside(0.5),
        word("softmax"),
    ),
    *(SumLast(), MaxLast(), Transpose(), Power(2.0), ClampBelow(-0.25), SumRows(), Reciprocal()),
)
BINARY: tuple[Op, ...] = (
    Add(),
    Subtract(),
    Multiply(),
    Divide(),
    Maximum(),
    word("prelu"),
    MatMul(),
)


def random_expression(rng: np.random.Generator) -> Program:
    """Twelve instructions, each on earlier ones, so that every nesting of ops occurs some time."""
    builder = Builder()
    values: list[Value] = [
        builder.leaf(Input(TensorType(("N", 3)), "x")),
        builder.leaf(Param(TensorType((3, 3)), "W")),
        builder.leaf(Param(TensorType((3,)), "b")),
        builder.leaf(Constant(TensorType((3,)), "c", np.array([0.5, -1.0, 2.0]))),
    ]
    while len(builder.body) < 12:
        x, y = (values[int(k)] for k in len(values) - 1 - rng.geometric(0.4, 2) % len(values))
        try:
            if rng.random() < 0.4:
                values.append(builder(UNARY[int(rng.integers(0, len(UNARY)))], x))
            elif rng.random() < 0.1:
                mask = builder(Greater(float(rng.choice([0.0, 0.5]))), x)
                values.append(builder(Multiply(), y, mask))
            else:
                values.append(builder(BINARY[int(rng.integers(0, len(BINARY)))], x, y))
        except ShapeError:
            continue
    results = [value for value in values if value.type.batched]
    return builder.done([("x", values[0]), ("y", results[-1])])


@for_each("seed", range(200), together=by_tens, marks=few_fast)
def test_random_expressions_keep_their_parentheses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = random_expression(rng)
    x, W, b = program.leaves[:3]
    assert isinstance(x, Input)
    y = SimpleNamespace(id="y")
    weights = [
        Weight("W", W, (3, 3), None, None, y, "weight"),
        Weight("b", b, (3,), None, None, y, "bias"),
    ]
    module = standalone_module(program, inputs={"x": x}, targets={}, weights=weights, outputs=["y"])
    arrays: dict[Leaf, Array] = {
        leaf: rng.standard_normal(leaf.type.sizes({"N": 4})) for leaf in (x, W, b)
    }
    namespace: dict[str, Any] = {}
    exec(module.text, namespace)
    with np.errstate(all="ignore"):
        expected = interpret(program, arrays).outputs["y"]
        found = namespace["forward"]({"W": arrays[W], "b": arrays[b]}, arrays[x])["y"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=module.text)


def test_an_operand_that_occurs_several_times_gets_a_name() -> None:
    builder = Builder()
    x = builder.leaf(Input(TensorType(("N", 3)), "x"))
    y = builder(ShiftBy(1.0), builder(word("leaky_relu", 0.1), builder(ScaleBy(2.0), x)))
    program = builder.done([("x", x), ("y", y)])
    module = standalone_module(program, inputs={"x": x}, targets={}, weights=[], outputs=["y"])
    assert body_of(module.text, "forward").split("\n")[1:] == [
        "u_1 = 2.0 * z_0",
        "z_1 = np.maximum(u_1, 0.1 * u_1) + 1.0",
        "return {'y': z_1}",
    ]


def body_of(text: str, function: str) -> str:
    """The statements of a function, without its docstring."""
    module = ast.parse(text)
    node = next(n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == function)
    return "\n".join(ast.unparse(statement) for statement in node.body[1:])


def test_an_mlp_reads_as_in_a_book() -> None:
    text = make_case(MLP, "float32").module.text
    assert body_of(text, "gradients") == "\n".join(
        [
            "z_0 = np.asarray(x, np.float32)",
            "W_1 = weights['x->h']",
            "b_1 = weights['h.bias']",
            "W_2 = weights['h->y']",
            "b_2 = weights['y.bias']",
            "t = np.asarray(t, np.float32)",
            "n = len(z_0)",
            "a_1 = z_0 @ W_1 + b_1",
            "z_1 = np.maximum(a_1, 0.0)",
            "a_2 = z_1 @ W_2 + b_2",
            "z_2 = softmax(a_2)",
            "delta_2 = (z_2 - t) / n",
            "db_2 = np.sum(delta_2, axis=0)",
            "dW_2 = z_1.T @ delta_2",
            "delta_1 = delta_2 @ W_2.T * (z_1 > 0.0)",
            "db_1 = np.sum(delta_1, axis=0)",
            "dW_1 = z_0.T @ delta_1",
            "return {'x->h': dW_1, 'h.bias': db_1, 'h->y': dW_2, 'y.bias': db_2}",
        ]
    )


def test_gates_read_neuron_by_neuron() -> None:
    text = make_case(GATES).module.text
    lines = body_of(text, "forward").split("\n")
    assert "a_2 = u_1 * W_2_1 + u_2 * W_2_2 + b_2" in lines
    assert "z_2 = np.heaviside(a_2, 1.0)" in lines
    assert "def loss" not in text
    assert "def gradients" not in text


def test_the_gates_compute_xor(tmp_path: Path) -> None:
    case = make_case(GATES, samples=4)
    bits = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]])
    case.inputs["x1"][...], case.inputs["x2"][...] = bits
    assert by_module(case, tmp_path)["forward:y"].ravel().tolist() == [0, 1, 1, 0]


def test_the_header_says_what_each_name_stands_for() -> None:
    header = ast.get_docstring(ast.parse(make_case(EVERYTHING).module.text)) or ""
    rows = [line.split() for line in header.split("\n")]
    assert ["z_0", "x", "input", "[n,", "2,", "3]"] in rows
    assert ["z_1", "h,", "d", "node", "[n,", "4]"] in rows
    assert ["t_2", "hh", "target", "[n,", "4]"] in rows
    assert ["W_5_2", "m[0:2]->y[1]", "weight", "[2,", "1]"] in rows
    assert ["alpha_4", "m.alpha", "slope", "[3]"] in rows


def test_dropout_is_absent() -> None:
    assert "dropout" not in make_case(EVERYTHING).module.text


def test_new_ids_change_nothing_but_string_literals() -> None:
    renamed = MLP.replace("  x:", "  pixels:").replace("  h:", "  hidden:")
    renamed = renamed.replace("x -> h ->", "pixels -> hidden ->")
    before, after = (make_case(spec).module.text for spec in (MLP, renamed))
    assert before != after
    assert without_strings(before) == without_strings(after)


def without_strings(text: str) -> str:
    """The tree of a module with every string literal emptied."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def test_text_that_is_no_id_never_reaches_a_module() -> None:
    case = make_case(MLP)
    evil = replace(case.lowered.weights[0], id='x"]; evil()  #')
    program = drive(case.lowered.program, CLEANED)
    with pytest.raises(InternalError, match="is no id of the language"):
        standalone_module(
            program, inputs=case.lowered.inputs, targets={}, weights=[evil], outputs=["h"]
        )


@pytest.mark.parametrize(
    "spec", [MLP, NEURONS, GATES, AUTOENCODER], ids=["mlp", "neurons", "gates", "autoencoder"]
)
def test_the_text_is_as_a_formatter_would_leave_it(spec: str, tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    path.write_text(make_case(spec).module.text)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())
def test_no_line_is_long_and_no_name_is_undefined(spec: str, tmp_path: Path) -> None:
    text = make_case(spec).module.text
    assert max(map(len, text.split("\n"))) <= 100
    path = tmp_path / "network.py"
    path.write_text(text)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E9", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_helper_is_an_op_in_other_words() -> None:
    from nngraph import ops

    namespace: dict[str, object] = {"np": np}
    for text in HELPERS.values():
        exec(text, namespace)
    rng = np.random.default_rng(0)
    a = rng.standard_normal((5, 3)) * 30
    t = np.eye(3)[[0, 1, 2, 0, 1]]
    p = ops.word("softmax").evaluate(a)
    images = rng.standard_normal((2, 5, 7, 4))
    seen = ops.Windows((3, 2), (2, 1), (1, 3), (1, 1), 2, "Nokgc")
    of_softmax = ops.exact_loss(ops.loss_word("cross_entropy"), "softmax")
    of_sigmoid = ops.exact_loss(ops.loss_word("binary_cross_entropy"), "sigmoid")
    references = {
        "sigmoid": (ops.word("sigmoid").evaluate(a), a),
        "softmax": (p, a),
        "log_softmax": (ops.word("log_softmax").evaluate(a), a),
        "cross_entropy": (ops.loss_word("cross_entropy").evaluate(p, t), p, t),
        "binary_cross_entropy": (ops.loss_word("binary_cross_entropy").evaluate(p, t), p, t),
        "negative_log_likelihood": (ops.loss_word("negative_log_likelihood").evaluate(a, t), a, t),
        "softmax_cross_entropy": (of_softmax.evaluate(a, t)[0], a, t),
        "sigmoid_binary_cross_entropy": (of_sigmoid.evaluate(a, t)[0], a, t),
        "place": (ops.PlaceUnits(1, 2, 6, 0.5).evaluate(a), a, 1, 2, 6, 0.5),
        "windows": (seen.evaluate(images), images, (3, 2), (2, 1), (1, 3), 2),
    }
    assert references.keys() == HELPERS.keys()
    for name, (expected, *operands) in references.items():
        function = namespace[name]
        assert callable(function)
        np.testing.assert_allclose(function(*operands), expected, rtol=1e-13, err_msg=name)


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_every_op_has_a_row_or_another_form(op: type[Op]) -> None:
    forms = ("expand", "call", "view", "container")
    assert op in ROWS or any(getattr(op, form) is not getattr(Op, form) for form in forms)


def test_numbers_are_written_short_where_they_are_fractions() -> None:
    assert [number_template(v) for v in (1.0, 1 / 3, 2 / 3, 0.1, -1e-7, 0.7071067811865476)] == [
        "1.0",
        "1 / 3",
        "2 / 3",
        "0.1",
        "-1e-07",
        "0.7071067811865476",
    ]


def test_long_statements_are_broken_as_a_formatter_would() -> None:
    pieces = ", ".join(f"some_name_{k}" for k in range(12))
    assert assignment("z_1", f"np.concatenate([{pieces}], axis=1)")[:3] == [
        "    z_1 = np.concatenate(",
        "        [",
        "            some_name_0,",
    ]
    assert returned([('"y"', "z_1")]) == ['    return {"y": z_1}']
    assert len(returned([(f'"node_number_{k}"', "z_1") for k in range(9)])) == 11
