"""`# nngraph: ignore L203` at the end of a line silences that lint there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nngraph.errors import Diagnostic

_COMMENT = re.compile(r"#\s*nngraph:\s*ignore\s+(L[0-9]{3}(?:[\s,]+L[0-9]{3})*)")


def _silenced_codes(line: str) -> frozenset[str]:
    """The lints that a line silences.

    >>> sorted(_silenced_codes("  h: {}  # nngraph: ignore L203, L201"))
    ['L201', 'L203']
    """
    found = _COMMENT.search(line)
    return frozenset(re.findall(r"L[0-9]{3}", found[1])) if found is not None else frozenset()


def unsilenced(lints: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The lints that are not silenced at their line."""
    return tuple(
        lint
        for lint in lints
        if lint.span is None
        or lint.code not in _silenced_codes(lint.span.source.line(lint.span.line))
    )
