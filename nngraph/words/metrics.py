"""The figures that are watched while training: the words of `metrics`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import model_validator

from nngraph.records import dataclass
from nngraph.words.base import ShortForm, Size, SpecModel, by_name, value_error

Average = Literal["macro", "micro", "per_class"]


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One figure of merit.

    `rising`: more of it is better. `of_classes`: it needs classes, or a yes and no, and says
    nothing of numbers; `of_probabilities`: of classes whose probabilities are known. `averaged`:
    it is told of each class first, and `average` says how they are brought together. `among`: an
    answer is right among the `k` largest, and k is part of the figure's name.
    """

    name: str
    meaning: str
    rising: bool = True
    of_classes: bool = True
    of_probabilities: bool = False
    averaged: bool = False
    among: bool = False

    @property
    def figure(self) -> str:
        """The name of its figure; k, `micro` or the name of a class may follow."""
        return self.name.removesuffix("_k") if self.among else self.name

    def gives(self, figure: str) -> bool:
        """Whether a figure of this name, without node and part, is one of this metric."""
        return figure == self.name or figure.startswith(f"{self.figure}_")


METRICS: tuple[Metric, ...] = (
    Metric("accuracy", "the share of right answers", of_classes=False),
    Metric("top_k", "how often the right class is among the k largest units", among=True),
    Metric("precision", "the share of the answers that is right", averaged=True),
    Metric("recall", "the share of what is true that was answered", averaged=True),
    Metric("f1", "the harmonic mean of precision and recall", averaged=True),
    Metric("roc_auc", "the chance that a true one scores above a false one", averaged=True),
    Metric("dice", "2 |A and T| / (|A| + |T|)", averaged=True),
    Metric("iou", "|A and T| / |A or T|, the Jaccard index", averaged=True),
    Metric(
        "perplexity",
        "e to the mean surprise: 1 for certainty, C for a guess among C classes",
        rising=False,
        of_probabilities=True,
    ),
    Metric("mean_squared_error", "the mean of (y - t)^2", rising=False, of_classes=False),
    Metric("mean_absolute_error", "the mean of |y - t|", rising=False, of_classes=False),
    Metric("r2", "1 - sum (t - y)^2 / sum (t - mean t)^2", of_classes=False),
)
"""A metric is added by a row here, and by how it is counted in `train/metrics/figure.py`."""

METRIC_ROWS: Mapping[str, Metric] = MappingProxyType({row.name: row for row in METRICS})
"""The vocabulary by name."""

AVERAGED = tuple(row.name for row in METRICS if row.averaged)

DEFAULT_K = 5

if TYPE_CHECKING:
    MetricName: TypeAlias = str
else:
    MetricName = Literal[tuple(METRIC_ROWS)]


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

    @property
    def row(self) -> Metric:
        """What is known of the word."""
        return METRIC_ROWS[self.kind]

    @model_validator(mode="after")
    def _options_fit_the_kind(self) -> Self:
        if self.k is not None and not self.row.among:
            raise value_error("E107:k", at=("k",), metric=self.kind)
        if self.average is not None and not self.row.averaged:
            averages = ", ".join(AVERAGED)
            raise value_error("E107:average", at=("average",), metric=self.kind, averages=averages)
        return self


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Metrics = Annotated[
    tuple[Annotated[MetricSpec, by_name(*METRIC_ROWS)], ...],
    ShortForm(_as_tuple, {"enum": list(METRIC_ROWS)}),
]
"""A name, a mapping with `kind`, `node`, `target` and options, or a list of these."""


def is_rising(figure: str) -> bool:
    """Whether more of a figure is better, by its name.

    >>> is_rising("validation.accuracy"), is_rising("train.loss"), is_rising("test.y.f1_macro")
    (True, False, True)
    """
    name = figure.rsplit(".", 1)[-1]
    return any(row.rising for row in METRICS if row.gives(name))
