"""The difference of two networks, as data and as a picture."""

from __future__ import annotations

from pathlib import Path

from nngraph.insight.diff import Difference, difference, known_weights
from nngraph.render import check_suffix, render
from nngraph.train.learner import Learner


def diff(
    a: Learner,
    b: Learner,
    *,
    trained: tuple[bool, bool],
    path: Path | None = None,
    neurons: bool = False,
) -> Difference:
    """In what the second network differs from the first: structure, settings, weights.

    `trained` says of each whether its weights were trained: of one that was not, only those that
    its spec gives are compared. `path` gets both in one picture, coloured by what was added,
    removed or changed; its suffix decides.

    Errors: UsageError for another suffix; FileError.
    """
    if path is not None:
        check_suffix(path)
    known = (
        known_weights(a, is_trained=trained[0]),
        known_weights(b, is_trained=trained[1]),
    )
    found = difference(a, b, known)
    if path is not None:
        from nngraph.insight.diff_picture import diff_picture

        render(diff_picture(a.network, b.network, found, known), path, neurons=neurons)
    return found
