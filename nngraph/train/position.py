"""Where a run stands between two steps: all that a resumed run needs besides the weights."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import ModelFileError, NonFiniteError, diagnostic
from nngraph.records import Made, dataclass
from nngraph.train.contents import pack, unpack
from nngraph.train.feed import Array
from nngraph.train.metrics import Figure


class Epoch(NamedTuple):
    """What one epoch came to: figures by name on each part; `seconds` since the start."""

    number: int
    step: int
    seconds: float
    learning_rate: float
    train: dict[str, float]
    validation: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """One line of metrics.jsonl, under names like `train.loss` and `validation.accuracy`."""
        return {
            "epoch": self.number,
            "step": self.step,
            "seconds": round(self.seconds, 3),
            "learning_rate": self.learning_rate,
            **{f"train.{name}": value for name, value in self.train.items()},
            **{f"validation.{name}": value for name, value in self.validation.items()},
        }


@dataclass(frozen=True, slots=True, eq=False)
class LossesOfEpochs(Made[Epoch]):
    """Epochs one after the other of which the loss alone is known, as columns: thousands of small
    objects would cost as much as training a tiny network, and the collector looks at each."""

    first: int
    steps: Sequence[int]
    seconds: float
    rates: Sequence[float]
    losses: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.losses)

    def make(self, at: int) -> Epoch:
        """One epoch."""
        figures = {"loss": float(self.losses[at])}
        return Epoch(self.first + at, self.steps[at], self.seconds, self.rates[at], figures, {})


class Epochs(Made[Epoch]):
    """Epochs in the order in which they ended, told one by one or as columns of many."""

    __slots__ = ("_runs", "_stops")

    def __init__(self, epochs: Iterable[Epoch] = ()) -> None:
        runs = epochs._runs if isinstance(epochs, Epochs) else [tuple(epochs)]
        self._runs: list[Sequence[Epoch]] = []
        self._stops: list[int] = []
        for run in runs:
            self.extend(tuple(run) if isinstance(run, list) else run)

    def extend(self, epochs: Sequence[Epoch]) -> None:
        """Other epochs that are over; columns stay columns."""
        if not epochs:
            return
        self._stops.append(len(self) + len(epochs))
        if len(epochs) > 1:
            self._runs.append(epochs)
        elif self._runs and isinstance(alone := self._runs[-1], list):
            alone.extend(epochs)
            del self._stops[-2]
        else:
            self._runs.append(list(epochs))

    def append(self, epoch: Epoch) -> None:
        """One more."""
        self.extend((epoch,))

    def __len__(self) -> int:
        return self._stops[-1] if self._stops else 0

    def __iter__(self) -> Iterator[Epoch]:
        return chain.from_iterable(self._runs)

    def make(self, at: int) -> Epoch:
        """From the run in which it lies."""
        number = bisect_right(self._stops, at)
        return self._runs[number][at - (self._stops[number - 1] if number else 0)]


@dataclass
class Position:
    """Kept up to date by the loop; between two steps it is whole.

    `epoch` is the running one, `batch` how many of its batches are done, `rows` how many rows,
    `loss` the sum of their losses times their rows. `history` holds the epochs that are over.
    `best` are the weights of the best epoch, where early stopping looks for it; they are the
    last epoch's where that was the best. `seconds` were spent before this process began. `explain`
    finds out why the weights are not finite, while the loop runs.

    The order of the rows and all random numbers follow from the seed and the position.
    """

    epoch: int = 1
    batch: int = 0
    rows: int = 0
    loss: float = 0.0
    history: Epochs = field(default_factory=Epochs)
    best: dict[str, Array] | None = None
    seconds: float = 0.0
    explain: Callable[[], NonFiniteError] | None = None
    _figures: list[Figure] = field(default_factory=list)
    _packed: tuple[list[Any], Mapping[str, Array]] | None = None

    def attach(self, figures: list[Figure]) -> None:
        """Take the running figures of the loop, and give them what they held.

        Errors: ModelFileError where they are not those that were stored.
        """
        self._figures = figures
        if self._packed is None or self.batch == 0:
            return
        packed, arrays = self._packed
        if len(packed) != len(figures):
            held, wanted = len(packed), len(figures)
            raise ModelFileError(diagnostic("E500:figures", held=held, wanted=wanted))
        for figure, fields in zip(figures, packed, strict=True):
            for key, value in fields.items():
                setattr(figure, key, unpack(value, arrays, getattr(figure, key)))
        self._packed = None

    def add(self, loss: float, rows: int) -> None:
        """A step on so many rows is done."""
        self.loss += loss * rows
        self.rows += rows
        self.batch += 1

    def end_epochs(self, epochs: Sequence[Epoch]) -> None:
        """The running epoch is over, and maybe others behind it; the next one begins."""
        self.history.extend(epochs)
        self.epoch, self.batch, self.rows, self.loss = epochs[-1].number + 1, 0, 0, 0.0
        for figure in self._figures:
            figure.reset()

    def pack(self, arrays: dict[str, Array]) -> dict[str, Any]:
        """As JSON and arrays, without the seconds: equal runs give equal bytes."""
        for id_, array in (self.best or {}).items():
            arrays[f"best/{id_}"] = array
        figures = [
            {
                key: pack(getattr(figure, key), f"figures/{number}/{key}", arrays)
                for key in type(figure).__slots__
                if key not in ("plan", "_owner")
            }
            for number, figure in enumerate(self._figures if self.batch else ())
        ]
        return {
            "epoch": self.epoch,
            "batch": self.batch,
            "rows": self.rows,
            "loss": pack(self.loss, "loss", arrays),
            "history": _pack_history(self.history, arrays),
            "has_best": self.best is not None,
            "figures": figures,
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any], arrays: Mapping[str, Array]) -> Position:
        """Errors: ModelFileError, KeyError, TypeError, ValueError for what is not of this form."""
        best = {k.removeprefix("best/"): a for k, a in arrays.items() if k.startswith("best/")}
        return cls(
            packed["epoch"],
            packed["batch"],
            packed["rows"],
            unpack(packed["loss"], arrays, None),
            _unpack_history(packed["history"], arrays),
            best if packed["has_best"] else None,
            _packed=(packed["figures"], arrays),
        )


def _pack_history(history: Sequence[Epoch], arrays: dict[str, Array]) -> dict[str, list[str]]:
    """Names of the figures; the figures themselves as one row of numbers an epoch."""
    parts = (history[0].train, history[0].validation) if history else ({}, {})
    rows = [[e.learning_rate, *e.train.values(), *e.validation.values()] for e in history]
    arrays["history/epochs"] = np.array([[e.number, e.step] for e in history], np.int64)
    arrays["history/figures"] = np.array(rows, np.float64)
    return {"train": list(parts[0]), "validation": list(parts[1])}


def _unpack_history(packed: Mapping[str, list[str]], arrays: Mapping[str, Array]) -> Epochs:
    first, then = packed["train"], packed["validation"]
    history = Epochs()
    for (number, step), (rate, *figures) in zip(
        arrays["history/epochs"].tolist(), arrays["history/figures"].tolist(), strict=True
    ):
        names = [*first, *then]
        values = list(zip(names, figures, strict=True))
        split = len(first)
        history.append(Epoch(number, step, 0.0, rate, dict(values[:split]), dict(values[split:])))
    return history
