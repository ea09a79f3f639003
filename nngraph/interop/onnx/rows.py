"""Which row writes an instruction: that of its op, or those of what the op is expanded into."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nngraph.errors import UsageError, diagnostic
from nngraph.interop.onnx import elementwise, images, shapes
from nngraph.interop.onnx.elementwise import Row
from nngraph.interop.onnx.neurons import neuron_stretch
from nngraph.interop.onnx.writer import Writer
from nngraph.ir import Builder, Instr, Op, Program, Value
from nngraph.ops import (
    AveragePool,
    Convolution,
    ConvolutionTransposed,
    MaxPool,
    NeuronStretch,
    UpsampleBilinear,
    UpsampleNearest,
    Word,
)

ROWS: Mapping[type[Op], Row] = {
    **elementwise.ROWS,
    **shapes.ROWS,
    Convolution: images.convolution,
    ConvolutionTransposed: images.convolution_transposed,
    MaxPool: images.max_pool,
    AveragePool: images.average_pool,
    UpsampleNearest: images.upsample_nearest,
    UpsampleBilinear: images.upsample_bilinear,
    NeuronStretch: neuron_stretch,
}


def unwritten(program: Program) -> list[Instr]:
    """The instructions for which there is no row, and that consist of nothing smaller."""
    return [instr for instr in program.body if not _has_row(instr.op) and not _expanded(instr)]


def write(w: Writer, instr: Instr) -> None:
    """Append what computes an instruction; what no sample changes is computed here and now."""
    w.origins = instr.origins or w.origins
    if all(arg in w.known for arg in instr.args):
        _compute(w, instr)
        return
    row = elementwise.word if isinstance(instr.op, Word) else ROWS.get(type(instr.op))
    if row is None or row(w, instr) is False:
        _write_parts(w, instr)


def _has_row(op: Op) -> bool:
    return isinstance(op, Word) or type(op) in ROWS


def _compute(w: Writer, instr: Instr) -> None:
    found = instr.op.evaluate(*(w.known[arg] for arg in instr.args))
    arrays = found if isinstance(found, tuple) else (found,)
    w.known |= dict(zip(instr.outs, map(np.asarray, arrays), strict=True))


def _expanded(instr: Instr) -> tuple[Builder, tuple[Value, ...]] | None:
    """What an op consists of."""
    builder = Builder()
    with builder.at(*instr.origins):
        found = instr.op.expand(builder, *instr.args)
    if found is None:
        return None
    return builder, found if isinstance(found, tuple) else (found,)


def _write_parts(w: Writer, instr: Instr) -> None:
    parts = _expanded(instr)
    if parts is None:
        raise UsageError(diagnostic("E002:no-onnx", ops=instr.op.name))
    builder, results = parts
    w.uses.update(arg for part in builder.body for arg in part.args)
    for part in builder.body:
        write(w, part)
    for out, result in zip(instr.outs, results, strict=True):
        if result in w.known:
            w.known[out] = w.known[result]
        else:
            w.laid[out] = w.laid[result]
