"""Writing PNG pictures: 8 bits a channel, grey or RGB.

Source: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)", 2003.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from nngraph.data.png import SIGNATURE

_COLOUR = {1: 0, 3: 2}


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """The file of a picture uint8[height, width, channels], 1 channel or 3.

    >>> from nngraph.data.png import decode_png
    >>> decode_png(encode_png(np.full((2, 3, 1), 7, np.uint8)), "x").ravel().tolist()
    [7, 7, 7, 7, 7, 7]
    """
    height, width, channels = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, _COLOUR[channels], 0, 0, 0)
    rows = np.zeros((height, 1 + width * channels), np.uint8)  # each row begins with its filter: 0
    rows[:, 1:] = pixels.reshape(height, -1)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
