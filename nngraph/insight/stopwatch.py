"""Where the time of a step goes: the same calls with a look at the clock after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from time import perf_counter, perf_counter_ns
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.codegen import BEGIN, EMPTY, TURN
from nngraph.pipeline import Stage, marked
from nngraph.records import dataclass
from nngraph.run import BoundStep, Executable
from nngraph.train.feed import Feed, Rows

SPECIAL = len((BEGIN, EMPTY, TURN))  # marks that belong to no instruction; they count from the end
FEWEST_ROUNDS = 5
WARM_ROUNDS = 3


class Stopwatch:
    """Nanoseconds since the last mark, added up by the number of the mark, and how many there
    were."""

    def __init__(self, instructions: int) -> None:
        self.spent = [0] * (instructions + SPECIAL)
        self.turns = [0] * (instructions + SPECIAL)
        self._last = 0

    def __call__(self, number: int) -> None:
        now = perf_counter_ns()
        self.spent[number] += now - self._last
        self.turns[number] += 1
        self._last = perf_counter_ns()

    def reset(self) -> None:
        """Begin a new step."""
        self.spent[:] = self.turns[:] = [0] * len(self.spent)


@dataclass
class Rounds:
    """Seconds of whole steps and their parts, a number a round; `calls` a row of them a round."""

    whole: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    update: list[float] = field(default_factory=list)
    calls: list[list[int]] = field(default_factory=list)


@dataclass(frozen=True)
class Timing:
    """In seconds. `calls` is the time of each instruction by its number, all its calls
    together, and `turns` their number; `rounds` is how often all was measured."""

    whole: float
    load: float
    update: float
    calls: Mapping[int, float]
    turns: Mapping[int, int]
    rounds: int


def time_step(
    executable: Executable, stage: Stage, rows: Rows, batch: int, seconds: float
) -> Timing:
    """Run steps on batches of the rows for so many seconds, in turn as they are and with marks.

    A whole step is loading, computing and the optimiser's update, at a learning rate of 0, so that
    the weights stay what they are.
    """
    watch = Stopwatch(len(stage.program.body))
    plain = executable.of_stage(stage, batch)
    timed = executable.of_stage(marked(stage, watch), batch)
    feed = Feed(rows, plain, seed=0)
    batches = _batches(rows.count, batch)
    has_update = bool(plain.gradients) and executable.network.update_stage is not None
    update = (lambda: executable.update(0.0, plain)) if has_update else None
    rounds = Rounds()
    with executable.threads():
        for _ in range(WARM_ROUNDS):
            _round(Rounds(), feed, next(batches), (plain, timed), update, watch)
        begun = perf_counter()
        while len(rounds.whole) < FEWEST_ROUNDS or perf_counter() - begun < seconds:
            _round(rounds, feed, next(batches), (plain, timed), update, watch)
    return timing_of(rounds, watch, has_update)


def _round(
    rounds: Rounds,
    feed: Feed,
    indices: NDArray[np.int64],
    steps: tuple[BoundStep, BoundStep],
    update: Callable[[], Any] | None,
    watch: Stopwatch,
) -> None:
    """One step as it is, then the same rows with marks."""
    plain, timed = steps
    begun = perf_counter()
    feed.load(plain, indices)
    loaded = perf_counter()
    plain.run()
    _ = plain.losses  # as training asks for it
    computed = perf_counter()
    if update is not None:
        update()
    ended = perf_counter()
    feed.load(timed, indices)
    watch.reset()
    timed.run()
    rounds.whole.append(ended - begun)
    rounds.load.append(loaded - begun)
    rounds.update.append(ended - computed)
    rounds.calls.append(list(watch.spent))


def _batches(rows: int, batch: int) -> Iterator[NDArray[np.int64]]:
    """Batches of rows in an order of chance, for ever; where one takes all rows, always the very
    same, as training hands them out; where it takes more, rows come again."""
    everything = np.arange(rows, dtype=np.int64)
    if batch >= rows:
        same = np.resize(everything, batch)
        while True:
            yield same
    random = np.random.default_rng(0)
    while True:
        order = random.permutation(everything)
        yield from (order[k : k + batch] for k in range(0, rows - batch + 1, batch))


def timing_of(rounds: Rounds, watch: Stopwatch, has_update: bool) -> Timing:
    """Means over the rounds in the middle, in which nothing disturbed: unlike the medians of parts
    they add up to that of the whole. What is the mark's own is taken off each instruction."""
    calls = np.array(rounds.calls, np.float64)
    spent = calls[_middle(calls[:, :-SPECIAL].sum(axis=1))].mean(axis=0)
    own = spent[EMPTY] / watch.turns[EMPTY]
    usual = _middle(np.array(rounds.whole))
    whole, load, update = (
        float(np.array(each)[usual].mean()) for each in (rounds.whole, rounds.load, rounds.update)
    )
    numbers = [k for k, turns in enumerate(watch.turns[:-SPECIAL]) if turns]
    return Timing(
        whole,
        load,
        update if has_update else 0.0,
        {k: max(0.0, float(spent[k] - watch.turns[k] * own)) * 1e-9 for k in numbers},
        {k: watch.turns[k] for k in numbers},
        len(rounds.whole),
    )


def _middle(totals: NDArray[np.float64]) -> NDArray[np.int64]:
    """The rounds that are neither among the fastest nor among the slowest quarter."""
    quarter = len(totals) // 4
    return np.argsort(totals)[quarter : len(totals) - quarter]


def product_rate(side: int, dtype: str) -> float:
    """Operations a second of a product of two matrices [side, side], the best of some times.

    Whoever asks has set the threads of BLAS.
    """
    a, b = (np.random.default_rng(k).random((side, side)).astype(dtype) for k in (0, 1))
    out = np.empty_like(a)
    times: list[float] = []
    begun = perf_counter()
    while len(times) < FEWEST_ROUNDS or perf_counter() - begun < 0.02:
        start = perf_counter()
        np.matmul(a, b, out=out)
        times.append(perf_counter() - start)
    return 2.0 * side**3 / min(times)
