"""Which figure is computed of which node."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.words.metrics import Average, MetricName

Array = NDArray[Any]
MetricKind: TypeAlias = MetricName

__all__ = ["Array", "Average", "MetricKind", "MetricPlan"]


@dataclass(frozen=True, slots=True)
class MetricPlan:
    """One figure to compute: its name, the formula, the node that is judged and its target.

    `classes` says that the last axis of the target is one class per position (one-hot); otherwise
    every value is a yes or a no of its own where a metric wants answers. `units` are the judged
    units of the node's last axis, None for all. `k` is that of top_k. `average` says how classes
    are brought together; `per_class` tells of the class `index` alone. `middle` is where yes
    begins, None to tell it from the targets: 0 where some are negative, else 0.5. `logarithmic`
    says that the node gives logarithms of probabilities.
    """

    name: str
    kind: MetricKind
    node: str
    target: str
    classes: bool = False
    units: tuple[int, int] | None = None
    k: int = 1
    average: Average = "macro"
    index: int = 0
    middle: float | None = None
    logarithmic: bool = False
