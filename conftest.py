"""What pytest looks for examples in: compiled kernels only where they can be compiled."""

from __future__ import annotations

import importlib.util

collect_ignore_glob = (
    [] if importlib.util.find_spec("numba") else ["nngraph/kernels/compiled/[!_j]*"]
)
