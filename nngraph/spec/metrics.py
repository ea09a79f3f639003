"""The figures that are watched while training: the words of `metrics`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import model_validator

from nngraph.words.base import Size, SpecModel, by_name, value_error

MetricName = Literal[
    "accuracy",
    "top_k",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "dice",
    "iou",
    "perplexity",
    "mean_squared_error",
    "mean_absolute_error",
    "r2",
]

METRICS: tuple[str, ...] = (
    "accuracy",
    "top_k",
    "precision",
    "recall",
    "f1",
    "roc_auc",
    "dice",
    "iou",
    "perplexity",
    "mean_squared_error",
    "mean_absolute_error",
    "r2",
)
"""Every metric by name."""

DEFAULT_K = 5

Average = Literal["macro", "micro", "per_class"]

AVERAGES: Mapping[str, tuple[Average, ...]] = MappingProxyType(
    {
        "precision": ("macro", "micro", "per_class"),
        "recall": ("macro", "micro", "per_class"),
        "f1": ("macro", "micro", "per_class"),
        "dice": ("macro", "micro", "per_class"),
        "iou": ("macro", "micro", "per_class"),
        "roc_auc": ("macro", "micro", "per_class"),
    }
)
"""The metrics that are told of each class first, and how their classes may be brought together."""


class MetricSpec(SpecModel):
    """A figure that is watched while training."""

    kind: MetricName
    """The formula."""
    node: str | None = None
    """The node that is judged; by default the node of the loss."""
    target: str | None = None
    """What it is compared with; by default the target of that node's loss."""
    k: Size | None = None
    """Of `top_k`: an answer is right where the class is among the k largest units; 5 by default."""
    average: Average | None = None
    """Of precision, recall, f1, dice, iou and roc_auc: `macro` (the default) is the mean over
    classes, `micro` counts all classes together, `per_class` is a figure for each."""

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> MetricSpec:
        if self.k is not None and self.kind != "top_k":
            raise value_error("E107:k", at=("k",), metric=self.kind)
        if self.average is not None and self.kind not in AVERAGES:
            averages = ", ".join(AVERAGES)
            raise value_error("E107:average", at=("average",), metric=self.kind, averages=averages)
        return self


Metric = Annotated[MetricSpec, by_name(*METRICS)]
"""A name, or a mapping with `kind`, `node`, `target` and options."""
