"""Numbers per spatial axis: sizes, steps and borders of images and sequences."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from nngraph.words.base import ShortForm, Size, value_error

MOST_AXES = 2


def _one_or_many(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(value)
    return value if value is None or isinstance(value, dict) else (value,)


PerAxis = Annotated[
    tuple[Size, ...],
    Field(min_length=1, max_length=MOST_AXES),
    ShortForm(_one_or_many, {"type": "integer", "minimum": 1}),
]
"""A number for all spatial axes, or one for each of them."""


def _pool_size(value: Any) -> Any:
    """`global`, or 1 or more for each axis."""
    if value == "global":
        return value
    items = _one_or_many(value)
    good = isinstance(items, tuple) and 1 <= len(items) <= MOST_AXES
    if not good or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in items):
        raise value_error("E107:pool-size")
    return items


PoolSize = Annotated[
    tuple[int, ...] | Literal["global"],
    PlainValidator(_pool_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["global"]},
                {"type": "integer", "minimum": 1},
                {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1},
                    "minItems": 1,
                    "maxItems": 2,
                },
            ]
        }
    ),
]
"""The size of a window, or the whole image."""

Sides = tuple[tuple[int, int], ...]
"""Pixels before and after, one pair for all spatial axes or one for each of them."""


def _sides(value: Any, words: tuple[str, ...]) -> Any:
    """One of the words, or pairs of whole numbers."""
    if isinstance(value, str) and value in words:
        return value
    items = list(value) if isinstance(value, list | tuple) else [value]
    if not 1 <= len(items) <= MOST_AXES:
        raise value_error("E107:paddings")
    return tuple(
        _side(item, (at,) * isinstance(value, list | tuple)) for at, item in enumerate(items)
    )


def _side(item: Any, at: tuple[int, ...]) -> tuple[int, int]:
    pair = list(item) if isinstance(item, list | tuple) else [item, item]
    good = len(pair) == 2 and all(isinstance(n, int) and not isinstance(n, bool) for n in pair)
    if not good or min(pair) < 0:
        raise value_error("E107:padding", at=at)
    return pair[0], pair[1]


_PIXELS = {"type": "integer", "minimum": 0}
_PAIR = {"type": "array", "items": _PIXELS, "minItems": 2, "maxItems": 2}
_PER_AXIS = {"type": "array", "items": {"anyOf": [_PIXELS, _PAIR]}, "minItems": 1, "maxItems": 2}

Padding = Annotated[
    Literal["valid", "same"] | Sides,
    PlainValidator(lambda value: _sides(value, ("valid", "same"))),
    WithJsonSchema({"anyOf": [{"enum": ["valid", "same"]}, _PIXELS, _PER_AXIS]}),
]
"""valid (none), same, or numbers per side."""

Border = Annotated[
    Sides,
    PlainValidator(lambda value: _sides(value, ())),
    WithJsonSchema({"anyOf": [_PIXELS, _PER_AXIS]}),
]
"""A number for all sides, a number per axis, or `[before, after]` per axis."""
