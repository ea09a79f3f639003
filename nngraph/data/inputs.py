"""Inputs for `predict --input FILE`: csv, npz, npy, and png or jpeg for image inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.arrays import array_column, npz_table
from nngraph.data.assembling import fill_missing
from nngraph.data.columns import DataPlaces, Table, nowhere
from nngraph.data.dataset import Port
from nngraph.data.encoding import input_values
from nngraph.data.matching import Match, match_port
from nngraph.data.picture_inputs import is_picture_set, pictures_at, read_pictures
from nngraph.data.sources.csv import csv_inputs
from nngraph.errors import (
    DataError,
    Diagnostics,
    ModelFileError,
    UsageError,
    diagnostic,
    join_words,
)
from nngraph.files import read_array
from nngraph.words.data_keys import Missing
from nngraph.words.sources import DataSpec

Floats = NDArray[np.float64]

OTHER_PICTURES = (".gif", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".ppm", ".pgm")


def brightest(spec: DataSpec | None) -> float:
    """What white is among the raw values of an image, where black is 0: as in files, or as the
    source says."""
    return 255.0 if spec is None or spec.white is None else spec.white


def read_inputs(
    path: Path, ports: Sequence[Port], spec: DataSpec | None = None, *, resize: bool = False
) -> dict[str, Floats]:
    """The inputs of a file, float64[rows, *shape], not yet scaled.

    Columns are found by the names that the network learnt, by `spec.inputs`, by the input's name
    (or `x[0]`, `x[1]`, ...); a single input may also take all columns of a csv file without names,
    in their order. A picture is one sample of a single image input; with `resize` it
    is brought to its size, and to grey or colour, whatever it has.

    Errors: FileError for a missing file; DataError for a damaged one or one that does not fit;
    UsageError for another kind of file.
    """
    # names in a column are categories where the network learnt them, else mistakes
    ports = [replace(port, columns=port.columns or ()) for port in ports if port.role == "input"]
    suffix = path.suffix.lower()
    if is_picture_set(path):
        return _pictures(path, ports, spec, resize)
    if resize:
        raise UsageError(diagnostic("E002:resize", file=path.name))
    match suffix:
        case ".npy":
            return _single_array(path, ports)
        case ".npz":
            return _columns(npz_table(path, path.name, nowhere), ports, spec)
        case ".csv" | ".tsv" | ".txt":
            return _columns(csv_inputs(path, spec, _missing(ports)), ports, spec)
        case other:
            raise _other_kind(path, other)


def _other_kind(path: Path, suffix: str) -> UsageError:
    key = "E002:other-picture" if suffix in OTHER_PICTURES else "E002:inputs"
    what = repr(suffix) if suffix else "a file without an extension"
    return UsageError(diagnostic(key, file=path.name, suffix=what))


def _missing(ports: Sequence[Port]) -> Missing:
    return "mean" if any(port.fill is not None for port in ports) else "error"


def _columns(table: Table, ports: Sequence[Port], spec: DataSpec | None) -> dict[str, Floats]:
    inputs = {match.port.name: values for match, values in read_columns(table, ports, spec)}
    _check_rows(inputs)
    return inputs


def read_columns(
    table: Table, ports: Sequence[Port], spec: DataSpec | None
) -> list[tuple[Match, Floats]]:
    """The columns of a table that each input takes, and its values, float64[rows, *shape].

    The columns are those that the network learnt from; where none are known, those that the spec
    names, or all of them for a single input.

    Errors: DataError for columns that are missing, and for cells that do not fit.
    """
    found, alone = Diagnostics(DataError), len(ports) == 1
    inputs: list[tuple[Match, Floats]] = []
    for port in ports:
        with found.collecting():
            match = match_port(
                port, _entry(table, port, spec, alone), table, DataPlaces(), alone=alone
            )
            inputs.append((match, _as_floats(match)))
    found.raise_if_any()
    return inputs


def _entry(
    table: Table, port: Port, spec: DataSpec | None, alone: bool
) -> str | tuple[str, ...] | None:
    """The names of the columns of an input, None where its own name or their order tells them."""
    learnt = tuple(column.name for column in port.named_columns)
    has_its_own = table.find(port.name) is not None or bool(table.elements(port.name))
    if learnt and table.is_named and (not has_its_own or set(learnt) & set(table.names)):
        return learnt
    entry = spec.inputs.get(port.name) if spec is not None else None
    if entry is None and alone and not has_its_own:
        return _features(table, port, spec)
    return entry


def _features(table: Table, port: Port, spec: DataSpec | None) -> tuple[str, ...] | None:
    """The feature names of the set that the network was trained on, if all are there."""
    features = spec.columns_of_x if spec is not None else ()
    is_there = bool(features) and set(features) <= set(table.names)
    return features if is_there and len(features) == port.size else None


def _as_floats(match: Match) -> Floats:
    fill = match.port.fill
    values = input_values(match, allow_missing=fill is not None).astype(np.float64)
    return values if fill is None else fill_missing(values, fill)


def _check_rows(inputs: dict[str, Floats]) -> None:
    counts = {name: len(values) for name, values in inputs.items()}
    if len(set(counts.values())) > 1:
        listed = join_words([f"'{name}' has {count:,}" for name, count in counts.items()])
        raise DataError(diagnostic("E411:inputs", rows=listed))


def _single_array(path: Path, ports: Sequence[Port]) -> dict[str, Floats]:
    port = _only(ports, path)
    try:
        values = read_array(path)
    except ModelFileError as error:
        cause = error.diagnostics[0]
        raise DataError(diagnostic("E401:array", problem=cause.message, help="")) from error
    return {port.name: _as_floats(Match(port, (_array(path, values),)))}


def _array(path: Path, values: NDArray[Any]) -> Any:
    return array_column(path.stem, values, path.name, nowhere)


def _pictures(
    path: Path, ports: Sequence[Port], spec: DataSpec | None, resize: bool
) -> dict[str, Floats]:
    port, files = _only(ports, path), pictures_at(path)
    pixels = read_pictures(files, port, spec, resize=resize)
    values = pixels.astype(np.float64) * (brightest(spec) / 255.0)
    shown = Path(files[0].shown)
    return {port.name: _as_floats(Match(port, (_array(shown, values),)))}


def _only(ports: Sequence[Port], path: Path) -> Port:
    if len(ports) == 1:
        return ports[0]
    names = join_words([f"'{port.name}'" for port in ports])
    raise UsageError(diagnostic("E002:one-array", file=path.name, inputs=names))
