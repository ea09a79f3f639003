"""Operands that do not fit ops on images, and what is said of them."""

from __future__ import annotations

from nngraph import ops
from nngraph.ir import Op

X, W = "float32[N, 5, 5, 2]", "float32[3, 3, 2, 4]"
FLAT = ((0, 0), (0, 0))
CONV = ops.Convolution((1, 1), FLAT, (1, 1))
GROUPED = ops.Convolution((1, 1), FLAT, (1, 1), groups=2)
KERNEL = ops.ConvolutionKernel((3, 3), (1, 1), FLAT, (1, 1))
SPREAD = ops.ConvolutionTransposed((5, 5), (1, 1), FLAT, (1, 1))

CASES: list[tuple[Op, tuple[str, ...], str]] = [
    (CONV, (X, "float32[3, 3, 3, 4]"), "channels do not agree"),
    (CONV, (X, "float64[3, 3, 2, 4]"), "operands of one float dtype"),
    (CONV, (X, "float32[6, 3, 2, 4]"), "a kernel [6, 3] does not fit [5, 5]"),
    (CONV, (X, "float32[3, 2, 4]"), "expected a kernel of 2 axes"),
    (CONV, ("float32[N, 50]", W), "expected images with 2 spatial axes"),
    (GROUPED, (X, "float32[3, 3, 1, 3]"), "2 groups do not divide 3 units"),
    (KERNEL, (X, "float32[N, 4, 3, 4]"), "operands do not fit"),
    (SPREAD, ("float32[N, 4, 3, 4]", W), "operands do not fit"),
    (SPREAD, ("float32[N, 3, 3, 5]", W), "operands do not fit"),
    (ops.MaxPool((6, 1), (1, 1), FLAT), (X,), "a window [6, 1] does not fit [5, 5]"),
    (ops.MaxPool((2, 2), (1, 1), ((2, 0), (0, 0))), (X,), "in the border alone"),
    (ops.AveragePool((2, 2), (1, 1), FLAT), ("bool[N, 5, 5, 2]",), "float numbers"),
    (ops.Windows((6, 6), (1, 1), (1, 1), (1, 1)), (X,), "does not fit"),
    (ops.Windows((2, 2), (1, 1), (1, 1), (1, 1), 3), (X,), "3 groups do not divide"),
    (ops.Fold((3, 3), (1, 1), (1, 1)), ("float32[2, 2, N, 3, 2, 1]",), "reaches beyond [3, 3]"),
    (ops.Fold((3, 3), (1, 1), (1, 1)), (X,), "expected windows with 2 spatial axes"),
    (
        ops.PatchRows((4, 6), (1, 1), ((0, 0), (0, 0)), (1, 1)),
        (X,),
        "a window [4, 6] does not fit [5, 5]",
    ),
    (
        ops.FoldRows((3, 3), (1, 1), FLAT, (1, 1)),
        ("float32[N, 3, 2, 2, 2, 1]",),
        "reaches beyond [3, 3]",
    ),
    (
        ops.FoldRows((3,), (1,), ((0, 0),), (1,), (2,)),
        ("float32[3, N, 1, 1, 1]",),
        "expected windows with 1 spatial axes",
    ),
    (ops.PatchProduct(2), ("float32[N, 3, 4]", "float32[5, 2]"), "patches and kernels do not fit"),
    (ops.PatchProduct(2, 2), ("float32[3, N, 3, 4]", "float32[4, 2]"), "in 2 groups"),
    (ops.PatchGradient((4,), 2), ("float32[N, 3, 4]", "float32[N, 2, 2]"), "do not fit"),
    (ops.PatchGradient((5,), 2), ("float32[N, 3, 4]", "float32[N, 3, 2]"), "do not fit"),
    (ops.OffsetProduct(), ("float32[N, 3, 4]", "float32[2, 3, 5]"), "do not fit"),
    (ops.PermuteAxes((0, 1, 1, 2)), (X,), "are not the axes of"),
    (ops.Pad(((1, 1),)), (X,), "does not go around"),
    (ops.Pad(((1, -1), (0, 0))), (X,), "does not go around"),
    (ops.UpsampleNearest((2,)), (X,), "factors [2] do not fit"),
    (ops.UpsampleBilinear((0, 1)), (X,), "factors [0, 1] do not fit"),
    (ops.MaximumFirst(1), (X,), "no 1 first axes of fixed size"),
    (ops.SumFirst(3), ("float32[2, 3]",), "no 3 first axes of fixed size"),
    (ops.FirstMaximum(1), ("float32[2, N]", "float32[2]"), "operands do not fit"),
    (ops.PoolFirst(2), ("float32[2, N, 3]",), "no 2 first axes of fixed size"),
    (ops.PoolFirst(2), ("float32[16, 16, N, 3]",), "more than 254 positions"),
    (ops.PoolFirst(1), ("float32[2, N, 3]", "float32[2]"), "x and bias do not fit"),
    (ops.UnpoolFirst((2,)), ("float32[N, 3]", "uint8[N, 2]"), "g and the choice do not fit"),
    (
        ops.FoldChosen((5,), (2,), (2,)),
        ("float32[N, 3, 2]", "uint8[N, 3, 2]"),
        "reaches beyond [5]",
    ),
    (
        ops.FoldChosen((6,), (2,), (2,)),
        ("float32[N, 3, 2]", "uint8[N, 2, 2]"),
        "g and the choice do not fit",
    ),
    (ops.SumChosen(2), ("float32[N, 3]", "bool[N, 3]"), "g and the choice do not fit"),
]
