"""From a data section to an offer: one row per source."""

from __future__ import annotations

from pathlib import Path

from nngraph.data.array_sources import npz_offer, table_offer
from nngraph.data.cache import fetched_folder
from nngraph.data.csv_source import csv_offer, open_csv
from nngraph.data.generators import generated_offer, xor_offer
from nngraph.data.idx import mnist_offer
from nngraph.data.image_source import Wanted, class_folders_offer, masked_offer
from nngraph.data.npy_source import npy_files_offer, npy_offer
from nngraph.data.offers import Offer, RowPlace
from nngraph.data.packaged import digits_offer, measurements_offer
from nngraph.data.places import DataPlaces
from nngraph.data.shapes import shapes_offer
from nngraph.errors import Diagnostic, FileError
from nngraph.files import read_bytes, resolve_inside
from nngraph.spec.data import (
    BreastCancerData,
    CsvData,
    DataSpec,
    DigitsData,
    GeneratedData,
    ImagesData,
    IrisData,
    MnistData,
    NpyData,
    NpzData,
    ShapesData,
    TableData,
    WineData,
    XorData,
)


def open_source(spec: DataSpec, folder: Path, data_root: Path | None, places: DataPlaces) -> Offer:
    """Open the source of a data section.

    Errors: FileError, with its place, for a file that is missing, unreadable or outside the
    folder; DataError for a damaged one.
    """
    match spec:
        case DigitsData():
            return digits_offer()
        case IrisData() | WineData() | BreastCancerData():
            return measurements_offer(spec.source)
        case XorData():
            return xor_offer()
        case ShapesData():
            return shapes_offer(spec.samples, spec.noise, spec.seed, spec.size)
        case GeneratedData():
            return generated_offer(spec.source, spec.samples, spec.noise, spec.seed)
        case TableData():
            return table_offer(spec.columns, places)
        case CsvData():
            return _csv(spec, folder, data_root, places)
        case NpzData():
            return _npz(spec, folder, data_root, places)
        case NpyData():
            return _npy(spec, folder, data_root, places)
        case ImagesData():
            return _images(spec, folder, data_root, places)
        case MnistData():
            return _mnist(spec, folder, data_root, places)


def _csv(spec: CsvData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    try:
        path = _resolve(folder, spec.path, root, places, "path")
        file = open_csv(path, spec.header, spec.delimiter, spec.missing, name=spec.path)
    except FileError as error:
        raise places.file_error(error, "path") from error
    return csv_offer(file)


def _npz(spec: NpzData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    try:
        path = _resolve(folder, spec.path, root, places, "path")
        return npz_offer(path, spec.path, lambda row: places.at("path"))
    except FileError as error:
        raise places.file_error(error, "path") from error


def _npy(spec: NpyData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    if spec.path is not None:
        return npy_offer(*_array_file(folder, spec.path, root, places, "path"))
    files = {
        name: _array_file(folder, shown, root, places, "files", name)
        for name, shown in (spec.files or {}).items()
    }
    return npy_files_offer(files)


def _array_file(
    folder: Path, name: str, root: Path | None, places: DataPlaces, *key: str
) -> tuple[Path, str, RowPlace]:
    place = places.at(*key)
    try:
        path = _resolve(folder, name, root, places, *key)
        if not path.is_file():
            read_bytes(path, 0)  # says what is wrong with it
    except FileError as error:
        raise places.file_error(error, *key) from error
    return path, name, lambda row: place


def _images(spec: ImagesData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    place = places.at("folder")
    wanted = Wanted(spec.size, spec.channels)
    try:
        pictures = _resolve(folder, spec.folder, root, places, "folder")
    except FileError as error:
        raise places.file_error(error, "folder") from error
    if spec.masks is None:
        return class_folders_offer(pictures, spec.folder, wanted, place)
    try:
        masks = _resolve(folder, spec.masks, root, places, "masks")
    except FileError as error:
        raise places.file_error(error, "masks") from error
    return masked_offer(pictures, spec.folder, masks, spec.masks, wanted, place)


def _mnist(spec: MnistData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    if spec.folder is None:
        return _fetched_mnist(places)
    try:
        return mnist_offer(_resolve(folder, spec.folder, root, places, "folder"), spec.folder)
    except FileError as error:
        raise places.file_error(error, "folder") from error


def _fetched_mnist(places: DataPlaces) -> Offer:
    folder = fetched_folder("mnist")
    if not folder.is_dir():
        raise _not_fetched(f"there is no folder '{folder}'", places)
    try:
        return mnist_offer(folder, str(folder))
    except FileError as error:
        raise _not_fetched(error.diagnostics[0].message, places) from error


def _not_fetched(reason: str, places: DataPlaces) -> FileError:
    return FileError(
        Diagnostic(
            "E807",
            f"MNIST is not on this computer: {reason}",
            places.at("source"),
            help="fetch it once with `nngraph data fetch mnist`, or say with `folder` where "
            "its four files are",
        )
    )


def _resolve(folder: Path, name: str, root: Path | None, places: DataPlaces, *key: str) -> Path:
    """Where a named file lies: inside the spec's folder; free where the command line names it."""
    if places.is_from_command_line(*key):
        return Path(name).expanduser()
    return resolve_inside(folder, name, root)
