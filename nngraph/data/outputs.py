"""Outputs of `predict -o FILE`: csv, npz or npy."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from nngraph.data.columns import names_of_elements
from nngraph.errors import UsageError, diagnostic
from nngraph.files import write_atomically, write_npy, write_npz

AnyArray = NDArray[Any]


def write_outputs(path: Path, outputs: Mapping[str, AnyArray]) -> None:
    """Write outputs [rows, ...] by name; in csv a column is called `y`, or `y[0]`, `y[1]`, ...

    Errors: UsageError for another kind of file, or several outputs for one npy; FileError when it
    cannot be written.
    """
    match path.suffix.lower():
        case ".npz":
            write_npz(path, outputs)
        case ".npy" if len(outputs) == 1:
            write_npy(path, next(iter(outputs.values())))
        case ".npy":
            raise UsageError(diagnostic("E002:npy", file=path.name, count=len(outputs)))
        case ".csv":
            write_atomically(path, csv_text(outputs).encode())
        case other:
            what = repr(other) if other else "a file without an extension"
            raise UsageError(diagnostic("E002:outputs", file=path.name, suffix=what))


def csv_text(outputs: Mapping[str, AnyArray]) -> str:
    """Outputs as csv with a header; every number with the digits that bring it back exactly."""
    names = [
        name for key, array in outputs.items() for name in names_of_elements(key, array.shape[1:])
    ]
    columns = [array.reshape(len(array), -1) for array in outputs.values()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for rows in zip(*columns, strict=True):
        writer.writerow([_number(value) for row in rows for value in row])
    return text.getvalue()


def _number(value: Any) -> str:
    # str of a NumPy scalar is its shortest exact form in its own precision
    return str(value.item() if value.dtype.kind in "biu" else value)
