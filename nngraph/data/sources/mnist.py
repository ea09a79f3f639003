"""MNIST: four IDX files in a folder, the spec's or the one that they were fetched into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nngraph.data.cache import fetched_folder
from nngraph.data.columns import Column, Table, table_of_arrays
from nngraph.data.idx import read_idx
from nngraph.data.remote import RemoteFile, RemoteSet
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import DataError, FileError, diagnostic
from nngraph.words.published_sets import MnistData

_STEMS = {
    "train images": ("train-images-idx3-ubyte", "train-images.idx3-ubyte"),
    "train labels": ("train-labels-idx1-ubyte", "train-labels.idx1-ubyte"),
    "test images": ("t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte"),
    "test labels": ("t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"),
}

MNIST_FILES = RemoteSet(
    title="MNIST, 70,000 handwritten digits of 28 x 28 pixels",
    authors="Y. LeCun, C. Cortes, C. J. C. Burges",
    licence="CC BY-SA 3.0 (https://creativecommons.org/licenses/by-sa/3.0/)",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        RemoteFile(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
)


def _open(spec: MnistData, around: Surroundings) -> Table:
    if spec.folder is None:
        return _fetched(around)
    folder = around.path(spec.folder, "folder")
    try:
        return _table(folder, spec.folder)
    except FileError as error:
        raise around.places.file_error(error, "folder") from error


def _fetched(around: Surroundings) -> Table:
    folder = fetched_folder("mnist")
    if not folder.is_dir():
        raise _not_fetched(f"there is no folder '{folder}'", around)
    try:
        return _table(folder, str(folder))
    except FileError as error:
        raise _not_fetched(error.diagnostics[0].message, around) from error


def _not_fetched(reason: str, around: Surroundings) -> FileError:
    return FileError(diagnostic("E807:mnist", around.places.at("source"), reason=reason))


def _table(folder: Path, shown: str) -> Table:
    """`image` uint8[n, height, width, 1] from 0 to 255 and `label` uint8[n].

    The rows of the test files come last and stay the test set.

    Errors: FileError for a missing file; DataError for a damaged one, or counts that differ.
    """
    if not folder.is_dir():
        raise FileError(diagnostic("E801:mnist", folder=shown))
    train_images, train_labels = _part(folder, shown, "train")
    test_images, test_labels = _part(folder, shown, "test")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise DataError(
            diagnostic(
                "E410:sizes",
                folder=shown,
                train_size=_size(train_images),
                test_size=_size(test_images),
            )
        )
    image = np.concatenate([train_images, test_images])[..., None]
    label = np.concatenate([train_labels, test_labels])
    columns = {"image": Column("image", image), "label": Column("label", label)}
    return table_of_arrays(
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
            diagnostic(
                "E411:mnist", folder=shown, images=len(images), part=part, labels=len(labels)
            )
        )
    return images, labels


def _find(folder: Path, shown: str, what: str) -> Path:
    for stem in _STEMS[what]:
        for name in (stem, f"{stem}.gz"):
            if not (folder / name).is_file():
                continue
            if not (folder / name).resolve().is_relative_to(folder.resolve()):
                raise FileError(diagnostic("E805:link", path=f"{shown}/{name}"))
            return folder / name
    raise FileError(diagnostic("E801:mnist-file", folder=shown, what=what, file=_STEMS[what][0]))


MNIST = Opener(MnistData, _open, MNIST_FILES)
