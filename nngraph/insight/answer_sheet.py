"""What a network answers beside what is true, as a sheet of pictures: the worst first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Part
from nngraph.diagnostics.wording import count
from nngraph.errors import UsageError, diagnostic
from nngraph.insight.answers import answers, answers_by_chunk, part_to_show
from nngraph.insight.input_pictures import InputPictures
from nngraph.insight.masks import MaskKind, beside_truth, dice_by_row, mask_kind
from nngraph.insight.mistakes import Mistakes, mistakes_of
from nngraph.render.contact_sheet import SheetBlock, SheetImage
from nngraph.render.pixels import (
    SEEN,
    decimated,
    grey_pixels,
    is_picture,
    shades_of,
    signed_pixels,
)
from nngraph.render.words import clip_text, number, percent
from nngraph.train.learner import Learner
from nngraph.train.supervision import Answered, answered_nodes, targets_of

Array = NDArray[Any]

MOST_SAMPLES = {"mask": 12, "class": 40, "picture": 12}
CLASS_SIDE, MASK_SIDE = 92, 80  # pixels of a picture on the sheet
CLASS_COLUMNS, PICTURE_COLUMNS = 8, 2  # of samples


def answer_blocks(
    learner: Learner, data: DataSet, sample: int | None = None
) -> tuple[SheetBlock, ...]:
    """A block for each node that is compared with a target, over the pictures of the test part.

    Masks and pictures stand beside what is true, those with the lowest Dice or the largest error
    first; of classes the mistakes are shown, the most confident first. With `sample` only that one.

    Errors: UsageError for a network without pictures, or a sample that is not there.
    """
    name, part = part_to_show(data, sample)
    pictures = InputPictures.of(learner, data, part)
    if pictures is None:
        raise UsageError(diagnostic("E002:no-picture-in"))
    sheet = _Sheet(learner, part, name, pictures, sample)
    found = [sheet.block(answered) for answered in answered_nodes(learner, part)]
    blocks = tuple(block for block in found if block is not None)
    if not blocks:
        raise UsageError(diagnostic("E002:plain-answers"))
    return blocks


def needs_truth(learner: Learner) -> None:
    """Refuse a network that is compared with nothing. Errors: UsageError."""
    if not learner.document.spec.loss:
        raise UsageError(diagnostic("E002:no-truth"))


class _Sheet:
    def __init__(
        self,
        learner: Learner,
        part: Part,
        name: str,
        pictures: InputPictures,
        sample: int | None,
    ) -> None:
        self.learner, self.part, self.name = learner, part, name
        self.pictures, self.sample = pictures, sample

    def block(self, answered: Answered) -> SheetBlock | None:
        """One node's answers; None for plain numbers."""
        kind = mask_kind(self.part, answered)
        if kind is not None:
            return self._masks(answered, kind)
        mistakes = mistakes_of(self.learner, self.part, answered)
        if mistakes is not None:
            return self._classes(mistakes)
        t = targets_of(self.part, answered)
        return self._drawn_again(answered) if is_picture(t.shape[1:]) else None

    # ---- masks

    def _masks(self, answered: Answered, kind: MaskKind) -> SheetBlock:
        scores = dice_by_row(self.learner, self.part, answered, kind)
        rows = self._rows(np.argsort(scores, kind="stable"), "mask")
        came = answers(self.learner, self.part, answered, rows)
        images = [
            image
            for row, answer in zip(rows, came, strict=True)
            for image in self._mask_row(answered, kind, row, answer, float(scores[row]))
        ]
        detail = (
            f"picture, truth, answer, difference (orange missed, blue invented"
            f"{', purple one for another' if kind.classes > 2 else ''}); "
            f"Dice {number(float(scores.mean()), 3)} in the mean of {self._all()}"
        )
        return self._sheet(answered.node, detail, images, len(rows))

    def _mask_row(
        self, answered: Answered, kind: MaskKind, row: int, came: Array, score: float
    ) -> list[SheetImage]:
        true = targets_of(self.part, answered)[row]
        captions = (self._row_name(row), "truth", f"Dice {number(score, 3)}", "")
        shown = beside_truth(kind, self._picture(row), true, came)
        return [SheetImage(*pair) for pair in zip(shown, captions, strict=False)]

    # ---- classes

    def _classes(self, mistakes: Mistakes) -> SheetBlock:
        places = {row: place for place, row in enumerate(mistakes.rows.tolist())}
        wrong = len(mistakes.rows)
        order = mistakes.rows if wrong or self.sample is not None else mistakes.unsure
        rows = self._rows(order, "class")
        images = [
            SheetImage(self._picture(row), self._verdict(mistakes, places.get(row), row))
            for row in rows
        ]
        if wrong:
            detail = f"{wrong:,} of {self._all()} are mistaken; the most confident first"
        else:
            detail = f"all {self._all()} are right; the least certain first"
        return self._sheet(mistakes.node, detail, images, len(rows), wrong)

    def _verdict(self, mistakes: Mistakes, place: int | None, row: int) -> str:
        shares = mistakes.shares
        sure = "" if shares is None else f" ({percent(float(shares[row]))})"
        came = f"{clip_text(mistakes.names[mistakes.answers[row]], 12)}{sure}"
        if place is not None:
            came = f"{clip_text(mistakes.names[mistakes.true[place]], 12)}, answered\n{came}"
        return f"{came}\n{self._row_name(row)}"

    # ---- pictures

    def _drawn_again(self, answered: Answered) -> SheetBlock:
        t = targets_of(self.part, answered)
        errors = np.empty(self.part.rows)
        for rows, z in answers_by_chunk(self.learner, self.part, answered):
            errors[rows] = ((z - t[rows]) ** 2).reshape(len(z), -1).mean(axis=1)
        rows_shown = self._rows(np.argsort(-errors, kind="stable"), "picture")
        came = answers(self.learner, self.part, answered, rows_shown)
        shades = shades_of(t[:SEEN])
        strongest = float(np.abs(came - t[np.array(rows_shown)]).max())
        images: list[SheetImage] = []
        for row, answer in zip(rows_shown, came, strict=True):
            difference = decimated((answer - t[row]).reshape(*answer.shape[:2], -1).mean(axis=2))
            images += [
                SheetImage(grey_pixels(t[row], shades), self._row_name(row)),
                SheetImage(grey_pixels(answer, shades), f"error {number(float(errors[row]), 3)}"),
                SheetImage(signed_pixels(difference, strongest)),
            ]
        detail = (
            "truth, answer, difference (blue too much, orange too little); mean squared error "
            f"{number(float(errors.mean()), 3)} over {self._all()}"
        )
        return self._sheet(answered.node, detail, images, len(rows_shown))

    # ---- what all share

    def _rows(self, order: NDArray[np.int64], kind: str) -> list[int]:
        if self.sample is not None:
            return [self.sample]
        return [int(row) for row in order[: MOST_SAMPLES[kind]]]

    def _picture(self, row: int) -> NDArray[np.uint8]:
        return self.pictures.pixels(self.part.inputs[self.pictures.node][row])

    def _row_name(self, row: int) -> str:
        return f"sample {row}"

    def _all(self) -> str:
        return f"{count(self.part.rows, 'sample')} of the {self.name} part"

    def _sheet(
        self, node: str, detail: str, images: list[SheetImage], shown: int, of: int | None = None
    ) -> SheetBlock:
        """A block; each of the `shown` samples has as many pictures, and `of` could be shown."""
        more = (self.part.rows if of is None else of) - shown
        note = f"and {more:,} more" if more > 0 and self.sample is None else ""
        together = len(images) // shown
        columns = CLASS_COLUMNS if together == 1 else PICTURE_COLUMNS * together
        side = CLASS_SIDE if together == 1 else MASK_SIDE
        gap = 0 if together == 1 else together
        return SheetBlock(node, detail, tuple(images), columns, None, note, side, gap)
