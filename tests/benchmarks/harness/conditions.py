"""What stands beside each figure: processor, cores, load, which BLAS kernels were asked for."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

CORETYPE = "OPENBLAS_CORETYPE"
PINNED, STOCK = "pinned", "stock"
AVX2 = "Haswell"


def coretype(mode: str | None) -> str | None:
    """OPENBLAS_CORETYPE of a mode: as it is found; none (stock); that which is found, or AVX2
    kernels where none is (pinned)."""
    found = os.environ.get(CORETYPE)
    if mode is None:
        return found
    return None if mode == STOCK else found or AVX2


def mode_of(mode: str | None) -> str:
    """The name of the mode that stands in the tables."""
    return STOCK if coretype(mode) is None else f"{PINNED} ({coretype(mode)})"


def environment(mode: str | None, threads: int) -> dict[str, str]:
    """Variables of a process that is to use so many threads, and the bytecode of its modules, as
    installed packages have it: without, a command compiles them with every start."""
    count = str(threads)
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "BLIS", "NUMEXPR")
    left_out = (CORETYPE, "PYTHONDONTWRITEBYTECODE")
    found = {key: value for key, value in os.environ.items() if key not in left_out}
    found |= {f"{name}_NUM_THREADS": count for name in names}
    if (kind := coretype(mode)) is not None:
        found[CORETYPE] = kind
    return found


def conditions() -> dict[str, Any]:
    """Of the machine, now."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": commit(),
        "load before": load,
        CORETYPE: os.environ.get(CORETYPE),
        "time": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }


def processor() -> str:
    """Its name."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str | None:
    """The commit of this checkout, with a + where files differ from it."""
    folder = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
