"""What the columns of a table seem to be: numbers, names, or nothing to learn from.

Guesses, for a spec that is written from a file; a person looks at them afterwards.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nngraph.data.columns import is_number
from nngraph.data.csv_file import MISSING, CsvFile, open_csv
from nngraph.errors import DataError, diagnostic
from nngraph.records import dataclass

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 20  # lines that tell the delimiter
MOST_NAMES = 50  # categories of a column that is still taken as an input
FEWEST_ROWS = 10  # from which values that never repeat look like those of an id
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A column as it seems to be.

    `counts` are the rows of each name, where it holds names, or of each number, the values in
    order; `why_not` says why it is no use as an input, "" where it is.
    """

    name: str
    place: int
    holds_names: bool
    missing: int
    counts: dict[str, int]
    why_not: str = ""

    @property
    def values(self) -> list[float]:
        """Its different numbers, ascending; none of a column of names."""
        return [] if self.holds_names else sorted(map(float, self.counts))

    @property
    def width(self) -> int:
        """Values of a sample that it gives as an input."""
        return len(self.counts) if self.holds_names else 1


@dataclass(frozen=True, eq=False)
class Survey:
    """A csv file and its columns; `has_header` tells whether its first line names them."""

    path: Path
    delimiter: str
    has_header: bool
    rows: int
    columns: tuple[Surveyed, ...]


def survey_csv(path: Path) -> Survey:
    """Look through a csv file.

    Errors: FileError; DataError for what is no such file, and for one without rows.
    """
    name = path.name
    first = open_csv(path, False, "\x1f", "mean", name=name)
    delimiter = delimiter_of(first.source.text)
    has_header = not all(map(is_number, open_csv(path, False, delimiter, name=name).first))
    file = open_csv(path, has_header, delimiter, "mean", name=name)
    rows = file.records
    if not rows:
        raise DataError(diagnostic("E402:rows", file=name))
    columns = tuple(_surveyed(file, rows, place) for place in range(len(file.names)))
    return Survey(path, delimiter, has_header, len(rows), columns)


def delimiter_of(text: str) -> str:
    """The character that cuts the first lines into the most cells, equally many in each.

    >>> delimiter_of("a;b\\n1,5;2\\n"), delimiter_of("a,b\\n1,2\\n"), delimiter_of("a\\n1\\n")
    (';', ',', ',')
    """
    cells = {delimiter: _cells(text, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: cells[delimiter])


def _cells(text: str, delimiter: str) -> int:
    """Cells of each of the first lines, 1 where these differ."""
    lengths: set[int] = set()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for record, _ in zip((r for r in reader if r), range(LOOKED_AT), strict=False):
            lengths.add(len(record))
    except csv.Error:
        return 1
    return lengths.pop() if len(lengths) == 1 else 1


def _surveyed(file: CsvFile, rows: Sequence[Sequence[str]], place: int) -> Surveyed:
    name, cells = file.names[place], [row[place] for row in rows]
    present = [cell for cell in cells if cell not in MISSING]
    numbers = [cell for cell in present if is_number(cell)]
    holds_names = len(numbers) < len(present)
    counts = Counter(present if holds_names else (f"{float(cell):.17g}" for cell in present))
    why = _why_not(file.names, name, cells, present, len(numbers), counts)
    order = sorted(counts) if holds_names else sorted(counts, key=float)
    known = {key: counts[key] for key in order}
    return Surveyed(name, place, holds_names, len(cells) - len(present), known, why)


def _why_not(
    names: Sequence[str],
    name: str,
    cells: Sequence[str],
    present: Sequence[str],
    numbers: int,
    counts: Counter[str],
) -> str:
    """Why a column is no use as an input, "" where nothing speaks against it."""
    if names.count(name) > 1:
        return f"{names.count(name)} columns have this name; rename them to use one"
    if not present:
        return "it has no values"
    if len(counts) == 1:
        return "it is the same in every row"
    commas = [cell for cell in present if DECIMAL_COMMA.fullmatch(cell)]
    if commas and numbers + len(commas) == len(present):
        return f"it holds numbers with a comma, such as {commas[0]}; write them with a point"
    if 0 < numbers < len(present):
        word = next(cell for cell in present if not is_number(cell))
        return f"it mixes numbers and words, such as {word!r}"
    if numbers:
        is_id = len(cells) >= FEWEST_ROWS and is_counting([float(cell) for cell in present])
        return "it counts the rows, so it looks like an id" if is_id else ""
    if len(cells) >= FEWEST_ROWS and len(counts) > max(len(present) // 2, 2):
        return "most of its names come only once, so it looks like an id"
    if len(counts) > MOST_NAMES:
        return f"it holds {len(counts):,} different names"
    return ""


def is_counting(values: Sequence[float]) -> bool:
    """Whether values go up, or down, by one from row to row, as ids do.

    >>> is_counting([7, 8, 9]), is_counting([1, 2, 2]), is_counting([3, 2, 1])
    (True, False, True)
    """
    steps = np.diff(np.asarray(values, np.float64))
    return len(steps) > 0 and bool((steps == 1).all() or (steps == -1).all())
