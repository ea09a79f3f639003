"""Reading PNG pictures: up to 8 bits a channel, grey, RGB or palette, not interlaced.

Source: W3C, "Portable Network Graphics (PNG) Specification (Second Edition)", 2003.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nngraph.data.png_filters import UnknownFilter, unfilter
from nngraph.errors import DataError, Diagnostic

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 2**28  # bytes of one picture, unpacked
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PALETTE, _WITH_ALPHA = 3, (4, 6)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    bits: int
    colour: int

    @property
    def channels(self) -> int:
        return _CHANNELS[self.colour]

    @property
    def row_bytes(self) -> int:
        return -(-self.width * self.channels * self.bits // 8)


def decode_png(content: bytes, name: str, *, indices: bool = False) -> Bytes:
    """The picture as uint8[height, width, channels], 1 channel for grey and 3 for colours.

    With `indices` the stored numbers: places in the palette, grey of few bits as it is.

    Errors: DataError, with the name of the picture, when it is damaged or of another kind.
    """
    try:
        return _decode(content, indices)
    except (_Unfit, struct.error, zlib.error, IndexError) as error:
        reason, help = str(error), ""
        if not isinstance(error, _Unfit):  # what struct and zlib say helps nobody
            reason, help = "it is cut off or damaged", "save it, or copy it, once more"
        message = f"cannot read the picture '{name}': {reason}"
        raise DataError(Diagnostic("E401", message, help=help)) from error


def what_it_is(content: bytes, wanted: str) -> str:
    """Why a file is none of the kind that its ending promises.

    >>> what_it_is(b"GIF89a", "PNG")
    'it is no PNG file but a GIF: save it as .png'
    """
    if not content:
        return "the file is empty"
    starts = ((SIGNATURE, "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"))
    kind = next((kind for start, kind in starts if content.startswith(start)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "WebP"
    if not kind:
        return f"it is no {wanted} file"
    own = {"PNG": ".png", "JPEG": ".jpg"}.get(kind)
    advice = f"give it the ending {own}" if own else "save it as .png"
    return f"it is no {wanted} file but a {kind}: {advice}"


class _Unfit(Exception):
    """The bare reason why a picture cannot be read."""


def _decode(content: bytes, indices: bool) -> Bytes:
    if not content.startswith(SIGNATURE):
        raise _Unfit(what_it_is(content, "PNG"))
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
    pixels = _pixels(_unfiltered(_unpack(bytes(packed), header), header), header)
    if header.colour in _WITH_ALPHA:
        return _opaque(pixels)
    if header.colour != _PALETTE:
        return pixels if indices else pixels * np.uint8(255 // (2**header.bits - 1))
    if palette is None or pixels.max() >= len(palette):
        raise _Unfit("a pixel is not in its palette")
    return pixels if indices else palette[pixels[..., 0]]


def _pixels(rows: Bytes, header: _Header) -> Bytes:
    """The stored numbers [height, width, channels]; several may share a byte, the first on top."""
    if header.bits < 8:
        ones = np.unpackbits(rows, axis=1).reshape(header.height, -1, header.bits)
        places = (1 << np.arange(header.bits)[::-1]).astype(np.uint8)
        rows = (ones * places).sum(axis=2, dtype=np.uint8)[:, : header.width * header.channels]
    return rows.reshape(header.height, header.width, header.channels)


def _opaque(pixels: Bytes) -> Bytes:
    """The picture without its alpha channel, which must say that nothing shines through."""
    if (pixels[..., -1] != 255).any():
        raise _Unfit("it has transparent pixels, save it without an alpha channel")
    return np.ascontiguousarray(pixels[..., :-1])


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
    if colour not in _CHANNELS:
        raise _Unfit(f"its colour type {colour} is unknown")
    if bits not in ((1, 2, 4, 8) if colour in (0, _PALETTE) else (8,)):
        raise _Unfit(f"it has {bits} bits a channel, only 8 are read: save it with 8")
    if interlaced:
        raise _Unfit("it is interlaced, save it without")
    if not 0 < width * height * _CHANNELS[colour] <= LARGEST:
        raise _Unfit(f"its size is {width} x {height} pixels")
    return _Header(width, height, bits, colour)


def _palette(data: bytes) -> Bytes:
    if len(data) % 3:
        raise _Unfit("its palette is cut off")
    return np.frombuffer(data, np.uint8).reshape(-1, 3)


def _unpack(packed: bytes, header: _Header) -> Bytes:
    """The filtered rows, uint8[height, 1 + bytes of a row]."""
    shape = header.height, 1 + header.row_bytes
    size = shape[0] * shape[1]
    unpacked = zlib.decompressobj().decompress(packed, size + 1)
    if len(unpacked) != size:
        raise _Unfit(f"it holds {len(unpacked):,} bytes of pixels instead of {size:,}")
    return np.frombuffer(unpacked, np.uint8).reshape(shape)


def _unfiltered(rows: Bytes, header: _Header) -> Bytes:
    try:
        return unfilter(rows, max(1, header.channels * header.bits // 8))
    except UnknownFilter as error:
        raise _Unfit(str(error)) from error
