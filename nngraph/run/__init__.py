"""What runs: the flat vectors, binding, steps, shards on workers, feeding rows."""

from nngraph.run.binding import Bound, aligned_empty, aligned_zeros, bind
from nngraph.run.executable import Executable
from nngraph.run.slots import Prepared, Slot
from nngraph.run.step import BoundStep

__all__ = [
    "Bound",
    "Executable",
    "Prepared",
    "Slot",
    "BoundStep",
    "aligned_empty",
    "aligned_zeros",
    "bind",
]
