"""Undoing the row filters of PNG pictures: what each byte was before its neighbours were taken off.

Source: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)", 2003, section 9.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Signed = NDArray[np.int16]

NONE, SUB, UP, AVERAGE, NEAREST = range(5)  # NEAREST is Paeth's
BAND = 256  # rows whose diagonals are worked through together: they stay in the cache
LEAST_ROWS, LEAST_BYTES = 64, 192  # below, byte by byte is as fast


class UnknownFilter(Exception):
    """A row says that it was filtered in a way that there is not."""


def unfilter(rows: Bytes, step: int) -> Bytes:
    """The bytes of a picture [height, bytes of a row] from filtered rows, each after the number of
    its filter; `step` is the distance to the pixel on the left.

    Errors: UnknownFilter.
    """
    kinds = rows[:, 0]
    if kinds.size and kinds.max() > NEAREST:
        raise UnknownFilter(f"its row filter {kinds[kinds > NEAREST][0]} is unknown")
    height, width = len(rows), rows.shape[1] - 1
    one_by_one = np.isin(kinds, (AVERAGE, NEAREST)).any()
    if one_by_one and height >= LEAST_ROWS and width >= LEAST_BYTES and width % step == 0:
        return _in_bands(rows, step)
    above = np.zeros(width, np.uint8)
    pixels = np.empty((height, width), np.uint8)
    for i, row in enumerate(rows):
        above = pixels[i] = _unfilter_row(int(row[0]), row[1:], above, step)
    return pixels


def _unfilter_row(kind: int, row: Bytes, above: Bytes, step: int) -> Bytes:
    match kind:
        case 1:  # sums modulo 256 along the row
            return np.cumsum(row.reshape(-1, step), axis=0, dtype=np.uint8).reshape(-1)
        case 2:
            return row + above
        case 3:
            return _add_mean(row, above, step)
        case 4:
            return _add_nearest(row, above, step)
    return row


def _add_mean(row: Bytes, above: Bytes, step: int) -> Bytes:
    """Add the mean of left and above; the left is what was just found, so byte by byte."""
    found = [0] * step + row.tolist()
    for i, upper in enumerate(above.tolist()):
        found[i + step] = (found[i + step] + (found[i] + upper) // 2) & 255
    return np.array(found[step:], np.uint8)


def _add_nearest(row: Bytes, above: Bytes, step: int) -> Bytes:
    """Add whichever of left, above and corner is nearest to left + above - corner; ties so."""
    found = [0] * step + row.tolist()
    corners = [0] * step + above.tolist()
    for i, upper in enumerate(above.tolist()):
        left, corner = found[i], corners[i]
        to_left, to_upper = abs(upper - corner), abs(left - corner)
        to_corner = abs(left + upper - corner - corner)
        if to_left <= to_upper and to_left <= to_corner:
            guess = left
        else:
            guess = upper if to_upper <= to_corner else corner
        found[i + step] = (found[i + step] + guess) & 255
    return np.array(found[step:], np.uint8)


# ---- large pictures: a pixel waits for left, above and corner, so a whole diagonal can be done at
# once. Row i of a band lies i places later than the row above it: diagonals become rows.


def _in_bands(rows: Bytes, step: int) -> Bytes:
    height, width = len(rows), (rows.shape[1] - 1) // step
    pixels = np.empty((height, width, step), np.uint8)
    above = np.zeros((width, step), np.int16)
    for start in range(0, height, BAND):
        band = rows[start : start + BAND]
        content = band[:, 1:].reshape(len(band), width, step)
        found = _band(band[:, 0], content, above)
        pixels[start : start + BAND] = found
        above = found[-1].copy()
    return pixels.reshape(height, -1)


def _band(kinds: Bytes, content: Bytes, above: Signed) -> Signed:
    """The pixels of a band [rows, width, step] below the row `above` [width, step]."""
    count, width, step = content.shape
    diagonals = count + width + 1
    # row 0 is the one above; the first place of every row is the black pixel on its left
    filtered = np.zeros((diagonals, count + 1, step), np.int16)
    _slanted(filtered, count, width)[...] = content
    found = np.zeros((diagonals, count + 1, step), np.int16)
    found[1 : width + 1, 0] = above
    own = {kind: _where(kinds, kind) for kind in (SUB, UP, AVERAGE, NEAREST) if kind in kinds}
    for d in range(2, diagonals):
        some = slice(max(1, d - width), min(count, d - 1) + 1)
        higher = slice(some.start - 1, some.stop - 1)
        left, up, corner = found[d - 1, some], found[d - 1, higher], found[d - 2, higher]
        value = filtered[d, some]
        if SUB in own:
            value += left * own[SUB][some]
        if UP in own:
            value += up * own[UP][some]
        if AVERAGE in own:
            value += ((left + up) >> 1) * own[AVERAGE][some]
        if NEAREST in own:
            value += _nearest(left, up, corner) * own[NEAREST][some]
        np.bitwise_and(value, 255, out=found[d, some])
    return _slanted(found, count, width)


def _slanted(diagonals: Signed, count: int, width: int) -> Signed:
    """The rows [count, width, step] that lie across the diagonals, as a view."""
    along, across, within = diagonals.strides
    return as_strided(
        diagonals[2:, 1:], (count, width, diagonals.shape[2]), (along + across, along, within)
    )


def _where(kinds: Bytes, kind: int) -> Signed:
    """1 for rows of a kind, 0 for others and for the row above all."""
    return np.concatenate([[0], kinds == kind]).astype(np.int16)[:, None]


def _nearest(left: Signed, up: Signed, corner: Signed) -> Signed:
    from_up, from_left = up - corner, left - corner
    to_left, to_up, to_corner = abs(from_up), abs(from_left), abs(from_up + from_left)
    others = np.where(to_up <= to_corner, up, corner)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, others)
