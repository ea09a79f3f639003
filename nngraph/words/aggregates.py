"""How the connections into a unit are combined."""

from __future__ import annotations

import math
from collections.abc import Mapping

from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate: the reduction along an axis that it is ("" for none), the value of a
    connection that is absent, and whether it is divided by the number of connections.

    Those without a reduction need all connections at once, so no row of single neurons has them.
    """

    name: str
    reduction: str
    absent: float
    averages: bool = False

    @property
    def is_sum(self) -> bool:
        """Whether terms are added, so that each has the same derivative."""
        return self.reduction == "sum_axis"


AGGREGATES: Mapping[str, Aggregate] = {
    row.name: row
    for row in (
        Aggregate("sum", "sum_axis", 0.0),
        Aggregate("product", "product_axis", 1.0),
        Aggregate("maximum", "maximum_axis", -math.inf),
        Aggregate("minimum", "minimum_axis", math.inf),
        Aggregate("mean", "sum_axis", 0.0, averages=True),
        Aggregate("median", "", 1e38),  # behind all others in order, and finite
        Aggregate("maxabs", "", 0.0),
    )
}
"""All aggregates by name."""
