"""A figure that runs along: rows in, one number out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nngraph.train.metrics.counting import COUNTINGS
from nngraph.train.metrics.plan import Array, MetricPlan


class Figure:
    """A running figure: `add` rows of outputs and targets, then read `value`.

    Figures that are made of the same counts share them (`figures_of`); then the first of them,
    the owner, is the one that adds.
    """

    __slots__ = ("_owner", "_tally", "plan")

    def __init__(self, plan: MetricPlan, owner: Figure | None = None) -> None:
        self.plan = plan
        self._owner = owner
        self.reset()

    def reset(self) -> None:
        """Forget all rows."""
        self._tally: Any = COUNTINGS[self.plan.kind].tally(self.plan)

    def add(self, z: Array, t: Array) -> None:
        """Take in rows: outputs `z` and targets `t`, both [n, *shape]."""
        if self._owner is not None:
            return
        if self.plan.units is not None:
            z = z[..., slice(*self.plan.units)]
        if z.shape != t.shape:  # an image as the target of a vector, a scalar of a unit
            z = z.reshape(t.shape)
        self._tally.add(z, t)

    @property
    def value(self) -> float:
        """The figure of all rows so far; not a number before the first row."""
        tally = (self if self._owner is None else self._owner)._tally
        return COUNTINGS[self.plan.kind].value(tally, self.plan)


def figures_of(plans: Sequence[MetricPlan]) -> list[Figure]:
    """The figures of some plans, in order; those made of the same counts share them."""
    owners: dict[Any, Figure] = {}
    figures = []
    for plan in plans:
        figure = Figure(plan, owners.get(_counted(plan)))
        owners.setdefault(_counted(plan), figure)
        figures.append(figure)
    return figures


def _counted(plan: MetricPlan) -> Any:
    """Equal for plans that are told of the same counts."""
    counted = COUNTINGS[plan.kind].tally
    return counted, plan.node, plan.target, plan.classes, plan.units, plan.middle, plan.k
