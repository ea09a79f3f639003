"""Sigmoid and its binary cross-entropy as one op, finite where the two alone would take log 0."""

from __future__ import annotations

from nngraph.ir import Op, Program
from nngraph.ops import BinaryCrossEntropy, SigmoidBinaryCrossEntropy
from nngraph.passes.fusion import fuse_with_loss


def fuse_sigmoid_with_binary_cross_entropy(program: Program) -> Program:
    """binary_cross_entropy (sigmoid a) t -> sigmoid_binary_cross_entropy a t, which also gives p.

    Runs before the reverse sweep, whose rule for the fused op is the stable (p - t).

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(fuse_sigmoid_with_binary_cross_entropy(parse_text('''program
    ...   input %0 'a': float32[N, 1]
    ...   input %1 't': float32[N, 1]
    ...   %2: float32[N, 1] = sigmoid %0
    ...   %3: float32[N] = binary_cross_entropy{mean=False} %2 %1
    ...   output 'loss' %3''', OPS_BY_NAME)))
    program
      input %0 'a': float32[N, 1]
      input %1 't': float32[N, 1]
      %2: float32[N], %3: float32[N, 1] = sigmoid_binary_cross_entropy{mean=False} %0 %1
      output 'loss' %2
    """
    return fuse_with_loss(program, "sigmoid", BinaryCrossEntropy, _fused)


def _fused(loss: Op) -> Op:
    assert isinstance(loss, BinaryCrossEntropy)
    return SigmoidBinaryCrossEntropy(mean=loss.mean)
