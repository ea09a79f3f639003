"""What adds up over rows, and the tallies that need no classes: errors, R2, perplexity."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nngraph.train.metrics.plan import Array

Floats = NDArray[np.float64]
SMALLEST = np.finfo(np.float64).tiny  # a probability of 0 costs as much as this one


class Tally(Protocol):
    """Adds up over rows of outputs and targets, both [n, *shape]."""

    def add(self, z: Array, t: Array, /) -> None:
        """Take in rows."""


class Mean:
    """A sum over values and their number."""

    def __init__(self) -> None:
        self.total = 0.0
        self.count = 0

    @property
    def value(self) -> float:
        """The mean so far; not a number before the first row."""
        return self.total / self.count if self.count else math.nan


class SquaredErrors(Mean):
    """sum (z - t)^2 over all values."""

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        difference = np.subtract(z, t, dtype=np.float64)
        self.total += float(np.vdot(difference, difference))
        self.count += difference.size


class AbsoluteErrors(Mean):
    """sum |z - t| over all values."""

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        difference = np.subtract(z, t, dtype=np.float64)
        self.total += float(np.abs(difference).sum())
        self.count += difference.size


class Explained:
    """What is needed for R2 = 1 - sum (t - z)^2 / sum (t - mean t)^2, for each output value.

    The spread of the targets is merged batch by batch around running means, so that a large mean
    takes no digits away.

    Source: Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
    Variances", 1979, equation 2.1.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(1)
        self.spread: Floats = np.zeros(1)
        self.residual: Floats = np.zeros(1)

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        n = len(t)
        if not n:
            return
        targets = t.reshape(n, -1).astype(np.float64)
        misses = targets - z.reshape(n, -1)
        mean = targets.mean(axis=0)
        spread = ((targets - mean) ** 2).sum(axis=0)
        distance, total = mean - self.mean, self.count + n
        self.spread = self.spread + spread + distance**2 * (self.count * n / total)
        self.mean = self.mean + distance * (n / total)
        self.residual = self.residual + (misses**2).sum(axis=0)
        self.count = total

    @property
    def value(self) -> float:
        """The mean over the output values; one whose targets are all equal counts 1 where it is
        met exactly, else 0."""
        if self.count < 2:
            return math.nan
        constant = self.spread == 0
        share = self.residual / np.where(constant, 1.0, self.spread)
        return float(np.where(constant, self.residual == 0, 1.0 - share).mean())


class Surprise(Mean):
    """sum over positions of -sum_c t_c log p_c, in nats; perplexity is exp of its mean."""

    def __init__(self, *, classes: bool, logarithmic: bool) -> None:
        super().__init__()
        self._classes = classes
        self._logarithmic = logarithmic

    def add(self, z: Array, t: Array) -> None:
        """Take in rows."""
        p = z.astype(np.float64)
        logs = p if self._logarithmic else np.log(np.maximum(p, SMALLEST))
        surprise = -np.where(t > 0, t * logs, 0.0)
        if not self._classes:  # a yes or no each: the no has the other probability
            surprise -= np.where(t < 1, (1 - t) * np.log(np.maximum(1 - p, SMALLEST)), 0.0)
        self.total += float(surprise.sum())
        self.count += t.size // t.shape[-1] if self._classes else t.size

    @property
    def perplexity(self) -> float:
        """exp of the mean: 1 for certainty, C for a guess among C classes."""
        try:
            return math.exp(self.value)
        except OverflowError:
            return math.inf
