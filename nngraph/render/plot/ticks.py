"""Round places on an axis, and their names."""

from __future__ import annotations

import math


def step_between(low: float, high: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that gives at most `most` steps.

    >>> step_between(0.0, 1.0, 5)
    0.2
    """
    rough = (high - low) / most
    power = math.floor(math.log10(rough))
    for power_of_ten in (power, power + 1):
        for digit in (1, 2, 5):
            step = float(f"{digit}e{power_of_ten}")
            if step >= rough * (1 - 1e-9):
                return step
    return 10.0 * float(f"1e{power}")


def linear_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values from `low` to `high`.

    >>> linear_ticks(0.13, 0.92)
    [0.2, 0.4, 0.6, 0.8]
    """
    if not high > low:
        return [low]
    step = step_between(low, high, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step)))
    return [round(index * step, decimals) for index in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Values of 1, 2, 5 times powers of ten, fewer digits where there are many decades.

    >>> log_ticks(0.04, 3.0)
    [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for digits in ((1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in digits]
        shown = [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(shown) <= most:
            return shown
    return shown[:: math.ceil(len(shown) / most)]


def integer_ticks(low: int, high: int, most: int = 7) -> list[int]:
    """Whole numbers for an axis of epochs, the first one among them.

    >>> integer_ticks(1, 40)
    [1, 10, 20, 30, 40]
    """
    if high <= low:
        return [low]
    step = 1 if high - low <= 9 else max(1, round(step_between(low, high, most)))
    rounded = range(-(-low // step) * step, high + 1, step)
    return sorted({low, *(tick for tick in rounded if tick - low > step / 2)})


def tick_text(value: float) -> str:
    """The name of a tick: as few digits as tell it.

    >>> tick_text(0.2), tick_text(1e-5), tick_text(20000.0), tick_text(-1.5)
    ('0.2', '1e−5', '20,000', '−1.5')
    """
    if value and not 1e-4 <= abs(value) < 1e6:
        mantissa, _, exponent = f"{value:.4e}".partition("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    else:
        text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text.replace("-", "−")
