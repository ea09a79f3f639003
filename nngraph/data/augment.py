"""Augmentation: training samples varied anew in each epoch.

What happens to a sample follows from the seed, its row number and the epoch alone: not from the
size or the order of batches, nor from what the other samples are, so a resumed run goes on with the
same bits. Every augmentation of the list has a stream of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from nngraph import streams
from nngraph.data.augmentations.effect import (
    AnyArray,
    Arrays,
    AugmentPlan,
    Batch,
    Floats,
    Handling,
    Moving,
    Rows,
    with_channel_axis,
)
from nngraph.data.augmentations.effects import effect_of
from nngraph.data.normalizers import Values
from nngraph.data.warping import Motion, Mover
from nngraph.records import dataclass
from nngraph.words.augmentations import Augmentation

DRAWS = 4  # numbers that one augmentation may draw for one sample: one block of the stream
LEVELS = 2**16  # noise takes one of so many equally likely values; the outermost is 4.3 stddevs
PER_WORD = 4  # of 16 bits each


class Augmenter:
    """Varies the rows of the training part; with compiled `kernels` to the same bits."""

    def __init__(self, plan: AugmentPlan, seed: int, *, kernels: bool = False) -> None:
        self.plan, self.mover = plan, Mover(kernels)
        self._seed = seed
        self._keys = [
            streams.key(seed, f"augment.{number}", spec.kind)
            for number, spec in enumerate(plan.specs)
        ]
        self._epoch: _Epoch | None = None

    def apply(
        self,
        inputs: Mapping[str, Values],
        targets: Mapping[str, Values],
        row_numbers: Rows,
        epoch: int,
    ) -> tuple[dict[str, AnyArray], dict[str, AnyArray]]:
        """The chosen rows, varied, as new arrays [len(row_numbers), ...].

        `inputs` and `targets` hold all rows of the part, as they were scaled; `row_numbers` count
        in them.
        """
        count = len(next(iter({**inputs, **targets}.values())))
        part = _Part(self, inputs, targets, self._drawn(count, epoch))
        return part.varied(row_numbers, len(self.plan.specs))

    def _drawn(self, count: int, epoch: int) -> _Epoch:
        """What is drawn for all rows in an epoch."""
        kept = self._epoch
        if kept is None or (kept.count, kept.number) != (count, epoch):
            draws = [streams.uniform(key, (count, DRAWS), step=epoch) for key in self._keys]
            kept = self._epoch = _Epoch(count, epoch, self.plan.specs, draws)
        return kept

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


class _Epoch:
    """What happens to all rows in one epoch: for each augmentation float64[count, DRAWS] in [0, 1),
    and the motions that follow from them, found at once: for the few rows of a batch it takes as
    long to call for them as for all."""

    def __init__(
        self, count: int, number: int, specs: Sequence[Augmentation], draws: list[Floats]
    ) -> None:
        self.count, self.number, self.draws = count, number, draws
        self._specs = specs
        self._motions: dict[tuple[int, int, tuple[int, ...]], Motion] = {}

    def motion(self, first: int, after: int, size: tuple[int, ...]) -> Motion:
        """That of the augmentations `first` to `after` (excluded) for images of one size."""
        key = first, after, size
        if key not in self._motions:
            self._motions[key] = motion_of(self._specs[first:after], self.draws[first:after], size)
        return self._motions[key]


@dataclass(frozen=True, eq=False)
class _Part:
    """All rows of a part, and what was drawn for them in one epoch."""

    augmenter: Augmenter
    inputs: Mapping[str, Values]
    targets: Mapping[str, Values]
    epoch: _Epoch

    def varied(self, rows: Rows, stop: int) -> tuple[Arrays, Arrays]:
        """Some rows after the first `stop` augmentations."""
        specs = self.augmenter.plan.specs
        inputs = {name: array.take(rows, axis=0) for name, array in self.inputs.items()}
        targets = {name: array.take(rows, axis=0) for name, array in self.targets.items()}
        number = 0
        while number < stop:
            effect = effect_of(specs[number])
            if isinstance(effect, Moving):
                number = self._move(inputs, targets, rows, number, stop)
                continue
            effect.vary(specs[number], self._batch(inputs, targets, rows, number))
            number += 1
        return inputs, targets

    def _batch(self, inputs: Arrays, targets: Arrays, rows: Rows, number: int) -> Batch:
        def noise(name: str, shape: tuple[int, ...]) -> Floats:
            return self.augmenter.noise(number, name, rows, shape, self.epoch.number)

        drawn = self.epoch.draws[number]
        return Batch(
            inputs,
            targets,
            drawn.take(rows, axis=0),
            self.augmenter.plan,
            len(drawn),
            noise,
            others=partial(self.varied, stop=number),
        )

    def _move(self, inputs: Arrays, targets: Arrays, rows: Rows, first: int, stop: int) -> int:
        """One resampling for all motions that follow each other; the number after the last."""
        plan, after = self.augmenter.plan, first
        while after < stop and isinstance(effect_of(plan.specs[after]), Moving):
            after += 1
        for arrays, handlings in ((inputs, plan.inputs), (targets, plan.targets)):
            for name, array in arrays.items():
                handling = handlings.get(name, Handling())
                if handling.is_image:
                    motion = self.epoch.motion(first, after, array.shape[1:3]).of(rows)
                    arrays[name] = _moved(array, motion, handling, self.augmenter.mover)
        return after


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
    shape = AugmentPlan(tuple(specs), {"x": Handling(True)}, {"y": Handling(True, is_mask=True)})
    given = {} if masks is None else {"y": masks}
    inputs, targets = Augmenter(shape, seed).apply({"x": images}, given, row_numbers, epoch)
    return inputs["x"], targets.get("y")


def _moved(array: AnyArray, motion: Motion, handling: Handling, mover: Mover) -> AnyArray:
    fill = np.array(handling.fill, array.dtype)
    blend, images = not handling.is_mask, with_channel_axis(array)
    moved = mover.move(images, motion, fill, blend=blend)
    return moved.reshape(array.shape)


def motion_of(
    specs: Sequence[Augmentation], draws: Sequence[Floats], size: tuple[int, ...]
) -> Motion:
    """The motions of some augmentations, one after the other, for images of one size."""
    motion: Motion | None = None
    for spec, drawn in zip(specs, draws, strict=True):
        effect = effect_of(spec)
        assert isinstance(effect, Moving)
        own = effect.motion(spec, drawn, size)
        motion = own if motion is None else own.after(motion)
    assert motion is not None
    return motion
