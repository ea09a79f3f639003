"""What runs: the flat vectors, binding, steps, shards on workers, feeding rows."""

from nngraph.run.binding import Bound, aligned_empty, aligned_zeros, bind
from nngraph.run.executable import FORWARD_ROWS, Executable
from nngraph.run.step import BoundStep, Prepared, Slot

__all__ = [
    "FORWARD_ROWS",
    "Bound",
    "Executable",
    "Prepared",
    "Slot",
    "BoundStep",
    "aligned_empty",
    "aligned_zeros",
    "bind",
]
