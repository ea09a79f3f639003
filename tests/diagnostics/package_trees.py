"""The package as syntax trees, parsed once for all tests that read it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "nngraph"


@cache
def trees() -> Mapping[Path, ast.Module]:
    """Every module of nngraph but those of the catalogue."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "diagnostics"
    }
