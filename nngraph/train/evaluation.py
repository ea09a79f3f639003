"""The loss and the figures of some rows, computed in evaluation mode, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence

from nngraph.data import Batches
from nngraph.run import Executable
from nngraph.train.feed import Feed, Rows
from nngraph.train.metrics import MetricPlan, figures_of

ROWS_PER_STEP = 256


class Evaluation:
    """The figures of one part, to be computed as often as wanted (once an epoch)."""

    def __init__(
        self,
        executable: Executable,
        rows: Rows,
        plans: Sequence[MetricPlan],
        *,
        size: int = ROWS_PER_STEP,
    ) -> None:
        self._executable = executable
        self._batches = Batches(rows.count, size, shuffle=False)
        self._feed = Feed(rows, executable.evaluation(self._batches.size))
        self._figures = figures_of(plans)

    def run(self) -> dict[str, float]:
        """Figure name -> value: "loss" first, then the metrics.

        The loss is the mean over all rows, however they are cut into batches.
        """
        rows = self._feed.rows
        total = 0.0
        for figure in self._figures:
            figure.reset()
        for indices in self._batches.epoch(1):
            step = self._executable.evaluation(len(indices))
            self._feed.load(step, indices)
            step.run()
            total += step.loss * len(indices)
            outputs = step.outputs if self._figures else {}
            for figure in self._figures:
                plan = figure.plan
                figure.add(outputs[plan.node], rows.target(plan.target)[indices])
        loss = {"loss": total / rows.count}
        return loss | {figure.plan.name: figure.value for figure in self._figures}
