"""The words of `augment`: how training samples are varied, anew in every epoch."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, Union

from pydantic import Field, model_validator

from nngraph.words.base import ChosenBy, Positive, ShortForm, Size, SpecModel, by_name, value_error

Probability = Annotated[float, Field(gt=0, le=1)]


class Augmentation(SpecModel):
    """What every row is; `needs_image` where only the pixels of images can be varied so."""

    needs_image: ClassVar[bool] = True

    if TYPE_CHECKING:
        kind: str  # each row has its own word

    @classmethod
    def word(cls) -> str:
        """The word for `kind` that chooses this row."""
        return str(cls.model_fields["kind"].default)


class Shift(Augmentation):
    """Moves an image by whole pixels, up or down and left or right; 0 comes in from outside."""

    kind: Literal["shift"] = "shift"
    pixels: Size = 2
    """The farthest, along each axis."""


class Rotate(Augmentation):
    """Turns an image around its centre, either way; 0 comes in from outside."""

    kind: Literal["rotate"] = "rotate"
    degrees: Annotated[float, Field(gt=0, le=180)] = 10.0
    """The farthest, to either side."""


class Scale(Augmentation):
    """Enlarges or shrinks an image around its centre; 0 comes in from outside."""

    kind: Literal["scale"] = "scale"
    low: Positive = 0.9
    """The smallest factor; below 1 shrinks."""
    high: Positive = 1.1
    """The largest factor."""

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low > self.high:
            raise value_error("E107:low-and-high", at=("low",), low=self.low, high=self.high)
        return self


class Flip(Augmentation):
    """Mirrors an image."""

    kind: Literal["flip"] = "flip"
    axis: Literal["horizontal", "vertical"] = "horizontal"
    """`horizontal` swaps left and right, `vertical` top and bottom."""
    probability: Probability = 0.5
    """How often."""


class Crop(Augmentation):
    """Takes a window of the same proportions anywhere in an image and enlarges it to full size."""

    kind: Literal["crop"] = "crop"
    keep: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """The smallest side of the window, as a fraction of the image's."""


class Noise(Augmentation):
    """Adds normal noise to every value of every input, images or not."""

    kind: Literal["noise"] = "noise"
    needs_image = False
    stddev: Positive = 0.1
    """Standard deviation, in the scale in which the network sees the input (normalised)."""


class Erase(Augmentation):
    """Blanks a rectangle of an image with 0; masks keep what was there."""

    kind: Literal["erase"] = "erase"
    size: Annotated[float, Field(gt=0, le=1)] = 0.25
    """The largest side of the rectangle, as a fraction of the image's."""
    probability: Probability = 0.5
    """How often."""


class Mixup(Augmentation):
    """Blends each sample, and its targets, with another: m (x, t) + (1 - m) (x', t').

    Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", 2018.
    """

    kind: Literal["mixup"] = "mixup"
    needs_image = False
    alpha: Annotated[float, Field(gt=0, le=100)] = 0.2
    """m is drawn from the distribution Beta(alpha, alpha)."""


AUGMENTATIONS: tuple[type[Augmentation], ...] = (
    Shift,
    Rotate,
    Scale,
    Flip,
    Crop,
    Noise,
    Erase,
    Mixup,
)
"""An augmentation is added by a row here, and by what it does in `data/augmentations/`."""

NAMES = tuple(row.word() for row in AUGMENTATIONS)

if TYPE_CHECKING:
    AnyAugmentation = Augmentation
else:
    AnyAugmentation = Annotated[Union[AUGMENTATIONS], ChosenBy("kind")]  # noqa: UP007


def _as_tuple(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str | dict) else value


Augmentations = Annotated[
    tuple[Annotated[AnyAugmentation, by_name(*NAMES)], ...],
    ShortForm(_as_tuple, {"enum": list(NAMES)}),
]
"""A list of names, or of mappings with `kind` and options, applied in this order."""
