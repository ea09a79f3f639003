"""The words of `normalize`: how the values of inputs and targets are scaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from nngraph.words.base import SpecModel


class NoNormalization(SpecModel):
    """Values stay as they are."""

    kind: Literal["none"] = "none"


class StandardNormalization(SpecModel):
    """(x - mean) / standard deviation of the training part, per column or image channel."""

    kind: Literal["standard"] = "standard"


class MinMaxNormalization(SpecModel):
    """(x - minimum) / (maximum - minimum) of the training part, per column or image channel."""

    kind: Literal["minmax"] = "minmax"


class ScaleNormalization(SpecModel):
    """x / divisor, e.g. 255 for 8-bit images."""

    kind: Literal["scale"] = "scale"
    divisor: Annotated[float, Field(gt=0)]
    """What every value is divided by."""


Normalization = NoNormalization | StandardNormalization | MinMaxNormalization | ScaleNormalization
NormalizationName = Literal["none", "standard", "minmax"]


def _normalization_form(value: Any) -> str:
    if isinstance(value, Mapping):
        return "normalization-options" if "kind" in value else "normalization-by-name"
    return "normalization-options" if isinstance(value, BaseModel) else "normalization-word"


OneNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[
        Annotated[Normalization, Field(discriminator="kind")], Tag("normalization-options")
    ],
    Discriminator(
        lambda value: (
            "normalization-options"
            if isinstance(value, Mapping | BaseModel)
            else "normalization-word"
        )
    ),
]
AnyNormalization = Annotated[
    Annotated[NormalizationName, Tag("normalization-word")]
    | Annotated[Annotated[Normalization, Field(discriminator="kind")], Tag("normalization-options")]
    | Annotated[dict[str, OneNormalization], Tag("normalization-by-name")],
    Discriminator(_normalization_form),
]


def with_options(rule: NormalizationName | Normalization) -> Normalization:
    """The long form of a rule that may be a word."""
    match rule:
        case "none":
            return NoNormalization()
        case "standard":
            return StandardNormalization()
        case "minmax":
            return MinMaxNormalization()
        case _:
            return rule
