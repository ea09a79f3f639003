"""Softmax and its cross-entropy as one op, finite where the two alone would take log 0."""

from __future__ import annotations

from nngraph.ir import Op, Program
from nngraph.ops import CrossEntropy, SoftmaxCrossEntropy
from nngraph.passes.fusion import fuse_with_loss


def fuse_softmax_with_cross_entropy(program: Program) -> Program:
    """cross_entropy (softmax a) t -> softmax_cross_entropy a t, which also gives p = softmax a.

    Runs before the reverse sweep, whose rule for the fused op is the stable (p - t).

    >>> from nngraph.ir import parse_text
    >>> from nngraph.ops import OPS_BY_NAME
    >>> print(fuse_softmax_with_cross_entropy(parse_text('''program
    ...   input %0 'a': float32[N, 3]
    ...   input %1 't': float32[N, 3]
    ...   %2: float32[N, 3] = softmax %0
    ...   %3: float32[N] = cross_entropy{mean=False, normalised=True} %2 %1
    ...   output 'y' %2
    ...   output 'loss' %3''', OPS_BY_NAME)))
    program
      input %0 'a': float32[N, 3]
      input %1 't': float32[N, 3]
      %2: float32[N], %3: float32[N, 3] = softmax_cross_entropy{mean=False, normalised=True} %0 %1
      output 'y' %3
      output 'loss' %2
    """
    return fuse_with_loss(program, "softmax", CrossEntropy, _fused)


def _fused(loss: Op) -> Op:
    assert isinstance(loss, CrossEntropy)
    return SoftmaxCrossEntropy(mean=loss.mean, normalised=loss.normalised)
