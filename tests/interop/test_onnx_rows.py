"""The table of ONNX's ops: whole, and what is compared is able to fail."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import nngraph
from nngraph.app import export
from nngraph.app.export_onnx import export_onnx
from nngraph.errors import UsageError
from nngraph.interop.onnx import comparison
from nngraph.interop.onnx.elementwise import SINCE, WORDS
from nngraph.interop.onnx.rows import ROWS
from nngraph.ops import ALL_OPS
from nngraph.ops.word import ROWS as WORD_ROWS

NEVER_PREDICTS = {
    # the way back, and what only makes it or a step fast
    *("convolution_kernel", "first_maximum", "unpool_first", "sum_chosen", "fold_chosen"),
    "unsort_axis",
    *("neuron_deltas", "neuron_weight_gradient", "neuron_source_gradient"),
    *("layer_norm_back", "batch_norm_back", "scaled_around", "scaled_around_back"),
    *("squares_around", "sums_around", "batch_norm", "gate", "fused", "sum_to", "sum_rows"),
    *("patch_rows", "fold_rows", "patch_product", "patch_gradient", "offset_product"),
    *("windows", "fold", "pool_first", "maximum_first", "sum_first", "stack_bias"),
    *("cumulative_product", "dropout_mask", "gaussian_noise"),
    # of the loss
    *("sum_all", "sum_sample", "dot_sample"),
}


def test_every_op_that_predicts_has_its_row():
    without = {op.name for op in ALL_OPS if op not in ROWS}
    assert without == NEVER_PREDICTS


def test_the_table_of_words_names_words():
    assert set(WORDS) | set(SINCE) <= set(WORD_ROWS)


@pytest.mark.parametrize("opset", [18, 21])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(set(WORD_ROWS) - {"identity"}))
def test_every_activation_answers_as_here(name, dtype, opset, tmp_path):
    model = nngraph.compile(
        f"nngraph: 1\ndtype: {dtype}\n"
        f"nodes: {{x: {{kind: input, shape: 3}}, y: {{kind: activation, function: {name}}}}}\n"
        "edges: [x -> y]\n"
    )
    found = export_onnx(model.learner, tmp_path / "net.onnx", opset=opset)
    assert found.holds, found
    assert found.runtime
    assert found.largest < (1e-12 if dtype == "float64" and name != "gelu" else 1e-5)


def test_a_model_that_answers_otherwise_is_told(tmp_path, monkeypatch):
    model = nngraph.compile("specs/iris-mlp.yaml")
    answers = comparison._answers

    def tampered(written, given):
        for array in written.graph.initializer:
            if array.data_type == onnx.TensorProto.FLOAT:
                values = numpy_helper.to_array(array) * np.float32(1.001)
                array.CopyFrom(numpy_helper.from_array(values, array.name))
        return answers(written, given)

    monkeypatch.setattr(comparison, "_answers", tampered)
    exported = model.export(tmp_path / "net.onnx")
    assert not exported.holds
    assert exported.comparison.largest > 1e-5


def test_without_onnx_runtime_the_reference_evaluator_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "find_spec", lambda name: None)
    exported = nngraph.compile("specs/lenet-digits.yaml").export(tmp_path / "net.onnx")
    assert exported.holds
    assert exported.comparison.runtime.startswith("the reference evaluator")


def test_without_the_package_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="needs the package 'onnx'") as raised:
        nngraph.compile("specs/xor-gates.yaml").export(tmp_path / "net.onnx")
    assert "pip install 'nngraph[onnx]'" in str(raised.value)
