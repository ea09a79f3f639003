"""The activations as they are read: one class for all that have no options, one for each other."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from nngraph.words.activations import ACTIVATIONS as ROWS
from nngraph.words.base import ChosenBy, by_name
from nngraph.words.row import Activation as ActivationRow
from nngraph.words.row import ActivationOptions

if TYPE_CHECKING:
    PlainName: TypeAlias = str
else:
    PlainName = Literal[tuple(row.name for row in ROWS if row.options is None)]


class PlainActivation(ActivationOptions):
    """An activation without options; softmax and log_softmax act over the last axis."""

    kind: PlainName = "identity"


ACTIVATION_ROWS: Mapping[str, ActivationRow] = {row.name: row for row in ROWS}
"""The vocabulary by name."""

ACTIVATIONS: tuple[str, ...] = tuple(ACTIVATION_ROWS)
"""Every activation by name."""

_MODELS = (PlainActivation, *(row.options for row in ROWS if row.options is not None))

if TYPE_CHECKING:
    Activation: TypeAlias = ActivationOptions
else:
    Activation = Annotated[reduce(or_, _MODELS), ChosenBy("kind"), by_name(*ACTIVATIONS)]
    """A name, or a mapping with `kind` and the options of that activation."""
