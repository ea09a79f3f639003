"""From a data section to an offer: one row per source."""

from __future__ import annotations

from pathlib import Path

from nngraph.data.array_sources import npz_offer, table_offer
from nngraph.data.csv_source import csv_offer, open_csv
from nngraph.data.generators import generated_offer, xor_offer
from nngraph.data.idx import mnist_offer
from nngraph.data.offers import Offer
from nngraph.data.packaged import digits_offer, measurements_offer
from nngraph.data.places import DataPlaces
from nngraph.errors import FileError
from nngraph.files import resolve_inside
from nngraph.spec.data import (
    BreastCancerData,
    CsvData,
    DataSpec,
    DigitsData,
    GeneratedData,
    IrisData,
    MnistData,
    NpzData,
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
        case GeneratedData():
            return generated_offer(spec.source, spec.samples, spec.noise, spec.seed)
        case TableData():
            return table_offer(spec.columns, places)
        case CsvData():
            return _csv(spec, folder, data_root, places)
        case NpzData():
            return _npz(spec, folder, data_root, places)
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


def _mnist(spec: MnistData, folder: Path, root: Path | None, places: DataPlaces) -> Offer:
    try:
        return mnist_offer(_resolve(folder, spec.folder, root, places, "folder"), spec.folder)
    except FileError as error:
        raise places.file_error(error, "folder") from error


def _resolve(folder: Path, name: str, root: Path | None, places: DataPlaces, key: str) -> Path:
    """Where a named file lies: inside the spec's folder; free where the command line names it."""
    if places.is_from_command_line(key):
        return Path(name).expanduser()
    return resolve_inside(folder, name, root)
