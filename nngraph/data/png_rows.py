"""Whether all rows of a png file are there: Pillow takes missing ones for black, in silence.

Source: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)", 7 to 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

_CHANNELS: Mapping[int, int] = MappingProxyType({0: 1, 2: 3, 3: 1, 4: 2, 6: 4})  # by colour type
# first column and row, steps between columns and rows, of the passes of an interlaced picture
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_SIGNATURE = 8  # bytes
_HEADER = struct.Struct(">II5B")
_PIECE = 2**16  # bytes that are unpacked at a time


def has_all_rows(content: bytes) -> bool:
    """Whether the unpacked data of a whole png file are as many bytes as its header asks for.

    Errors: struct.error, KeyError or zlib.error for damaged ones.
    """
    width, height, bits, colour, _, _, interlaced = _HEADER.unpack_from(content, _SIGNATURE + 8)
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    wanted = 0
    for left, top, across, down in passes:
        columns, rows = -((left - width) // across), -((top - height) // down)
        if columns > 0 and rows > 0:  # a byte for the filter stands before each row
            wanted += rows * (1 + -(-columns * bits * _CHANNELS[colour] // 8))
    return _reaches(content, wanted)


def _reaches(content: bytes, wanted: int) -> bool:
    inflate = zlib.decompressobj()
    for packed in _data(content):
        while packed and wanted > 0 and not inflate.eof:
            wanted -= len(inflate.decompress(packed, _PIECE))
            packed = inflate.unconsumed_tail
    return wanted <= 0


def _data(content: bytes) -> Iterator[bytes]:
    """The contents of the IDAT chunks."""
    at = _SIGNATURE
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"IDAT":
            yield content[at + 8 : at + 8 + length]
        at += 12 + length  # and a checksum behind
