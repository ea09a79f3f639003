"""Nodes that normalise what passes, or disturb it."""

from typing import ClassVar, Literal

from nngraph.words.base import NodeModel, NotNegative, Positive, Rate


class NormModel(NodeModel):
    """A learned scale (at first 1) and shift (at first 0) for each unit or channel."""

    epsilon: Positive = 1e-5
    """Added to the variance, so that the division stays finite."""
    trainable: bool = True
    """false: training leaves scale and shift as they are."""
    share: str | None = None
    """Another node of this family whose scale and shift are used here too."""
    learning_rate_scale: NotNegative = 1.0
    """Factor of the learning rate for scale and shift."""
    weight_decay_scale: NotNegative = 0.0
    """Factor of weight decay and l1 for scale and shift; by default they have none."""


class BatchNormNode(NormModel):
    """(z - mean) / sqrt(variance + epsilon) scale + shift, for each unit or channel.

    While training, mean and variance are those of the batch (and of all pixels); running means of
    both are kept beside the weights, and used otherwise. The running variance is that of the batch
    itself, the sum over n, as Keras has it; PyTorch keeps the sum over n - 1.
    """

    kind: Literal["batch_norm"] = "batch_norm"
    observed: ClassVar[bool] = True
    momentum: Rate = 0.9
    """How much of the running mean and variance is kept at each step."""


class LayerNormNode(NormModel):
    """(z - mean) / sqrt(variance + epsilon) scale + shift, over the units or channels of each
    sample (and pixel)."""

    kind: Literal["layer_norm"] = "layer_norm"


class NoiseNode(NodeModel):
    """Adds normally distributed noise while training; else the identity."""

    kind: Literal["noise"] = "noise"
    stddev: NotNegative
    """Spread of the noise."""
