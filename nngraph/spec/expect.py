"""Unit tests for networks: the words of `expect`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from nngraph.spec.weights import GivenValue
from nngraph.words.base import Shape, SpecModel, value_error

Values = Annotated[dict[str, GivenValue], Field(min_length=1)]


class GivenExpect(SpecModel):
    """For these inputs, these outputs."""

    given: Values
    """Input node -> raw data, before any normalisation."""
    output: Values
    """Any node -> what it must give."""
    within: Annotated[float, Field(ge=0)] = 1e-5
    """Largest absolute difference."""
    trained: bool = False
    """true: only a trained network has to meet it."""


class ShapeExpect(SpecModel):
    """Shapes of nodes, per sample."""

    shape: Annotated[dict[str, Shape], Field(min_length=1)]
    """Node -> extents."""


class ParametersExpect(SpecModel):
    """The number of parameters."""

    parameters: Annotated[int, Field(ge=0)]
    """All weights and biases, shared ones once."""


class MetricExpect(SpecModel):
    """A figure of the trained network."""

    metric: Annotated[str, Field(min_length=1)]
    """Name of the figure: `loss`, a metric, or NODE.METRIC."""
    part: Literal["train", "validation", "test"] = "test"
    """The part of the data."""
    at_least: float | None = None
    """Smallest good value."""
    at_most: float | None = None
    """Largest good value."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> MetricExpect:
        if self.at_least is None and self.at_most is None:
            raise value_error("E107:bound")
        return self


_FORMS: dict[str, str] = {
    "given": "given-form",
    "output": "given-form",
    "within": "given-form",
    "trained": "given-form",
    "shape": "shape-form",
    "parameters": "parameters-form",
    "metric": "metric-form",
    "part": "metric-form",
    "at_least": "metric-form",
    "at_most": "metric-form",
}


def _form(value: Any) -> str:
    keys = type(value).model_fields if isinstance(value, BaseModel) else value
    if not isinstance(keys, dict):
        return "given-form"
    return next((_FORMS[key] for key in keys if key in _FORMS), "given-form")


ExpectSpec = Annotated[
    Annotated[GivenExpect, Tag("given-form")]
    | Annotated[ShapeExpect, Tag("shape-form")]
    | Annotated[ParametersExpect, Tag("parameters-form")]
    | Annotated[MetricExpect, Tag("metric-form")],
    Discriminator(_form),
]
"""One expectation, told apart by its keys."""
