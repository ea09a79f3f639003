"""A training run that leaves a folder behind."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nngraph.data import DataSet
from nngraph.errors import Diagnostic, NonFiniteError
from nngraph.files import FolderLock
from nngraph.spec.resolved import resolved_yaml
from nngraph.train.data_files import HERE, DataPlace, path_override
from nngraph.train.feed import Array
from nngraph.train.interrupt import Interrupt
from nngraph.train.loop import train
from nngraph.train.network import Network, quiet, rows_of
from nngraph.train.position import Epoch
from nngraph.train.run_folder import (
    DATA,
    METRICS,
    RESOLVED,
    SPEC,
    SUMMARY,
    WEIGHTS,
    MetricsFile,
    write_json,
    write_text,
    write_weights,
)


@dataclass
class Observer:
    """Who wants to hear of a run: of the rows done in an epoch, of each epoch, of the end.

    `end` hears the whole story when the weights are saved and the folder is still locked.
    """

    batch: Callable[[int], None] = field(default=lambda done: None)
    epoch: Callable[[Epoch], None] = field(default=lambda epoch: None)
    end: Callable[[Sequence[Epoch]], None] = field(default=lambda history: None)


def record_training(
    network: Network,
    data: DataSet,
    folder: Path,
    *,
    place: DataPlace = HERE,
    observer: Observer | None = None,
) -> tuple[dict[str, Any], int]:
    """Train a network and write its run folder; the summary, and the number of a signal or 0.

    After a signal the running step is finished and the weights so far are saved.

    Errors: NonFiniteError (no weights are written then), DataError, FileError.
    """
    observer = observer if observer is not None else Observer()
    started = time.perf_counter()
    network.normalizers, network.labels = data.normalizers, data.labels
    with FolderLock(folder), Interrupt() as interrupt:
        _write_start(folder, network, place)
        history = _train(network, data, folder, interrupt, observer)
        summary = summarise(network, data, history, time.perf_counter() - started)
        summary["interrupted"] = interrupt.requested
        _write_end(folder, network, history, summary)
        observer.end(history)
    return summary, interrupt.signal_number or 0


def _train(
    network: Network, data: DataSet, folder: Path, interrupt: Interrupt, observer: Observer
) -> list[Epoch]:
    """All epochs, each told to the observer and written as soon as it is over."""
    history: list[Epoch] = []
    rows = rows_of(data.parts["train"])
    validation = rows_of(data.parts["validation"]) if "validation" in data.parts else None
    epochs = train(
        network.executor,
        network.settings(rows.count),
        rows,
        validation,
        stop=lambda: interrupt.requested,
        after_batch=observer.batch,
    )
    with MetricsFile(folder / METRICS) as metrics, quiet(network.executor):
        for epoch in epochs:
            history.append(epoch)
            metrics.write(epoch.as_json())
            observer.epoch(epoch)
    return history


def _write_start(folder: Path, network: Network, place: DataPlace) -> None:
    """What is known before the first step."""
    document = network.document
    write_text(folder / SPEC, document.source.text)
    write_text(folder / RESOLVED, resolved_yaml(document))
    write_json(folder / DATA, stored_data(network, place))


def stored_data(network: Network, place: DataPlace = HERE) -> dict[str, Any]:
    """What a run keeps besides spec and weights, so that new data are treated like the old."""
    document, place = network.document, place.resolved()
    return {
        "seed": network.seed,
        "folder": str(document.folder.resolve()),
        "data_file": None if place.file is None else str(place.file),
        "data_root": None if place.root is None else str(place.root),
        "data_override": path_override(document),
        "labels": {name: list(labels) for name, labels in network.labels.items()},
        "normalizers": network.normalizers.to_json(),
    }


def _write_end(
    folder: Path, network: Network, history: Sequence[Epoch], summary: Mapping[str, Any]
) -> None:
    weights = network.executor.weights()
    check_finite(weights, history[-1].number if history else 0)
    write_weights(folder / WEIGHTS, weights)
    write_json(folder / SUMMARY, summary)


def save_network(
    folder: Path, network: Network, history: Sequence[Epoch], place: DataPlace = HERE
) -> None:
    """Write a network that was trained without a folder into one.

    Errors: NonFiniteError for weights that are not finite; FileError.
    """
    check_finite(network.executor.weights(), history[-1].number if history else 0)
    with FolderLock(folder):
        _write_start(folder, network, place)
        with MetricsFile(folder / METRICS) as metrics:
            for epoch in history:
                metrics.write(epoch.as_json())
        summary = {**_identity(network, history), "seconds": history[-1].seconds if history else 0}
        _write_end(folder, network, history, summary)


def check_finite(weights: Mapping[str, Array], epoch: int) -> None:
    """Refuse weights that hold NaN or infinity. Errors: NonFiniteError that names the first."""
    for id_, array in weights.items():
        if not np.isfinite(array).all():
            raise NonFiniteError(
                Diagnostic(
                    NonFiniteError.default_code,
                    f"the weights '{id_}' became non-finite by the end of epoch {epoch}",
                    help="a smaller learning rate often helps; no weights were saved",
                )
            )


def summarise(
    network: Network, data: DataSet, history: list[Epoch], seconds: float
) -> dict[str, Any]:
    """Final figures of every part with the weights as they are now, and where they come from."""
    return {
        **_identity(network, history),
        **{name: network.evaluate(rows_of(part)) for name, part in data.parts.items()},
        "rows": {name: part.rows for name, part in data.parts.items()},
        "data": data.digest,
        "seconds": round(seconds, 3),
    }


def _identity(network: Network, history: Sequence[Epoch]) -> dict[str, Any]:
    return {
        "name": network.document.name,
        "epochs": history[-1].number if history else 0,
        "steps": network.executor.step,
        "parameters": network.compiled.parameters,
        "trainable": network.compiled.trainable,
        "seed": network.seed,
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Versions of what can change a bit of the result."""
    packages = {name: importlib.metadata.version(name) for name in ("nngraph", "numpy")}
    return {**packages, "python": platform.python_version()}
