"""What a drawing needs to know of a network, and nothing else.

An adapter fills these from a compiled network; every format is drawn from them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nngraph.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray


Mark = Literal["", "added", "removed", "changed", "same"]
"""What became of a part of one network in another; nothing in a picture of one alone."""

Overlay = Literal["weights", "gradients", "activations", "deltas", "saturation"]
"""What of one sample can be laid over a picture."""


@dataclass(frozen=True, slots=True)
class PictureNode:
    """One node: `shape` is per sample, () for a scalar; `parameters` counts its own (the bias).

    `rank` is the column it stands in (from 0) where the caller wants to say so; `bias` has one
    value per unit; `labels` name the units. `heat` from 0 to 1 colours it in place of its kind, and
    so does a `mark` (`Mark`); `note` is a last line about it. `maps` has a picture uint8[h, w, 3]
    for each unit, which is drawn in its circle where every neuron is. `values` are numbers of its
    units that stand in the circles in place of the biases, `fills` the colours of these circles.
    `options` are those that decide what it does, each in words.
    """

    id: str
    title: str
    kind: str
    shape: tuple[int, ...] = ()
    activation: str = ""
    parameters: int = 0
    is_output: bool = False
    rank: int | None = None
    bias: tuple[float, ...] | None = None
    labels: tuple[str, ...] | None = None
    heat: float | None = None
    note: str = ""
    mark: Mark = ""
    maps: tuple[NDArray[Any], ...] | None = None
    values: tuple[float, ...] | None = None
    fills: tuple[str, ...] | None = None
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The text that a reader sees: the title, or the id where there is none."""
        return self.title if self.title.strip() else self.id

    @property
    def units(self) -> int:
        """How many numbers the node gives per sample."""
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(frozen=True, slots=True)
class Window:
    """How a kernel moves over an image: steps, zeros before the first pixel, and distances within
    the window, each down and across."""

    stride: tuple[int, int]
    before: tuple[int, int]
    dilation: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """One edge. `source_units` and `target_units` are ranges (end excluded), None for all units.

    `shape` is that of W, None without weights; `weights` are [in, out] for a dense edge, one
    number for a scalar edge, [units] for a scale edge; `shared_with` names the edge that owns W.
    Identity edges into a concat, and out of a wider node, say their ranges; see `connections`.
    A `mark` colours it in place of its sign; `note` is a last line about it; `options` are those
    that decide what it does, each in words; `window` is that of a convolution of images.
    """

    source: str
    source_units: tuple[int, int] | None
    target: str
    target_units: tuple[int, int] | None
    kind: str = "dense"
    shape: tuple[int, ...] | None = None
    parameters: int = 0
    weights: NDArray[Any] | None = None
    trainable: bool = True
    shared_with: str | None = None
    note: str = ""
    mark: Mark = ""
    options: tuple[str, ...] = ()
    window: Window | None = None

    @property
    def is_weighted(self) -> bool:
        """Whether the edge has a W."""
        return self.kind != "identity"

    @property
    def scalar(self) -> float | None:
        """The weight of an edge that has exactly one, where it is known."""
        if not self.is_weighted or self.weights is None or self.weights.size != 1:
            return None
        return float(self.weights.reshape(-1)[0])


@dataclass(frozen=True, slots=True)
class PictureLoss:
    """One loss: what it reads (`node`) and what it compares that with (a target or an input)."""

    kind: str
    node: str
    target: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole network; `nodes` in canonical order, `parameters` counts shared ones once; `note`
    stands in the caption; `lines` says what the arrays of the edges are."""

    name: str
    description: str
    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    losses: tuple[PictureLoss, ...] = ()
    parameters: int = 0
    note: str = ""
    lines: str = "weights"

    @property
    def is_marked(self) -> bool:
        """Whether it shows two networks in one."""
        return any(node.mark for node in self.nodes)
