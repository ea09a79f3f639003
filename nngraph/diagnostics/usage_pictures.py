"""Of E002, what `render --overlay`, `render --frames` and `why` cannot be asked."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

PICTURE_TEXTS: tuple[Text, ...] = (
    Text(
        "--overlay is for the network itself",
        "leave --filters, --feature-maps or --predictions out",
        case="overlay-of-what",
    ),
    Text(
        "--frames are written as a .gif or into a folder, not as '{file}'",
        "e.g. `-o run.gif`, or `-o frames` for an .svg each",
        case="frames-file",
    ),
    Text(
        "--frames are those of a run, and '{subject}' is none",
        "train it: `nngraph train {subject}`",
        case="frames-of-what",
    ),
    Text(
        "{run} was interrupted in the midst of an epoch",
        "bring it to its end first: `nngraph train --resume {run}`",
        case="frames-interrupted",
    ),
    Text(
        "{overlay} come from a loss, and the spec has none",
        "write a `loss`, or choose activations or saturation",
        case="overlay-without-loss",
    ),
    Text(
        "{run} has no epoch yet, so there is nothing to read",
        "train it: `nngraph train --resume {run}`",
        case="no-history",
    ),
)
