"""The target "compiled": kernels of numba, each in place of an op that NumPy would pass over often.

A row imports its kernel when it is asked for, and numba with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from typing import Any

from nngraph.ir import Call, Op, TensorType
from nngraph.kernels.sums import sum_leading
from nngraph.ops import (
    Convolution,
    ConvolutionKernel,
    ConvolutionTransposed,
    ExactLoss,
    FoldChosen,
    FoldRows,
    Fused,
    Gate,
    LayerNorm,
    LayerNormBack,
    PatchRows,
    PoolFirst,
    ScaledAround,
    ScaledAroundBack,
    SquaresAround,
    SumChosen,
    SumsAround,
    SumTo,
    UnpoolFirst,
)
from nngraph.ops.convolution_form import ConvolutionForm
from nngraph.ops.loss_word import share_of
from nngraph.ops.neurons import (
    NeuronDeltas,
    NeuronSourceGradient,
    NeuronStretch,
    NeuronWeightGradient,
    functions_of,
)
from nngraph.targets.target import Row, Target

CLASSES = 64  # up to so many the plan stores logits as the kernel wants them, class-major
PLACING = ("stride", "dilation", "before")  # how windows lie; the image begins behind its border


def _kernel(
    file: str,
    function: str,
    *fields: str,
    name: str = "",
    overwrites: tuple[int, ...] = (),
) -> Row:
    """The row of one kernel, whatever the types; it is told some fields of the op."""

    def row(op: Op, *types: TensorType) -> Call:
        kernel = getattr(import_module(f"nngraph.kernels.compiled.{file}"), function)
        keywords = tuple((field, getattr(op, field)) for field in fields)
        return Call(kernel, name or function, keywords=keywords, overwrites=overwrites)

    return row


def _rectifier(function: str, *fields: str) -> Row:
    """Matrices by rows, what has more axes in one run; a vector is not worth a kernel."""
    matrices = _kernel("rectifier", f"{function}_rows", *fields, name=function, overwrites=(0,))
    others = _kernel("rectifier", function, *fields, overwrites=(0,))

    def row(op: Op, *types: TensorType) -> Call | None:
        rank = len(types[0].shape)
        if rank < 2:
            return None
        return (matrices if rank == 2 else others)(op, *types)

    return row


def _softmax_cross_entropy(op: ExactLoss, a: TensorType, t: TensorType) -> Call | None:
    """Rows of few classes."""
    if len(a.shape) != 2 or a.count({"N": 1}) > CLASSES:
        return None
    call = _kernel("entropy", "softmax_cross_entropy")(op, a, t)
    return call and replace(call, keywords=(("factor", share_of(op.mean, a)),))


def _sum_to(op: SumTo, x: TensorType) -> Call | None:
    """Sums over all axes but the last, of which NumPy makes many small ones."""
    own = op.call(x)
    if own is None or own.function is not sum_leading:
        return None
    return _kernel("sums", "sum_leading", name="compiled_sum_leading")(op, x)


def _windows(file: str, function: str, *fields: str) -> Row:
    """A kernel for windows on lines and planes; the spatial axes are those that have a stride."""
    kernel = _kernel(file, function, *fields, name=f"compiled_{function}")
    return lambda op, *types: kernel(op, *types) if len(op.stride) <= 2 else None


def _depthwise(function: str) -> Row:
    """Convolutions with one kernel for each channel; all others are products of matrices."""
    kernel = _windows("depthwise", function, *PLACING)

    def row(op: ConvolutionForm, first: TensorType, second: TensorType) -> Call | None:
        channels = first.shape[-1]
        if isinstance(op, ConvolutionTransposed):
            channels = op.infer(first, second).shape[-1]
        alone = op.depthwise(channels, second.shape[-1])
        return kernel(op, first, second) if alone else None

    return row


def _chosen(function: str, *fields: str) -> Row:
    """A kernel of pools that remember their maxima."""
    return _kernel("choosing", function, *fields, name=f"compiled_{function}")


def _fused(op: Op, *types: TensorType) -> Call:
    """One loop, written from the steps."""
    from nngraph.targets.fused import fused_kernel

    return fused_kernel(op, *types)


def _neurons(name: str, *, reads: bool = False) -> Row:
    """A kernel of stretches of neurons, where it knows all that their formulas call."""

    def row(op: Any, *types: TensorType) -> Call | None:
        tables = import_module("nngraph.kernels.compiled.neuron_tables")
        made = tables.tables_of(op.wiring, functions_of(op.wiring.functions, types[0].dtype))
        if made is None:
            return None
        calls = import_module("nngraph.kernels.compiled.neuron_calls")
        read = (op.read,) if reads else ()
        return Call(getattr(calls, name)(made, *read), f"compiled_{op.name}")

    return row


NEURONS: Mapping[type[Op] | str, Row] = {
    NeuronStretch: _neurons("StatesCall"),
    NeuronDeltas: _neurons("DeltasCall", reads=True),
    NeuronWeightGradient: _neurons("WeightGradientCall"),
    NeuronSourceGradient: _neurons("SourceGradientCall"),
}

ROWS: Mapping[type[Op] | str, Row] = {
    # dense networks
    "relu": _rectifier("relu"),
    Gate: _rectifier("gate", "threshold"),
    "softmax_cross_entropy": _softmax_cross_entropy,
    SumTo: _sum_to,
    # windows of images
    PatchRows: _windows("patches", "patch_rows", *PLACING, "block"),
    FoldRows: _windows("folding", "fold_rows", *PLACING, "block"),
    Convolution: _depthwise("depthwise"),
    ConvolutionKernel: _depthwise("depthwise_kernel"),
    ConvolutionTransposed: _depthwise("depthwise_transposed"),
    # pools that remember their maxima
    PoolFirst: _chosen("pool_first", "axes", "relu"),
    UnpoolFirst: _chosen("unpool_first"),
    FoldChosen: _windows("choosing", "fold_chosen", "size", "stride"),
    SumChosen: _chosen("sum_chosen", "count"),
    # normalising
    LayerNorm: _kernel("normal", "layer_norm", "epsilon"),
    LayerNormBack: _kernel("normal", "layer_norm_back", "epsilon"),
    SquaresAround: _kernel("rows_around", "squares_around"),
    SumsAround: _kernel("rows_around", "sums_around"),
    ScaledAround: _kernel("rows_around", "scaled_around"),
    ScaledAroundBack: _kernel("rows_around", "scaled_around_back"),
    # steps of optimisers
    Fused: _fused,
    # single neurons
    **NEURONS,
}


def _made_by() -> str:
    return f"kernels of numba {version('numba')}"


COMPILED = Target("compiled", ROWS, _made_by)
PREDICTING = Target("compiled", NEURONS, _made_by)
"""For predictions: single neurons, which NumPy passes one level at a time. Elsewhere its own calls
are as fast, and spare a process that only predicts the import of numba."""
