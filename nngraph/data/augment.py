"""Augmentation: training samples varied anew in each epoch.

What happens to a sample follows from the seed, its row number and the epoch alone: not from the
size or the order of batches, nor from what the other samples are, so a resumed run goes on with the
same bits. Every augmentation of the list has a stream of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.data.trigonometry import cosine, sine
from nngraph.data.warping import Motion, move, standing
from nngraph.spec.augmentations import (
    Augmentation,
    Crop,
    Erase,
    Flip,
    Mixup,
    Noise,
    Rotate,
    Scale,
    Shift,
)

AnyArray = NDArray[Any]
Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Key = NDArray[np.uint64]

DRAWS = 4  # numbers that one augmentation may draw for one sample: one block of the stream
LEVELS = 2**16  # noise takes one of so many equally likely values; the outermost is 4.3 stddevs
PER_WORD = 4  # of 16 bits each
BETA_STEPS = 4096
MOVING = (Shift, Rotate, Scale, Flip, Crop)


@dataclass(frozen=True, eq=False)
class Place:
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
    inputs: Mapping[str, Place] = field(default_factory=dict)
    targets: Mapping[str, Place] = field(default_factory=dict)


class Augmenter:
    """Varies the rows of the training part."""

    def __init__(self, plan: AugmentPlan, seed: int) -> None:
        self.plan = plan
        self._seed = seed
        self._keys = [
            streams.key(seed, f"augment.{number}", spec.kind)
            for number, spec in enumerate(plan.specs)
        ]
        self._epoch_draws: tuple[int, int, list[Floats]] | None = None

    def apply(
        self,
        inputs: Mapping[str, AnyArray],
        targets: Mapping[str, AnyArray],
        row_numbers: Rows,
        epoch: int,
    ) -> tuple[dict[str, AnyArray], dict[str, AnyArray]]:
        """The chosen rows, varied, as new arrays [len(row_numbers), ...].

        `inputs` and `targets` hold all rows of the part, as they were scaled; `row_numbers` count
        in them.
        """
        count = len(next(iter({**inputs, **targets}.values())))
        draws = self._draws(count, epoch)
        batch = _Batch(self, inputs, targets, draws, epoch)
        return batch.varied(row_numbers, len(self.plan.specs))

    def _draws(self, count: int, epoch: int) -> list[Floats]:
        """For each augmentation float64[count, DRAWS] in [0, 1), kept for the epoch."""
        kept = self._epoch_draws
        if kept is None or kept[:2] != (count, epoch):
            drawn = [streams.uniform(key, (count, DRAWS), step=epoch) for key in self._keys]
            kept = self._epoch_draws = (count, epoch, drawn)
        return kept[2]

    def noise(
        self, number: int, name: str, rows: Rows, shape: tuple[int, ...], epoch: int
    ) -> Floats:
        """Standard normal float64[len(rows), *shape] of one augmentation for one input."""
        size = math.prod(shape)
        words = -(-size // PER_WORD)
        key = streams.key(self._seed, f"augment.{number}", f"noise {name}")
        blocks = -(-words // streams.WORDS_PER_BLOCK)
        raw = np.empty((len(rows), words), "<u8")
        for i, row in enumerate(rows.tolist()):
            raw[i] = streams.raw(key, words, row * blocks, epoch)
        levels = raw.view("<u2").reshape(len(rows), -1)[:, :size]
        return self._levels.take(levels).reshape(len(rows), *shape)

    @cached_property
    def _levels(self) -> Floats:
        return streams.normal_quantile((np.arange(LEVELS) + 0.5) / LEVELS)

    @cached_property
    def betas(self) -> dict[int, tuple[Floats, Floats]]:
        """For each mixup by its number in the list the distribution of its shares."""
        return {
            number: _beta_distribution(spec.alpha)
            for number, spec in enumerate(self.plan.specs)
            if isinstance(spec, Mixup)
        }


Arrays = dict[str, AnyArray]


@dataclass(frozen=True, eq=False)
class _Batch:
    """All rows of a part, and what was drawn for them in one epoch."""

    augmenter: Augmenter
    inputs: Mapping[str, AnyArray]
    targets: Mapping[str, AnyArray]
    draws: list[Floats]
    epoch: int

    def varied(self, rows: Rows, stop: int) -> tuple[Arrays, Arrays]:
        """Some rows after the first `stop` augmentations."""
        specs = self.augmenter.plan.specs
        inputs = {name: array.take(rows, axis=0) for name, array in self.inputs.items()}
        targets = {name: array.take(rows, axis=0) for name, array in self.targets.items()}
        number = 0
        while number < stop:
            spec, draws = specs[number], self.draws[number].take(rows, axis=0)
            if isinstance(spec, MOVING):
                number = self._move(inputs, targets, rows, number, stop)
                continue
            if isinstance(spec, Noise):
                self._add_noise(inputs, rows, number, spec)
            elif isinstance(spec, Erase):
                self._erase(inputs, spec, draws)
            elif isinstance(spec, Mixup):
                self._mix(inputs, targets, draws, number)
            number += 1
        return inputs, targets

    def _move(self, inputs: Arrays, targets: Arrays, rows: Rows, first: int, stop: int) -> int:
        """One resampling for all motions that follow each other; the number after the last."""
        specs, after = self.augmenter.plan.specs, first
        while after < stop and isinstance(specs[after], MOVING):
            after += 1
        drawn = [self.draws[number].take(rows, axis=0) for number in range(first, after)]
        plan = self.augmenter.plan
        for arrays, places in ((inputs, plan.inputs), (targets, plan.targets)):
            for name, array in arrays.items():
                place = places.get(name, Place())
                if place.is_image:
                    motion = motion_of(specs[first:after], drawn, array.shape[1:3])
                    arrays[name] = _moved(array, motion, place)
        return after

    def _add_noise(self, inputs: Arrays, rows: Rows, number: int, spec: Noise) -> None:
        for name, array in inputs.items():
            noise = self.augmenter.noise(number, name, rows, array.shape[1:], self.epoch)
            array += (spec.stddev * noise).astype(array.dtype)

    def _erase(self, inputs: Arrays, spec: Erase, draws: Floats) -> None:
        for name, array in inputs.items():
            place = self.augmenter.plan.inputs.get(name, Place())
            if place.is_image:
                images = _with_channels(array)
                inside = _rectangle(spec, draws, images.shape[1:3])
                np.copyto(images, np.array(place.fill, array.dtype), where=inside[..., None])

    def _mix(self, inputs: Arrays, targets: Arrays, draws: Floats, number: int) -> None:
        """Blend with partners that went through the same augmentations before."""
        total = len(self.draws[number])
        partners = np.minimum((draws[:, 0] * total).astype(np.int64), total - 1)
        others = self.varied(partners, number)
        share = _share(self.augmenter.betas[number], draws[:, 1])
        for arrays, other in zip((inputs, targets), others, strict=True):
            for name, array in arrays.items():
                m = share.reshape(-1, *(1,) * (array.ndim - 1)).astype(array.dtype)
                arrays[name] = m * array + (1 - m) * other[name]


def augment(
    images: AnyArray,
    masks: AnyArray | None,
    specs: Sequence[Augmentation],
    seed: int,
    epoch: int,
    row_numbers: Rows,
) -> tuple[AnyArray, AnyArray | None]:
    """Images [n, h, w, c], and masks [n, h, w, k] that move along, varied; all rows must be there.

    A short way to an `Augmenter` for one input and one target.
    """
    shape = AugmentPlan(tuple(specs), {"x": Place(True)}, {"y": Place(True, is_mask=True)})
    given = {} if masks is None else {"y": masks}
    inputs, targets = Augmenter(shape, seed).apply({"x": images}, given, row_numbers, epoch)
    return inputs["x"], targets.get("y")


def _with_channels(array: AnyArray) -> AnyArray:
    return array if array.ndim == 4 else array[..., None]


def _moved(array: AnyArray, motion: Motion, place: Place) -> AnyArray:
    fill = np.array(place.fill, array.dtype)
    moved = move(_with_channels(array), motion, fill, blend=not place.is_mask)
    return moved.reshape(array.shape)


def motion_of(
    specs: Sequence[Augmentation], draws: Sequence[Floats], size: tuple[int, ...]
) -> Motion:
    """The motions of some augmentations, one after the other, for images of one size."""
    motion: Motion | None = None
    for spec, drawn in zip(specs, draws, strict=True):
        own = _motion(spec, drawn, size)
        motion = own if motion is None else own.after(motion)
    assert motion is not None
    return motion


def _motion(spec: Augmentation, draws: Floats, size: tuple[int, ...]) -> Motion:
    linear, offset = standing(len(draws)), np.zeros((len(draws), 2))
    match spec:
        case Shift():
            steps = np.floor(draws[:, :2] * (2 * spec.pixels + 1)) - spec.pixels
            return Motion(linear, -steps, is_exact=True)
        case Flip():
            axis = 1 if spec.axis == "horizontal" else 0
            linear[draws[:, 0] < spec.probability, axis, axis] = -1.0
            return Motion(linear, offset, is_exact=True)
        case Rotate():
            angle = (2.0 * draws[:, 0] - 1.0) * math.radians(spec.degrees)
            c, s = cosine(angle), sine(angle)
            return Motion(np.stack([c, -s, s, c], axis=1).reshape(-1, 2, 2), offset)
        case Scale():
            factor = spec.low + (spec.high - spec.low) * draws[:, 0]
            return Motion(linear / factor[:, None, None], offset)
        case Crop():
            side = spec.keep + (1.0 - spec.keep) * draws[:, 0]
            free = (1.0 - side)[:, None] * (np.array(size) - 1.0)
            return Motion(linear * side[:, None, None], (draws[:, 1:3] - 0.5) * free)
    raise AssertionError(f"{spec.kind} moves nothing")


def _rectangle(spec: Erase, draws: Floats, size: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pixels are blanked, bool[n, h, w]: a rectangle that lies inside, or none."""
    hit = draws[:, 0] < spec.probability
    # what is left of the first number, given that it hit, is a number in [0, 1) again
    heights = _extents(draws[:, 0] / spec.probability, spec.size, size[0])
    widths = _extents(draws[:, 1], spec.size, size[1])
    top = np.floor(draws[:, 2] * (size[0] - heights + 1))
    left = np.floor(draws[:, 3] * (size[1] - widths + 1))
    row, column = np.arange(size[0]), np.arange(size[1])
    rows = (row >= top[:, None]) & (row < (top + heights)[:, None])
    columns = (column >= left[:, None]) & (column < (left + widths)[:, None])
    return rows[:, :, None] & columns[:, None, :] & hit[:, None, None]


def _extents(draws: Floats, largest: float, size: int) -> Floats:
    most = max(1, int(largest * size))
    return np.minimum(1.0 + np.floor(draws * most), most)


def _beta_distribution(alpha: float) -> tuple[Floats, Floats]:
    """Points (x, P(X <= x)) of Beta(alpha, alpha) from 0 to 1/2; the other half mirrors it.

    With t = s^(1/alpha) the density t^(alpha-1) (1-t)^(alpha-1) dt loses its pole at 0.
    """
    s = np.linspace(0.0, 0.5**alpha, BETA_STEPS + 1)
    x = s ** (1.0 / alpha)
    density = (1.0 - x) ** (alpha - 1.0)
    area = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2.0)])
    return x, area / (2.0 * area[-1])


def _share(distribution: tuple[Floats, Floats], draws: Floats) -> Floats:
    """Shares distributed so; rounded, so that the last bits of powers do not matter."""
    x, probability = distribution
    upper = draws > 0.5
    share = np.interp(np.where(upper, 1.0 - draws, draws), probability, x)
    return np.rint(np.where(upper, 1.0 - share, share) * 2.0**16) / 2.0**16
