"""Tables of edges and of neurons that a spec names, with other values in their cells.

The user's table is left alone: the new one is written beside it, and the spec names that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nngraph.errors import SourceFile
from nngraph.files import read_text, resolve_inside
from nngraph.records import dataclass
from nngraph.spec.arrows import read_end
from nngraph.spec.editing.numbers import number_text
from nngraph.spec.tree import Scalar, cells_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class ChangedTable:
    """The name of the new table, and the ids of the values that are in it."""

    name: str
    ids: frozenset[str]


class SideTables:
    """The tables of one spec; `written` are the new ones by name."""

    def __init__(
        self,
        folder: Path,
        data_root: Path | None,
        free_name: Callable[[str], str],
        values: Mapping[str, NDArray[Any]],
    ) -> None:
        self.folder, self.data_root = folder, data_root
        self.free_name, self.values = free_name, values
        self.written: dict[str, str] = {}

    def add(self, name: str, text: str) -> str:
        """A new table; what it is called."""
        free = self.free_name(name)
        self.written[free] = text
        return free

    def edges(self, name: str) -> ChangedTable | None:
        """A table of edges with the weights that are known; None where it has none of them."""
        return self._changed(name, "weight", _edge_id)

    def nodes(self, name: str) -> ChangedTable | None:
        """A table of neurons with the biases that are known; None where it has none of them."""
        return self._changed(name, "bias", lambda row: f"{row['id'].text}.bias")

    def _changed(
        self, name: str, column: str, id_of: Callable[[Mapping[str, Scalar]], str]
    ) -> ChangedTable | None:
        source = SourceFile(name, read_text(resolve_inside(self.folder, name, self.data_root)))
        (start, stop), *lines = _lines(source)
        header = cells_of(source, start, stop)
        names = [cell.text for cell in header]
        text, pieces, at, done = source.text, [], 0, set()
        if column not in names:
            pieces, at = [text[:stop], f",{column}"], stop
        for start, stop in lines:
            row = dict(zip(names, cells_of(source, start, stop), strict=True))
            array = self.values.get(id_ := id_of(row))
            value = None if array is None or array.size != 1 else number_text(array.reshape(-1)[0])
            if column in row and row[column].text.startswith("{"):
                value = None  # says more than a number
            if value is not None:
                done.add(id_)
            if column not in names:
                pieces += [text[at:stop], f",{value or ''}"]
                at = stop
            elif value is not None:
                pieces += [text[at : row[column].start], value]
                at = row[column].end
        if not done:
            return None
        return ChangedTable(self.add(name, "".join([*pieces, text[at:]])), frozenset(done))


def _edge_id(row: Mapping[str, Scalar]) -> str:
    return f"{read_end(row['from'].text)}->{read_end(row['to'].text)}"


def _lines(source: SourceFile) -> Iterator[tuple[int, int]]:
    """Start and end of the header, and of each line below it that is not blank."""
    for number, line in enumerate(_LINE.finditer(source.text)):
        if number == 0 or not line[0].isspace():
            yield line.span()
