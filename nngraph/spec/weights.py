"""Values of weights and biases: numbers, nested lists, files."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import core_schema

from nngraph.words.base import (
    ShortForm,
    SpecModel,
    not_finite,
    see,
    type_error,
    value_error,
)
from nngraph.words.inits import AnyInit

if TYPE_CHECKING:
    Nested = tuple["float | Nested", ...]
    GivenNested = tuple["float | str | GivenNested", ...]
else:
    # validated by hand below; pydantic would only be puzzled by the recursion
    Nested = GivenNested = tuple
"""Lists of numbers (or texts), possibly in lists."""


class FileWeight(SpecModel):
    """An array in a file beside the spec."""

    file: Annotated[str, Field(min_length=1)]
    """A .npz or .safetensors file inside the folder of the spec."""
    key: str | None = None
    """Name of the array in the file; not needed where the file holds only one."""

    @property
    def name(self) -> str:
        """What tells it from the other arrays of a spec."""
        return f"{self.file}:{self.key or ''}"


HAND_WRITTEN_DEFS: Mapping[str, Mapping[str, Any]] = {
    "Numbers": {
        "description": "A number, or lists of numbers, all lists of one level equally long.",
        "anyOf": [{"type": "number"}, {"type": "array", "minItems": 1, "items": see("Numbers")}],
    },
    "Given": {
        "description": "Raw data for one sample: a number, a class name, or lists of these.",
        "anyOf": [
            {"type": ["number", "string", "boolean"]},
            {"type": "array", "items": see("Given")},
        ],
    },
}
"""The parts of the JSON Schema that are recursive, and so written by hand."""


class NumbersOrFile:
    """Validates a number, nested lists of numbers, or `{file, key}`.

    By hand, because a union of these would tell one mistake three times.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Mappings go to `FileWeight`, the rest is looked at here."""
        file_schema = handler.generate_schema(FileWeight)

        def validate(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            if isinstance(value, Mapping | FileWeight):
                return inner(value)
            return numbers(value)

        return core_schema.no_info_wrap_validator_function(validate, file_schema)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Either form."""
        return {"anyOf": [see("Numbers"), handler(schema)]}


def numbers(value: Any) -> float | Nested:
    """The number as a float, or the lists as tuples of floats.

    Errors: not a number, not finite, lists of unequal length; each with the place in `at`.
    """
    if not isinstance(value, list | tuple):
        return _number(value, ())
    return _nested(value, (), [])


def _number(value: Any, at: tuple[int, ...]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise type_error("a number", value, at)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise not_finite(value, at)
    return number


def _nested(values: Any, at: tuple[int, ...], lengths: list[int]) -> Nested:
    level = len(at)
    if level == len(lengths):
        lengths.append(len(values))
        if not values:
            raise value_error("E107:empty-list", at=at)
    elif lengths[level] != len(values):
        raise value_error("E107:ragged", at=at, length=len(values), others=lengths[level])
    out: list[Any] = []
    for index, item in enumerate(values):
        is_list = isinstance(item, list | tuple)
        if is_list != isinstance(values[0], list | tuple):
            raise value_error("E107:mixed", at=(*at, index))
        place = (*at, index)
        out.append(_nested(item, place, lengths) if is_list else _number(item, place))
    return tuple(out)


def _given_value(value: Any) -> Any:
    """Raw data for one sample: a number, a truth value, a text, or lists of these."""
    if isinstance(value, list | tuple):
        return tuple(_given_value(item) for item in value)
    if isinstance(value, bool | str):
        return float(value) if isinstance(value, bool) else value
    return _number(value, ())


GivenValue = Annotated[
    float | str | GivenNested, PlainValidator(_given_value), WithJsonSchema(see("Given"))
]
"""Raw data for one sample."""

WeightValue = Annotated[float | Nested | FileWeight, NumbersOrFile()]
"""A number (fills), nested lists, or `{file, key}`."""


def shape_of(value: float | Nested) -> tuple[int, ...]:
    """Extents of nested lists; a number has none.

    >>> shape_of(((1.0, 2.0, 3.0),))
    (1, 3)
    """
    shape: list[int] = []
    while isinstance(value, tuple):
        shape.append(len(value))
        value = value[0]
    return tuple(shape)


def check_mask(value: Any) -> Any:
    """The mask itself, if all its numbers are 0 or 1."""
    pending: list[tuple[tuple[int, ...], Any]] = [((), value)]
    while pending:
        at, item = pending.pop()
        if isinstance(item, tuple):
            pending += [((*at, index), part) for index, part in enumerate(item)]
        elif isinstance(item, float) and item not in (0.0, 1.0):
            raise value_error("E107:mask", at=at, value=item)
    return value


class ShareRef(SpecModel):
    """The edge whose array is used here too."""

    edge: str
    """Id of the edge that owns the array."""
    transpose: bool = False
    """Use the transposed array, as a tied decoder does."""


def _edge_name(value: Any) -> Any:
    if isinstance(value, str):
        return {"edge": _without_spaces(value)}
    if isinstance(value, dict) and isinstance(value.get("edge"), str):
        return {**value, "edge": _without_spaces(value["edge"])}
    return value


def _without_spaces(edge: str) -> str:
    return "".join(edge.split())


Share = Annotated[ShareRef, ShortForm(_edge_name, {"type": "string"})]
"""Id of an edge, or `{edge, transpose}`."""


class Bias(SpecModel):
    """The weight from a node that is always 1."""

    present: bool = True
    """false: no bias at all."""
    value: Annotated[float | Nested | FileWeight, NumbersOrFile()] | None = None
    """A number (fills), a list with one number per unit, or `{file, key}`; by default 0."""
    init: AnyInit | None = None
    """How the first values are drawn, instead of `value`."""
    trainable: bool = True
    """false: training leaves the bias as it is."""


def _bias(value: Any) -> Any:
    if isinstance(value, bool):
        return {"present": value}
    if isinstance(value, dict) and "file" in value:
        return {"value": value}
    if isinstance(value, dict | Bias):
        return value
    return {"value": value}


BiasValue = Annotated[Bias, ShortForm(_bias, {"anyOf": [{"type": "boolean"}, see("Numbers")]})]
"""true, false, a number, a list, or `{value, init, trainable}`."""
