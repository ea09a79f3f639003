"""The networks that are timed, as rows; spec texts and the peers' twins are made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Op: TypeAlias = Literal["dense", "conv", "pool", "up", "concat", "add", "norm", "relu", "mean"]
Shape: TypeAlias = tuple[int, ...]
Weights: TypeAlias = Mapping[str, NDArray[np.float32]]
"""By id, as nngraph writes them: "a->b" is [in, units] or [high, wide, in, units]."""


@dataclass(frozen=True)
class Layer:
    """One layer: what it does to the layers `after` which it stands; "x" is the input."""

    name: str
    op: Op
    after: tuple[str, ...]
    units: int = 0
    activation: str = ""
    window: int = 3
    same: bool = False
    bias: bool = True


@dataclass(frozen=True)
class Net:
    """Layers in order, the last one being the output; the set of samples that it learns from."""

    shape: Shape
    layers: tuple[Layer, ...]
    loss: Literal["cross_entropy", "binary_cross_entropy"] = "cross_entropy"
    samples: Literal["mnist", "digits", "shapes", "xor"] = "mnist"

    @property
    def is_chain(self) -> bool:
        """Whether each layer stands after the one before it, and only that."""
        names = ("x", *(layer.name for layer in self.layers))
        return all(
            layer.after == (before,) for before, layer in zip(names, self.layers, strict=False)
        )

    @property
    def output(self) -> Layer:
        """The last layer."""
        return self.layers[-1]


def dense(*widths: int) -> Net:
    """Relu layers and a softmax: 784-128-10."""
    last = len(widths) - 2
    layers = (
        Layer(
            f"h{k}" if k < last else "y",
            "dense",
            (f"h{k - 1}" if k else "x",),
            units,
            "relu" if k < last else "softmax",
        )
        for k, (_, units) in enumerate(pairwise(widths))
    )
    return Net(widths[:1], tuple(layers))


def _same(name: str, after: str, units: int, activation: str = "relu") -> Layer:
    return Layer(name, "conv", (after,), units, activation, same=True)


def _plain(name: str, after: str, units: int) -> Layer:
    return Layer(name, "conv", (after,), units, same=True, bias=False)


CONVNET = Net(
    (28, 28, 1),
    (
        Layer("c1", "conv", ("x",), 32, "relu"),
        Layer("p1", "pool", ("c1",)),
        Layer("c2", "conv", ("p1",), 64, "relu"),
        Layer("p2", "pool", ("c2",)),
        Layer("h", "dense", ("p2",), 128, "relu"),
        Layer("y", "dense", ("h",), 10, "softmax"),
    ),
)

UNET = Net(
    (32, 32, 1),
    (
        _same("fine", "x", 8),
        Layer("pool1", "pool", ("fine",)),
        _same("middle", "pool1", 16),
        Layer("pool2", "pool", ("middle",)),
        _same("coarse", "pool2", 32),
        Layer("up1", "up", ("coarse",)),
        Layer("skip1", "concat", ("up1", "middle")),
        _same("wider", "skip1", 16),
        Layer("up2", "up", ("wider",)),
        Layer("skip2", "concat", ("up2", "fine")),
        _same("finest", "skip2", 8),
        Layer("y", "conv", ("finest",), 1, "sigmoid", window=1, same=True),
    ),
    "binary_cross_entropy",
    "shapes",
)

RESIDUAL = Net(
    (8, 8, 1),
    (
        _same("stem", "x", 16),
        _plain("conv1", "stem", 16),
        Layer("norm1", "norm", ("conv1",)),
        Layer("relu1", "relu", ("norm1",)),
        _plain("conv2", "relu1", 16),
        Layer("norm2", "norm", ("conv2",)),
        Layer("sum1", "add", ("norm2", "stem")),
        Layer("block1", "relu", ("sum1",)),
        Layer("half", "pool", ("block1",)),
        _plain("conv3", "half", 32),
        Layer("norm3", "norm", ("conv3",)),
        Layer("sum2", "add", ("norm3", "conv3")),
        Layer("block2", "relu", ("sum2",)),
        Layer("mean", "mean", ("block2",)),
        Layer("y", "dense", ("mean",), 10, "softmax"),
    ),
    samples="digits",
)

XOR = Net(
    (2,),
    (
        Layer("h", "dense", ("x",), 2, "tanh"),
        Layer("y", "dense", ("h",), 1, "sigmoid"),
    ),
    "binary_cross_entropy",
    "xor",
)

NETS: dict[str, Net] = {
    "784-128-10": dense(784, 128, 10),
    "784-512-256-10": dense(784, 512, 256, 10),
    "convnet": CONVNET,
    "unet": UNET,
    "residual": RESIDUAL,
    "xor": XOR,
}

RATES = {"sgd": 0.01, "adam": 1e-3, "plain sgd": 0.5}
MOMENTUM = 0.9
BETAS, EPSILON = (0.9, 0.999), 1e-8

# ---- shapes


def shapes(net: Net) -> dict[str, Shape]:
    """The shape of each layer's result, channels last."""
    found: dict[str, Shape] = {"x": net.shape}
    for layer in net.layers:
        found[layer.name] = _shape(layer, [found[name] for name in layer.after])
    return found


