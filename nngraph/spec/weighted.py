"""What edges with an array of weights have in common."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import AfterValidator, model_validator

from nngraph.spec.weights import Share, WeightValue, check_mask
from nngraph.words.base import NotNegative, SpecModel, value_error
from nngraph.words.inits import AnyInit


class EdgeModel(SpecModel):
    """What every edge may carry, and what is known of its kind: each kind is a row.

    `channel_axes` says what the axes of a kernel are behind those of its window.
    """

    channel_axes: ClassVar[str] = ""

    if TYPE_CHECKING:
        kind: str | None  # each row has its own word; None is the default of the target

    id: str | None = None
    """A name of its own; by default `from->to`."""

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


OWNERS_KEYS = ("weight", "init", "trainable", "learning_rate_scale", "weight_decay_scale")
"""What the owner of a shared array alone may say."""


class WeightedEdge(EdgeModel):
    """An edge with an array of weights."""

    weight: WeightValue | None = None
    """First value: a number (fills), nested lists (axes of length 1 may be left out), or
    `{file, key}`."""
    init: AnyInit | None = None
    """How the first values are drawn; the default follows the target's activation.

    PyTorch's layers start at `{kind: uniform, low: -r, high: r}` with r = 1 / sqrt(fan_in), biases
    too (`bias: {init: {...}}` of the node); scikit-learn's MLP at r = sqrt(6 / (fan_in + fan_out)),
    which is glorot_uniform, for logistic units at sqrt(2 / (fan_in + fan_out)), biases alike."""
    trainable: bool = True
    """false: training leaves the weights as they are."""
    mask: Annotated[WeightValue, AfterValidator(check_mask)] | None = None
    """0 where a connection is absent, 1 where it is present; shaped like the weights."""
    share: Share | None = None
    """Another edge whose array is used here too; gradients are summed."""
    learning_rate_scale: NotNegative = 1.0
    """Factor of the learning rate for these weights; 0 keeps them as they are."""
    weight_decay_scale: NotNegative = 1.0
    """Factor of weight decay and l1 for these weights."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = self.model_fields_set
        if self.weight is not None and self.init is not None:
            raise value_error("E107:weight-and-init", at=("init",))
        owned = [key for key in OWNERS_KEYS if key in given]
        if self.share is not None and owned:
            owner = self.share.edge
            raise value_error("E107:share", at=(owned[0],), key=owned[0], owner=owner)
        return self
