"""The data of a run: those that the spec names, or a file from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nngraph.data import DataSet, apply_normalizers, load_data_set
from nngraph.errors import DataError, UsageError, diagnostic, join_words
from nngraph.spec import Document
from nngraph.spec.overrides import NAME as OVERRIDES
from nngraph.train.feed import Rows
from nngraph.train.learner import Learner
from nngraph.train.ports import ports_of
from nngraph.words.data_keys import LOCATIONS, SplitSpec
from nngraph.words.sources import SOURCES, DataSpec


@dataclass(frozen=True, slots=True)
class DataPlace:
    """What the command line says about where data lie: `file` takes the place of the spec's."""

    file: Path | None = None

    def moved(self, file: str | Path | None = None) -> DataPlace:
        """The same, but for what is said anew."""
        return DataPlace(self.file if file is None else Path(file))

    def resolved(self) -> DataPlace:
        """The same with an absolute path, so that it holds in any current folder."""
        return DataPlace(None if self.file is None else self.file.resolve())


HERE = DataPlace()


def path_override(document: Document) -> str:
    """`data.path=...` with an absolute path, where -s set it; "" where the spec's own stands.

    A run keeps it: its data lie where the command line said, not beside its spec.
    """
    for key in LOCATIONS:
        value = getattr(document.spec.data, key, None)
        if value is not None and document.span("data", key).source.name == OVERRIDES:
            return f"data.{key}={json.dumps(str(Path(value).expanduser().resolve()))}"
    return ""


def load_data(learner: Learner, place: DataPlace = HERE) -> DataSet:
    """The data set for a network: the spec's own, or those of a CSV or npz file.

    A file is cut and scaled as the spec's `data` section says, if it has one. Scaling is fitted
    anew on the training part, which for the data of a run gives what it was.

    Errors: DataError, FileError; UsageError where there are no data.
    """
    network = learner.network
    document = network.document
    ports = ports_of(network, learner.labels, learner.normalizers)
    dtype = document.spec.dtype
    if place.file is not None:
        spec = spec_for_file(place.file, document.spec.data)
        with _naming(place.file):
            return load_data_set(spec, ports, place.file.resolve().parent, dtype=dtype)
    if document.spec.data is None:
        raise UsageError(diagnostic("E002:no-data", spec=document.source.name))
    spec = document.spec.data
    root, span = document.data_root, document.span
    return load_data_set(spec, ports, document.folder, data_root=root, span=span, dtype=dtype)


def load_rows(learner: Learner, file: Path) -> Rows:
    """All rows of a CSV or npz file, scaled and encoded as the network has learnt it.

    Errors: as `load_data`.
    """
    network = learner.network
    own = spec_for_file(file, network.document.spec.data)
    plain = {"split": SplitSpec(), "normalize": "none", "augment": (), "sample_weight": None}
    spec = own.model_copy(update=plain)
    ports = ports_of(network, learner.labels, learner.normalizers)
    with _naming(file):
        part = load_data_set(spec, ports, file.resolve().parent, dtype="float64").parts["train"]
    scales, dtype = learner.normalizers, network.dtype
    turned = replace(scales, inputs=scales.targets)
    return Rows.of(
        apply_normalizers(scales, part.inputs, dtype),
        apply_normalizers(turned, part.targets, dtype),
    )


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Data errors without a place of their own name the file of the command line."""
    try:
        yield
    except DataError as error:
        named = [
            d if d.span is not None else replace(d, message=f"'{file}': {d.message}")
            for d in error.diagnostics
        ]
        raise DataError(*named, hidden=error.hidden) from error


def spec_for_file(file: Path, own: DataSpec | None) -> DataSpec:
    """The data section that reads a file; split, scaling and names are those of the spec.

    Errors: UsageError for files of an ending that no source reads.
    """
    readers = [row for row in SOURCES if row.suffix]
    suffix = file.suffix.lower()
    row = next((row for row in readers if row.suffix == suffix), None)
    if row is None:
        read = join_words([row.suffix for row in readers])
        raise UsageError(diagnostic("E002:data-file", file=file, suffixes=read))
    if isinstance(own, row):
        return own.model_copy(update={"path": file.name})
    shared: dict[str, Any] = {}
    if own is not None:
        shared = {"split": own.split, "normalize": own.normalize, "augment": own.augment}
    if own is not None and own.suffix:  # its names are names of columns of such files
        shared |= {"inputs": own.inputs, "targets": own.targets}
        shared["sample_weight"] = own.sample_weight
    return row.model_validate({"source": row.word(), "path": file.name, **shared})
