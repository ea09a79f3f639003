"""A text that was read, and places in it."""

from __future__ import annotations

import bisect
import re
from functools import cached_property
from itertools import accumulate, islice

from nngraph.records import dataclass

_BREAK = re.compile(r"\r\n|\r|\n")
_BLOCK = 2**16  # characters; a text of nothing but line breaks needs no list of them


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A text and the name under which it is shown. Offsets into `text` count characters from 0;
    the three line breaks of YAML count."""

    name: str
    text: str

    @cached_property
    def _breaks(self) -> list[int]:
        """How many line breaks end before each block of the text, and in all."""
        starts = range(0, len(self.text), _BLOCK)
        return [0, *accumulate(self._count(start, start + _BLOCK) for start in starts)]

    def _count(self, start: int, stop: int) -> int:
        """How many line breaks have their last character there."""
        text = self.text
        pairs = text.count("\r\n", start, stop + 1)
        return text.count("\n", start, stop) + text.count("\r", start, stop) - pairs

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a character offset."""
        block = min(offset // _BLOCK, len(self._breaks) - 1)
        line = self._breaks[block] + self._count(block * _BLOCK, offset)
        returned = self.text.rfind("\r", 0, offset)
        if returned == offset - 1 and self.text[offset : offset + 1] == "\n":
            returned = self.text.rfind("\r", 0, max(0, returned))
        return line + 1, offset - max(returned, self.text.rfind("\n", 0, offset))

    def place(self, offset: int) -> str:
        """A place as people are told it: file:line:column."""
        line, column = self.position(offset)
        return f"{self.name}:{line}:{column}"

    def number_of(self, line: int) -> str:
        """The number that is shown before a line."""
        return str(line)

    def start_of(self, number: int) -> int:
        """Offset of the first character of line `number` (from 1), or of the last line there is."""
        before = min(number - 1, self._breaks[-1])
        if before <= 0:
            return 0
        block = bisect.bisect_left(self._breaks, before) - 1
        breaks = _BREAK.finditer(self.text, block * _BLOCK)
        return next(islice(breaks, before - self._breaks[block] - 1, None)).end()

    def line(self, number: int) -> str:
        """Text of line `number` (from 1), without its line break."""
        if not 1 <= number <= self._breaks[-1] + 1:
            return ""
        start = self.start_of(number)
        end = _BREAK.search(self.text, start)
        return self.text[start : end.start() if end is not None else None]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (excluded) of a source file."""

    source: SourceFile
    start: int
    end: int

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, from 1."""
        return self.source.position(self.start)[1]

    def __str__(self) -> str:
        return self.source.place(self.start)
