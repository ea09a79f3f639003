"""Figures of merit, gathered batch by batch and exact however the rows are cut."""

from nngraph.train.metrics.confusion import Confusion, confusion
from nngraph.train.metrics.figure import Figure, correct, figures_of
from nngraph.train.metrics.plan import Array, Average, MetricKind, MetricPlan

__all__ = [
    "Array",
    "Average",
    "Confusion",
    "Figure",
    "MetricKind",
    "MetricPlan",
    "confusion",
    "correct",
    "figures_of",
]
