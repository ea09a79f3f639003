"""ONNX Runtime, on a model written for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from harness.networks import NETS, Net, shapes
from harness.samples import first_weights, samples_of
from harness.task import Answer, Task, Tasks
from harness.timing import measure
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
NAMES = {"relu": "Relu", "softmax": "Softmax"}


def model_of(net: Net, weights: dict[str, Any]) -> bytes:
    """A chain of dense layers, convolutions and pools as an ONNX model, channels first."""
    known, nodes, arrays, last = shapes(net), [], [], "x"

    def add(kind: str, *more: str, **attributes: Any) -> None:
        nonlocal last
        name = f"v{len(nodes)}"
        nodes.append(helper.make_node(kind, [last, *more], [name], **attributes))
        last = name

    for layer in net.layers:
        before = known[layer.after[0]]
        if layer.op == "pool":
            add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
            continue
        w = weights[f"{layer.after[0]}->{layer.name}"]
        if layer.op == "conv":
            w = w.transpose(3, 2, 0, 1)
        elif len(before) == 3:
            add("Flatten")
            w = w.reshape(*before, -1).transpose(2, 0, 1, 3).reshape(w.shape)
        names = (f"{layer.name}.w", f"{layer.name}.b")
        arrays.append(numpy_helper.from_array(np.ascontiguousarray(w), names[0]))
        arrays.append(numpy_helper.from_array(weights[f"{layer.name}.bias"], names[1]))
        add("Conv" if layer.op == "conv" else "Gemm", *names)
        if layer.activation in NAMES:
            add(NAMES[layer.activation])
    shape = (1, *net.shape[2:], *net.shape[:2]) if len(net.shape) == 3 else (1, *net.shape)
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    answer = helper.make_tensor_value_info(last, TensorProto.FLOAT, (1, net.output.units))
    graph = helper.make_graph(nodes, "net", [given], [answer], arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


def predict(task: Task) -> Answer:
    """One sample given as an array, answered as one."""
    net = NETS[task.options["net"]]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    model = model_of(net, first_weights(task.options["net"], task.folder))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    one = samples_of("mnist", net.shape, task.folder, "t10k").x[:1]
    one = np.ascontiguousarray(one.transpose(0, 3, 1, 2)) if one.ndim == 4 else one

    def ask() -> Any:
        return session.run(None, {"x": one})[0]

    check = [float(p) for p in np.ravel(ask())]
    return {"check": check, "figures": {"one sample": measure(ask, task.seconds)}}


TASKS: Tasks = {"predict": predict}
