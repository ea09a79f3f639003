"""Legal program + plan -> source -> a function bound to sizes."""

from nngraph.codegen.bind import Bound, aligned_empty, bind
from nngraph.codegen.grammar import verify_source
from nngraph.codegen.source import Source, generate
from nngraph.codegen.step import Prepared, Slot, Step

__all__ = [
    "Bound",
    "Prepared",
    "Slot",
    "Source",
    "Step",
    "aligned_empty",
    "bind",
    "generate",
    "verify_source",
]
