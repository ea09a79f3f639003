"""The samples that networks learn from: real ones, read alike by every side with NumPy alone."""

from __future__ import annotations

import gzip
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MNIST = "NNGRAPH_MNIST"
CHECKED_STEPS = 5  # whose losses are compared before anything is timed
LEAST_ROWS, MOST_ROWS = 1024, 4096


@dataclass(frozen=True)
class Samples:
    """Inputs [n, *shape] and targets [n, *shape], float32; classes are one-hot."""

    x: NDArray[np.float32]
    t: NDArray[np.float32]

    def first(self, rows: int) -> Samples:
        """Copies of so many of them."""
        return Samples(self.x[:rows].copy(), self.t[:rows].copy())

    @property
    def classes(self) -> NDArray[np.int64]:
        """The class of each sample."""
        return self.t.argmax(axis=1)


def mnist_folder() -> Path | None:
    """Where the four files of MNIST lie, None where that is not said."""
    named = os.environ.get(MNIST)
    return Path(named) if named else None


@cache
def mnist_bytes(part: str = "train") -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures [n, 28, 28] and labels [n] of "train" or "t10k"."""
    return _idx(f"{part}-images-idx3-ubyte", 16).reshape(-1, 28, 28), _idx(
        f"{part}-labels-idx1-ubyte", 8
    )


def _idx(name: str, head: int) -> NDArray[np.uint8]:
    folder = mnist_folder()
    assert folder is not None, f"{MNIST} names no folder"
    packed = folder / f"{name}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else None
    content = (folder / name).read_bytes() if content is None else content
    return np.frombuffer(content, np.uint8, offset=head)


def samples_of(name: str, shape: tuple[int, ...], folder: Path, part: str = "train") -> Samples:
    """Samples by the name of their set; those that are not MNIST's were written to the folder."""
    if name == "xor":
        x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
        return Samples(x, np.array([[0], [1], [1], [0]], np.float32))
    if name == "mnist":
        pictures, labels = mnist_bytes(part)
        x = pictures.reshape(len(pictures), *shape).astype(np.float32) / np.float32(255)
        return Samples(x, np.eye(10, dtype=np.float32)[labels])
    with np.load(folder / f"{name}.npz") as kept:
        return Samples(kept["x"].reshape(-1, *shape), kept["t"])


def batches_of(samples: Samples, batch: int) -> tuple[Samples, list[NDArray[np.int64]]]:
    """The rows that steps are timed on, and batches of them in an order that all sides share.

    They are few enough for a cache to hold, for they shall not hide the step (whole epochs tell
    what gathering costs), and many enough not to be learnt by heart.
    """
    count = len(samples.x)
    if batch >= count:
        return samples, [np.arange(count)]
    rows = min(count, max(LEAST_ROWS, min(16 * batch, MOST_ROWS)))
    order = np.random.default_rng(0).permutation(rows)[: rows - rows % batch]
    return samples.first(rows), [np.ascontiguousarray(part) for part in order.reshape(-1, batch)]


def first_weights(net: str, folder: Path) -> dict[str, NDArray[Any]]:
    """The first weights that all sides begin with, by nngraph's ids."""
    with np.load(folder / f"{net}.weights.npz") as kept:
        return {name: kept[name] for name in kept.files}
