"""What an augmentation is made of here: its row of the vocabulary, and what it does to a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.words.augmentations import Augmentation

if TYPE_CHECKING:
    from nngraph.data.warping import Motion

AnyArray = NDArray[Any]
Arrays = dict[str, AnyArray]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Row = TypeVar("Row", bound=Augmentation)


@dataclass(frozen=True, eq=False)
class Handling:
    """How one input or target takes part.

    `is_image`: [h, w] or [h, w, c], so that it is moved; `is_mask`: without blending and noise.
    `fill` [c] is what 0 of the raw data has become by scaling, or the class of the background.
    """

    is_image: bool = False
    is_mask: bool = False
    fill: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class AugmentPlan:
    """The augmentations of a data set, and how each input and target takes part in them."""

    specs: tuple[Augmentation, ...] = ()
    inputs: Mapping[str, Handling] = field(default_factory=dict)
    targets: Mapping[str, Handling] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of the training part when the turn of one augmentation has come.

    `inputs` and `targets` are replaced or written into; `draws` are numbers in [0, 1) for each row,
    float64[n, 4]; `noise(name, shape)` is standard normal, float64[n, *shape]; `others(rows)` are
    other rows of the part, varied by the same augmentations before this one; `total` counts them.
    """

    inputs: Arrays
    targets: Arrays
    draws: Floats
    plan: AugmentPlan
    total: int
    noise: Callable[[str, tuple[int, ...]], Floats]
    others: Callable[[Rows], tuple[Arrays, Arrays]]


@dataclass(frozen=True, slots=True)
class Moving(Generic[Row]):
    """Moves the pixels of images by `motion(options, draws, size of the image)`.

    Motions that follow each other become one, so that an image is resampled once.
    """

    row: type[Row]
    motion: Callable[[Row, Floats, tuple[int, ...]], Motion]


@dataclass(frozen=True, slots=True)
class Varying(Generic[Row]):
    """Varies a batch in another way."""

    row: type[Row]
    vary: Callable[[Row, Batch], None]


Effect = Moving[Any] | Varying[Any]


def with_channel_axis(array: AnyArray) -> AnyArray:
    """Images [n, h, w, c], also where they have no axis of channels."""
    return array if array.ndim == 4 else array[..., None]
