"""The rows that cost most: as pictures where the input is one, else as a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.errors import join_words
from nngraph.insight.answers import unscaled_target
from nngraph.insight.cells import input_cells
from nngraph.insight.deciding import decisions, names_one_class
from nngraph.insight.input_pictures import InputPictures
from nngraph.insight.masks import (
    CONFUSED,
    INVENTED,
    MISSED,
    MaskKind,
    beside_truth,
    dice_by_row,
    dice_of_masks,
    flat_mask,
    mask_kind,
)
from nngraph.insight.report.cards import card, cards, swatch
from nngraph.insight.report.gather import Story
from nngraph.records import dataclass
from nngraph.render.colours import class_colour
from nngraph.render.markup import Markup, join, tag
from nngraph.render.pixels import SEEN, Bytes, grey_pixels, is_picture, shades_of
from nngraph.render.words import clip_text, number, percent
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports
from nngraph.train.supervision import Answered, answered_nodes, losses_by_row, targets_of

Array = NDArray[Any]
PICTURES = 21  # three full rows of a wide page
MASKS = 12  # each with three more pictures beside it
TABLE_ROWS = 15
TABLE_VALUES = 10  # of the inputs, in a table


@dataclass(frozen=True, eq=False)
class Examples:
    """Some rows of a part, what the network says of them, and what each cost.

    `pictures` are those of the input, `mask` the node that marks pixels, each where there is one.
    """

    learner: Learner
    part: Part
    rows: NDArray[np.int64]
    losses: NDArray[np.float64]
    outputs: dict[str, Array]
    answered: tuple[Answered, ...]
    pictures: InputPictures | None
    mask: tuple[Answered, MaskKind] | None


def worst_examples(story: Story) -> Markup | None:
    """The section, None without data."""
    if story.examined is None:
        return None
    learner, (name, part), pictures = story.learner, story.examined, story.pictures
    losses = losses_by_row(learner, part)
    answered = answered_nodes(learner, part)
    masks = [(a, kind) for a in answered if (kind := mask_kind(part, a)) is not None]
    mask = masks[0] if pictures is not None and masks else None
    scores = None if mask is None else dice_by_row(learner, part, *mask)[: len(losses)]
    # a loss that is no number would come last
    order = np.lexsort((-losses,) if scores is None else (-losses, scores))
    rows = order[: MASKS if mask is not None else PICTURES if pictures is not None else TABLE_ROWS]
    inputs = {input_: array[rows] for input_, array in part.inputs.items()}
    nodes = list(dict.fromkeys(a.node for a in answered))
    outputs = learner.outputs(inputs, nodes)
    examples = Examples(learner, part, rows, losses[rows], outputs, answered, pictures, mask)
    seen = f"the first {len(losses):,}" if len(losses) < part.rows else f"{part.rows:,}"
    text = f"The {len(rows)} of {seen} rows of the {name} part with the "
    if scores is not None:
        text += f"lowest Dice; over all rows it is {number(float(scores.mean()), 4)} in the mean. "
    else:
        share = float(losses[rows].sum() / total) if (total := float(losses.sum())) > 0 else 0.0
        text += f"largest loss; they make up {100 * share:.0f} % of all of it. "
    body = _table(examples) if pictures is None else _pictures(examples, pictures)
    return join(tag("p", text, "Rows are counted from 0 in the source.", class_="detail"), body)


def _pictures(examples: Examples, pictures: InputPictures) -> Markup:
    part, drawn = examples.part, _drawn_again(examples)
    found, most = [], 1
    for place, row in enumerate(examples.rows):
        shown = [pictures.pixels(part.inputs[pictures.node][row])]
        if examples.mask is not None:
            answered, kind = examples.mask
            shown = beside_truth(kind, shown[0], *_pair(examples, answered, place))
        elif drawn is not None:
            shown += _again(examples, drawn, place)
        most = max(most, len(shown))
        names = (f"row {part.row_numbers[row]}", *_names(len(shown))[1:])
        titled = list(zip(shown, names, strict=True))
        found.append(card(titled, _caption(examples, place)))
    legend = _legend(examples, most) if most > 1 else None
    return join(legend, cards(found, most))


def _names(pictures: int) -> tuple[str, ...]:
    """What stands beside each other; a network that draws its input again has that as its truth."""
    names = ("the input", "what is true", "what came", "the difference")
    return ("the input", "what came") if pictures == 2 else names[:pictures]


def _legend(examples: Examples, pictures: int) -> Markup:
    """What stands in the pictures of a row, from left to right, and the colours."""
    names = join_words(_names(pictures))
    kinds = [(MISSED, "missed"), (INVENTED, "invented"), (CONFUSED, "one for another")]
    if examples.mask is None:
        return tag("p", f"Left to right: {names}.", class_="detail")
    answered, kind = examples.mask
    keys = [swatch(*pair) for pair in kinds[: 3 if kind.classes > 2 else 2]]
    difference = tag("p", f"Left to right: {names}:", keys, class_="detail")
    if kind.classes == 2:
        return difference
    labels = answered.labels or [str(code) for code in range(kind.classes)]
    classes = [
        swatch(class_colour(code), clip_text(name, 24)) for code, name in enumerate(labels[:16])
    ]
    return join(difference, tag("p", "The classes:", classes, class_="detail"))


def _pair(examples: Examples, answered: Answered, place: int) -> tuple[Array, Array]:
    true = targets_of(examples.part, answered)[examples.rows[place]]
    return flat_mask(true), flat_mask(examples.outputs[answered.node][place].reshape(true.shape))


def _drawn_again(examples: Examples) -> Answered | None:
    """A node that answers with a picture of the input's kind, as an autoencoder does."""
    for answered in examples.answered:
        if _gives_input(examples, answered):
            return answered
        shape = targets_of(examples.part, answered).shape[1:]
        if is_picture(shape) and answered.meaning == "values" and min(shape[:2]) >= 4:
            return answered
    return None


