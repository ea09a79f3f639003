"""What an image gets back from its convolution, as one product and one fold."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from nngraph.ir import Builder, Instr, Program, Value
from nngraph.ops import ConvolutionTransposed, FoldRows, PatchProduct, Reshape, Transpose
from nngraph.passes.rewriting import rewrite


def spread_in_one_product(program: Program) -> Program:
    """convolution_transposed y W -> fold_rows (y W^T), each row of the product a window.

    Faster than a product for each offset of the window where a compiled kernel folds, whatever
    the order of the windows; blocks of windows need not be put back side by side. Convolutions in
    groups stay, and those whose windows are single pixels, which need no fold.

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(spread_in_one_product(parse_text('''program
    ...   input %0 'y': float32[N, 4, 5]
    ...   param %1 'W': float32[3, 2, 5]
    ...   %2: float32[N, 6, 2] = convolution_transposed{extents=(6,), stride=(1,), padding=((0, 0),), dilation=(1,)} %0 %1
    ...   output 'x' %2''', OPS_BY_NAME)))
    program
      input %0 'y': float32[N, 4, 5]
      param %1 'W': float32[3, 2, 5]
      %2: float32[6, 5] = reshape{shape=(6, 5)} %1
      %3: float32[5, 6] = transpose %2
      %4: float32[N, 4, 6] = patch_product{lead=2, groups=1, outer=False} %0 %3
      %5: float32[N, 4, 3, 2] = reshape{shape=('N', 4, 3, 2)} %4
      %6: float32[N, 6, 2] = fold_rows{extents=(6,), stride=(1,), padding=((0, 0),), dilation=(1,), block=()} %5
      output 'x' %6
    """  # noqa: E501
    return rewrite(program, _spread)


def _spread(builder: Builder, instr: Instr) -> Sequence[Value] | None:
    op = instr.op
    if not isinstance(op, ConvolutionTransposed) or op.groups > 1:
        return None
    y, W = instr.args
    size, channels, units = op.kernel(W.type)
    if op.pointwise(size):
        return None
    matrix = builder(Reshape((prod(size) * channels, units)), W)
    rows = builder(PatchProduct(op.lead()), y, builder(Transpose(), matrix))
    windows = builder(Reshape((*y.type.shape[:-1], *size, channels)), rows)
    fold = FoldRows(op.extents, op.stride, op.padding, op.dilation, op.block)
    return (builder(fold, windows),)
