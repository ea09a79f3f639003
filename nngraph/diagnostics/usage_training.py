"""E002 of training from Python."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

TRAINING_TEXTS: tuple[Text, ...] = (
    Text(
        "the spec has no 'train' section, so there is no optimiser",
        "add one, e.g. `train: {{epochs: 10, optimizer: adam}}`",
        case="no-train",
    ),
    Text(
        "the spec has no 'loss', so it cannot be trained",
        "add one, e.g. `loss: mean_squared_error`",
        case="untrainable",
    ),
    Text(
        "{optimizer} compares losses along a line, so each step takes all {rows} rows, not {batch}",
        "leave `batch_size` out",
        case="search-batches",
    ),
)
