"""The rows that cost most: as pictures where the input is one, else as a table."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import Part
from nngraph.data.png_writing import encode_png
from nngraph.insight.report.gather import Story
from nngraph.insight.report.markup import Markup, join, tag
from nngraph.render.words import clip, number
from nngraph.train import Network
from nngraph.train.judging import Answered, answered_nodes, losses_by_row, targets_of

Array = NDArray[Any]
PICTURES = 21  # three full rows of a wide page
TABLE_ROWS = 15
TABLE_VALUES = 10  # of the inputs, in a table
LARGEST_SIDE = 256  # pixels; larger pictures are thinned
SEEN = 256  # rows that say what is black and white


@dataclass(frozen=True, eq=False)
class Examples:
    """Some rows of a part, what the network says of them, and what each cost."""

    network: Network
    part: Part
    rows: NDArray[np.int64]
    losses: NDArray[np.float64]
    outputs: dict[str, Array]
    answered: tuple[Answered, ...]


def worst_examples(story: Story) -> Markup | None:
    """The section, None without data."""
    if story.judged is None:
        return None
    name, part = story.judged
    losses = losses_by_row(story.network, part)
    image = picture_input(story.network)
    order = np.argsort(-losses, kind="stable")  # a loss that is no number would come last
    rows = order[: PICTURES if image is not None else TABLE_ROWS]
    answered = answered_nodes(story.network, part)
    inputs = {input_: array[rows] for input_, array in part.inputs.items()}
    nodes = list(dict.fromkeys(a.node for a in answered))
    outputs = story.network.outputs(inputs, nodes)
    examples = Examples(story.network, part, rows, losses[rows], outputs, answered)
    share = float(losses[rows].sum() / total) if (total := float(losses.sum())) > 0 else 0.0
    seen = f"the first {len(losses):,}" if len(losses) < part.rows else f"{part.rows:,}"
    text = (
        f"The {len(rows)} of {seen} rows of the {name} part with the largest loss; they make up "
        f"{100 * share:.0f} % of all of it. Rows are counted from 0 in the source."
    )
    body = _pictures(examples, image) if image is not None else _table(examples)
    return join(tag("p", text, class_="detail"), body)


def picture_input(network: Network) -> str | None:
    """The first input that is a picture: [h, w], or [h, w, c] with 1 or 3 channels."""
    shapes = network.compiled.lowered.shapes
    inputs = network.compiled.lowered.inputs
    return next((node for node in inputs if _is_picture(shapes[node])), None)


def _is_picture(shape: tuple[int, ...]) -> bool:
    flat = shape[:-1] if len(shape) == 3 and shape[-1] in (1, 3) else shape
    return len(flat) == 2 and min(flat) >= 4


def _pictures(examples: Examples, image: str) -> Markup:
    part, rows = examples.part, examples.rows
    raw = _raw(examples.network, image, part.inputs[image])
    bounds = _bounds(raw[:SEEN])
    mask = next((a for a in examples.answered if _is_mask(examples, a)), None)
    cards = []
    for place, row in enumerate(rows):
        shown = [_image(raw[row], bounds, f"row {part.row_numbers[row]}")]
        if mask is not None:
            shown += _masks(examples, mask, place)
        cards.append(tag("li", shown, tag("br"), _caption(examples, place)))
    kind = "pictures several" if mask is not None else "pictures"
    return join(_legend(examples, mask), tag("ul", cards, class_=kind))


def _legend(examples: Examples, mask: Answered | None) -> Markup | None:
    if mask is None:
        return None
    truth = ", what is true" if mask.target in examples.part.targets else ""
    return tag("p", f"Left to right: the input{truth}, what came.", class_="detail")


def _raw(network: Network, name: str, values: Array) -> Array:
    """Inputs as they were before they were scaled."""
    learnt = network.normalizers.inputs.get(name)
    return values if learnt is None or learnt.kind == "none" else learnt.invert(values)


def _bounds(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low, low + 1.0)


def _image(values: Array, bounds: tuple[float, float], title: str) -> Markup:
    low, high = bounds
    step = max(1, -(-max(values.shape[:2]) // LARGEST_SIDE))
    small = values[::step, ::step].astype(np.float64)
    pixels = np.clip(np.nan_to_num((small - low) / (high - low)), 0, 1) * 255
    channels = pixels.reshape(*pixels.shape[:2], -1)
    content = encode_png(np.rint(channels).astype(np.uint8))
    source = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return tag("img", src=source, alt=title, title=title)


def _is_mask(examples: Examples, answered: Answered) -> bool:
    t = targets_of(examples.part, answered)
    return t.ndim == 4 or (t.ndim == 3 and min(t.shape[1:]) >= 4)


def _masks(examples: Examples, answered: Answered, place: int) -> list[Markup]:
    t = targets_of(examples.part, answered)
    true = t[examples.rows[place]]
    came = examples.outputs[answered.node][place].reshape(true.shape)
    if answered.meaning == "classes":
        top = max(1, true.shape[-1] - 1)
        true, came, bounds = true.argmax(axis=-1), came.argmax(axis=-1), (0.0, float(top))
    else:
        bounds = (0.0, 1.0) if answered.meaning == "binary" else _bounds(t[:SEEN])
    if true.ndim == 3 and true.shape[-1] not in (1, 3):
        true, came = true.mean(axis=-1), came.mean(axis=-1)
    pictures = [_image(true, bounds, "what is true"), _image(came, bounds, "what came")]
    return pictures if answered.target in examples.part.targets else pictures[1:]


def _caption(examples: Examples, place: int) -> Markup:
    lines = [
        _verdict(examples, answered, place)
        for answered in examples.answered
        if not _is_mask(examples, answered)
    ]
    row = int(examples.part.row_numbers[examples.rows[place]])
    cost = f"loss {number(float(examples.losses[place]), 3)}, row {row}"
    return join(lines, tag("span", cost, class_="detail"))


def _verdict(examples: Examples, answered: Answered, place: int) -> Markup:
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
    if answered.meaning == "classes" and t.ndim == 1:
        names = answered.labels or [str(number) for number in range(t.size)]
        best = int(z.argmax())
        total = float(z.sum())
        sure = _percent(float(z[best])) if z.min() >= 0 and abs(total - 1) < 1e-3 else ""
        return clip(names[int(t.argmax())], 24), clip(names[best], 24), sure
    if answered.meaning == "binary" and t.size == 1:
        names = answered.labels or ("no", "yes")
        value = float(z.ravel()[0])
        middle = 0.5 if answered.middle is None else answered.middle
        yes = value > middle
        sure = _percent(max(value, 1 - value)) if 0 <= value <= 1 else ""
        is_true = bool(t.ravel()[0] > middle)
        return clip(names[int(is_true)], 24), clip(names[int(yes)], 24), sure
    scale = examples.network.normalizers.targets.get(answered.target)
    if scale is not None and scale.kind != "none":
        t, z = scale.invert(t[None])[0], scale.invert(z[None])[0]
    return _few(t), _few(z), ""


def _percent(share: float) -> str:
    """Never 100 % for what is less."""
    return f"{min(100 * share, 99.9):.1f} %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def _few(values: Array) -> str:
    flat = [number(float(value), 4) for value in values.ravel()[:4]]
    return ", ".join(flat) + (", …" if values.size > 4 else "")


def _table(examples: Examples) -> Markup:
    columns = _columns(examples)
    heads = [tag("th", "row", scope="col")]
    heads += [tag("th", clip(name, 20), scope="col") for name, _ in columns]
    for answered in examples.answered:
        heads += [tag("th", clip(answered.target, 20), " is", scope="col"), tag("th", "came")]
    heads.append(tag("th", "loss", scope="col"))
    body = []
    for place, row in enumerate(examples.rows):
        cells = [tag("td", f"{int(examples.part.row_numbers[row]):,}")]
        cells += [tag("td", number(float(values[place]), 4)) for _, values in columns]
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


def _columns(examples: Examples) -> list[tuple[str, Array]]:
    """Name and raw values of the first numbers of the inputs, for the rows shown."""
    found: list[tuple[str, Array]] = []
    for name, values in examples.part.inputs.items():
        raw = _raw(examples.network, name, values[examples.rows]).reshape(len(examples.rows), -1)
        labels = getattr(examples.network.document.nodes[name].node, "labels", None)
        if labels is None or len(labels) != raw.shape[1]:
            labels = [f"{name}[{i}]" for i in range(raw.shape[1])] if raw.shape[1] > 1 else [name]
        found += list(zip(labels, raw.T, strict=True))
    return found[:TABLE_VALUES]
