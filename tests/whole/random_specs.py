"""Small random networks as YAML, all kinds of nodes and edges in rotation, from a seed alone.

    random_spec(7)                       # the text of a spec
    python tests/whole/random_specs.py 7 # the same, printed

Equal seeds give equal text on every platform. Three families take turns: vectors (seed % 3 = 0),
images (1) and sequences (2). A network is a trunk of blocks, then one to three heads with a loss
each. Blocks, activations, losses and optimisers are not drawn but taken in turn, each from a wheel
that the seed sets, so that thirty seeds in a row show every one of them; sizes, numbers and the
forms of a block are drawn. A new block is a function in one of the files of blocks, and stands in
its tuple; it takes the node on which it stands and gives the one on which the next may stand.

`tests/replay/specs/` keeps twenty of these texts as they were, so this may change freely.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence

from random_draft import Draft, wheel
from random_image_blocks import IMAGES, SEQUENCES
from random_vector_blocks import VECTORS, dense

Block = Callable[[Draft, str], str]

HEADS = (
    ("identity", 3, "{kind: mean_squared_error, values: sum, weight: 0.5}"),
    ("softmax", 3, "cross_entropy"),
    ("sigmoid", 1, "binary_cross_entropy"),
    ("tanh", 2, "{kind: huber, delta: 0.5}"),
    ("log_softmax", 3, "{kind: negative_log_likelihood, class_weights: [1, 2, 0.5]}"),
    ("identity", 1, "hinge"),
    ("softmax", 3, "{kind: cross_entropy, label_smoothing: 0.1, class_weights: [1, 0.5, 2]}"),
    ("identity", 2, "mean_absolute_error"),
    ("sigmoid", 4, "dice"),
    ("softmax", 4, "kl_divergence"),
    ("identity", 2, "{kind: squared_hinge, reduction: sum, weight: 0.1}"),
    ("sigmoid", 3, "{kind: focal, gamma: 1.5, alpha: 0.3}"),
    ("identity", 4, "categorical_hinge"),
    ("sigmoid", 2, "{kind: jaccard, smooth: 0.5}"),
    ("softmax", 3, "{kind: focal, class_weights: [1, 2, 3]}"),
    ("sigmoid", 2, "{kind: binary_cross_entropy, label_smoothing: 0.2, values: mean}"),
    ("relu", 2, "mean_squared_error"),
)
"""Activation, units and loss of a head."""


def random_spec(seed: int) -> str:
    """The text of a spec: about ten nodes, loss and training included, no data."""
    draft = Draft(seed)
    family, turn = seed % 3, seed // 3
    if family == 0:
        last = draft.input([int(draft.rng.integers(3, 7))])
        last = stack(draft, last, VECTORS, 5 * turn, 5)
    elif family == 1:
        shape = [int(n) for n in (*draft.rng.integers(6, 10, 2), draft.rng.integers(1, 3))]
        last = stack(draft, draft.input(shape), IMAGES, 5 * turn, 5)
        last = stack(draft, as_vector(draft, last, turn), VECTORS, 5 * turn + 3, 1)
    else:
        shape = [int(n) for n in (draft.rng.integers(7, 12), draft.rng.integers(1, 4))]
        last = stack(draft, draft.input(shape), SEQUENCES, 4 * turn, 4)
        last = stack(draft, as_vector(draft, last, turn), VECTORS, 5 * turn + 11, 1)
    heads(draft, last, 1 + turn % 3)
    return draft.text()


def stack(draft: Draft, last: str, blocks: Sequence[Block], start: int, count: int) -> str:
    """Some blocks, one on the other."""
    turns = wheel(blocks, start)
    for _ in range(count):
        last = next(turns)(draft, last)
    return last


def as_vector(draft: Draft, source: str, turn: int) -> str:
    """What an image or a sequence ends in."""
    if len(draft.shapes[source]) == 1:
        return source
    if turn % 3 == 0:
        count = math.prod(draft.shapes[source])
        return draft.plain(source, "flatten", (count,))
    if turn % 3 == 1:
        function = ("max", "average")[turn % 2]
        options = f"{{kind: pool, size: global, function: {function}}}"
        return draft.plain(source, options, (draft.width(source),))
    return dense(draft, source)


def heads(draft: Draft, last: str, count: int) -> None:
    """Nodes with a loss; a first one of several may judge what was fed."""
    inputs = [name for name in draft.shapes if name.startswith("x")]
    turn = draft.seed // 3
    if turn % 4 == 2 and len(draft.shapes[inputs[0]]) == 1:
        name = draft.node(f"{{units: {draft.shapes[inputs[0]][0]}}}", (), "again")
        draft.edge(f"{last} -> {name}")
        loss = f"kind: mean_squared_error, node: {name}, target: {inputs[0]}, weight: 0.3"
        draft.losses.append(f"{{{loss}}}")
    turns = wheel(HEADS, 2 * draft.seed)
    for _ in range(count):
        function, units, loss = next(turns)
        name = draft.node(f"{{units: {units}, activation: {function}}}", (units,), "y")
        draft.edge(f"{last} -> {name}")
        kind = loss.strip("{}") if loss.startswith("{") else f"kind: {loss}"
        draft.losses.append(f"{{{kind}, node: {name}}}")


if __name__ == "__main__":
    print(random_spec(int(sys.argv[1])), end="")
