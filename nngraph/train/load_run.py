"""Reading a run folder back: the network as it was trained."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nngraph.errors import (
    FileError,
    ModelFileError,
    NNGraphError,
    UnboundRunWarning,
    diagnostic,
)
from nngraph.files import MANIFEST, bound_exists, bound_path, read_arrays, read_manifest
from nngraph.files.nested import parse_json
from nngraph.network import compile_document
from nngraph.run import Executable
from nngraph.spec import Document, parse_spec
from nngraph.train.data_files import DataPlace
from nngraph.train.feed import Array
from nngraph.train.learner import Learner
from nngraph.train.run_folder import (
    BEST,
    GIVEN,
    RESOLVED,
    SUMMARY,
    WEIGHTS,
    is_before_its_beginning,
    is_run,
    missing_run,
    read_bound,
)
from nngraph.train.stored import Stored, had_manifest, read_stored


def load_run(
    folder: Path, overrides: Sequence[str] = (), data_root: Path | None = None
) -> tuple[Learner, DataPlace]:
    """The trained network of a run folder, and where its data lie.

    `data_root` is a second folder for the files that its spec names, instead of its own.

    Errors: FileError for a missing folder or file; ModelFileError for a damaged one, or one that
    belongs to another network; SpecError for overrides that do not fit.
    """
    document, stored = open_run(folder, overrides, data_root)
    if not bound_exists(folder, WEIGHTS):
        raise FileError(diagnostic("E801:weights", run=folder, file=WEIGHTS))
    network = compile_document(document)
    seed = stored.seed
    path = weights_path(folder)
    try:
        executable = Executable(network, read_weights(path), seed=seed)
    except ModelFileError as error:
        why = error.diagnostics[0].message
        told = diagnostic("E500:misfit", file=path, spec=folder / RESOLVED, why=why)
        raise ModelFileError(told) from error
    learner = Learner(network, executable, seed, stored.normalizers, stored.labels)
    manifest = None if overrides else read_manifest(folder)  # an override may ask for other data
    digest = "" if manifest is None else manifest.facts.get("data", "")
    return learner, replace(stored.place, digest=digest)


def open_run(
    folder: Path, overrides: Sequence[str] = (), data_root: Path | None = None
) -> tuple[Document, Stored]:
    """The spec of a run folder, and what it keeps of its data.

    Errors: FileError for a missing folder or file; ModelFileError for a damaged one; SpecError for
    overrides that do not fit.
    """
    check_is_run(folder)
    check_manifest(folder)
    stored = read_stored(folder)
    root = stored.data_root if data_root is None else data_root
    return _document(folder, stored, overrides, root), stored


def weights_path(folder: Path) -> Path:
    """The weights that a run is used with: the best where early stopping restored them.

    Errors: ModelFileError for weights or a summary that do not hold; FileError.
    """
    is_best = bound_exists(folder, BEST) and bound_exists(folder, SUMMARY) and _uses_best(folder)
    return bound_path(folder, BEST if is_best else WEIGHTS)


def _uses_best(folder: Path) -> bool:
    text = read_bound(folder, SUMMARY)
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        return bool(parse_json(text).get("weights") == "best")
    return False


def check_manifest(folder: Path) -> None:
    """Refuse a run whose manifest is gone; of one that older versions wrote without any, say that
    nothing vouches for it.

    Errors: FileError; ModelFileError for a manifest that does not hold.
    """
    if read_manifest(folder) is not None:
        return
    if had_manifest(folder):
        raise FileError(diagnostic("E801:no-manifest", run=folder, file=MANIFEST))
    text = diagnostic("E506:unbound", run=folder).message
    warnings.warn(text, UnboundRunWarning, stacklevel=2)


def check_is_run(folder: Path) -> None:
    """Refuse what is no run folder. Errors: FileError."""
    if not folder.is_dir():
        raise FileError(missing_run(folder))
    if is_before_its_beginning(folder):
        raise FileError(diagnostic("E801:not-begun", run=folder))
    if not is_run(folder):
        raise FileError(diagnostic("E801:no-run", run=folder))


def _document(
    folder: Path, stored: Stored, overrides: Sequence[str], root: Path | None
) -> Document:
    path = folder / RESOLVED
    text = read_bound(folder, RESOLVED)
    try:
        document = parse_spec(text, str(path), stored.folder, data_root=root)
    except NNGraphError as error:
        reason = error.diagnostics[0].message
        raise ModelFileError(diagnostic("E501", path=path, reason=reason)) from error
    if changes := (*stored.override, *overrides):
        document = parse_spec(text, str(path), stored.folder, changes, root)
    arrays = read_arrays(bound_path(folder, GIVEN)) if bound_exists(folder, GIVEN) else {}
    return replace(document, arrays=arrays)


def read_weights(path: Path) -> dict[str, Array]:
    weights = read_arrays(path)
    for id_, array in weights.items():
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ModelFileError(diagnostic("E501:not-finite", path=path, id=id_))
    return weights
