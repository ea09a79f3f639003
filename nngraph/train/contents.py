"""What a plain object holds, as JSON and arrays, and back: running figures in a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nngraph.errors import InternalError, ModelFileError, diagnostic
from nngraph.train.feed import Array


def pack(value: Any, name: str, arrays: dict[str, Array]) -> Any:
    """The value as JSON; arrays in it are put into `arrays` under names that begin with `name`.

    >>> pack([1, 0.5, None], "a", {})
    {'list': [1, {'float': '0x1.0000000000000p-1'}, None]}
    """
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return {"float": float(value).hex()}  # to the last bit, and NaN and infinity too
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [pack(item, f"{name}/{k}", arrays) for k, item in enumerate(value)]}
    if type(value).__module__.partition(".")[0] != "nngraph":
        raise InternalError(f"'{name}' is a {type(value).__name__}, which no checkpoint can hold")
    fields = {key: getattr(value, key) for key in _fields(value)}
    return {"fields": {key: pack(item, f"{name}/{key}", arrays) for key, item in fields.items()}}


def unpack(packed: Any, arrays: Mapping[str, Array], fresh: Any) -> Any:
    """The value again; an object is `fresh`, of the same kind, with its fields as they were.

    Errors: ModelFileError where the kinds differ.
    """
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    match kind:
        case "array":
            return arrays[content].copy()
        case "float":
            return float.fromhex(content)
        case "list" | "tuple":
            before = fresh if isinstance(fresh, list | tuple) else ()
            values = [
                unpack(item, arrays, before[k] if k < len(before) else None)
                for k, item in enumerate(content)
            ]
            return values if kind == "list" else tuple(values)
        case "fields" if set(content) == set(_fields(fresh)):
            for key, item in content.items():
                setattr(fresh, key, unpack(item, arrays, getattr(fresh, key)))
            return fresh
    raise ModelFileError(diagnostic("E500:figure"))


def _fields(value: Any) -> Iterator[str]:
    """Names of what an object holds, in slots or not."""
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
    yield from getattr(value, "__dict__", ())
