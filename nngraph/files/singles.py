"""Many arrays of one number each in one file: their numbers as one array, their names as another.

The header of a .safetensors file has an entry for every array; for 100,000 single weights it is ten
times as long as the numbers, and costs seconds to write and to read. A packed group is told in the
metadata, under "packed", as [prefix, array of names, array of numbers, shape of each]; the names,
UTF-8 with a line feed between them, follow the prefix. Groups of the same names share their array.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]

PACKED = "packed"
FEWEST = 1_000
"""Below so many of a kind each stands by its own name, as other programs find it."""


def pack_singles(arrays: Mapping[str, AnyArray]) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """The arrays with long groups of single numbers packed, and the metadata that tell of them."""
    if len(arrays) < FEWEST or any(name.startswith(f"{PACKED}/") for name in arrays):
        return dict(arrays), {}
    rest = dict(arrays)
    blocks: dict[bytes, str] = {}
    told = []
    for number, ((prefix, dtype, shape), names) in enumerate(_groups(arrays)):
        content = b"".join([rest.pop(name).tobytes() for name in names])
        text = "\n".join([name[len(prefix) :] for name in names]).encode()
        named = blocks.setdefault(text, f"{PACKED}/{number}/names")
        rest[named] = np.frombuffer(text, np.uint8)
        rest[values := f"{PACKED}/{number}/numbers"] = np.frombuffer(content, dtype)
        told.append([prefix, named, values, list(shape)])
    return rest, {PACKED: json.dumps(told, separators=(",", ":"))} if told else {}


_Group = tuple[str, np.dtype[Any], tuple[int, ...]]


def _groups(arrays: Mapping[str, AnyArray]) -> list[tuple[_Group, list[str]]]:
    """Names of single numbers in order, by what stands before the first "/", dtype and shape."""
    found: dict[_Group, list[str]] = {}
    for name in sorted(arrays):
        array = arrays[name]
        if array.size == 1 and "\n" not in name:
            prefix = name[: name.find("/") + 1]
            found.setdefault((prefix, array.dtype, array.shape), []).append(name)
    return [(group, names) for group, names in found.items() if len(names) >= FEWEST]


def packed_names(metadata: Mapping[str, str]) -> set[str]:
    """The names of the arrays that hold others. Errors: as `unpack_singles`."""
    told = json.loads(metadata.get(PACKED, "[]"))
    return {name for _, *pair, _ in told for name in pair}


def unpack_singles(
    arrays: Mapping[str, AnyArray], metadata: Mapping[str, str]
) -> dict[str, AnyArray]:
    """The arrays as they were before `pack_singles`; packed ones are views.

    Errors: ValueError, KeyError, TypeError for what is not of this form.
    """
    inner = packed_names(metadata)
    found = {name: array for name, array in arrays.items() if name not in inner}
    for prefix, named, numbers, shape in json.loads(metadata.get(PACKED, "[]")):
        names = arrays[named].tobytes().decode().split("\n")
        rows = arrays[numbers].reshape(len(names), *shape)
        if rows.size != len(names):
            raise ValueError("a packed array is longer than its names")
        before = len(found)
        found.update(zip([prefix + name for name in names], _each(rows), strict=True))
        if len(found) != before + len(names):
            raise ValueError("two packed arrays have one name")
    return found


def _each(rows: AnyArray) -> list[AnyArray]:
    """Each number as an array of its own: a row of numbers gives scalars, which are none."""
    if rows.ndim > 1:
        return list(rows)
    return [rows[at : at + 1].reshape(()) for at in range(len(rows))]
