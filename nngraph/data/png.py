"""Reading PNG pictures: 8 bits a channel, grey, RGB or palette, not interlaced.

Source: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)", 2003.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import DataError, Diagnostic

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 2**28  # bytes of one picture, unpacked
_CHANNELS = {0: 1, 2: 3, 3: 1}
_OTHER_KINDS = {4: "grey with transparency", 6: "colours with transparency"}

Bytes = NDArray[np.uint8]
_Predict = Callable[[int, int, int], int]


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    colour: int

    @property
    def channels(self) -> int:
        return _CHANNELS[self.colour]


def decode_png(content: bytes, name: str) -> Bytes:
    """The picture as uint8[height, width, channels], 1 channel for grey and 3 for colours.

    Errors: DataError, with the name of the picture, when it is damaged or of another kind.
    """
    try:
        return _decode(content)
    except (_Unfit, struct.error, zlib.error, IndexError) as error:
        help = "" if isinstance(error, _Unfit) else "the file is cut off or damaged"
        message = f"cannot read the picture '{name}': {error}"
        raise DataError(Diagnostic("E401", message, help=help)) from error


class _Unfit(Exception):
    """The bare reason why a picture cannot be read."""


def _decode(content: bytes) -> Bytes:
    if not content.startswith(SIGNATURE):
        raise _Unfit("it is no PNG file")
    header: _Header | None = None
    palette: Bytes | None = None
    packed = bytearray()
    for kind, data in _chunks(content):
        if kind == b"IHDR":
            header = _header(data)
        elif kind == b"PLTE":
            palette = _palette(data)
        elif kind == b"IDAT":
            packed += data
    if header is None:
        raise _Unfit("it has no header")
    pixels = _unfilter(_unpack(bytes(packed), header), header)
    if header.colour != 3:
        return pixels
    if palette is None or pixels.max() >= len(palette):
        raise _Unfit("a pixel is not in its palette")
    return palette[pixels[..., 0]]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(kind + data) != checksum:
            raise _Unfit(f"the checksum of its part {kind!r} is wrong")
        if kind == b"IEND":
            return
        yield kind, data
        at += 12 + length


def _header(data: bytes) -> _Header:
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
    if colour in _OTHER_KINDS:
        raise _Unfit(f"pictures of {_OTHER_KINDS[colour]} are not read, save it without an alpha")
    if colour not in _CHANNELS:
        raise _Unfit(f"its colour type {colour} is unknown")
    if bits != 8:
        raise _Unfit(f"it has {bits} bits a channel, only 8 are read")
    if interlaced:
        raise _Unfit("it is interlaced, save it without")
    if not 0 < width * height * _CHANNELS[colour] <= LARGEST:
        raise _Unfit(f"its size is {width} x {height} pixels")
    return _Header(width, height, colour)


def _palette(data: bytes) -> Bytes:
    if len(data) % 3:
        raise _Unfit("its palette is cut off")
    return np.frombuffer(data, np.uint8).reshape(-1, 3)


def _unpack(packed: bytes, header: _Header) -> Bytes:
    """The filtered rows, uint8[height, 1 + bytes of a row]."""
    shape = header.height, 1 + header.width * header.channels
    size = shape[0] * shape[1]
    unpacked = zlib.decompressobj().decompress(packed, size + 1)
    if len(unpacked) != size:
        raise _Unfit(f"it holds {len(unpacked):,} bytes of pixels instead of {size:,}")
    return np.frombuffer(unpacked, np.uint8).reshape(shape)


def _unfilter(rows: Bytes, header: _Header) -> Bytes:
    step = header.channels
    above = np.zeros(header.width * step, np.uint8)
    pixels = np.empty((header.height, above.size), np.uint8)
    for i, row in enumerate(rows):
        above = pixels[i] = _unfilter_row(int(row[0]), row[1:], above, step)
    return pixels.reshape(header.height, header.width, step)


def _unfilter_row(kind: int, row: Bytes, above: Bytes, step: int) -> Bytes:
    match kind:
        case 0:
            return row
        case 1:  # sums modulo 256 along the row
            return np.cumsum(row.reshape(-1, step), axis=0, dtype=np.uint8).reshape(-1)
        case 2:
            return row + above
        case 3:
            return _predicted(row, above, step, _mean)
        case 4:
            return _predicted(row, above, step, _nearest)
    raise _Unfit(f"its row filter {kind} is unknown")


def _predicted(row: Bytes, above: Bytes, step: int, predict: _Predict) -> Bytes:
    """Undo a filter that needs the pixel to the left, which was itself just found."""
    found = [0] * step + row.tolist()
    upper = [0] * step + above.tolist()
    for i in range(step, len(found)):
        guess = predict(found[i - step], upper[i], upper[i - step])
        found[i] = (found[i] + guess) & 255
    return np.array(found[step:], np.uint8)


def _mean(left: int, above: int, corner: int) -> int:
    return (left + above) // 2


def _nearest(left: int, above: int, corner: int) -> int:
    """The neighbour nearest to left + above - corner; ties in this order."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))
