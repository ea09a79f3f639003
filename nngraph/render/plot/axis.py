"""What one side of a plot stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable

from nngraph.records import dataclass
from nngraph.render.plot.ticks import integer_ticks, linear_ticks, log_ticks

LOGARITHMIC_FROM = 50.0  # ratio of the largest to the smallest value


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with a name; `whole` has ticks at whole numbers alone, as epochs want,
    and `most` says how many ticks there may be (without it the kind of axis does)."""

    low: float
    high: float
    name: str = ""
    logarithmic: bool = False
    whole: bool = False
    most: int | None = None

    def share(self, value: float) -> float:
        """How far along the axis a value lies, 0 at `low` and 1 at `high`; NaN where the axis has
        no place for it."""
        low, high = self.low, self.high
        if high <= low:
            return 0.5
        if self.logarithmic:
            if value <= 0:
                return math.nan
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return (value - low) / (high - low)

    @property
    def ticks(self) -> list[float]:
        """Round values on the axis."""
        most = {} if self.most is None else {"most": self.most}
        if self.whole:
            return [*integer_ticks(math.ceil(self.low), math.floor(self.high), **most)]
        return (log_ticks if self.logarithmic else linear_ticks)(self.low, self.high, **most)


def axis_of(values: Iterable[float], name: str = "", room: float = 0.08) -> Axis:
    """An axis for some values, with room on both sides; from 0 to 1 without any.

    >>> axis_of([0.0, 10.0], room=0.1)
    Axis(low=-1.0, high=11.0, name='', logarithmic=False, whole=False, most=None)
    """
    found = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(found), max(found)
    beside = room * (high - low) or 0.1 * abs(high) or 0.5
    return Axis(low - beside, high + beside, name)


def spans_decades(low: float, high: float) -> bool:
    """Whether values from `low` to `high` ask for a logarithmic axis."""
    return low > 0 and high / low >= LOGARITHMIC_FROM
