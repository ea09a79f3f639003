"""What a data source is made of here: its row of the vocabulary, and how it opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from nngraph.data.columns import DataPlaces, Table
from nngraph.data.remote import RemoteSet
from nngraph.errors import FileError
from nngraph.files import resolve_inside
from nngraph.records import dataclass
from nngraph.words.data_keys import SourceSpec

Row = TypeVar("Row", bound=SourceSpec)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the files of a data section lie, and where its words stand."""

    folder: Path
    root: Path | None
    places: DataPlaces

    def path(self, name: str, *key: str) -> Path:
        """Where the file lies that the spec names at a key: inside the spec's folder or the second
        one; anywhere where the command line names it.

        Errors: FileError, at the key.
        """
        if self.places.is_from_command_line(*key):
            return Path(name).expanduser()
        try:
            return resolve_inside(self.folder, name, self.root)
        except FileError as error:
            raise self.places.file_error(error, *key) from error


@dataclass(frozen=True, slots=True)
class Opener(Generic[Row]):
    """How the source of a row opens; `remote` is what can be fetched for it.

    `open` raises FileError, with its place, for a file that is missing, unreadable or outside the
    folder, DataError for a damaged one.
    """

    row: type[Row]
    open: Callable[[Row, Surroundings], Table]
    remote: RemoteSet | None = None
