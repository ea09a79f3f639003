"""The data of a run: those that the spec names, or a file from the command line.

A network that has learnt reads them as the data before taught it: classes, categories, scaling.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.data import DataSet, Normalizers, load_data_set, read_scaled
from nngraph.data.columns import DataPlaces
from nngraph.data.sources.opening import open_source
from nngraph.errors import (
    DataError,
    Diagnostic,
    FileError,
    OtherDataWarning,
    UsageError,
    diagnostic,
    join_words,
)
from nngraph.network import Network
from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.train.ports import NO_LABELS, UNLEARNT, Labels, ports_of
from nngraph.words.data_keys import SplitSpec
from nngraph.words.sources import SOURCES, DataSpec

if TYPE_CHECKING:
    from nngraph.train.feed import Rows
    from nngraph.train.learner import Learner


@dataclass(frozen=True, slots=True)
class DataPlace:
    """What the command line says about where data lie: `file` takes the place of the spec's.

    `run` is the run folder whose data they are, None for those of a spec, and `digest` that of the
    data that it was trained on, "" where it is unknown or others are meant.
    """

    file: Path | None = None
    run: Path | None = None
    digest: str = ""

    def moved(self, file: str | Path | None = None) -> DataPlace:
        """The same, but for what is said anew."""
        return self if file is None else DataPlace(Path(file), self.run)


HERE = DataPlace()


def read_data(
    network: Network,
    place: DataPlace = HERE,
    labels: Labels = NO_LABELS,
    learnt: Normalizers = UNLEARNT,
) -> DataSet:
    """The data set for a network: the spec's own, or those of a CSV or npz file.

    A file is cut and scaled as the spec's `data` section says, if it has one. Scaling is fitted
    anew on the training part, which for the data of a run gives what it was; `labels` and `learnt`
    are what a run knows of classes and categories.

    Errors: DataError, FileError; UsageError where there are no data.
    """
    document = network.document
    ports, dtype = ports_of(network, labels, learnt), document.spec.dtype
    spec = data_spec(document, place)
    root, span = document.data_root, document.span
    with _of_a_run(place):
        if place.file is not None:
            file = _found(place.file, root)
            with naming(file):
                return load_data_set(spec, ports, file.resolve().parent, dtype=dtype)
        return load_data_set(
            spec,
            ports,
            document.folder,
            data_root=root,
            span=span,
            key_span=document.key_span,
            dtype=dtype,
        )


def _found(file: Path, root: Path | None) -> Path:
    """A file of the command line, or the one of its name in the second folder if only that is."""
    second = file if root is None else root / file.name
    return second if second.exists() and not file.exists() else file


@contextmanager
def _of_a_run(place: DataPlace) -> Iterator[None]:
    """Where the data of a run are missing, the next step is to say where they lie now."""
    try:
        yield
    except FileError as error:
        if place.run is None:
            raise
        told = (d if d.code != "E801" else _with_next_step(d) for d in error.diagnostics)
        raise FileError(*told) from error


def _with_next_step(problem: Diagnostic) -> Diagnostic:
    end = " " if problem.help.endswith("?") else "; "
    nearby = f"{problem.help}{end}" if problem.help else ""
    told = diagnostic("E801:data-of-run", message=problem.message, nearby=nearby)
    return replace(problem, help=told.help)


def open_data(document: Document) -> None:
    """Open the source of the spec's data, and no more. Errors: DataError, FileError."""
    if (spec := document.spec.data) is not None:
        open_source(spec, document.folder, document.data_root, DataPlaces(document.span))


def data_spec(document: Document, place: DataPlace = HERE) -> DataSpec:
    """The data section that holds: the spec's own, or that for the file of the command line.

    Errors: UsageError where there are no data, or the file is of another kind.
    """
    if place.file is not None:
        return _spec_for_file(place.file, document.spec.data)
    if document.spec.data is None:
        raise UsageError(diagnostic("E002:no-data", spec=document.source.name))
    return document.spec.data


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Data errors without a place of their own name the file of the command line."""
    try:
        yield
    except DataError as error:
        named = [
            d if d.span is not None else replace(d, message=f"'{file}': {d.message}")
            for d in error.diagnostics
        ]
        raise DataError(*named, hidden=error.hidden) from error


def _spec_for_file(file: Path, own: DataSpec | None) -> DataSpec:
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


# ---- for a network that has learnt


def load_data(learner: Learner, place: DataPlace = HERE) -> DataSet:
    """The data set for a network: the spec's own, or those of a CSV or npz file.

    A run that finds others than it was trained on says so (`OtherDataWarning`).

    Errors: as `read_data`.
    """
    data = read_data(learner.network, place, learner.labels, learner.normalizers)
    if place.digest and data.digest != place.digest:
        spec = data_spec(learner.document, place)
        where = place.file or getattr(spec, "path", None) or f"the source '{spec.source}'"
        text = diagnostic("E506:other-data", run=place.run, where=where).message
        warnings.warn(text, OtherDataWarning, stacklevel=2)
    return data


def load_rows(learner: Learner, file: Path) -> Rows:
    """All rows of a CSV or npz file, scaled and encoded as the network has learnt it.

    Errors: as `read_data`.
    """
    from nngraph.train.feed import Rows  # whoever only checks data needs no loop

    network = learner.network
    own = _spec_for_file(file, network.document.spec.data)
    plain = {"split": SplitSpec(), "normalize": "none", "augment": (), "sample_weight": None}
    spec = own.model_copy(update=plain)
    ports = ports_of(network, learner.labels, learner.normalizers)
    with naming(file):
        part = load_data_set(spec, ports, file.resolve().parent, dtype="float64").parts["train"]
    scales, dtype = learner.normalizers, network.dtype
    return Rows.of(
        read_scaled(scales.inputs, part.inputs, dtype),
        read_scaled(scales.targets, part.targets, dtype),
    )
