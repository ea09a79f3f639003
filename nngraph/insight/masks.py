"""Masks beside what is true: as pixels, as one picture of what went wrong, as a figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.insight.answers import answers_by_chunk
from nngraph.insight.deciding import middle_of
from nngraph.records import dataclass
from nngraph.render.colours import CLASSES, class_colour
from nngraph.render.pixels import Bytes, decimated, grey_pixels
from nngraph.train.learner import Learner
from nngraph.train.metrics.figure import dice
from nngraph.train.supervision import Answered, targets_of

Array = NDArray[Any]
Codes = NDArray[np.int64]

MISSED, INVENTED, CONFUSED = CLASSES[1], CLASSES[2], CLASSES[7]  # orange, blue, purple
DIMMED = 0.45


@dataclass(frozen=True, slots=True)
class MaskKind:
    """What the numbers of a node that marks pixels mean."""

    classes: int
    middle: float

    def codes(self, values: Array) -> Codes:
        """The class of each pixel, [..., h, w], of values [..., h, w, c] or [..., h, w]."""
        if self.classes > 2:
            found: Codes = values.argmax(axis=-1)
            return found
        return (values > self.middle).astype(np.int64)

    def pixels(self, values: Array) -> Bytes:
        """Grey by how sure, or a colour per class."""
        if self.classes == 2:
            low = min(0.0, 2 * self.middle - 1)
            return grey_pixels(values, (low, 1.0))
        colours = np.array([class_colour(code) for code in range(self.classes)], np.uint8)
        return colours[decimated(self.codes(values))]


def mask_kind(part: Part, answered: Answered) -> MaskKind | None:
    """The kind of a node that says yes or no, or a class, of every pixel; None of others."""
    t = targets_of(part, answered)
    if answered.meaning == "classes" and len(t.shape) == 4:
        return MaskKind(t.shape[-1], 0.5)
    is_flat = len(t.shape) == 3 or (len(t.shape) == 4 and t.shape[-1] == 1)
    if answered.meaning == "binary" and is_flat and min(t.shape[1:3]) >= 4:
        return MaskKind(2, middle_of(answered))
    return None


def flat_mask(values: Array) -> Array:
    """A mask [h, w, 1] as [h, w]; others as they are."""
    return values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values


def dice_of_masks(true: Codes, came: Codes) -> float:
    """2 |A and T| / (|A| + |T|) of one sample: the mean over the classes but the ground that
    either of them has, 1 where neither marks anything.

    >>> dice_of_masks(np.array([[0, 1, 1]]), np.array([[0, 0, 1]]))
    0.6666666666666666
    """
    codes = np.union1d(true, came)
    codes = codes[codes > 0]
    if not codes.size:
        return 1.0
    both = np.where(true == came, true, 0)
    counts = [np.array([(mask == code).sum() for code in codes]) for mask in (both, came, true)]
    return float(np.mean(dice(*counts)))


def dice_by_row(
    learner: Learner, part: Part, answered: Answered, kind: MaskKind
) -> NDArray[np.float64]:
    """The Dice of every sample of a part, [n]."""
    t = targets_of(part, answered)
    scores = np.empty(part.rows)
    for rows, came in answers_by_chunk(learner, part, answered):
        pairs = zip(t[rows], came, strict=True)
        scores[rows] = [
            dice_of_masks(kind.codes(flat_mask(a)), kind.codes(flat_mask(b))) for a, b in pairs
        ]
    return scores


def beside_truth(kind: MaskKind, picture: Bytes, true: Array, came: Array) -> list[Bytes]:
    """The picture, the true mask, the one that came, and, where mask and picture have one size,
    their difference."""
    true, came = flat_mask(true), flat_mask(came)
    codes = kind.codes(true), kind.codes(came)
    shown = [picture, kind.pixels(true), kind.pixels(came)]
    fits = decimated(codes[0]).shape == picture.shape[:2]
    return [*shown, differences(picture, *codes)] if fits else shown


def differences(picture: Bytes, true: Codes, came: Codes) -> Bytes:
    """The picture, dark, with what is right left light, what was missed in orange, what was
    invented in blue, and one class taken for another in purple: uint8[h, w, 3]."""
    grey = picture.mean(axis=2)
    true, came = decimated(true), decimated(came)
    shown = np.repeat((DIMMED * grey)[..., None], 3, axis=2)
    right = (true == came) & (true > 0)
    shown[right] = 150 + 0.4 * grey[right][:, None]
    wrong = (
        ((true > 0) & (came == 0), MISSED),
        ((true == 0) & (came > 0), INVENTED),
        ((true != came) & (true > 0) & (came > 0), CONFUSED),
    )
    for where, colour in wrong:
        shown[where] = colour
    pixels: Bytes = np.rint(shown).astype(np.uint8)
    return pixels
