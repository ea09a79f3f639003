"""Convolutions, pools and enlargements: ONNX has them with channels first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nngraph.interop.onnx.writer import Writer
from nngraph.ir import Instr
from nngraph.ops import (
    AveragePool,
    Convolution,
    ConvolutionTransposed,
    MaxPool,
    UpsampleBilinear,
    UpsampleNearest,
)


def convolution(w: Writer, instr: Instr) -> None:
    """W [*size, c, U] is ONNX's [U, c, *size]; as there, nothing is flipped."""
    op, (x, W) = instr.op, instr.args
    assert isinstance(op, Convolution)
    assert not op.block
    kernel = np.moveaxis(w.known[W], (-1, -2), (0, 1))
    name = w.call(
        "Conv",
        w.first(x),
        w.array(kernel, w.ids.get(W, "kernel")),
        kernel_shape=kernel.shape[2:],
        strides=op.stride,
        pads=pads(op.padding),
        dilations=op.dilation,
        group=op.groups,
    )
    w.put(instr.outs[0], name, "first")


def convolution_transposed(w: Writer, instr: Instr) -> None:
    """W [*size, c, U] with U the units that come in is ONNX's [U, c, *size].

    What ONNX adds at the end of each axis is what the given extents have more than places need.
    """
    op, (delta, W) = instr.op, instr.args
    assert isinstance(op, ConvolutionTransposed)
    assert not op.block
    kernel = np.moveaxis(w.known[W], (-1, -2), (0, 1))
    places = delta.type.sample_shape[:-1]
    more = [
        extent + sum(border) - (s * (n - 1) + d * (k - 1) + 1)
        for extent, border, s, n, d, k in zip(
            op.extents, op.padding, op.stride, places, op.dilation, kernel.shape[2:], strict=True
        )
    ]
    name = w.call(
        "ConvTranspose",
        w.first(delta),
        w.array(kernel, w.ids.get(W, "kernel")),
        kernel_shape=kernel.shape[2:],
        strides=op.stride,
        pads=pads(op.padding),
        dilations=op.dilation,
        group=op.groups,
        output_padding=more,
    )
    w.put(instr.outs[0], name, "first")


def max_pool(w: Writer, instr: Instr) -> None:
    """The greatest of each window."""
    assert isinstance(instr.op, MaxPool)
    _pool(w, instr, "MaxPool", instr.op)


def average_pool(w: Writer, instr: Instr) -> None:
    """The mean of each window; zeros of the border count."""
    assert isinstance(instr.op, AveragePool)
    _pool(w, instr, "AveragePool", instr.op, count_include_pad=1)


def _pool(w: Writer, instr: Instr, name: str, op: MaxPool | AveragePool, **attributes: int) -> None:
    made = w.call(
        name,
        w.first(instr.args[0]),
        kernel_shape=op.size,
        strides=op.stride,
        pads=pads(op.padding),
        **attributes,
    )
    w.put(instr.outs[0], made, "first")


def upsample_nearest(w: Writer, instr: Instr) -> None:
    """Each pixel several times."""
    assert isinstance(instr.op, UpsampleNearest)
    how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    _resize(w, instr, instr.op.factor, mode="nearest", **how)


def upsample_bilinear(w: Writer, instr: Instr) -> None:
    """Between the middles of pixels, as half_pixel says."""
    assert isinstance(instr.op, UpsampleBilinear)
    how = {"coordinate_transformation_mode": "half_pixel"}
    _resize(w, instr, instr.op.factor, mode="linear", **how)


def _resize(w: Writer, instr: Instr, factor: Sequence[int], **attributes: Any) -> None:
    scales = w.array(np.array([1, 1, *factor], np.float32), "scales")
    made = w.call("Resize", w.first(instr.args[0]), "", scales, **attributes)
    w.put(instr.outs[0], made, "first")


def pads(border: Sequence[tuple[int, int]]) -> list[int]:
    """All widths before, then all widths after."""
    return [before for before, _ in border] + [after for _, after in border]
