"""The data of a run: those that the spec names, or a file from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nngraph.compiler import Compiled
from nngraph.data import DataSet, load
from nngraph.errors import Diagnostic, UsageError
from nngraph.spec.data import CsvData, DataSpec, NpzData
from nngraph.train.ports import ports_of


def load_data(compiled: Compiled, file: Path | None = None) -> DataSet:
    """The data set for a network: the spec's own, or those of a CSV or npz file.

    A file is cut and scaled as the spec's `data` section says, if it has one.

    Errors: DataError, FileError; UsageError where there are no data.
    """
    document = compiled.document
    dtype = document.spec.dtype
    if file is not None:
        spec = spec_for_file(file, document.spec.data)
        return load(spec, ports_of(compiled), file.resolve().parent, dtype=dtype)
    if document.spec.data is None:
        advice = "add a `data` section, or name a file with --data FILE"
        message = f"'{document.source.name}' names no data"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    return load(
        document.spec.data,
        ports_of(compiled),
        document.folder,
        span=document.span,
        dtype=dtype,
    )


def spec_for_file(file: Path, own: DataSpec | None) -> DataSpec:
    """The data section that reads a file; split, scaling and names are those of the spec.

    Errors: UsageError for other endings than .csv and .npz.
    """
    kinds: dict[str, type[CsvData] | type[NpzData]] = {".csv": CsvData, ".npz": NpzData}
    kind = kinds.get(file.suffix.lower())
    if kind is None:
        message = f"'{file}': data are read from .csv and .npz files"
        raise UsageError(Diagnostic(UsageError.default_code, message))
    source: Any = file.suffix.lower()[1:]
    if own is None:
        return kind(source=source, path=file.name)
    shared: dict[str, Any] = {"split": own.split, "normalize": own.normalize}
    if isinstance(own, CsvData | NpzData):  # its names are names of columns of such files
        shared |= {"inputs": own.inputs, "targets": own.targets}
    if isinstance(own, CsvData) and kind is CsvData:
        shared |= {"header": own.header, "delimiter": own.delimiter, "missing": own.missing}
    return kind(source=source, path=file.name, **shared)
