"""What this machine's memory allows, asked before anything is read or made."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nngraph.errors import CapacityError, diagnostic

MEMORY_SHARE = 0.8  # of the machine's memory that one network, or one file, may ask for


def memory_limit(available: int | None = None) -> int:
    """Bytes that may be asked for at once."""
    return int((available or machine_memory()) * MEMORY_SHARE)


def check_fits(path: Path | str, size: int) -> None:
    """Refuse a file whose content takes more bytes than may be asked for. Errors: CapacityError."""
    limit = memory_limit()
    if size > limit:
        needs, allows = in_units(size), in_units(limit)
        raise CapacityError(diagnostic("E602", path=path, needs=needs, limit=allows))


def machine_memory() -> int:
    """Bytes of memory of this machine."""
    if sys.platform == "win32":
        return _memory_of_windows()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _memory_of_windows() -> int:
    """What GlobalMemoryStatusEx says: ullTotalPhys, 8 bytes into a structure of 64."""
    import ctypes

    status = (ctypes.c_uint64 * 8)()
    status[0] = ctypes.sizeof(status)  # dwLength, the lower half of the first 8 bytes
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status[1])


def in_units(size: int) -> str:
    """Bytes for people.

    >>> in_units(3 * 2**30)
    '3.0 GiB'
    """
    value, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} bytes" if units[0] == "bytes" else f"{value:.1f} {units[0]}"