def _shape(layer: Layer, before: list[Shape]) -> Shape:
    first = before[0]
    match layer.op:
        case "dense":
            return (layer.units,)
        case "conv":
            cut = 0 if layer.same else layer.window - 1
            return (first[0] - cut, first[1] - cut, layer.units)
        case "pool":
            return (first[0] // 2, first[1] // 2, first[2])
        case "up":
            return (first[0] * 2, first[1] * 2, first[2])
        case "concat":
            return (*first[:2], sum(shape[2] for shape in before))
        case "mean":
            return first[2:]
        case _:
            return first


# ---- spec texts

NODES = {
    "pool": "{kind: pool, size: 2}",
    "up": "{kind: upsample, factor: 2, method: nearest}",
    "concat": "{kind: concat}",
    "add": "{kind: add}",
    "norm": "{kind: batch_norm}",
    "relu": "{kind: activation, function: relu}",
    "mean": "{kind: pool, size: global, function: average}",
}

OPTIMIZERS = {
    "sgd": f"{{kind: sgd, learning_rate: {RATES['sgd']}, momentum: {MOMENTUM}}}",
    "adam": f"{{kind: adam, learning_rate: {RATES['adam']}}}",
    "plain sgd": f"{{kind: sgd, learning_rate: {RATES['plain sgd']}}}",
}


def spec_text(net: Net, optimizer: str, batch: int | str, epochs: int = 1) -> str:
    """The spec of a network, trained so, on batches of so many samples (or "full")."""
    nodes = "".join(f"  {layer.name}: {_node(layer)}\n" for layer in net.layers)
    edges = "".join(
        f"  - {name} -> {layer.name}{_connection(layer)}\n"
        for layer in net.layers
        for name in layer.after
    )
    return (
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {list(net.shape)}}}\n{nodes}"
        f"edges:\n{edges}loss: {net.loss}\n{train_text(optimizer, batch, epochs)}"
    )


def train_text(optimizer: str, batch: int | str, epochs: int = 1) -> str:
    """The section `train`, in a line."""
    how = OPTIMIZERS[optimizer]
    return f"train: {{epochs: {epochs}, batch_size: {batch}, optimizer: {how}}}\n"


def _node(layer: Layer) -> str:
    if layer.op not in ("dense", "conv"):
        return NODES[layer.op]
    activation = f", activation: {layer.activation}" if layer.activation else ""
    return f"{{units: {layer.units}{activation}{'' if layer.bias else ', bias: false'}}}"


def _connection(layer: Layer) -> str:
    if layer.op != "conv":
        return ""
    return f": {{conv: {layer.window}{', padding: same' if layer.same else ''}}}"


def spec_of_neurons(
    net: Net, weights: Weights, optimizer: str, batch: int | str, epochs: int = 1
) -> str:
    """A dense network with every weight an edge of its own and every hidden neuron a node; the
    output stays one node, for its activation and its target are of all units together."""
    nodes, edges, before = [], [], [f"x[{i}]" for i in range(net.shape[0])]
    for layer in net.layers:
        bias, matrix = weights[f"{layer.name}.bias"], weights[f"{layer.after[0]}->{layer.name}"]
        units = range(layer.units)
        if layer is net.output:
            names = [f"{layer.name}[{j}]" for j in units]
            more = f"units: {layer.units}, bias: {bias.tolist()}"
            nodes.append(f"  {layer.name}: {{activation: {layer.activation}, {more}}}\n")
        else:
            names = [f"{layer.name}{j}" for j in units]
            nodes += [
                f"  {name}: {{activation: {layer.activation}, bias: {b!r}}}\n"
                for name, b in zip(names, bias.tolist(), strict=True)
            ]
        edges += [
            f"  - {source} -> {name}: {matrix[i, j].item()!r}\n"
            for j, name in enumerate(names)
            for i, source in enumerate(before)
        ]
        before = names
    return (
        f"nngraph: 1\nnodes:\n  x: {{kind: input, shape: {net.shape[0]}}}\n{''.join(nodes)}"
        f"edges:\n{''.join(edges)}loss: {net.loss}\n{train_text(optimizer, batch, epochs)}"
    )
