"""The words of the `data` section: where samples come from.

What all sources share stands in `data_common`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Strict,
    Tag,
    field_validator,
    model_validator,
)

from nngraph.spec.data_common import (
    ColumnName,
    Columns,
    DataModel,
    DerivedTarget,
    MinMaxNormalization,
    NoNormalization,
    Normalization,
    ScaleNormalization,
    SourceSpec,
    SplitSpec,
    StandardNormalization,
)
from nngraph.words.base import Size, mistake

__all__ = [
    "BreastCancerData",
    "CirclesData",
    "CsvData",
    "DataModel",
    "DataSpec",
    "DerivedTarget",
    "DigitsData",
    "GaussiansData",
    "GeneratedData",
    "ImagesData",
    "IrisData",
    "MinMaxNormalization",
    "MnistData",
    "MoonsData",
    "NoNormalization",
    "Normalization",
    "NpyData",
    "NpzData",
    "PlaneData",
    "QuadrantsData",
    "ScaleNormalization",
    "ShapesData",
    "SineData",
    "SourceSpec",
    "SpiralsData",
    "SplitSpec",
    "StandardNormalization",
    "TableData",
    "WineData",
    "XorData",
]

FileName = Annotated[str, Field(min_length=1)]


def _height_and_width(value: Any) -> Any:
    if isinstance(value, int) or (isinstance(value, list | tuple) and len(value) != 2):
        raise mistake("size", "a size is [height, width] in pixels, e.g. [32, 32]")
    return value


ImageSize = Annotated[tuple[Size, Size], Strict(False), BeforeValidator(_height_and_width)]


class DigitsData(SourceSpec):
    """1,797 handwritten digits of 8x8 pixels from 0 to 16 (`image`), with their `label` 0 to 9."""

    source: Literal["digits"]


class IrisData(SourceSpec):
    """150 iris flowers: four lengths in cm (`x`, or by name) and the `species`."""

    source: Literal["iris"]


class WineData(SourceSpec):
    """178 wines: 13 chemical measurements (`x`, or by name) and the `cultivar`."""

    source: Literal["wine"]


class BreastCancerData(SourceSpec):
    """569 tumours: 30 measurements of cell nuclei (`x`, or by name) and the `diagnosis`."""

    source: Literal["breast_cancer"]


class MnistData(SourceSpec):
    """70,000 handwritten digits of 28x28 pixels from 0 to 255 (`image`), with their `label`."""

    source: Literal["mnist"]
    folder: FileName | None = None
    """Folder with the four IDX files, as they are or gzipped; by default where `nngraph data fetch
    mnist` put them."""


class XorData(SourceSpec):
    """The four rows of the exclusive or: `x` (or `x1`, `x2`) and `label`."""

    source: Literal["xor"]


class GeneratedData(SourceSpec):
    """Keys of the sources that draw their samples; the same seed gives the same samples."""

    samples: Annotated[int, Field(ge=1, le=100_000_000)] = 500
    """Number of samples."""
    noise: Annotated[float, Field(ge=0)] = 0.0
    """Standard deviation of the normal noise, as a fraction of the size of the figure."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the samples."""


class QuadrantsData(GeneratedData):
    """Four squares like an exclusive or: `label` is 1 where `x1` and `x2` have unlike signs."""

    source: Literal["quadrants"]


class CirclesData(GeneratedData):
    """A disc (`label` 1) inside a ring (`label` 0), of radius 5."""

    source: Literal["circles"]


class GaussiansData(GeneratedData):
    """Two clouds around (2, 2) (`label` 1) and (-2, -2) (`label` 0)."""

    source: Literal["gaussians"]


class SpiralsData(GeneratedData):
    """Two spirals of radius 5 that wind around each other, `label` 1 and 0."""

    source: Literal["spirals"]


class MoonsData(GeneratedData):
    """Two half circles of radius 1 that reach into each other, `label` 0 (upper) and 1 (lower)."""

    source: Literal["moons"]


class SineData(GeneratedData):
    """One period of the sine: `y` = sin(`x`) with `x` in [-pi, pi]."""

    source: Literal["sine"]


