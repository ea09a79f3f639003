"""The vocabulary of the middle: one class per op, all of them in `ALL_OPS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nngraph.ir import Op
from nngraph.ops.arithmetic import (
    Add,
    Divide,
    Maximum,
    Minimum,
    Multiply,
    Negative,
    ScaleBy,
    ShiftBy,
    Subtract,
    SubtractFrom,
)
from nngraph.ops.axes import Pad, PermuteAxes
from nngraph.ops.batch_normal import BatchNorm, BatchNormBack
from nngraph.ops.choosing import FoldChosen, PoolFirst, SumChosen, UnpoolFirst
from nngraph.ops.compare import And, Between, Equal, Greater, GreaterEqual, GreaterThan, Less
from nngraph.ops.convolution import Convolution, ConvolutionKernel, ConvolutionTransposed
from nngraph.ops.elementwise import (
    Abs,
    ClampAbove,
    ClampBelow,
    Cos,
    Erfc,
    Exp,
    Expm1,
    Heaviside,
    Log,
    Log1p,
    Power,
    Reciprocal,
    Sign,
    Sin,
    Sqrt,
    Square,
    Tanh,
)
from nngraph.ops.folding import FoldRows, PatchRows
from nngraph.ops.fused import Fused
from nngraph.ops.gate import Gate
from nngraph.ops.linear import DotSample, MatMul, SumAll, SumSample
from nngraph.ops.loss_word import LOSS_WORDS
from nngraph.ops.loss_word import ExactLoss as ExactLoss
from nngraph.ops.loss_word import LossWord as LossWord
from nngraph.ops.loss_word import exact_loss as exact_loss
from nngraph.ops.loss_word import loss_word as loss_word
from nngraph.ops.neurons import (
    NeuronDeltas,
    NeuronSourceGradient,
    NeuronStretch,
    NeuronWeightGradient,
)
from nngraph.ops.normal import LayerNorm, LayerNormBack
from nngraph.ops.patches import OffsetProduct, PatchGradient, PatchProduct
from nngraph.ops.pieces import AppendOne, Concat, PlaceUnits, SliceAxis, StackBias
from nngraph.ops.pooling import AveragePool, FirstMaximum, MaximumFirst, MaxPool, SumFirst
from nngraph.ops.random import DropoutMask, GaussianNoise
from nngraph.ops.rearrange import Cast, Copy, Reshape, Transpose
from nngraph.ops.reduce import (
    CumulativeProduct,
    MaximumAxis,
    MaxLast,
    MinimumAxis,
    ProductAxis,
    SumAxis,
    SumLast,
)
from nngraph.ops.resample import UpsampleBilinear, UpsampleNearest
from nngraph.ops.rows_around import (
    ScaledAround,
    ScaledAroundBack,
    SquaresAround,
    SumsAround,
)
from nngraph.ops.sorting import SortAxis, UnsortAxis
from nngraph.ops.spread import BroadcastLike, BroadcastTo, SumRows, SumTo
from nngraph.ops.windows import Fold, Windows
from nngraph.ops.word import WORDS
from nngraph.ops.word import Word as Word
from nngraph.ops.word import is_word as is_word
from nngraph.ops.word import row_of as row_of
from nngraph.ops.word import word as word

WORD_OPS = (Word, LossWord, ExactLoss)
"""The ops that carry a row of the vocabulary, and go by its name."""

ALL_OPS: tuple[type[Op], ...] = (
    # linear
    MatMul,
    # rearrange, pieces, spread
    Reshape,
    Transpose,
    SliceAxis,
    PlaceUnits,
    Concat,
    AppendOne,
    StackBias,
    BroadcastTo,
    BroadcastLike,
    SumTo,
    SumRows,
    Copy,
    Cast,
    # axes, windows, folding, patches, convolution, pooling, choosing, resample
    PermuteAxes,
    Pad,
    Windows,
    Fold,
    PatchRows,
    FoldRows,
    PatchProduct,
    PatchGradient,
    OffsetProduct,
    Convolution,
    ConvolutionKernel,
    ConvolutionTransposed,
    MaxPool,
    AveragePool,
    SumFirst,
    MaximumFirst,
    FirstMaximum,
    PoolFirst,
    UnpoolFirst,
    FoldChosen,
    SumChosen,
    UpsampleNearest,
    UpsampleBilinear,
    # arithmetic, elementwise, compare
    Negative,
    ScaleBy,
    ShiftBy,
    SubtractFrom,
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
    Minimum,
    Square,
    Sqrt,
    Exp,
    Expm1,
    Log,
    Log1p,
    Abs,
    Sign,
    Heaviside,
    Sin,
    Cos,
    Reciprocal,
    Power,
    ClampBelow,
    ClampAbove,
    Greater,
    Less,
    Between,
    GreaterThan,
    GreaterEqual,
    Equal,
    And,
    # piecewise, smooth, rectifying, softmax
    Tanh,
    Erfc,
    # reduce, and the sums of linear
    SumLast,
    MaxLast,
    SumAxis,
    ProductAxis,
    CumulativeProduct,
    MaximumAxis,
    MinimumAxis,
    SortAxis,
    UnsortAxis,
    SumAll,
    SumSample,
    DotSample,
    # random
    DropoutMask,
    GaussianNoise,
    # neurons
    NeuronStretch,
    NeuronDeltas,
    NeuronWeightGradient,
    NeuronSourceGradient,
    # gate, fused, normal, batch_normal, rows_around
    Gate,
    Fused,
    LayerNorm,
    LayerNormBack,
    BatchNorm,
    BatchNormBack,
    SquaresAround,
    SumsAround,
    ScaledAround,
    ScaledAroundBack,
)

OPS_BY_NAME: Mapping[str, Callable[..., Op]] = {
    **{op.name: op for op in ALL_OPS},
    **WORDS,
    **LOSS_WORDS,
}
"""For reading the text form of programs back: ops, and words that are ops of their own."""
