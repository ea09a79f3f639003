"""Nodes that normalise what passes (batch_norm, layer_norm), and noise."""

from __future__ import annotations

import math

from nngraph.ir import (
    BATCH,
    FIRST_ROW,
    PER_SAMPLE,
    STEP,
    Constant,
    Key,
    Op,
    Param,
    State,
    TensorType,
    Value,
)
from nngraph.lower.context import Lowering, Mistake, has_shape, shape_text
from nngraph.lower.lowered import Weight
from nngraph.lower.neurons import owner_of_units
from nngraph.lower.weights import make_leaf
from nngraph.ops import (
    Add,
    BatchNorm,
    GaussianNoise,
    LayerNorm,
    Multiply,
    Reshape,
    ScaleBy,
    Subtract,
)
from nngraph.ops.batch_normal import Channels
from nngraph.spec import NodeEntry
from nngraph.spec.norm_nodes import BatchNormNode, LayerNormNode, NoiseNode, NormModel

FIRST = {"scale": 1.0, "shift": 0.0, "mean": 0.0, "variance": 1.0}
"""First values of the arrays of a node, by what they are called in files."""


def lower_batch_norm(
    lowering: Lowering, entry: NodeEntry, node: BatchNormNode, z: Value, source: str
) -> Value:
    """Normalised over the batch while training, by the running statistics otherwise.

    The variance divides by the number of values, also the one that is kept (the convention of
    Keras; PyTorch keeps the one that divides by one less).

    Source: Ioffe and Szegedy, Batch normalization, ICML 2015, algorithms 1 and 2.
    """
    channels = (z.type.sample_shape or (1,))[-1]
    wide = Channels(
        lowering.builder,
        TensorType((channels,), z.type.dtype),
        math.prod(z.type.sample_shape) // channels,
    )
    x = lowering.builder(Reshape((BATCH, wide.pixels * channels)), z)
    scale, shift = _learned(lowering, entry, node, channels)
    mean = _running(lowering, entry, "mean", channels)
    variance = _running(lowering, entry, "variance", channels)
    if lowering.is_training():
        _check_batch(lowering, entry, wide.pixels, source)
        y = _by_batch(lowering, node, wide, x, scale, shift, (mean, variance))
    else:
        y = _by_running(lowering, node, wide, x, scale, shift, (mean, variance))
    return lowering.builder(Reshape(z.type.shape), y)


def _by_batch(
    lowering: Lowering,
    node: BatchNormNode,
    wide: Channels,
    x: Value,
    scale: Value,
    shift: Value,
    running: tuple[State, State],
) -> Value:
    build = lowering.builder
    share = lowering.feed(PER_SAMPLE, TensorType((), lowering.dtype))
    for state, now in zip(running, wide.moments(x, share), strict=True):
        kept = build(ScaleBy(node.momentum), state)
        new = build(Add(), kept, build(ScaleBy(1.0 - node.momentum), now))
        lowering.updates.append((state, new))
    return build(BatchNorm(wide.pixels, node.epsilon), x, scale, shift, share)


def _by_running(
    lowering: Lowering,
    node: BatchNormNode,
    wide: Channels,
    x: Value,
    scale: Value,
    shift: Value,
    running: tuple[State, State],
) -> Value:
    """x factor + (shift - mean factor): two passes over x."""
    build, (mean, variance) = lowering.builder, running
    factor = build(Multiply(), wide.over_spread(variance, node.epsilon), scale)
    rest = build(Subtract(), shift, build(Multiply(), mean, factor))
    return build(Add(), build(Multiply(), x, wide.spread(factor)), wide.spread(rest))


def _check_batch(lowering: Lowering, entry: NodeEntry, pixels: int, source: str) -> None:
    """One value alone is its own mean. Errors: Mistake."""
    train = lowering.document.spec.train
    if train is None or train.batch_size != 1 or pixels > 1:
        return
    raise Mistake("E230:batch", entry.span, notes=(has_shape(lowering, source),), id=entry.id)


def lower_layer_norm(
    lowering: Lowering, entry: NodeEntry, node: LayerNormNode, z: Value, source: str
) -> Value:
    """Normalised over the last axis, sample by sample (and pixel by pixel).

    Source: Ba, Kiros and Hinton, Layer normalization, 2016, eq. 3 and 4.
    """
    units = (z.type.sample_shape or (1,))[-1]
    if units == 1:
        notes, shape = (has_shape(lowering, source),), shape_text(z.type.sample_shape)
        raise Mistake("E230:layer", entry.span, notes=notes, id=entry.id, shape=shape)
    scale, shift = _learned(lowering, entry, node, units)
    return lowering.builder(LayerNorm(node.epsilon), z, scale, shift)


def _learned(
    lowering: Lowering, entry: NodeEntry, node: NormModel, units: int
) -> tuple[Value, Value]:
    """Scale and shift, own or shared. Errors: Mistake."""
    owner = owner_of_units(lowering, entry)
    its = owner.node
    assert isinstance(its, NormModel)
    values: list[Value] = []
    for purpose in ("scale", "shift"):
        id = f"{owner.id}.{purpose}"
        if id not in lowering.weights:
            leaf = make_leaf(lowering, id, (units,), its.trainable)
            lowering.weights[id] = _weight(leaf, owner, purpose, units)
        weight = lowering.weights[id]
        if weight.shape != (units,):
            raise Mistake(
                "E223:units",
                entry.span_of("share"),
                id=entry.id,
                units=units,
                owner=owner.id,
                its_units=weight.shape[0],
            )
        values.append(weight.leaf)
    return values[0], values[1]


def _running(lowering: Lowering, entry: NodeEntry, purpose: str, channels: int) -> State:
    """A running statistic of this node alone, kept beside the weights."""
    id = f"{entry.id}.{purpose}"
    leaf = lowering.builder.leaf(State(lowering.type(channels), id))
    lowering.weights[id] = _weight(leaf, entry, purpose, channels)
    return leaf


def _weight(leaf: Param | Constant | State, owner: NodeEntry, purpose: str, units: int) -> Weight:
    return Weight(f"{owner.id}.{purpose}", leaf, (units,), FIRST[purpose], None, owner, purpose)


def lower_noise(
    lowering: Lowering, entry: NodeEntry, node: NoiseNode, z: Value, source: str
) -> Value:
    """Noise is added while training."""
    if node.stddev == 0 or not lowering.is_training():
        return z
    return lowering.builder(
        Add(), z, drawn(lowering, entry, GaussianNoise(node.stddev), z, "noise")
    )


def drawn(lowering: Lowering, entry: NodeEntry, op: Op, like: Value, purpose: str) -> Value:
    """What a random op draws for a node, one number for each element of `like`."""
    builder = lowering.builder
    key = builder.leaf(Key(TensorType((2,), "uint64"), entry.id, purpose))
    step = lowering.feed(STEP, TensorType((), "int64"))
    first_row = lowering.feed(FIRST_ROW, TensorType((), "int64"))
    return builder(op, key, like, step, first_row)
