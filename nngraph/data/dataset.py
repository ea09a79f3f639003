"""What the network asks for (`Port`), what it gets (`DataSet`), in which parts and batches."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nngraph import streams
from nngraph.data.augmentations.effect import AugmentPlan
from nngraph.data.columns import ColumnFacts, DataPlaces, names_of_elements
from nngraph.data.normalizers import Normalizers, Values
from nngraph.errors import DataError, diagnostic
from nngraph.records import dataclass
from nngraph.words.data_keys import SplitSpec

PartName = Literal["train", "validation", "test"]
PARTS: tuple[PartName, ...] = get_args(PartName)
DType = Literal["float32", "float64"]
AnyArray = NDArray[Any]
DIGESTED_ROWS = 256  # at a time, which many a cache holds


@dataclass(frozen=True, slots=True)
class Port:
    """One array that the network takes in: an input node, or a target of a loss.

    `shape` is per sample. A target of kind "classes" is wanted as one-hot rows [n, classes], of
    kind "binary" as shares from 0 to 1, of "yes_or_no" as 0 and 1, of "signs" these or -1 and 1, of
    "values" numbers. `labels` are the
    names of the classes where the spec gives them; `aliases` are further names under which a
    column may be found. `columns` are those that an input was made of when the network learnt, None
    before; `fill` are the means that stand for its missing values.
    """

    name: str
    shape: tuple[int, ...]
    role: Literal["input", "target"]
    kind: Literal["values", "classes", "binary", "signs", "yes_or_no"] = "values"
    classes: int | None = None
    labels: tuple[str, ...] | None = None
    aliases: tuple[str, ...] = ()
    columns: tuple[ColumnFacts, ...] | None = field(default=None, compare=False)
    fill: tuple[float, ...] | None = field(default=None, compare=False)

    @property
    def size(self) -> int:
        """Values per sample."""
        return math.prod(self.shape)

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]] | None:
        """The names that its columns of names held, by column; None before the network learnt."""
        if self.columns is None:
            return None
        return {c.name: c.categories for c in self.columns if c.categories is not None}

    @property
    def named_columns(self) -> tuple[ColumnFacts, ...]:
        """The columns that it is made of side by side, of one number or name each; () where they
        are not known, or are an array."""
        known = self.columns or ()
        is_whole = sum(column.width for column in known) == self.size
        return known if is_whole and all(column.is_single for column in known) else ()

    @property
    def value_names(self) -> tuple[str, ...]:
        """A name for each value of a sample: its label, its column or category, else its place."""
        if self.role == "input" and self.labels is not None and len(self.labels) == self.size:
            return self.labels
        if columns := self.named_columns:
            return tuple(name for column in columns for name in column.value_names)
        return tuple(names_of_elements(self.name, self.shape if self.size > 1 else ()))


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one part: values [rows, ...] as the network reads them.

    Few are an array. Many stay what the source gave, and are scaled where rows of them are read.
    `row_numbers` are the rows of the source, counted from 0, that these are. `weights` [rows] say
    how much each sample counts, None that all count 1. The training part alone may have an
    `augmentation`: how its rows are varied in each epoch.
    """

    inputs: Mapping[str, Values]
    targets: Mapping[str, Values]
    row_numbers: NDArray[np.int64]
    weights: AnyArray | None = None
    augmentation: AugmentPlan | None = None

    @property
    def rows(self) -> int:
        """Number of samples."""
        return len(self.row_numbers)


@dataclass(frozen=True)
class DataSet:
    """The parts "train", "validation" and "test", absent when they have no rows.

    `missing` counts the cells without a value by column; `dropped` rows were left out for them.
    `shapes` are those of a sample in the source, by input: an image may feed a vector.
    """

    parts: Mapping[str, Part]
    normalizers: Normalizers = field(default_factory=Normalizers)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    missing: Mapping[str, int] = field(default_factory=dict)
    dropped: int = 0
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays, their names, types and shapes, in hexadecimal."""
        digest = hashlib.sha256()
        for part_name in sorted(self.parts):
            part = self.parts[part_name]
            for role, arrays in (("input", part.inputs), ("target", part.targets)):
                for name in sorted(arrays):
                    array = arrays[name]
                    head = [part_name, role, name, array.dtype.name, *map(str, array.shape)]
                    digest.update("|".join(head).encode())
                    for start in range(0, len(array), DIGESTED_ROWS):
                        rows = array[start : start + DIGESTED_ROWS]
                        digest.update(np.ascontiguousarray(rows).data)
            if part.weights is not None:
                digest.update(f"{part_name}|weights|{part.weights.dtype.name}".encode())
                digest.update(np.ascontiguousarray(part.weights).data)
        return digest.hexdigest()


# ---- batches of an epoch as row indices, and the one copy that brings them into place


@dataclass(frozen=True)
class Batches:
    """How the rows of a part are taken, epoch after epoch.

    The order of an epoch follows from the seed and its number alone, so a resumed run continues
    it. The last batch is short where the rows do not divide. A batch of all rows is not shuffled:
    the order of a sum is no matter, and what lies in place need not be loaded again.
    """

    rows: int
    batch_size: int | Literal["full"]
    seed: int = 0
    shuffle: bool = True

    @property
    def size(self) -> int:
        """Rows of a whole batch."""
        return self.rows if self.batch_size == "full" else min(self.batch_size, self.rows)

    def __len__(self) -> int:
        """Batches per epoch."""
        return -(-self.rows // self.size) if self.rows else 0

    def order(self, epoch: int) -> NDArray[np.int64]:
        """All rows in the order of one epoch, int64[rows]."""
        if not self.shuffle or self.size == self.rows:
            return self._as_they_are
        return streams.permutation(streams.key(self.seed, "data", "shuffle"), self.rows, epoch)

    @cached_property
    def _as_they_are(self) -> NDArray[np.int64]:
        return np.arange(self.rows, dtype=np.int64)

    def epoch(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """The row indices of each batch, contiguous int64 views."""
        order = self.order(epoch)
        if self.size == self.rows:  # the very array, by which it is known that the rows lie there
            yield from [order] if self.rows else []
            return
        for start in range(0, self.rows, max(1, self.size)):
            yield order[start : start + self.size]


def gather_rows(rows: NDArray[Any], indices: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Copy rows [n, width] into a buffer [len(indices), width]; indices must be in range."""
    np.take(rows, indices, axis=0, out=out, mode="clip")  # clip: no copy of `out` for safety


# ---- which rows train, which validate, which test


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