class PlaneData(GeneratedData):
    """An inclined plane: `y` = (`x1` + `x2`) / 10 with both in [-6, 6]."""

    source: Literal["plane"]


class ShapesData(GeneratedData):
    """Discs, squares and triangles on a dark ground: `image` [height, width, 1] from 0 to 1, `mask`
    [height, width] 1 where the figure is, `label` which one, `regions` [height, width] 0 for the
    ground and 1, 2, 3 for the figures."""

    source: Literal["shapes"]
    size: ImageSize = (32, 32)
    """Height and width in pixels."""


def _cell_form(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "list-of-numbers" if isinstance(value, list | tuple) else "number"


Cell = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[tuple[float, ...], Strict(False), Field(min_length=1), Tag("list-of-numbers")],
    Discriminator(_cell_form),
]
ColumnCells = Annotated[tuple[Cell, ...], Strict(False), Field(min_length=1)]


class TableData(SourceSpec):
    """Columns written into the spec itself. One input and one target that are not named take the
    last column as the target and all others as the input."""

    source: Literal["table"]
    columns: Annotated[dict[ColumnName, ColumnCells], Field(min_length=1)]
    """Name of each column -> its values, one per sample: numbers, class names or lists of
    numbers."""


class CsvData(SourceSpec):
    """A text file with one sample a line. One input and one target that are not named take the last
    column as the target and all others as the input."""

    source: Literal["csv"]
    path: FileName
    """The file, inside the folder of the spec."""
    header: bool | Columns = True
    """true: the first line names the columns; false: they are called c0, c1, ...; or a list of
    names for a file without such a line."""
    delimiter: str = ","
    """The one character between two cells."""
    missing: Literal["error", "drop", "mean"] = "error"
    """An empty cell (also NA, NaN, ?): an error, the row is dropped, or the mean of the column's
    training rows is put in its place (inputs only)."""

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        if len(value) != 1 or value in '"\r\n':
            raise ValueError(f"a delimiter is one character such as ',' or ';', not {value!r}")
        return value


class NpzData(SourceSpec):
    """A NumPy archive; every array has one row per sample. Its own pair are `x` and `y`."""

    source: Literal["npz"]
    path: FileName
    """The file, inside the folder of the spec."""


class NpyData(SourceSpec):
    """NumPy array files with one row per sample, read as they are needed. A single file is one
    array, called as the file is; the columns of a table [rows, columns] are also called c0, c1, ...
    and the last one is the target unless said otherwise."""

    source: Literal["npy"]
    path: FileName | None = None
    """The file, inside the folder of the spec; or else `files`."""
    files: Annotated[dict[ColumnName, FileName], Field(min_length=1)] | None = None
    """Name of each array -> its file. Their own pair are `x` and `y`."""

    @model_validator(mode="after")
    def _names_files_in_one_way(self) -> NpyData:
        if (self.path is None) == (self.files is None):
            raise ValueError("name one file with `path`, or several with `files: {x: x.npy, ...}`")
        return self


class ImagesData(SourceSpec):
    """Pictures in a folder, png or jpeg: `image` [height, width, channels] from 0 to 255, and the
    `label`, which is the name of the folder of its class, or with `masks` the `mask` [height,
    width]."""

    source: Literal["images"]
    folder: FileName
    """The folder: with a folder of pictures for each class, or with `masks` the pictures."""
    masks: FileName | None = None
    """A folder with a png for each picture, of the same name and size: 0 and 255, or the number of
    each pixel's class."""
    size: ImageSize | None = None
    """[height, width] to which pictures are brought; by default all must be of one size."""
    channels: Literal[1, 3] | None = None
    """1 for grey, 3 for colours; by default all must be alike."""


DataSpec = Annotated[
    DigitsData
    | IrisData
    | WineData
    | BreastCancerData
    | MnistData
    | XorData
    | QuadrantsData
    | CirclesData
    | GaussiansData
    | SpiralsData
    | MoonsData
    | SineData
    | PlaneData
    | ShapesData
    | TableData
    | CsvData
    | NpzData
    | NpyData
    | ImagesData,
    Field(discriminator="source"),
]
"""The value of `data`."""
