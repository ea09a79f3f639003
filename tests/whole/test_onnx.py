"""Networks that left as ONNX models: ONNX Runtime answers as they do."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnxruntime
import pytest
from random_specs import random_spec
from shipped import every_spec

import nngraph
from nngraph.errors import UsageError

WITHIN = {"float32": 1e-6, "float64": 1e-12}
DIGITS = {"float32": 2.0**-24, "float64": 2.0**-53}


def answers(path, given):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def rows_for(model, seed=0, count=40):
    """Numbers from 0 to 1, most of them small, as the pixels of digits are."""
    drawn = np.random.default_rng(seed)
    dtype = model.network.dtype
    return {
        name: (drawn.random((count, *leaf.type.sample_shape)) ** 4).astype(dtype)
        for name, leaf in model.network.lowered.inputs.items()
    }


@every_spec
@pytest.mark.parametrize("layout", ["channels_last", "channels_first"])
def test_a_shipped_spec_answers_as_here(path, layout, tmp_path):
    model = nngraph.compile(path)
    file = tmp_path / "net.onnx"
    exported = model.export(file, layout=layout)
    assert exported.holds
    assert exported.comparison.rows == 105
    rows = rows_for(model)

    def turned(x):
        return np.moveaxis(x, -1, 1) if layout == "channels_first" and x.ndim > 2 else x

    found = answers(file, {name: turned(x) for name, x in rows.items()})
    for name, expected in model.forward(rows).items():
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(
            next(found[n] for n in (name, name.replace("[", "_").replace("]", "")) if n in found),
            turned(expected),
            atol=scale * WITHIN[model.network.dtype],
            rtol=0,
        )


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=[pytest.mark.slow] * (s >= 12)) for s in range(200)]
)
def test_a_random_network_answers_as_here(seed, tmp_path):
    exported = nngraph.compile(random_spec(seed)).export(tmp_path / "net.onnx")
    assert exported.holds, exported.comparison
    assert exported.comparison.runtime or "float64" in random_spec(seed)


NEURONS = """\
nngraph: 1
dtype: {dtype}
nodes:
  x1, x2, x3: input
  a: {{activation: tanh, aggregate: sum}}
  b: {{activation: relu, aggregate: product, bias: false}}
  c: {{activation: prelu, aggregate: maximum}}
  d: {{activation: sigmoid, aggregate: minimum}}
  e: {{activation: mish, aggregate: mean}}
  f: {{activation: {{kind: step, at_zero: 0.5}}}}
  y, z: {{activation: identity}}
edges:
  - x1, x2, x3 -> a, b, c, d, e
  - a, b -> f
  - x1 -> f
  - a, b, c, d, e, f -> y
  - c, x3 -> z
outputs: [y, z]
"""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_single_neurons_of_all_aggregates_leave_level_by_level(dtype, tmp_path):
    model = nngraph.compile(NEURONS.format(dtype=dtype))
    file = tmp_path / "net.onnx"
    assert model.export(file).holds
    nodes = onnx.load(file).graph.node
    assert len(nodes) < 60, [node.op_type for node in nodes]
    rows = rows_for(model)
    found = onnx.reference.ReferenceEvaluator(str(file)).run(None, rows)
    for got, expected in zip(found, model.forward(rows).values(), strict=True):
        np.testing.assert_allclose(got, expected, atol=3 * WITHIN[dtype], rtol=0)


@pytest.mark.parametrize("aggregate", ["median", "maxabs"])
@pytest.mark.parametrize("inputs", ["x1, x2, x3", "x1, x2, x3, x4"])
def test_aggregates_by_order_and_by_size_leave_too(aggregate, inputs, tmp_path):
    model = nngraph.compile(f"""
