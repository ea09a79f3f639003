"""Losses of probabilities, in nats: how surprising the target is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from nngraph.formula import (
    LARGEST_BELOW_ONE,
    SMALLEST,
    Term,
    another_word,
    at_least,
    clip,
    dot,
    exp,
    log,
    log1p,
    max_last,
    power,
    spread,
    sum_last,
    total,
)
from nngraph.words.base import NotNegative
from nngraph.words.row import UNIT, ExactWith, LossRow, ValuesLoss, loss_with
from nngraph.words.smooth import sigmoid

Smoothing = Annotated[float, Field(ge=0, lt=1)]


def _weights_form(value: Any) -> str:
    if isinstance(value, str):
        return "weights-word"
    return "weights-by-class" if isinstance(value, Mapping) else "weight-list"


ClassWeights = Annotated[
    Annotated[tuple[NotNegative, ...], Field(min_length=2), Tag("weight-list")]
    | Annotated[dict[str, NotNegative], Field(min_length=1), Tag("weights-by-class")]
    | Annotated[Literal["balanced"], Tag("weights-word")],
    Discriminator(_weights_form),
]
"""A list in the order of the units, a mapping from classes (1 for others), or balanced: rows /
(classes * rows of the class) of the training part."""


class CrossEntropy(ValuesLoss):
    """-sum t ln p over a softmax, in nats."""

    kind: Literal["cross_entropy"] = "cross_entropy"
    """The formula."""
    label_smoothing: Smoothing = 0.0
    """How much of each target is spread evenly over all classes."""
    class_weights: ClassWeights | None = None
    """A factor for each class, by the class of the target: a list, `{cat: 2}` (1 for others), or
    balanced, rows / (classes * rows of the class) in the training part. The sum is still divided by
    the number of samples, not by the sum of the weights."""

    @property
    def normalised(self) -> bool:
        """Whether the targets of a sample sum to 1, as those of classes without weights do."""
        return self.class_weights is None


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
    """A factor for each class, by the class of the target: a list, `{cat: 2}` or balanced."""


class Focal(ValuesLoss):
    """An entropy times (1 - p of the right answer)^gamma: what is easy counts little.

    Binary over a sigmoid, over classes over a softmax (Lin et al., 2017).
    """

    kind: Literal["focal"] = "focal"
    """The formula."""
    gamma: NotNegative = 2.0
    """0 is the entropy itself; the more, the less easy samples count."""
    alpha: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Factor of yes, 1 - alpha of no, where answers are yes or no; by default both count 1."""
    class_weights: ClassWeights | None = None
    """A factor for each class, over a softmax: a list, `{cat: 2}` or balanced."""


def cross_entropy(p: Term, t: Term, normalised: bool) -> Term:
    """-sum t ln p, p counting as at least the smallest normal number: finite at 0, exact beyond."""
    return dot(log(at_least(p, SMALLEST)), t, -1.0)


def pull_cross_entropy(g: Term, p: Term, t: Term, normalised: bool) -> tuple[Term, Term]:
    """-t / p g and -ln p g."""
    above = at_least(p, SMALLEST)
    w = spread(g, p, -1.0)
    return t / above * w, log(above) * w


def softmax_cross_entropy(a: Term, t: Term, normalised: bool) -> tuple[Term, Term]:
    """sum t (ln q - s), and p = e^s / q, with s = a - max a and q = sum e^s >= 1."""
    s = a - max_last(a)
    e = exp(s)
    q = sum_last(e)
    return dot(log(q) - s, t), e / q


def pull_softmax_cross_entropy(
    g: Term, p: Term, a: Term, t: Term, normalised: bool
) -> tuple[Term, Term]:
    """(p sum t - t) g, where the targets sum to 1 (p - t) g; and -ln p g."""
    error = (p if normalised else p * sum_last(t)) - t
    into_a = error * spread(g, a)
    return into_a, another_word("log_softmax", a) * spread(g, a, -1.0)


def _logs(p: Term) -> tuple[Term, Term]:
    """ln p and ln(1 - p)."""
    return log(p), log1p(-p)


def binary_cross_entropy(p: Term, t: Term) -> Term:
    """-sum (t (ln p - ln(1 - p)) + ln(1 - p)), finite at p = 0 and p = 1."""
    yes, no = _logs(clip(p, SMALLEST, LARGEST_BELOW_ONE))
    return total(t * (yes - no) + no, -1.0)


def pull_binary_cross_entropy(g: Term, p: Term, t: Term) -> tuple[Term, Term]:
    """(p - t) / (p (1 - p)) g and (ln(1 - p) - ln p) g."""
    p_inside = clip(p, SMALLEST, LARGEST_BELOW_ONE)
    variance = p_inside * (1.0 - p_inside)
    slope = (p_inside - t) / variance
    w = spread(g, p)
    yes, no = _logs(p_inside)
    into_t = (no - yes) * w
    return slope * w, into_t


