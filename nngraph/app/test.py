"""Testing a network: the expectations that its spec carries under `expect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet
from nngraph.data.frames import refuse_words
from nngraph.errors import DataError, Span, UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.spec.model import GivenExpect, MetricExpect, ParametersExpect, ShapeExpect
from nngraph.train.arrays import Predictor, input_arrays
from nngraph.train.evaluation import Evaluation
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.metrics import MetricPlan
from nngraph.train.ports import input_ports, metric_plans
from nngraph.words.metrics import METRIC_ROWS, MetricSpec

Array = NDArray[Any]
Status = Literal["passed", "failed", "needs a run"]
SHOWN_VALUES = 8  # of an array, in a message


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one expectation came out: where it is written, what was expected, what came."""

    status: Status
    span: Span
    expected: str = ""
    got: str = ""

    def __repr__(self) -> str:
        apart = f", expected {self.expected}, got {self.got}" if self.status == "failed" else ""
        return f"<{self.status}: line {self.span.line} of {self.span.source.name}{apart}>"


def run_expect(
    learner: Learner, data: Callable[[], DataSet], *, uses_weights: bool, is_trained: bool
) -> tuple[Outcome, ...]:
    """Run every entry of `expect`, in order; one that does not hold is no error.

    `uses_weights` says that the weights mean something: all given, trained, or wanted as drawn.
    Entries with `metric` or `trained: true` are only run where `is_trained`.

    Errors: DataError for given values that do not fit their input; those of `data`.
    """
    runner = _Runner(learner, data, uses_weights, is_trained)
    return tuple(runner.run(number) for number in range(len(learner.document.spec.expect)))


