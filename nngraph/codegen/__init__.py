"""Legal program + plan -> source -> a function bound to sizes."""

from nngraph.codegen.bind import Bound, aligned_empty, bind
from nngraph.codegen.grammar import verify_source
from nngraph.codegen.source import Source, generate
from nngraph.codegen.step import Prepared, Slot, Step
from nngraph.codegen.targets import kernels_wanted

__all__ = [
    "Bound",
    "Prepared",
    "Slot",
    "Source",
    "Step",
    "aligned_empty",
    "bind",
    "generate",
    "kernels_wanted",
    "verify_source",
]
