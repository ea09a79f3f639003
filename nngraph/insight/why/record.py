"""What a run has recorded of its learning, with what its data say about the answer."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nngraph.data import Part
from nngraph.errors import NNGraphError
from nngraph.files import bound_exists
from nngraph.ir import Array
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.train.data_files import read_data
from nngraph.train.journal import read_history, read_summary
from nngraph.train.load_run import open_run
from nngraph.train.ports import Labels, supervised
from nngraph.train.run_folder import SUMMARY
from nngraph.train.statistics import read_failure, read_statistics

LEARNT = 0.5
"""The share of what an answer without inputs costs that a network which learns comes below."""

SCORES = ("accuracy", "balanced_accuracy")


class Point(NamedTuple):
    """A figure after an epoch."""

    epoch: int
    value: float


@dataclass(frozen=True)
class Record:
    """A run as it went: `history` one mapping an epoch, `looks` one an epoch that was looked at.

    `failure` says what became non-finite, "" where nothing did. `part` holds its training rows,
    None where the data are not found; `labels` are the names of classes that the run has learnt.
    """

    network: Network
    history: Sequence[Mapping[str, Any]]
    looks: Sequence[Mapping[str, Any]]
    failure: str
    ended: bool
    part: Part | None
    labels: Labels

    def series(self, figure: str) -> list[Point]:
        """The finite values of a figure, such as `train.loss`, epoch by epoch."""
        found = [(row.get("epoch", n), row.get(figure)) for n, row in enumerate(self.history, 1)]
        return [Point(n, v) for n, v in found if v is not None and math.isfinite(v)]

    @cached_property
    def losses(self) -> list[Point]:
        """The training loss."""
        return self.series("train.loss")

    @property
    def deciding(self) -> list[Point]:
        """The loss on the validation part, where there is one."""
        return self.series("validation.loss") or self.losses

    def of_nodes(self, number: str, look: int) -> dict[str, float]:
        """One of the statistics of each node that has it, in order; `look` -1 is the last."""
        nodes = self.looks[look]["nodes"] if self.looks else {}
        return {id_: values[number] for id_, values in nodes.items() if number in values}

    @cached_property
    def outputs(self) -> frozenset[str]:
        """The nodes that a loss compares with a target."""
        return frozenset(node for node, _ in supervised(self.network))

    @cached_property
    def targets(self) -> Mapping[str, Array]:
        """The targets of the training rows by the node that is compared with them."""
        if self.part is None:
            return {}
        found = {node: target.name for node, target in supervised(self.network)}
        given = self.part.targets
        return {n: np.asarray(given[t]) for n, t in found.items() if t in given}

    @cached_property
    def constant(self) -> float | None:
        """The least loss of an answer that is the same for every row; None where it is not known.

        The entropy of how often each class is right, or the variance of the targets.
        """
        terms = self.network.document.spec.loss
        if len(terms) != 1 or terms[0].weight != 1 or getattr(terms[0], "values", None) is not None:
            return None
        if self.part is None or self.part.weights is not None or len(self.targets) != 1:
            return None
        (t,) = self.targets.values()
        t = t.reshape(len(t), -1).astype(np.float64)
        mean = t.mean(axis=0)
        if terms[0].kind == "mean_squared_error":
            return float(t.var(axis=0).mean())
        if terms[0].kind == "cross_entropy" and t.shape[1] > 1:
            return _entropy(mean)
        if terms[0].kind == "binary_cross_entropy":
            return _entropy(mean) + _entropy(1 - mean)
        return None

    @cached_property
    def commonest(self) -> tuple[str, float] | None:
        """The class that most training rows have, and its share of them; None without classes."""
        for node, t in self.targets.items():
            kind = next(target.kind for n, target in supervised(self.network) if n == node)
            flat = t.reshape(len(t), -1)
            if kind == "classes" and flat.shape[1] > 1:
                shares = flat.mean(axis=0)
            elif kind in ("binary", "yes_or_no") and flat.shape[1] == 1:
                share = float(np.mean(flat > 0.5))
                shares = np.array([1 - share, share])
            else:
                continue
            best = int(np.argmax(shares))
            return self._class_name(node, best), float(shares[best])
        return None

    def _class_name(self, node: str, number: int) -> str:
        target = next(target for n, target in supervised(self.network) if n == node)
        names = target.labels or self.labels.get(target.name) or ()
        return names[number] if number < len(names) else str(number)

    @cached_property
    def learns(self) -> bool:
        """Whether the network came to answer much better than without looking at its inputs."""
        if self.failure or not self.losses:
            return False
        best = min(point.value for point in self.losses)
        if self.constant is not None and self.constant > 0:
            return best <= LEARNT * self.constant or self._scores_well()
        return best <= LEARNT * self.losses[0].value or self._scores_well()

    def _scores_well(self) -> bool:
        """Whether half of the answers that the commonest class misses are right."""
        chance = self.commonest[1] if self.commonest is not None else 0.5
        points = [point for name in SCORES for point in self.series(f"train.{name}")]
        return any(point.value >= chance + LEARNT * (1 - chance) for point in points)


def _entropy(shares: Array) -> float:
    some = shares[shares > 0]
    return float(-(some * np.log(some)).sum())


def read_record(folder: Path, data_root: Path | None = None) -> Record:
    """Read a run folder, one too that ended before its weights were written.

    Errors: FileError, ModelFileError, SpecError for the run; data that are not found are left out.
    """
    document, stored = open_run(folder, (), data_root)
    network = compile_document(document)
    part = None
    with contextlib.suppress(NNGraphError):  # the figures tell most
        part = read_data(network, stored.place, stored.labels, stored.normalizers).parts["train"]
    failure = read_failure(folder)
    ended = bound_exists(folder, SUMMARY) and not read_summary(folder).get("interrupted", False)
    history, looks = read_history(folder), read_statistics(folder)
    return Record(network, history, looks, failure, ended, part, stored.labels)
