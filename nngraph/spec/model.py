"""The whole file as one model."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from nngraph.spec.ends import End, EndError, read_end
from nngraph.spec.expect import ExpectSpec
from nngraph.spec.losses import Losses
from nngraph.spec.nodes import Node
from nngraph.spec.training import TrainSpec
from nngraph.words.base import ShortForm, SpecModel, type_error, value_error
from nngraph.words.sources import DataSpec

DType = Literal["float32", "float64"]


def _end(value: Any) -> End:
    if isinstance(value, End):
        return value
    if not isinstance(value, str):
        raise type_error("the id of a node, e.g. `y` or `h[0:3]`", value)
    try:
        return read_end(value)
    except EndError as error:
        inside, help = (error.start, error.stop), error.help
        raise value_error("E107:told", inside=inside, message=error.message, help=help) from error


def _ends(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


Ends = Annotated[
    tuple[Annotated[End, PlainValidator(_end), WithJsonSchema({"type": "string"})], ...],
    Field(min_length=1),
    ShortForm(_ends, {"type": "string"}),
]


def _source(value: Any) -> Any:
    return {"source": value} if isinstance(value, str) else value


Data = Annotated[DataSpec, ShortForm(_source, {"type": "string"})]


class Spec(SpecModel):
    """A network, how it is trained, and what it is expected to do. Its edges are in `Document`."""

    nngraph: Literal[1]
    """Version of the language."""
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] | None = None
    """Name of the network, also of its run folders: letters, digits, `_`, `-` and `.`; by default
    the file's."""
    description: str = ""
    """Free text."""
    dtype: DType = "float32"
    """Precision of all arrays."""
    nodes: dict[str, Node] = Field(default_factory=dict)
    """Id -> node."""
    outputs: Ends | None = None
    """What the network returns; by default the nodes without an outgoing edge."""
    loss: Losses = ()
    """What training makes small."""
    data: Data | None = None
    """Where samples come from."""
    train: TrainSpec | None = None
    """How the network is trained."""
    expect: tuple[ExpectSpec, ...] = ()
    """Unit tests for the network."""
