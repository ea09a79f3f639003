"""Values of a node as a picture that any program opens: grey, in colour, a colour per class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import brightest
from nngraph.errors import UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.render.colours import class_colour
from nngraph.render.pixels import Bytes, grey_pixels, is_picture
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.arrows import end_named
from nngraph.spec.nodes import named_function
from nngraph.train.learner import Learner
from nngraph.train.ports import supervised

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, slots=True)
class OutputPicture:
    """Pixels uint8[height, width, 1 or 3] and how they came from values.

    `shades` are the values of black and of white, None where each class has a colour; `clipped`
    counts the values beyond them.
    """

    pixels: Bytes
    shades: tuple[float, float] | None
    clipped: int = 0


def output_picture(
    learner: Learner, node: str, values: Array, *, stretch: bool = False
) -> OutputPicture:
    """One sample's values of a node as a picture.

    Black and white are the ends of the activation's range (0 and 1 of a sigmoid) or, where it has
    none, those of the pictures that the network reads (0 and 255 of files); with `stretch` the
    lowest and the highest value. What lies beyond is clipped.

    Errors: UsageError for values that are no picture.
    """
    name, node = node, end_named(node).node
    function = named_function(learner.document.nodes[node].node)
    row = ACTIVATION_ROWS.get(function)
    if values.ndim == 3 and values.shape[2] > 1 and row is not None and row.over_last_axis:
        colours = np.array([class_colour(c) for c in range(values.shape[2])], np.uint8)
        return OutputPicture(colours[values.argmax(axis=2)], None)
    if not is_picture(values.shape):
        raise _no_picture(name, values.shape)
    low, high, raw = _shades(learner, node, function, values)
    if stretch and np.isfinite(raw).any():
        low, high = float(raw[np.isfinite(raw)].min()), float(raw[np.isfinite(raw)].max())
    shown, white = np.nan_to_num(raw), high if high > low else low + 1.0
    clipped = int(((shown < low) | (shown > white)).sum())
    pixels = grey_pixels(shown, (low, white), max(shown.shape[:2]))
    return OutputPicture(pixels, (low, high), clipped)


def _shades(
    learner: Learner, node: str, function: str, values: Array
) -> tuple[float, float, NDArray[np.float64]]:
    """Black, white, and the values on their scale."""
    white = brightest(learner.document.spec.data)
    wanted = next((target.name for name, target in supervised(learner.network) if name == node), "")
    drawn_again = learner.normalizers.inputs.get(wanted)
    if drawn_again is not None:  # an autoencoder answers in the scale that it was fed
        return 0.0, white, drawn_again.invert(values)
    low, high = ACTIVATION_ROWS[function].range if function in ACTIVATION_ROWS else (0.0, np.inf)
    scaled_back = learner.normalizers.targets.get(wanted)
    if scaled_back is not None and scaled_back.kind != "none":
        low = -np.inf
    raw = values.astype(np.float64)
    return (low, high, raw) if np.isfinite([low, high]).all() else (0.0, white, raw)


def _no_picture(node: str, shape: tuple[int, ...]) -> UsageError:
    if len(shape) == 3:
        return UsageError(diagnostic("E002:channels", node=node, channels=shape[2]))
    return UsageError(diagnostic("E002:no-picture", node=node, shape=list(shape)))