def sigmoid_binary_cross_entropy(a: Term, t: Term) -> tuple[Term, Term]:
    """sum (max(a, 0) - a t + ln(1 + e^-|a|)), and p."""
    rest = exp(-abs(a))
    linear = at_least(a, 0.0) - a * t
    return total(linear + log1p(rest)), sigmoid(a)


def pull_sigmoid_binary_cross_entropy(g: Term, p: Term, a: Term, t: Term) -> tuple[Term, Term]:
    """(p - t) g and -a g."""
    into_a = (p - t) * spread(g, a)
    return into_a, a * spread(g, a, -1.0)


def pull_negative_log_likelihood(g: Term, log_p: Term, t: Term) -> tuple[Term, Term]:
    """-t g and -ln p g."""
    w = spread(g, log_p, -1.0)
    return t * w, log_p * w


def kl_divergence(p: Term, t: Term) -> Term:
    """sum t ln(t / p): the cross-entropy, which fuses with its softmax, minus that of t itself.

    Where t is 0, so is its term.
    """
    own = another_word("negative_log_likelihood", log(at_least(t, SMALLEST)), t)
    return another_word("cross_entropy", p, t, numbers=(False,)) - own


def _focused(rest: Term, gamma: float, surprise: Term) -> Term:
    """surprise rest^gamma; rest counts as at least the smallest normal number."""
    return surprise if gamma == 0.0 else power(at_least(rest, SMALLEST), gamma) * surprise


def focal_over_classes(a: Term, t: Term, gamma: float, alpha: float | None) -> Term:
    """-sum t (1 - p)^gamma ln p with p = softmax(a)."""
    surprise = -another_word("log_softmax", a)
    rest = 1.0 - another_word("softmax", a)
    return total(_focused(rest, gamma, t * surprise))


def _yes_and_no(
    p: Term, no: Term, log_yes: Term, log_no: Term, t: Term, gamma: float, alpha: float | None
) -> Term:
    yes = _focused(no, gamma, t * log_yes)
    others = _focused(p, gamma, (1.0 - t) * log_no)
    if alpha is not None:
        yes = alpha * yes
        others = (1.0 - alpha) * others
    return total(yes + others)


def focal_of_logits(a: Term, t: Term, gamma: float, alpha: float | None) -> Term:
    """-sum (alpha t (1 - p)^gamma ln p + (1 - alpha) (1 - t) p^gamma ln(1 - p)), p = sigmoid(a)."""
    minus = -a
    log_yes, log_no = (
        another_word("softplus", minus),
        another_word("softplus", a),
    )  # -ln p, -ln(1 - p)
    no = another_word("sigmoid", minus)
    return _yes_and_no(another_word("sigmoid", a), no, log_yes, log_no, t, gamma, alpha)


def focal(p: Term, t: Term, gamma: float, alpha: float | None) -> Term:
    """The same of probabilities that no sigmoid made."""
    p = clip(p, SMALLEST, LARGEST_BELOW_ONE)
    log_yes = -log(p)
    log_no = -log1p(-p)
    return _yes_and_no(p, 1.0 - p, log_yes, log_no, t, gamma, alpha)


ENTROPIES: tuple[LossRow, ...] = (
    loss_with(
        CrossEntropy,
        cross_entropy,
        pull_cross_entropy,
        numbers=("normalised",),
        target="classes",
        needs="softmax",
        exact_with=(ExactWith("softmax", softmax_cross_entropy, pull_softmax_cross_entropy),),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108 and 4.109.",
    ),
    loss_with(
        BinaryCrossEntropy,
        binary_cross_entropy,
        pull_binary_cross_entropy,
        target="binary",
        needs=UNIT,
        exact_with=(
            ExactWith("sigmoid", sigmoid_binary_cross_entropy, pull_sigmoid_binary_cross_entropy),
        ),
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.90, 4.91 and 5.21.",
    ),
    loss_with(
        NegativeLogLikelihood,
        lambda log_p, t: dot(log_p, t, -1.0),
        pull_negative_log_likelihood,
        target="classes",
        needs="log_softmax",
        source="Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.108.",
    ),
    LossRow("kl_divergence", "t ln(t / p) over a softmax", kl_divergence, needs="softmax"),
    loss_with(
        Focal,
        focal,
        numbers=("gamma", "alpha"),
        target="binary",
        over_softmax="classes",
        needs=UNIT,
        exact_with=(
            ExactWith("softmax", focal_over_classes),
            ExactWith("sigmoid", focal_of_logits),
        ),
        source="Lin, Goyal, Girshick, He & Dollar, Focal loss for dense object detection, ICCV "
        "(2017), eq. 4 and 5.",
    ),
)
"""A loss of probabilities is added by a row here."""
