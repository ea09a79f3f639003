"""The kinds of edges: what lies between the output of one node and the next."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union

from pydantic import Discriminator, Tag

from nngraph.spec.image_edges import ConvEdge, ConvTransposeEdge, DepthwiseEdge, WindowEdge
from nngraph.spec.weighted import EdgeModel, WeightedEdge
from nngraph.words.base import BuiltLate


class DefaultEdge(WeightedEdge):
    """An edge without a kind: dense into neurons, identity into nodes without weights."""

    kind: None = None


class DenseEdge(WeightedEdge):
    """Every unit to every unit, W is [in, out]; an image is flattened first."""

    kind: Literal["dense"] = "dense"


class ScaleEdge(WeightedEdge):
    """One weight per unit or channel; the shape stays."""

    kind: Literal["scale"] = "scale"


class IdentityEdge(EdgeModel):
    """The output as it is; into neurons it adds before the activation."""

    kind: Literal["identity"] = "identity"


EDGES: tuple[type[EdgeModel], ...] = (
    DenseEdge,
    IdentityEdge,
    ScaleEdge,
    ConvEdge,
    DepthwiseEdge,
    ConvTransposeEdge,
)
"""A kind of edge is added by a row here, and by how it is written in `lower/connections.py`."""

EDGE_KINDS: tuple[str, ...] = tuple(row.word() for row in EDGES)
"""Every kind of edge by name."""

WINDOW_MODELS = tuple(row for row in EDGES if issubclass(row, WindowEdge))
WINDOW_KINDS: tuple[str, ...] = tuple(row.word() for row in WINDOW_MODELS)
"""Kinds with a kernel; `conv: 3` is short for `kind: conv, kernel: 3`."""


def _kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "default-edge" if kind is None else f"{kind}-edge"


if TYPE_CHECKING:
    AnyEdge: TypeAlias = EdgeModel
    EdgeOptions: TypeAlias = EdgeModel
else:
    AnyEdge = Union[(DefaultEdge, *EDGES)]
    EdgeOptions = Annotated[
        Union[
            Annotated[DefaultEdge, BuiltLate(DefaultEdge), Tag("default-edge")],
            *(Annotated[row, BuiltLate(row), Tag(f"{row.word()}-edge")] for row in EDGES),
        ],
        Discriminator(_kind_of),
    ]
    """The options of an edge, told apart by `kind`."""

PLAIN_EDGE = DefaultEdge()
"""The options of `x -> h`."""