nngraph: 1
nodes: {{"{inputs}": input, y: {{aggregate: {aggregate}, activation: tanh}}}}
edges: ["{inputs} -> y"]
""")
    file = tmp_path / "net.onnx"
    assert model.export(file).holds
    rows = rows_for(model)
    np.testing.assert_allclose(
        answers(file, rows)["y"], model.predict(rows), atol=WITHIN["float32"]
    )


def test_a_chain_of_convolutions_is_turned_once_and_biases_are_within(tmp_path):
    model = nngraph.compile("specs/mnist-convnet.yaml")
    model.export(tmp_path / "last.onnx")
    model.export(tmp_path / "first.onnx", layout="channels_first")
    kinds = [node.op_type for node in onnx.load(tmp_path / "last.onnx").graph.node]
    assert kinds == [
        *("Transpose", "Conv", "Relu", "MaxPool", "Conv", "Relu", "MaxPool"),
        *("Transpose", "Reshape", "Gemm", "Softmax", "Identity"),
    ]
    first = [node.op_type for node in onnx.load(tmp_path / "first.onnx").graph.node]
    assert first.count("Transpose") == 1


SCALED = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {units: 2}}
edges: [x -> h -> y]
loss: mean_squared_error
train: {epochs: 3, batch_size: 4}
"""


def test_scaling_is_inside_or_beside_as_asked(tmp_path):
    text = (
        SCALED
        + "data: {source: npz, path: arrays.npz, normalize: {x: standard, targets: standard}}\n"
    )
    drawn = np.random.default_rng(1)
    x = drawn.normal(50, 10, (40, 2))
    y = np.stack([1000 * x[:, 0], x[:, 1] / 100], axis=1)
    np.savez(tmp_path / "arrays.npz", x=x, y=y)
    (tmp_path / "net.yaml").write_text(text)
    model = nngraph.compile(tmp_path / "net.yaml")
    model.fit()
    assert model.export(tmp_path / "in.onnx").holds
    assert model.export(tmp_path / "by.onnx", scaling="beside").holds
    x = x.astype(np.float32)
    inside = answers(tmp_path / "in.onnx", {"x": x})["y"]
    np.testing.assert_allclose(inside, model.predict(x), rtol=1e-5)
    told = {p.key: p.value for p in onnx.load(tmp_path / "by.onnx").metadata_props}
    assert told["scaling"] == "beside"
    scales = json.loads(told["normalizers"])
    of_x, of_y = (
        {k: np.array(scales[role][name][k], np.float32) for k in ("shift", "scale")}
        for role, name in (("inputs", "x"), ("targets", "y"))
    )
    given = (x - of_x["shift"]) / of_x["scale"]
    beside = answers(tmp_path / "by.onnx", {"x": given})["y"]
    np.testing.assert_allclose(beside * of_y["scale"] + of_y["shift"], inside, rtol=1e-5)


def test_names_of_classes_and_lines_of_the_file_go_along(tmp_path):
    model = nngraph.compile("specs/iris-mlp.yaml")
    model.fit(epochs=1)
    model.export(tmp_path / "iris.onnx")
    written = onnx.load(tmp_path / "iris.onnx")
    told = {p.key: p.value for p in written.metadata_props}
    (labels,) = json.loads(told["labels"]).values()
    assert labels == ["setosa", "versicolor", "virginica"]
    document = model.document
    for node in written.graph.node:
        assert node.op_type == "Identity" or "(line " in node.doc_string, node
    line = document.nodes["hidden"].span.line
    assert any(f"hidden (line {line})" in node.doc_string for node in written.graph.node)
    assert written.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.parametrize("opset", [18, 19, 20, 22])
def test_other_operator_sets_compute_the_same(opset, tmp_path):
    model = nngraph.compile(NEURONS.format(dtype="float32"))
    assert model.export(tmp_path / "net.onnx", opset=opset).holds
    written = onnx.load(tmp_path / "net.onnx")
    assert written.opset_import[0].version == opset


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("net.h5", {}, "none that is known"),
        ("net.onnx", {"opset": 11}, "operator set 11 cannot be written"),
        ("net.py", {"opset": 21, "scaling": "beside"}, "'opset' and 'scaling' belong to ONNX"),
    ],
)
def test_what_cannot_be_written_is_refused_before_a_file_is_there(name, options, said, tmp_path):
    model = nngraph.compile("specs/xor-gates.yaml")
    with pytest.raises(UsageError, match=said):
        model.export(tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []
