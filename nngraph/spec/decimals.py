"""Many decimal numbers of a text at once, each to the same bits as `float`.

    0.0345 = m / 10^k,  m = 345, k = 4

m and 10^k are integers that float64 holds, or nearly: q = m / 10^k is off by less than a unit in
the last place, the rest m - q 10^k is exact (Dekker 1971, "A floating-point technique for extending
the available precision"), and q + rest / 10^k rounds as the quotient itself, but for the rare one
so near the middle between two numbers that `float` has to say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nngraph.spec.cells import FRONT, Letters, Places

_MOST_PLACES = 22  # the largest power of ten that float64 holds
_MOST_DIGITS = 18  # of a whole number below 2^63
_MOST_ABOVE = 91  # of the digits before the last sixteen: 9.2e18 < 2^63
_SPLIT = 134217729.0  # 2^27 + 1
_TENS = np.array([10**k for k in range(_MOST_DIGITS + 1)], np.int64)
_FLOAT_TENS = np.array([float(10**k) for k in range(_MOST_PLACES + 1)])
_ZEROS = np.uint64(0x3030303030303030)
_KEPT = np.array([(2**64 - 1) ^ ((1 << 8 * (8 - many)) - 1) for many in range(9)], np.uint64)


def read_numbers(letters: Letters, starts: Places, stops: Places) -> NDArray[np.float64]:
    """Words as finite numbers. Errors: ValueError for others, and for `1_000`."""
    values, is_read = read_decimals(letters, starts, stops)
    rest = np.flatnonzero(~is_read)
    if len(rest):
        words = letters.slices(starts[rest], stops[rest])
        if any("_" in word for word in words):  # float() takes it, YAML does not
            raise ValueError("a number with _")
        values[rest] = np.fromiter(map(float, words), np.float64, len(words))
        if not np.isfinite(values[rest]).all():
            raise ValueError("not finite")
    return values


def read_decimals(
    letters: Letters, starts: Places, stops: Places
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers such as `-0.5`, and which words are such; others (`1e-3`, long ones) are left."""
    codes = letters.codes
    first = codes[np.minimum(starts, len(codes) - 1)]
    is_negative = first == ord("-")
    starts = starts + (is_negative | (first == ord("+")))
    points = _points(codes, starts, stops)
    whole = points - starts
    places = np.maximum(stops - points - 1, 0)
    is_read = (whole >= 0) & (whole <= 8) & (places <= _MOST_PLACES) & (whole + places > 0)
    above, good = _digits(letters, points, np.where(is_read, whole, 0))
    is_read &= good
    low, middle, high = (
        _digits(letters, stops - skip, np.where(is_read, np.clip(places - skip, 0, 8), 0))
        for skip in (0, 8, 16)
    )
    is_read &= low[1] & middle[1] & high[1] & (high[0] <= _MOST_ABOVE)
    is_read &= (above == 0) | (whole + places <= _MOST_DIGITS)
    places = np.where(is_read, places, 0)
    scaled = above * _TENS[np.minimum(places, _MOST_DIGITS)]
    digits = scaled + (high[0] * 10**16 + middle[0] * 10**8 + low[0])
    values, is_sure = _quotients(np.where(is_read, digits, 0), _FLOAT_TENS[places])
    return np.where(is_negative, -values, values), is_read & is_sure


def _points(codes: NDArray[np.uint8], starts: Places, stops: Places) -> Places:
    """The place of the first '.' of each word, or its end."""
    points = np.append(np.flatnonzero(codes == ord(".")), len(codes) + 1)
    found: Places = points[np.searchsorted(points, starts)]
    return np.minimum(found, stops)


def _digits(
    letters: Letters, stops: Places, many: Places
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number that `many` characters before `stops`, at most eight, write, and whether all are
    digits. Eight digits take three products (Lemire 2018, "Quickly parsing eight digits")."""
    kept = _KEPT[many]
    word = (letters.eights[stops + (FRONT - 8)] & kept) | (_ZEROS & ~kept)
    digits = word - _ZEROS
    is_odd = ((digits + np.uint64(0x7676767676767676)) | digits) & np.uint64(0x8080808080808080)
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    mask = np.uint64(0x000000FF000000FF)
    number = (pairs & mask) * np.uint64(0x000F424000000064)
    number += ((pairs >> np.uint64(16)) & mask) * np.uint64(0x0000271000000001)
    return (number >> np.uint64(32)).astype(np.int64), is_odd == 0


def _quotients(
    digits: NDArray[np.int64], tens: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """digits / tens, rounded once, and whether that is sure."""
    high = digits.astype(np.float64)
    low = (digits - high.astype(np.int64)).astype(np.float64)
    quotient = high / tens
    product, error = _exact_product(quotient, tens)
    correction = ((high - product) - error + low) / tens
    values = quotient + correction
    missing = np.abs(correction - (values - quotient)) / np.spacing(values)
    is_sure = (np.abs(missing - 0.5) > 1e-6) & (np.abs(missing - 0.25) > 1e-6)  # below 2^n: half
    return values, is_sure


def _exact_product(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x y as a rounded product and its error."""
    product = x * y
    (x_high, x_low), (y_high, y_low) = _halves(x), _halves(y)
    error = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
    return product, error


def _halves(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    scaled = _SPLIT * x
    high = scaled - (scaled - x)
    return high, x - high
