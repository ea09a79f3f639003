"""Scaling: fitted on the training part, kept with the run, applied again to new inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import DataError, Diagnostic, diagnostic
from nngraph.ir import LARGEST

AnyArray = NDArray[Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Normalizer:
    """y = (x - shift) / scale; one value for all, or one for each place of the last axis."""

    kind: str
    shift: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)

    def apply(self, values: AnyArray) -> Floats:
        """Scaled values, float64."""
        x: Floats = values.astype(np.float64)
        if self.kind != "none":
            x = (x - np.array(self.shift)) / np.array(self.scale)
        return x

    def invert(self, values: AnyArray) -> Floats:
        """The values before scaling, float64: y * scale + shift."""
        y: Floats = values.astype(np.float64) * np.array(self.scale) + np.array(self.shift)
        return y


@dataclass(frozen=True, slots=True)
class Normalizers:
    """What the training part taught about values: the fitted normalisers of all inputs and targets
    by name, the `categories` of columns of names, by input and column, and what `fills` the missing
    values of an input: the means of the training rows, one for each value of a sample."""

    inputs: Mapping[str, Normalizer] = field(default_factory=dict)
    targets: Mapping[str, Normalizer] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    fills: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data for a JSON file; floats survive exactly."""
        scales: dict[str, Any] = {
            role: {
                name: {"kind": n.kind, "shift": list(n.shift), "scale": list(n.scale)}
                for name, n in normalizers.items()
            }
            for role, normalizers in (("inputs", self.inputs), ("targets", self.targets))
        }
        names = {
            name: {column: list(known) for column, known in columns.items()}
            for name, columns in self.categories.items()
        }
        fills = {name: list(values) for name, values in self.fills.items()}
        more = {"categories": names, "fills": fills}
        return {**scales, **{key: value for key, value in more.items() if value}}

    @staticmethod
    def from_json(stored: Mapping[str, Any]) -> Normalizers:
        """What `to_json` wrote."""
        inputs, targets = (
            {
                name: Normalizer(str(n["kind"]), _floats(n["shift"]), _floats(n["scale"]))
                for name, n in stored[role].items()
            }
            for role in ("inputs", "targets")
        )
        categories = {
            name: {column: tuple(map(str, known)) for column, known in columns.items()}
            for name, columns in stored.get("categories", {}).items()
        }
        fills = {name: _floats(values) for name, values in stored.get("fills", {}).items()}
        return Normalizers(inputs, targets, categories, fills)


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def apply_normalizers(
    normalizers: Normalizers, inputs: Mapping[str, AnyArray], dtype: str = "float64"
) -> dict[str, AnyArray]:
    """New inputs [n, ...] scaled like the training data; a name without a normaliser stays.

    Errors: as `scaled_rows`.
    """
    unscaled = Normalizer("none")
    return {
        name: scaled_rows(normalizers.inputs.get(name, unscaled), np.asarray(values), dtype, name)
        for name, values in inputs.items()
    }


def scaled_rows(scale: Normalizer, values: AnyArray, dtype: str, name: str) -> AnyArray:
    """Finite values [n, ...] of an input or target, scaled, in the network's type.

    Errors: DataError for a value that the type cannot hold, with its row.
    """
    try:
        with np.errstate(over="raise"):
            return scale.apply(values).astype(dtype)
    except FloatingPointError:
        raise DataError(_beyond(scale, values, dtype, name)) from None


def _beyond(scale: Normalizer, values: AnyArray, dtype: str, name: str) -> Diagnostic:
    with np.errstate(over="ignore"):
        fits = np.isfinite(scale.apply(values).astype(dtype)).reshape(len(values), -1)
    row, place = map(int, np.argwhere(~fits)[0])
    return diagnostic(
        "E406:array",
        name=name,
        value=f"{float(values.reshape(len(values), -1)[row, place]):.8g}",
        row=f" (row {row}, counted from 0)" if len(values) > 1 else "",
        scaled=", scaled," if scale.kind != "none" else "",
        dtype=dtype,
        largest=f"{LARGEST[dtype]:.8g}",
    )
