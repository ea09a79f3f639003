"""All data sources as they open: a source is added by its file here, its line in this list, and its
row in the file of its family in `words/`; a test fails when either is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nngraph.data.cache import fetched_folder
from nngraph.data.columns import DataPlaces, Table
from nngraph.data.sources.circles import CIRCLES
from nngraph.data.sources.csv import CSV
from nngraph.data.sources.gaussians import GAUSSIANS
from nngraph.data.sources.images import IMAGES
from nngraph.data.sources.mnist import MNIST
from nngraph.data.sources.moons import MOONS
from nngraph.data.sources.npy import NPY
from nngraph.data.sources.npz import NPZ
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.data.sources.packaged import BREAST_CANCER, DIGITS, IRIS, WINE
from nngraph.data.sources.plane import PLANE
from nngraph.data.sources.quadrants import QUADRANTS
from nngraph.data.sources.shapes import SHAPES
from nngraph.data.sources.sine import SINE
from nngraph.data.sources.spirals import SPIRALS
from nngraph.data.sources.table import TABLE
from nngraph.data.sources.xor import XOR
from nngraph.words.sources import DataSpec

OPENERS: tuple[Opener[Any], ...] = (
    DIGITS,
    IRIS,
    WINE,
    BREAST_CANCER,
    MNIST,
    XOR,
    QUADRANTS,
    CIRCLES,
    GAUSSIANS,
    SPIRALS,
    MOONS,
    SINE,
    PLANE,
    SHAPES,
    TABLE,
    CSV,
    NPZ,
    NPY,
    IMAGES,
)


def open_source(spec: DataSpec, folder: Path, data_root: Path | None, places: DataPlaces) -> Table:
    """Open the source of a data section.

    Errors: FileError, with its place, for a file that is missing, unreadable or outside the
    folder; DataError for a damaged one.
    """
    return _opener_of(spec).open(spec, Surroundings(folder, data_root, places))


def set_to_fetch(spec: DataSpec) -> str | None:
    """The name of a published set that a data section means and that was never fetched, or None."""
    if _opener_of(spec).remote is None or getattr(spec, "folder", None) is not None:
        return None
    return None if fetched_folder(spec.source).is_dir() else spec.source


def _opener_of(spec: DataSpec) -> Opener[Any]:
    (opener,) = (opener for opener in OPENERS if opener.row is type(spec))
    return opener
