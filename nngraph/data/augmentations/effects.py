"""All augmentations: one is added by its line here and its row in `words/augmentations.py`; a test
fails when either is missing."""

from __future__ import annotations

from nngraph.data.augmentations.effect import Effect
from nngraph.data.augmentations.erase import ERASE
from nngraph.data.augmentations.mixup import MIXUP
from nngraph.data.augmentations.motions import CROP, FLIP, ROTATE, SCALE, SHIFT
from nngraph.data.augmentations.noise import NOISE
from nngraph.words.augmentations import Augmentation

EFFECTS: tuple[Effect, ...] = (SHIFT, ROTATE, SCALE, FLIP, CROP, NOISE, ERASE, MIXUP)


def effect_of(spec: Augmentation) -> Effect:
    """What an augmentation of a spec does."""
    (effect,) = (effect for effect in EFFECTS if effect.row is type(spec))
    return effect
