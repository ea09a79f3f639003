"""A network as an ONNX model: inputs and outputs by name, weights, what people want to know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from onnx import ModelProto, ValueInfoProto, checker, helper

from nngraph.data import Normalizer, Normalizers
from nngraph.errors import UsageError, diagnostic
from nngraph.interop.onnx.elementwise import TYPES
from nngraph.interop.onnx.rows import unwritten, write
from nngraph.interop.onnx.shapes import cut
from nngraph.interop.onnx.writer import Way, Writer
from nngraph.ir import Array, Input, Origin, Program, TensorType, Value
from nngraph.records import dataclass
from nngraph.spec.arrows import End

OLDEST, USUAL = 18, 21
"""Operator sets: reductions take their axes as operands from 18 on; today's runtimes know 21."""

BATCH_NAME = "batch"


@dataclass(frozen=True)
class Output:
    """What is given by name: a value of the program or some of its units. Where it learnt a target
    that was scaled, `scale` undoes that: for all of its units, or one number for them all."""

    name: str
    value: Value
    end: End
    scale: Normalizer | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leaving:
    """A network that leaves: its program as it predicts, and what belongs to it; `names` are those
    of its arrays, `origins` the places of its nodes."""

    name: str
    program: Program
    inputs: Mapping[str, Input]
    outputs: Sequence[Output]
    contents: Mapping[Value, Array]
    names: Mapping[Value, str]
    normalizers: Normalizers
    origins: Mapping[str, Origin]
    about: str = ""


def onnx_model(
    leaving: Leaving, *, opset: int = USUAL, first: bool = False, scaled: bool = True
) -> ModelProto:
    """The model, checked by ONNX's own full checker.

    With `first` images enter and leave channels first; `scaled` puts the scaling of inputs and
    targets into the graph, else whoever runs it finds the numbers in the metadata.
    Errors: UsageError for ops without a counterpart, all of them at once, and for the operator set.
    """
    _check_opset(opset)
    _check_ops(leaving.program)
    w = Writer(opset)
    w.write = partial(write, w)
    w.known |= leaving.contents
    w.ids |= leaving.names
    w.uses = Counter(arg for instr in leaving.program.body for arg in instr.args)
    w.uses.update(output.value for output in leaving.outputs)
    names = [w.reserve(name) for name in (*leaving.inputs, *(o.name for o in leaving.outputs))]
    inputs = []
    for (id_, leaf), name in zip(leaving.inputs.items(), names, strict=False):
        w.origins = (leaving.origins[id_],)
        scale = leaving.normalizers.inputs.get(id_) if scaled else None
        inputs.append(_input(w, leaf, name, scale, first))
    for instr in leaving.program.body:
        write(w, instr)
    outputs = []
    for output, name in zip(leaving.outputs, names[len(inputs) :], strict=True):
        w.origins = (leaving.origins[output.end.node],)
        outputs.append(_output(w, output, name, first, scaled))
    graph = helper.make_graph(
        w.nodes, leaving.name, inputs, outputs, list(w.arrays.values()), doc_string=leaving.about
    )
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(
        graph,
        opset_imports=opsets,
        ir_version=helper.find_min_ir_version_for(opsets),
        producer_name="nngraph",
    )
    helper.set_model_props(model, _metadata(leaving, names, scaled))
    checker.check_model(model, full_check=True)
    return model


def _check_opset(opset: int) -> None:
    from onnx.defs import onnx_opset_version

    newest = onnx_opset_version()
    if not OLDEST <= opset <= newest:
        raise UsageError(diagnostic("E002:opset", opset=opset, oldest=OLDEST, newest=newest))


def _check_ops(program: Program) -> None:
    found = [
        f"{instr.op.name} ({', '.join(origin.id for origin in instr.origins)})"
        for instr in unwritten(program)
    ]
    if found:
        raise UsageError(diagnostic("E002:no-onnx", ops=", ".join(dict.fromkeys(found))))


def _input(
    w: Writer, leaf: Input, name: str, scale: Normalizer | None, first: bool
) -> ValueInfoProto:
    """An input, scaled as the network wants it."""
    way: Way = "first" if first and len(leaf.type.shape) > 2 else "last"
    w.put(leaf, name, way)
    if scale is not None and scale.kind != "none":
        raw = Value(leaf.type)
        w.put(raw, name, way)
        shift, divisor = (_numbers(w, raw, which, way) for which in (scale.shift, scale.scale))
        w.put(leaf, w.call("Div", w.call("Sub", name, shift), divisor), way)
    return _info(name, leaf.type, way)


def _numbers(w: Writer, like: Value, numbers: Sequence[float], way: Way) -> str:
    known = Value(like.type.with_shape((len(numbers),)))
    w.known[known] = np.array(numbers, like.type.dtype)
    return w.operand(known, way, len(like.type.shape))


def _output(w: Writer, output: Output, name: str, first: bool, scaled: bool) -> ValueInfoProto:
    """An output under its name, in the scale of its target."""
    value, end, type_ = output.value, output.end, output.value.type
    way: Way = "first" if first and len(type_.shape) > 2 else "last"
    found = w.name(value, way)
    if scaled and output.scale is not None:
        shift, factor = (
            _numbers(w, value, which, way) for which in (output.scale.shift, output.scale.scale)
        )
        found = w.call("Add", w.call("Mul", found, factor), shift)
    if end.start is not None and end.stop is not None:
        axis = 1 if way == "first" else len(type_.shape) - 1
        found = cut(w, found, end.start, end.stop, axis)
        type_ = type_.with_shape((*type_.shape[:-1], end.stop - end.start))
    w.nodes.append(helper.make_node("Identity", [found], [name], name=name))
    return _info(name, type_, way)


def _info(name: str, type_: TensorType, way: Way) -> ValueInfoProto:
    sizes = list(type_.shape[1:])
    if way == "first":
        sizes = [sizes[-1], *sizes[:-1]]
    return helper.make_tensor_value_info(name, TYPES[type_.dtype], [BATCH_NAME, *sizes])


def _metadata(leaving: Leaving, names: Sequence[str], scaled: bool) -> dict[str, str]:
    """Labels by output, and the scaling: who runs the model finds it there."""
    own = names[len(leaving.inputs) :]
    labels = {n: list(o.labels) for o, n in zip(leaving.outputs, own, strict=True) if o.labels}
    found = {"scaling": "inside" if scaled else "beside"}
    if labels:
        found["labels"] = json.dumps(labels, ensure_ascii=False)
    normalizers = leaving.normalizers.to_json()
    if any(normalizers.values()):
        found["normalizers"] = json.dumps(normalizers, ensure_ascii=False)
    return found
