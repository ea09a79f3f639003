"""The catalogue: every code that nngraph can tell, one row each, by family."""

from __future__ import annotations

from nngraph.diagnostics.arrows import ARROWS
from nngraph.diagnostics.data import DATA
from nngraph.diagnostics.data_fit import DATA_FIT
from nngraph.diagnostics.graph import GRAPH
from nngraph.diagnostics.keys import KEYS
from nngraph.diagnostics.learning import LEARNING
from nngraph.diagnostics.limits import CAPACITY, NON_FINITE
from nngraph.diagnostics.lints import LINTS
from nngraph.diagnostics.nodes import NODES
from nngraph.diagnostics.row import DiagnosticRow, Family
from nngraph.diagnostics.running import MODEL_FILES
from nngraph.diagnostics.search import SEARCH
from nngraph.diagnostics.shapes import SHAPES
from nngraph.diagnostics.side_files import SIDE_FILES
from nngraph.diagnostics.surroundings import FILES
from nngraph.diagnostics.syntax import SYNTAX
from nngraph.diagnostics.usage import USAGE
from nngraph.diagnostics.verdicts import BUGS, CHECKS
from nngraph.diagnostics.why import WHY

FAMILIES: tuple[Family, ...] = (
    USAGE,
    SYNTAX,
    KEYS,
    ARROWS,
    SIDE_FILES,
    GRAPH,
    SHAPES,
    NODES,
    LEARNING,
    SEARCH,
    LINTS,
    WHY,
    DATA,
    DATA_FIT,
    MODEL_FILES,
    CAPACITY,
    NON_FINITE,
    FILES,
    BUGS,
    CHECKS,
)


def find(code: str) -> tuple[Family, DiagnosticRow] | None:
    """The row of a code and its family; None where there is no such code."""
    pairs = ((family, row) for family in FAMILIES for row in family.rows)
    return next(((family, row) for family, row in pairs if row.code == code), None)
