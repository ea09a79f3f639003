"""Which rows train, which validate, which test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.data.places import DataPlaces
from nngraph.errors import DataError, diagnostic
from nngraph.words.data_keys import SplitSpec

Rows = NDArray[np.int64]


def split_rows(
    rows: int,
    split: SplitSpec,
    classes: Rows | None,
    own_test_rows: int = 0,
    places: DataPlaces = DataPlaces(),  # noqa: B008 (frozen)
) -> dict[str, Rows]:
    """Row numbers, ascending, of "train", "validation" and "test", without empty parts.

    The last `own_test_rows` are the source's own test set and stay it. With `classes`, int64[rows],
    a random choice takes each class in proportion (largest remainder).

    Errors: DataError when nothing is left to train on, or a second test set is asked for.
    """
    validation, test = check_split(rows, split, own_test_rows, places)
    free = rows - own_test_rows
    left = np.arange(free, dtype=np.int64)
    order = _order(split, free)
    left, test_rows = _take(left, test, order, classes)
    left, validation_rows = _take(left, validation, order, classes)
    own_test = np.arange(free, rows, dtype=np.int64)
    parts = {
        "train": left,
        "validation": validation_rows,
        "test": np.concatenate([test_rows, own_test]),
    }
    return {name: part for name, part in parts.items() if len(part)}


def check_split(
    rows: int, split: SplitSpec, own_test_rows: int, places: DataPlaces
) -> tuple[int, int]:
    """How many rows validate and test beside the source's own test set.

    Errors: as `split_rows`.
    """
    if own_test_rows and split.test:
        raise DataError(diagnostic("E412:own-test", places.at("split", "test"), rows=own_test_rows))
    free = rows - own_test_rows
    test, validation = _count(split.test, free), _count(split.validation, free)
    if test + validation >= free:
        raise DataError(
            diagnostic("E412", places.at("split"), validation=validation, test=test, rows=free)
        )
    return validation, test


def _count(portion: int | float, rows: int) -> int:
    """Rows of a portion: a fraction is rounded, but never down to nothing."""
    if isinstance(portion, int):
        return portion
    return max(1, int(portion * rows + 0.5)) if portion > 0 else 0


def _order(split: SplitSpec, rows: int) -> Rows | None:
    """The position of each row in a random order, or None for the order of the file."""
    if split.order == "file":
        return None
    return streams.permutation(streams.key(split.seed, "data", "split"), rows)


def _take(left: Rows, count: int, order: Rows | None, classes: Rows | None) -> tuple[Rows, Rows]:
    """Split `left` into the rows that stay and `count` taken ones, both ascending."""
    if order is None:
        return left[: len(left) - count], left[len(left) - count :]
    shuffled = left[np.argsort(order[left], kind="stable")]
    if classes is not None:
        shuffled = _proportional(shuffled, count, classes[shuffled])
    is_taken = np.isin(left, shuffled[:count])
    return left[~is_taken], left[is_taken]


def _proportional(rows: Rows, count: int, classes: Rows) -> Rows:
    """The first rows of each class, in proportion to its size."""
    _, member, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    shares = apportion(count, sizes)
    return np.concatenate([rows[member == i][:share] for i, share in enumerate(shares)])


def apportion(count: int, sizes: Rows) -> Rows:
    """Share `count` out in proportion to `sizes`: largest remainders first, then lower index.

    >>> apportion(10, np.array([50, 30, 19])).tolist()
    [5, 3, 2]
    """
    shares, remainders = np.divmod(count * sizes, sizes.sum())
    extra = np.argsort(-remainders, kind="stable")[: count - int(shares.sum())]
    shares[extra] += 1
    return shares
