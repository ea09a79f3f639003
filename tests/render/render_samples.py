"""Small pictures that the tests of this room share, and hostile texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nngraph.render import Picture, PictureEdge, PictureLoss, PictureNode

HOSTILE = [
    'say "hello"',
    "back\\slash \\N \\G \\L \\n",
    "<b>bold</b>",
    "&amp; & &lt;",
    "two\nlines\r\nthree",
    "]]> <![CDATA[",
    "a -- b --> c",
    "\u200fright to left\u200e \u202eturned\u202c",
    "bell \x07 nul \x00 escape \x1b[31m",
    "emoji 🧠 👩\u200d🔬",
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "x:y:z; n0 -> n1",
    "#quot; `code` %% comment",
    "{a|b} [c] (d)",
    "\ud800 lone surrogate \ufffe",
    "'); DROP TABLE",
    "--",
    "long " * 2000,
]


def dense(source: str, target: str, weights: np.ndarray, **more: object) -> PictureEdge:
    """A dense edge with its weights [in, out]."""
    whole = PictureEdge(source, None, target, None, "dense", weights.shape, weights.size, weights)
    return replace(whole, **more)


def identity(source: str, target: str) -> PictureEdge:
    """An edge without weights."""
    return PictureEdge(source, None, target, None, "identity")


def neuron(id: str, activation: str = "tanh", bias: float = 0.0, **more: object) -> PictureNode:
    """A single neuron."""
    return replace(PictureNode(id, id, "neurons", (1,), activation, 1, bias=(bias,)), **more)


def layer(id: str, units: int, activation: str = "relu", **more: object) -> PictureNode:
    """A layer whose biases are not known."""
    return replace(PictureNode(id, id, "neurons", (units,), activation, units), **more)


def gates(first: float = 1.0, second: float = -2.0, third: float = 0.5) -> Picture:
    """Two inputs, one neuron, an output behind it: three scalar weights."""
    nodes = (
        PictureNode("x1", "x1", "input"),
        PictureNode("x2", "x2", "input"),
        neuron("h", "step", -1.5),
        neuron("y", "sigmoid", 0.25, is_output=True),
    )
    edges = tuple(
        dense(source, target, np.array([[weight]]))
        for source, target, weight in (("x1", "h", first), ("x2", "h", second), ("h", "y", third))
    )
    loss = PictureLoss("binary_cross_entropy", "y", "label")
    return Picture("gates", "Two inputs and a gate", nodes, edges, (loss,), 5)


def residual() -> Picture:
    """A skip connection, an activation node, dropout: no weights known."""
    nodes = (
        PictureNode("x", "x", "input", (8,)),
        layer("h", 8),
        PictureNode("s", "s", "add", (8,)),
        PictureNode("r", "r", "activation", (8,), "relu"),
        PictureNode("d", "d", "dropout", (8,)),
        layer("y", 3, "softmax", is_output=True),
    )
    unknown = PictureEdge("x", None, "h", None, "dense", (8, 8), 64)
    edges = (
        unknown,
        identity("x", "s"),
        identity("h", "s"),
        identity("s", "r"),
        identity("r", "d"),
        replace(unknown, source="d", target="y", shape=(8, 3), parameters=24),
    )
    return Picture("residual", "", nodes, edges, (PictureLoss("cross_entropy", "y", "y"),), 99)


def iris(generator: np.random.Generator) -> Picture:
    """4-5-3 with known weights, biases and labels."""
    nodes = (
        PictureNode("x", "measures", "input", (4,), labels=("a", "b", "c", "d")),
        layer("h", 5, "tanh", bias=tuple(generator.normal(size=5))),
        layer("y", 3, "softmax", is_output=True, labels=("setosa", "versicolor", "virginica")),
    )
    edges = (
        dense("x", "h", generator.normal(size=(4, 5))),
        dense("h", "y", generator.normal(size=(5, 3))),
    )
    return Picture("iris", "Fisher's irises", nodes, edges, (), 43)


def chain(length: int) -> Picture:
    """A long row of small layers."""
    nodes = [PictureNode("n0", "n0", "input", (4,))]
    nodes += [layer(f"n{index}", 4) for index in range(1, length)]
    edges = [
        PictureEdge(f"n{index}", None, f"n{index + 1}", None, "dense", (4, 4), 16)
        for index in range(length - 1)
    ]
    return Picture("chain", "", tuple(nodes), tuple(edges), (), 20 * length)


def renamed(picture: Picture) -> Picture:
    """The same network with other ids and the same titles."""
    new = {node.id: f"other_{index}" for index, node in enumerate(picture.nodes)}
    return replace(
        picture,
        nodes=tuple(replace(node, id=new[node.id]) for node in picture.nodes),
        edges=tuple(
            replace(edge, source=new[edge.source], target=new[edge.target])
            for edge in picture.edges
        ),
        losses=tuple(
            replace(loss, node=new[loss.node], target=new.get(loss.target, loss.target))
            for loss in picture.losses
        ),
    )
