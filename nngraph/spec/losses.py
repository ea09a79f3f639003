"""The losses as they are read: one class for all that have no options, one for each other."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field

from nngraph.words.base import ShortForm, by_name, see
from nngraph.words.loss_row import LossRow, LossSpec, ValuesLoss
from nngraph.words.losses import LOSSES as ROWS

LOSS_ROWS: Mapping[str, LossRow] = {row.name: row for row in ROWS}
"""The vocabulary by name."""

LOSSES: tuple[str, ...] = tuple(LOSS_ROWS)
"""Every loss by name."""

_PLAIN = tuple(row for row in ROWS if row.options is None)

if TYPE_CHECKING:
    PlainName: TypeAlias = str
else:
    PlainName = Literal[tuple(row.name for row in _PLAIN)]


class PlainLoss(ValuesLoss):
    """A loss without options of its own."""

    kind: PlainName
    """The formula."""


PlainLoss.__doc__ = f"{PlainLoss.__doc__}\n\n" + "; ".join(
    f"{row.name} {row.meaning}" for row in _PLAIN
)

_MODELS = (PlainLoss, *(row.options for row in ROWS if row.options is not None))

if TYPE_CHECKING:
    Loss: TypeAlias = LossSpec
else:
    Loss = Annotated[reduce(or_, _MODELS), Field(discriminator="kind"), by_name(*LOSSES)]
    """A name, or a mapping with `kind` and options."""


def _losses(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Losses = Annotated[
    tuple[Loss, ...],
    Field(min_length=1),
    ShortForm(
        _losses, {"anyOf": [{"enum": list(LOSSES)}, *(see(model.__name__) for model in _MODELS)]}
    ),
]
"""A name, a mapping, or a list of these, summed with their weights."""
