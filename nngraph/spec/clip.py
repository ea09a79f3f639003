"""Bounds for the gradient: the words of `clip`."""

from typing import Annotated, Any, Self

from pydantic import GetCoreSchemaHandler, model_validator
from pydantic_core import core_schema

from nngraph.words.base import Positive, SpecModel, value_error


class Clip(SpecModel):
    """Bounds for the gradient, applied before everything else the optimiser does."""

    norm: Positive | None = None
    """The whole gradient is shortened to at most this length."""
    value: Positive | None = None
    """Each number of the gradient is cut to between -value and value; before `norm`."""

    @model_validator(mode="after")
    def _clips_something(self) -> Self:
        if self.norm is None and self.value is None:
            raise value_error("E107:clip")
        return self


class _Bounds:
    """Says how a bound is written where a number alone stands."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_clip, handler(source))


def _clip(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise value_error("E107:clip-number", number=value)
    return value


ClipValue = Annotated[Clip, _Bounds()]
"""Bounds for the gradient."""
