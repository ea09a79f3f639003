"""Places that were found fault with already."""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from nngraph.errors import SourceFile, Span


class Covered:
    """Characters in any of some spans; asking takes no longer where there are many."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._stretches: dict[SourceFile, tuple[list[int], list[int]]] = {}
        for span in sorted(spans, key=lambda span: span.start):
            starts, ends = self._stretches.setdefault(span.source, ([], []))
            if ends and span.start <= ends[-1]:
                ends[-1] = max(ends[-1], span.end)
            else:
                starts.append(span.start)
                ends.append(span.end)

    def has(self, source: SourceFile, offset: int) -> bool:
        """Whether a character is in one of the spans."""
        starts, ends = self._stretches.get(source, ([], []))
        before = bisect.bisect_right(starts, offset)
        return before > 0 and offset < ends[before - 1]
