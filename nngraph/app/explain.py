"""Explaining: a code by its page in the catalogue, a network by its formulas."""

from __future__ import annotations

import re

from nngraph.diagnostics.catalogue import FAMILIES, find
from nngraph.diagnostics.reference import page_of
from nngraph.errors import UsageError, diagnostic, suggest

CODE = re.compile(r"[EL]\d{3}")


def is_code(name: str) -> bool:
    """Whether a word is meant as a code, "E240" or "l203", rather than as a file."""
    return CODE.fullmatch(name.upper()) is not None


def explain(code: str) -> str:
    """The page of a code: what it means, what to do, what it says, wrong and right; as Markdown.

    Errors: UsageError for a code that there is not.

    >>> print(explain("E201").partition("It says")[0].strip())
    E201 unknown-node (exit code 3)
    <BLANKLINE>
    An edge begins or ends at a node that is not listed.
    <BLANKLINE>
    What to do: Correct the spelling, or add the node under `nodes`.
    """
    found = find(code.upper())
    if found is None:
        codes = [row.code for family in FAMILIES for row in family.rows]
        near = [known for known in codes if known[:3] == code.upper()[:3]]
        hint = suggest(code.upper(), codes) or (f"near it are {', '.join(near)}" if near else "")
        raise UsageError(diagnostic("E002:no-code", code=code, hint=hint))
    return page_of(*found)