def _gives_input(examples: Examples, answered: Answered) -> bool:
    """Whether a node is compared with the input that is a picture, which may be a plain vector."""
    return examples.pictures is not None and answered.target == examples.pictures.node


def _again(examples: Examples, answered: Answered, place: int) -> list[Bytes]:
    """What is true where it is not the input itself, and what came."""
    if examples.pictures is not None and _gives_input(examples, answered):
        sample = examples.part.inputs[examples.pictures.node].shape[1:]
        made = examples.outputs[answered.node][place].reshape(sample)
        return [examples.pictures.pixels(made)]
    shades = shades_of(targets_of(examples.part, answered)[:SEEN])
    pair = _pair(examples, answered, place)
    shown = pair if answered.target in examples.part.targets else pair[1:]
    return [grey_pixels(values, shades) for values in shown]


def _caption(examples: Examples, place: int) -> Markup:
    lines = [_verdict(examples, answered, place) for answered in examples.answered]
    row = int(examples.part.row_numbers[examples.rows[place]])
    cost = f"loss {number(float(examples.losses[place]), 3)}, row {row}"
    return join(lines, tag("span", cost, class_="detail"))


def _verdict(examples: Examples, answered: Answered, place: int) -> Markup:
    if examples.mask is not None and answered == examples.mask[0]:
        kind, pair = examples.mask[1], _pair(examples, answered, place)
        score = dice_of_masks(kind.codes(pair[0]), kind.codes(pair[1]))
        return join(tag("b", f"Dice {number(score, 3)}"), " ")
    if _gives_input(examples, answered) or len(targets_of(examples.part, answered).shape) > 2:
        return join("")  # its picture says it
    true, came, sure = _answer(examples, answered, place)
    confidence = f" ({sure})" if sure else ""
    if answered.meaning == "values":
        return join(tag("b", came), " instead of ", tag("b", true), tag("br"))
    if true == came:
        return join(tag("b", true), f" with {sure}" if sure else " (right)", tag("br"))
    return join(tag("b", true), " taken for ", tag("b", came), confidence, tag("br"))


def _answer(examples: Examples, answered: Answered, place: int) -> tuple[str, str, str]:
    """What is true, what came, and how sure the network is where it gives probabilities."""
    t = targets_of(examples.part, answered)[examples.rows[place]]
    z = examples.outputs[answered.node][place].reshape(t.shape)
    if names_one_class(answered, t.shape):
        true, came = (decisions(answered, values.reshape(1, -1)) for values in (t, z))
        sure = "" if came.shares is None else percent(float(came.shares[0]))
        names = [clip_text(found.names[int(found.codes[0])], 24) for found in (true, came)]
        return names[0], names[1], sure
    t, z = (unscaled_target(examples.learner, answered, values[None])[0] for values in (t, z))
    return _few(t), _few(z), ""


def _few(values: Array) -> str:
    flat_mask = [number(float(value), 4) for value in values.ravel()[:4]]
    return ", ".join(flat_mask) + (", …" if values.size > 4 else "")


def _table(examples: Examples) -> Markup:
    learnt = examples.learner.normalizers
    ports = input_ports(examples.learner.network, learnt)
    columns = input_cells(ports, learnt, examples.part, examples.rows)[:TABLE_VALUES]
    heads = [tag("th", "row", scope="col")]
    heads += [tag("th", clip_text(column.name, 20), scope="col") for column in columns]
    for answered in examples.answered:
        heads += [tag("th", clip_text(answered.target, 20), " is", scope="col")]
        heads.append(tag("th", "answered", scope="col"))
    heads.append(tag("th", "loss", scope="col"))
    body = []
    for place, row in enumerate(examples.rows):
        cells = [tag("td", f"{int(examples.part.row_numbers[row]):,}")]
        cells += [tag("td", clip_text(column.texts[place], 24)) for column in columns]
        for answered in examples.answered:
            true, came, sure = _answer(examples, answered, place)
            wrong = answered.meaning != "values" and true != came
            cells.append(tag("td", tag("b", true)))
            shown = f"{came} ({sure})" if sure else came
            cells.append(tag("td", shown, class_="warn-text" if wrong else None))
        cells.append(tag("td", number(float(examples.losses[place]), 3)))
        body.append(tag("tr", cells))
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", body))
    return tag("div", table, class_="wide")
