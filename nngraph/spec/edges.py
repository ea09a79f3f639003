"""The kinds of edges: what lies between the output of one node and the next."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from nngraph.spec.image_edges import WINDOW_KINDS, ConvEdge, ConvTransposeEdge, DepthwiseEdge
from nngraph.spec.weighted import EdgeModel, WeightedEdge


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


AnyEdge = (
    DefaultEdge
    | DenseEdge
    | IdentityEdge
    | ScaleEdge
    | ConvEdge
    | DepthwiseEdge
    | ConvTransposeEdge
)

EDGE_KINDS: tuple[str, ...] = ("dense", "identity", "scale", *WINDOW_KINDS)
"""Every kind of edge by name."""


def _kind_of(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "default-edge" if kind is None else f"{kind}-edge"


EdgeOptions = Annotated[
    Annotated[DefaultEdge, Tag("default-edge")]
    | Annotated[DenseEdge, Tag("dense-edge")]
    | Annotated[IdentityEdge, Tag("identity-edge")]
    | Annotated[ScaleEdge, Tag("scale-edge")]
    | Annotated[ConvEdge, Tag("conv-edge")]
    | Annotated[DepthwiseEdge, Tag("depthwise-edge")]
    | Annotated[ConvTransposeEdge, Tag("conv_transpose-edge")],
    Discriminator(_kind_of),
]
"""The options of an edge, told apart by `kind`."""

PLAIN_EDGE = DefaultEdge()
"""The options of `x -> h`."""
