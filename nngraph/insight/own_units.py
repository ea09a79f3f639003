"""Values as they are in the data: numbers before they were scaled, classes by their names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Normalizer, Port, Values
from nngraph.data.normalizers import Scaled

Array = NDArray[Any]
Floats = NDArray[np.float64]
PLAIN = Normalizer("none")


def in_own_units(scale: Normalizer, values: Array) -> Floats:
    """Values as they were before they were scaled, to as many digits as their type holds.

    What was 0 would else come back from float32 as -8.157e-9.
    """
    found = scale.invert(values)
    if scale.kind == "none" or values.dtype.kind != "f":
        return found
    largest = np.maximum(np.abs(scale.shift), np.abs(scale.scale))
    places = -np.ceil(np.log10(4 * np.finfo(values.dtype).eps * largest))
    power = 10.0 ** np.abs(places)  # exact, where one below 1 would not be
    down = np.where(places >= 0, np.rint(found * power) / power, np.rint(found / power) * power)
    return np.asarray(down + 0.0)  # no -0


def class_names(port: Port, data: DataSet, count: int) -> tuple[str, ...]:
    """Names of the classes of a target: the spec's, those of the data, or numbers."""
    known = port.labels or data.labels.get(port.name)
    if known is not None and len(known) == count:
        return known
    return tuple(map(str, range(count)))


def codes_of_classes(port: Port, values: Values) -> NDArray[np.int64]:
    """The class of each sample (of each pixel for masks), from encoded targets."""
    if isinstance(values, Scaled):
        return np.concatenate([codes_of_classes(port, rows) for rows in values.chunks()])
    if port.kind == "classes":
        codes: NDArray[np.int64] = values.argmax(axis=-1)
        return codes
    middle = 0.0 if values.size and values.min() < 0 else 0.5
    return (values > middle).astype(np.int64)


def holds_shares(port: Port, values: Values) -> bool:
    """Whether a target of yes and no has values between the two."""
    if port.kind != "binary":
        return False
    if isinstance(values, Scaled):
        return any(holds_shares(port, rows) for rows in values.chunks())
    return not bool(np.isin(values, (0, 1)).all())


def sample_classes(port: Port) -> int:
    """How many classes a target tells apart."""
    return port.shape[-1] if port.kind == "classes" else 2


def has_class(port: Port) -> bool:
    """Whether a target is one class per sample."""
    return (port.kind == "classes" and len(port.shape) == 1) or (
        port.kind in ("binary", "signs", "yes_or_no") and port.size == 1
    )