@dataclass(frozen=True)
class _Runner:
    learner: Learner
    load: Callable[[], DataSet]
    uses_weights: bool
    is_trained: bool

    @cached_property
    def data(self) -> DataSet:
        """Loaded once, and only if an entry asks for it."""
        return self.load()

    def run(self, number: int) -> Outcome:
        """One entry."""
        document = self.learner.document
        span = document.span("expect", number)
        match document.spec.expect[number]:
            case ParametersExpect() as entry:
                got = self.learner.network.parameters
                return _judge(
                    got == entry.parameters, span, f"{entry.parameters:,} parameters", f"{got:,}"
                )
            case ShapeExpect() as entry:
                return self._shapes(entry, span)
            case MetricExpect() as entry:
                return self._metric(entry, span, number) if self.is_trained else _needs_run(span)
            case GivenExpect() as entry:
                ready = self.is_trained if entry.trained else self.uses_weights
                return self._given(entry, span) if ready else _needs_run(span)

    def _shapes(self, entry: ShapeExpect, span: Span) -> Outcome:
        shapes = self.learner.network.lowered.shapes
        wrong = [node for node, shape in entry.shape.items() if shapes[node] != tuple(shape)]
        shown = wrong or list(entry.shape)
        expected = ", ".join(f"{node} {list(entry.shape[node])}" for node in shown)
        got = ", ".join(f"{node} {list(shapes[node])}" for node in shown)
        return _judge(not wrong, span, expected, got)

    # ---- figures

    def _metric(self, entry: MetricExpect, span: Span, number: int) -> Outcome:
        bounds = []
        if entry.at_least is not None:
            bounds.append(f"at least {entry.at_least:g}")
        if entry.at_most is not None:
            bounds.append(f"at most {entry.at_most:g}")
        expected = f"{entry.part}.{entry.metric} {' and '.join(bounds)}"
        try:
            got = self._figure(entry)
        except UsageError as problem:  # no such part, no such figure
            return Outcome("failed", span, expected, problem.diagnostics[0].message)
        too_small = entry.at_least is not None and not got >= entry.at_least
        too_large = entry.at_most is not None and not got <= entry.at_most
        return _judge(not (too_small or too_large), span, expected, f"{got:.6g}")

    def _figure(self, entry: MetricExpect) -> float:
        rows = rows_of(part_of(self.data, entry.part))
        plans = self._plans(entry.metric)
        with self.learner.executable.threads():
            figures = Evaluation(self.learner.executable, rows, plans).run()
        if entry.metric not in figures:
            raise UsageError(
                diagnostic("E002:figure", figure=entry.metric, figures=", ".join(figures))
            )
        return figures[entry.metric]

    def _plans(self, name: str) -> tuple[MetricPlan, ...]:
        """The figures that the spec watches, and the wanted one if it is a metric by its name."""
        plans = metric_plans(self.learner.network)
        node, _, kind = name.rpartition(".")
        if name == "loss" or kind not in METRIC_ROWS or name in {plan.name for plan in plans}:
            return plans
        wanted = MetricSpec.model_validate({"kind": kind, "node": node or None})
        found = metric_plans(self.learner.network, [wanted])
        return (*plans, replace(found[0], name=name)) if len(found) == 1 else (*plans, *found)

    # ---- values

    def _given(self, entry: GivenExpect, span: Span) -> Outcome:
        ports = input_ports(self.learner.network, self.learner.normalizers)
        try:
            refuse_words(ports, entry.given)
            given = {name: [value] for name, value in entry.given.items()}
            raw = input_arrays(ports, given, "given")
            got = Predictor.of(self.learner).values(raw, tuple(entry.output))
        except (UsageError, DataError) as problem:
            why = problem.diagnostics[0].message
            raise DataError(diagnostic("E400:given", place=span, why=why)) from problem
        misses = {
            node: miss
            for node, value in entry.output.items()
            if (miss := self._compare(node, value, got[node][0], entry.within)) is not None
        }
        if not misses:
            return Outcome("passed", span)
        expected = ", ".join(f"{node} = {expected}" for node, (expected, _) in misses.items())
        came = ", ".join(f"{node} = {came}" for node, (_, came) in misses.items())
        return Outcome("failed", span, f"{expected} within {entry.within:g}", came)

    def _compare(self, node: str, wanted: Any, got: Array, within: float) -> tuple[str, str] | None:
        """None where the values agree; otherwise both sides, as texts."""
        if isinstance(wanted, str):
            name = self._class_name(node, got)
            return None if name == wanted else (wanted, f"{name} ({_shown(got)})")
        try:
            expected = np.asarray(wanted, np.float64)
        except ValueError:
            return str(wanted), _shown(got)
        if expected.ndim and expected.size == got.size:
            expected = expected.reshape(got.shape)
        if expected.shape not in ((), got.shape) or (expected.ndim == 0 and got.size != 1):
            return f"shape {list(expected.shape)}", f"shape {list(got.shape)}"
        with np.errstate(invalid="ignore"):  # infinity is no number that comes near another
            misses = np.abs(got.astype(np.float64) - expected)
        if bool((misses <= within).all()):
            return None
        return _shown(expected), _shown(got)

    def _class_name(self, node: str, got: Array) -> str:
        labels = self.learner.labels_of(node)
        if labels is None:
            return "a node without labels"
        if got.size == 1 and len(labels) == 2:
            return labels[int(got.ravel()[0] > 0.5)]
        return labels[int(got.argmax())] if got.size == len(labels) else "?"


def _judge(is_good: bool, span: Span, expected: str, got: str) -> Outcome:
    return Outcome("passed" if is_good else "failed", span, expected, got)


def _needs_run(span: Span) -> Outcome:
    return Outcome("needs a run", span)


def _shown(values: Array) -> str:
    flat = [f"{value:.6g}" for value in values.ravel()[:SHOWN_VALUES]]
    if values.size == 1:
        return flat[0]
    more = ", ..." if values.size > SHOWN_VALUES else ""
    return f"[{', '.join(flat)}{more}]"


def counts(outcomes: tuple[Outcome, ...]) -> Mapping[Status, int]:
    """How many entries passed, failed, and need a run."""
    statuses: tuple[Status, ...] = ("passed", "failed", "needs a run")
    return {status: sum(o.status == status for o in outcomes) for status in statuses}
