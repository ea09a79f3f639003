"""Data that a user brings: a table in the spec, files, folders of pictures."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Strict, Tag, field_validator, model_validator

from nngraph.words.data_keys import (
    ColumnName,
    Columns,
    FileName,
    ImageSize,
    Missing,
    SourceSpec,
)


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
    suffix = ".csv"
    path: FileName
    """The file, inside the folder of the spec."""
    header: bool | Columns = True
    """true: the first line names the columns; false: they are called c0, c1, ...; or a list of
    names for a file without such a line."""
    delimiter: str = ","
    """The one character between two cells."""
    missing: Missing = "error"
    """An empty cell (also NA, NaN, ?): an error, the row is dropped, or the mean of the column's
    training rows is put in its place (inputs only)."""

    @field_validator("delimiter")
    @classmethod
    def _is_one_character(cls, value: str) -> str:
        if len(value) != 1 or value in '"\r\n':
            raise ValueError(f"a delimiter is one character such as ',' or ';', not {value!r}")
        return value

    @property
    def missing_values(self) -> Missing:
        """As the file says."""
        return self.missing


class NpzData(SourceSpec):
    """A NumPy archive; every array has one row per sample. Its own pair are `x` and `y`."""

    source: Literal["npz"]
    suffix = ".npz"
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
    def _names_files_in_one_way(self) -> Self:
        if (self.path is None) == (self.files is None):
            raise ValueError("name one file with `path`, or several with `files: {x: x.npy, ...}`")
        return self


class ImagesData(SourceSpec):
    """Pictures in a folder, png or jpeg: `image` [height, width, channels] from 0 to 255, and the
    `label`, which is the name of the folder of its class, or with `masks` the `mask` [height,
    width]."""

    source: Literal["images"]
    white = 255.0
    folder: FileName
    """The folder: with a folder of pictures for each class, or with `masks` the pictures."""
    masks: FileName | None = None
    """A folder with a png for each picture, of the same name and size: 0 and 255, or the number of
    each pixel's class."""
    size: ImageSize | None = None
    """[height, width] to which pictures are brought; by default all must be of one size."""
    channels: Literal[1, 3] | None = None
    """1 for grey, 3 for colours; by default all must be alike."""


OWN: tuple[type[SourceSpec], ...] = (TableData, CsvData, NpzData, NpyData, ImagesData)
