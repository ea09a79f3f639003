"""How figures are written; the unit follows from the name of the figure."""

from __future__ import annotations

SHARES, PLAIN, RATIO = ("accuracy", "test accuracy"), ("ratio", "epochs"), ", over sum"


def is_time_or_size(figure: str) -> bool:
    """Whether a ratio of two such figures says something."""
    return figure not in (*SHARES, *PLAIN) and not figure.endswith(RATIO)


def number(value: float, figure: str) -> str:
    """A number with its unit, which follows from the name of the figure."""
    if "MiB" in figure:
        return f"{value:.0f} MiB"
    if figure in SHARES:
        return f"{value:.2%}"
    if figure in PLAIN or figure.endswith(RATIO):
        return f"{value:.3g}"
    return seconds(value)


def seconds(value: float) -> str:
    """In the unit that reads best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}" if value < 1000 * size else f"{value:.0f} {unit}"
    return f"{value * 1e6:.3g} us"
