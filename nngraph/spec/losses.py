"""What is minimised: the words of `loss`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import Field

from nngraph.words.base import NotNegative, Positive, ShortForm, by_name, see
from nngraph.words.losses import LOSSES as FORMULAS
from nngraph.words.losses import LossSpec, ValuesLoss

Smoothing = Annotated[float, Field(ge=0, lt=1)]
ClassWeights = Annotated[tuple[NotNegative, ...], Field(min_length=2)]


_OF_FORMULAS = tuple(row.name for row in FORMULAS)

if TYPE_CHECKING:
    PlainName: TypeAlias = str
else:
    PlainName = Literal[
        "mean_squared_error",
        *_OF_FORMULAS,
        "kl_divergence",
        "hinge",
        "squared_hinge",
        "categorical_hinge",
    ]


class PlainLoss(ValuesLoss):
    """A loss without options of its own.

    mean_squared_error (y - t)^2; mean_absolute_error |y - t|; kl_divergence t ln(t / p) over a
    softmax; hinge max(0, 1 - s y) with s = 1 where t > 0, else -1; squared_hinge, its square;
    categorical_hinge max(0, 1 + highest wrong score - right score).
    """

    kind: PlainName
    """The formula."""


class Huber(ValuesLoss):
    """e^2 / 2 where |e| <= delta, delta (|e| - delta / 2) beyond; e = y - t."""

    kind: Literal["huber"] = "huber"
    """The formula."""
    delta: Positive = 1.0
    """Where the parabola becomes a line."""


class CrossEntropy(ValuesLoss):
    """-sum t ln p over a softmax, in nats."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    """The formula."""
    label_smoothing: Smoothing = 0.0
    """How much of each target is spread evenly over all classes."""
    class_weights: ClassWeights | None = None
    """A factor for each class, by the class of the target. The sum is still divided by the number
    of samples, not by the sum of the weights."""


class BinaryCrossEntropy(ValuesLoss):
    """-(t ln p + (1 - t) ln(1 - p)) over a sigmoid, in nats."""

    kind: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    """The formula."""
    label_smoothing: Smoothing = 0.0
    """How far targets are moved from 0 and 1 towards 1/2: t (1 - s) + s / 2."""


class NegativeLogLikelihood(ValuesLoss):
    """-sum t l over a log_softmax, in nats."""

    kind: Literal["negative_log_likelihood"] = "negative_log_likelihood"
    """The formula."""
    class_weights: ClassWeights | None = None
    """A factor for each class, by the class of the target."""


class Overlap(LossSpec):
    """1 - how much two masks overlap: dice 2 I / (A + B), jaccard I / (A + B - I), I the common
    area; over all values of a sample."""

    kind: Literal["dice", "jaccard"]
    """The formula."""
    smooth: Positive = 1.0
    """Added above and below the line, so that two empty masks are equal."""


class Focal(ValuesLoss):
    """An entropy times (1 - p of the right answer)^gamma: what is easy counts little (Lin et al.,
    2017). Binary over a sigmoid, over classes over a softmax."""

    kind: Literal["focal"] = "focal"
    """The formula."""
    gamma: NotNegative = 2.0
    """0 is the entropy itself; the more, the less easy samples count."""
    alpha: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Factor of yes, 1 - alpha of no, where answers are yes or no; by default both count 1."""
    class_weights: ClassWeights | None = None
    """A factor for each class, over a softmax."""


LOSSES: tuple[str, ...] = (
    "mean_squared_error",
    *_OF_FORMULAS,
    "huber",
    "cross_entropy",
    "binary_cross_entropy",
    "negative_log_likelihood",
    "kl_divergence",
    "hinge",
    "squared_hinge",
    "categorical_hinge",
    "dice",
    "jaccard",
    "focal",
)
"""Every loss by name."""

Loss = Annotated[
    PlainLoss | Huber | CrossEntropy | BinaryCrossEntropy | NegativeLogLikelihood | Overlap | Focal,
    Field(discriminator="kind"),
    by_name(*LOSSES),
]
"""A name, or a mapping with `kind` and options."""

LOSS_MODELS = (
    "PlainLoss",
    "Huber",
    "CrossEntropy",
    "BinaryCrossEntropy",
    "NegativeLogLikelihood",
    "Overlap",
    "Focal",
)


def _losses(value: Any) -> Any:
    return (value,) if isinstance(value, str | dict) else value


Losses = Annotated[
    tuple[Loss, ...],
    Field(min_length=1),
    ShortForm(_losses, {"anyOf": [{"enum": list(LOSSES)}, *(see(name) for name in LOSS_MODELS)]}),
]
"""A name, a mapping, or a list of these, summed with their weights."""
