"""The learning rate of each step, a pure function of the schedule, the step and past figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nngraph.errors import UsageError, diagnostic, join_words, suggest
from nngraph.records import dataclass
from nngraph.train.monitors import watched
from nngraph.words.schedules import (
    ConstantRate,
    Cosine,
    Exponential,
    FigureSchedule,
    OneCycle,
    Plateau,
    Polynomial,
    Schedule,
    StepDecay,
)


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a training run: `base` is the learning rate, `epochs` all that are planned.

    A resumed run needs no more than this, the number of the step, and the figures of old epochs.
    """

    schedule: Schedule
    base: float
    epochs: int
    steps_per_epoch: int

    def at(self, step: int, history: Sequence[float] = (), *, rising: bool = False) -> float:
        """The rate of a step, counted from 0 at the start of the run.

        `history` holds the figure that the schedule follows, one number per epoch that is over;
        `rising` says that more of it is better.
        """
        warm = self.warm_steps
        if step < warm:
            return self.base * (step + 1) / (warm + 1)
        now = Moment(self, step, history, rising)
        return self.base * FACTORS[self.schedule.kind](now, self.schedule)

    @property
    def warm_steps(self) -> int:
        """Steps of the warm-up."""
        return self.in_steps(self.schedule.warmup)

    @property
    def steps(self) -> int:
        """Steps of the whole run."""
        return self.epochs * self.steps_per_epoch

    def in_steps(self, epochs: float) -> int:
        """A length in epochs as whole steps."""
        return round(epochs * self.steps_per_epoch)

    def curve(self) -> list[float]:
        """The rate of every step; one that follows a figure as if each epoch brought progress."""
        return [self.at(step) for step in range(self.steps)]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a schedule may know: the rates of the run, the step, and a figure of the epochs so far,
    of which more is better where `rising`."""

    rates: Rates
    step: int
    history: Sequence[float]
    rising: bool


def plateau_factor(spec: Plateau, history: Sequence[float], *, rising: bool = False) -> float:
    """factor^n, n the times that `patience` epochs passed without progress; at least `end`.

    A figure that is no number is no progress.
    """
    best, waited, factor = -math.inf, 0, 1.0
    for figure in history:
        merit = figure if rising else -figure
        if merit > best + spec.min_delta:
            best, waited = merit, 0
            continue
        waited += 1
        if waited >= spec.patience:
            factor, waited = max(factor * spec.factor, spec.end), 0
    return factor


def monitored(spec: FigureSchedule, figures: Sequence[str]) -> str:
    """The name of the figure that a schedule follows, one of those that there will be.

    Errors: UsageError for a name that no figure has.
    """
    if (figure := watched(spec.monitor, figures)) is not None:
        return figure
    assert spec.monitor is not None  # without a name a loss is watched
    near = suggest(spec.monitor, figures)
    listed = join_words([f"'{name}'" for name in figures])
    near = f"{near}; " if near else ""
    raise UsageError(diagnostic("E002:schedule", monitor=spec.monitor, near=near, figures=listed))


def _constant(now: Moment, spec: ConstantRate) -> float:
    return 1.0


def _step(now: Moment, spec: StepDecay) -> float:
    """Boundaries lie at epochs of the training, the warm-up included."""
    rates, step = now.rates, now.step
    if spec.at is not None:
        return spec.factor ** sum(step >= rates.in_steps(epoch) for epoch in spec.at)
    assert spec.every is not None
    every = max(1, rates.in_steps(spec.every))
    return float(spec.factor ** (step // every))


def _exponential(now: Moment, spec: Exponential) -> float:
    epochs = (now.step - now.rates.warm_steps) / now.rates.steps_per_epoch
    return float(spec.factor**epochs)


def _cosine(now: Moment, spec: Cosine) -> float:
    falling = 0.5 * (1.0 + math.cos(math.pi * _progress(now, spec.epochs)))
    return spec.end + (1.0 - spec.end) * falling


def _polynomial(now: Moment, spec: Polynomial) -> float:
    falling = (1.0 - _progress(now, spec.epochs)) ** spec.power
    return float(spec.end + (1.0 - spec.end) * falling)


def _progress(now: Moment, epochs: float | None) -> float:
    """From 0 at the first step after the warm-up to 1 when the given length is over."""
    rates, step = now.rates, now.step
    length = rates.steps - rates.warm_steps if epochs is None else rates.in_steps(epochs)
    return min(1.0, (step - rates.warm_steps) / length) if length > 0 else 1.0


def _one_cycle(now: Moment, spec: OneCycle) -> float:
    """The last step of the rise has the full rate, the last step of all has `end`."""
    step, steps = now.step, now.rates.steps
    top, last = spec.rise * steps - 1.0, steps - 1.0
    if step <= top:
        return _between(spec.start, 1.0, step / top if top > 0 else 1.0)
    done = (step - top) / (last - top) if last > top else 1.0
    return _between(1.0, spec.end, min(1.0, done))


def _between(first: float, last: float, share: float) -> float:
    """Half a cosine from one number to another."""
    return last + (first - last) * 0.5 * (1.0 + math.cos(math.pi * share))


def _plateau(now: Moment, spec: Plateau) -> float:
    return plateau_factor(spec, now.history, rising=now.rising)


FACTORS: Mapping[str, Callable[[Moment, Any], float]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "polynomial": _polynomial,
    "plateau": _plateau,
    "one_cycle": _one_cycle,
}
"""What the learning rate is multiplied by at a step, by the word of its row."""
