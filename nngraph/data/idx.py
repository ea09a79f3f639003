"""The MNIST files: four IDX files in a folder, as they are or gzipped, read strictly.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits" (file format).
"""

from __future__ import annotations

import gzip
import math
import zlib
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nngraph.data.offers import Column, Offer, offer_of_arrays
from nngraph.errors import DataError, Diagnostic, FileError

LARGEST = 2**32
_STEMS = {
    "train images": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "train labels": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
    "test images": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
    "test labels": ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
}


def mnist_offer(folder: Path, shown: str) -> Offer:
    """`image` uint8[n, height, width, 1] from 0 to 255 and `label` uint8[n].

    The rows of the test files come last and stay the test set.

    Errors: FileError for a missing file; DataError for a damaged one, or counts that differ.
    """
    if not folder.is_dir():
        raise FileError(
            Diagnostic(
                "E801",
                f"there is no folder '{shown}'",
                help="it holds the four MNIST files; `folder` says where they are",
            )
        )
    train_images, train_labels = _part(folder, shown, "train")
    test_images, test_labels = _part(folder, shown, "test")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise DataError(
            Diagnostic(
                "E410",
                f"the training images of '{shown}' are {_size(train_images)}, "
                f"the test images {_size(test_images)}",
            )
        )
    image = np.concatenate([train_images, test_images])[..., None]
    label = np.concatenate([train_labels, test_labels])
    columns = {"image": Column("image", image), "label": Column("label", label)}
    return offer_of_arrays(
        "the source 'mnist'",
        columns,
        own_inputs=("image",),
        own_target="label",
        also={"x": "image"},
        own_test_rows=len(test_labels),
    )


def _size(images: NDArray[np.uint8]) -> str:
    return "x".join(map(str, images.shape[1:]))


def _part(folder: Path, shown: str, part: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    images = read_idx(_find(folder, shown, f"{part} images"), axes=3)
    labels = read_idx(_find(folder, shown, f"{part} labels"), axes=1)
    if len(images) != len(labels):
        raise DataError(
            Diagnostic(
                "E411", f"'{shown}' has {len(images)} {part} images, but {len(labels)} labels"
            )
        )
    return images, labels


def _find(folder: Path, shown: str, what: str) -> Path:
    for stem in _STEMS[what]:
        for name in (stem, f"{stem}.gz"):
            if (folder / name).is_file():
                return folder / name
    raise FileError(
        Diagnostic(
            "E801",
            f"the folder '{shown}' lacks the {what}: "
            f"neither '{_STEMS[what][0]}' nor '{_STEMS[what][0]}.gz' is there",
        )
    )


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The bytes of one IDX file with so many axes, plain or gzipped.

    Errors: FileError when it cannot be read; DataError when it is no such file, or too short or
    too long for the shape it states.
    """
    try:
        with open(path, "rb") as raw:
            if path.suffix != ".gz":
                return _decode(raw, path.name, axes)
            with gzip.open(raw, "rb") as unpacked:
                return _decode(unpacked, path.name, axes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"'{path.name}' is a damaged gzip file: {str(error).rstrip('.')}"
        raise DataError(Diagnostic("E401", message, help="fetch the file again")) from error
    except OSError as error:
        message = f"cannot read '{path}': {error.strerror or error}"
        raise FileError(Diagnostic("E802", message)) from error


def _decode(file: BufferedIOBase, name: str, axes: int) -> NDArray[np.uint8]:
    header = file.read(4 + 4 * axes)
    magic, expected = header[:4].hex(), f"0000080{axes}"
    if magic != expected:
        raise DataError(
            Diagnostic(
                "E410",
                f"'{name}' does not begin like an IDX file of {axes} axes: "
                f"magic number {magic or 'missing'} instead of {expected}",
            )
        )
    shape = tuple(np.frombuffer(header[4:].ljust(4 * axes, b"\0"), ">u4").tolist())
    count = math.prod(shape)
    stated = f"'{name}' states the shape {list(shape)}"
    if not 0 < count <= LARGEST:
        raise DataError(Diagnostic("E410", f"{stated}, which cannot be read"))
    content = file.read(count + 1)
    if len(content) != count:
        there = f"only {len(content):,}" if len(content) < count else "more"
        message = f"{stated}, {count:,} bytes, but holds {there}"
        raise DataError(Diagnostic("E410", message, help="fetch the file again"))
    return np.frombuffer(content, np.uint8).reshape(shape)
