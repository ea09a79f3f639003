"""Picture files, png and jpeg, from and to arrays of bytes. Pillow knows the formats, and is
imported when the first picture is read or written.

What Pillow would pass over in silence is refused here: 16 bits that it would halve, pixels that
shine through, colours that are not in the palette, parts whose checksum is wrong.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nngraph.data.png_rows import has_all_rows
from nngraph.errors import DataError, diagnostic
from nngraph.files import check_fits, read_bytes

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.PngImagePlugin import PngImageFile

Bytes = NDArray[np.uint8]

PNG, JPEG = (".png",), (".jpg", ".jpeg")
PICTURES = PNG + JPEG
LARGEST_FILE = 2**28  # bytes
LARGEST_PICTURE = 2**27  # pixels
PIXEL_BYTES = 8  # while a picture is read: Pillow keeps up to 4, the array as many
COMPRESSION = 6  # of zlib, fixed, so that the same pixels make the same file

CUT_OFF = "it is cut off or damaged"
_PNG_START, _JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# whatever Pillow raises for bytes that are no whole picture
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


def read_picture(path: Path, shown: str, *, indices: bool = False) -> Bytes:
    """The picture of a file, uint8[height, width, channels]: 1 channel for grey, 3 for colours.

    With `indices` the stored numbers of a png: places in its palette, grey of few bits as it is.

    Errors: FileError when it cannot be read; DataError when it is damaged or of another kind.
    """
    content = read_bytes(path, LARGEST_FILE)
    if path.suffix.lower() in JPEG:
        return decode_jpeg(content, shown)
    return decode_png(content, shown, indices=indices)


def encode_png(pixels: Bytes) -> bytes:
    """The png file of a picture uint8[height, width, channels]: 1 channel, 3, or 4 with opacity."""
    from PIL import Image

    file = io.BytesIO()
    plain = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    Image.fromarray(plain).save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


def decode_png(content: bytes, shown: str, *, indices: bool = False) -> Bytes:
    """The pixels of a png file, as `read_picture` gives them.

    Errors: DataError, with the name `shown`.
    """
    if not content.startswith(_PNG_START):
        raise _unfit(shown, what_it_is(content, "PNG"))
    with _decoding(shown):
        width, height, bits = struct.unpack_from(">IIB", content, len(_PNG_START) + 8)
        _check_size(width, height, shown)
        if bits > 8:
            raise _Unfit(f"it has {bits} bits a channel, only 8 are read: save it with 8")
        return _png_pixels(content, bits, indices)


def decode_jpeg(content: bytes, shown: str) -> Bytes:
    """The pixels of a jpeg file, uint8[height, width, channels].

    Errors: DataError, with the name `shown`.
    """
    from PIL.JpegImagePlugin import JpegImageFile

    if not content.startswith(_JPEG_START):
        raise _unfit(shown, what_it_is(content, "JPEG"))
    with _decoding(shown), JpegImageFile(io.BytesIO(content)) as picture:
        _check_size(*picture.size, shown)
        return _array(picture if picture.mode in ("L", "RGB") else picture.convert("RGB"))


def what_it_is(content: bytes, wanted: str) -> str:
    """Why a file is none of the kind that its ending promises.

    >>> what_it_is(b"GIF89a", "PNG")
    'it is no PNG file but a GIF: save it as .png'
    """
    if not content:
        return "the file is empty"
    starts = ((_PNG_START, "PNG"), (_JPEG_START, "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"))
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


@contextmanager
def _decoding(shown: str) -> Iterator[None]:
    """What goes wrong within, in our words: those of Pillow, struct and zlib help nobody."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except _Unfit as error:
        raise _unfit(shown, str(error)) from error
    except _DAMAGE as error:
        is_sum = "checksum" in str(error)
        reason = "the checksum of one of its parts is wrong" if is_sum else CUT_OFF
        raise _unfit(shown, reason, "save it, or copy it, once more") from error


def _check_size(width: int, height: int, shown: str) -> None:
    """Refuse what the header promises before anything is unpacked."""
    if not 0 < width * height <= LARGEST_PICTURE:
        raise _Unfit(f"its size is {width} x {height} pixels")
    check_fits(shown, width * height * PIXEL_BYTES)


def _png_pixels(content: bytes, bits: int, indices: bool) -> Bytes:
    from PIL.PngImagePlugin import PngImageFile

    with PngImageFile(io.BytesIO(content)) as whole:
        whole.verify()  # all parts are there, and their checksums are right
    if not has_all_rows(content):
        raise _Unfit(CUT_OFF)
    with PngImageFile(io.BytesIO(content)) as picture:
        if picture.mode == "P":
            return _looked_up(picture, indices)
        if picture.mode in ("LA", "RGBA") or ("transparency" in picture.info and not indices):
            return _opaque(picture)
        pixels = _array(picture.convert("L") if picture.mode == "1" else picture)
    return pixels // np.uint8(255 // (2**bits - 1)) if indices else pixels


def _looked_up(picture: PngImageFile, indices: bool) -> Bytes:
    colours = len(picture.palette.palette) // 3 if picture.palette is not None else 0
    numbers = np.array(picture, np.uint8)
    if int(numbers.max()) >= colours:
        raise _Unfit("a pixel is not in its palette")
    if indices:
        return numbers[..., None]
    return _opaque(picture) if "transparency" in picture.info else _array(picture.convert("RGB"))


def _opaque(picture: Image) -> Bytes:
    """The picture without its alpha channel, which must say that nothing shines through."""
    grey = picture.mode in ("1", "L", "LA")
    pixels = _array(picture.convert("LA" if grey else "RGBA"))
    if (pixels[..., -1] != 255).any():
        raise _Unfit("it has transparent pixels, save it without an alpha channel")
    return np.ascontiguousarray(pixels[..., :-1])


def _array(picture: Image) -> Bytes:
    pixels = np.array(picture, np.uint8)
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _unfit(shown: str, reason: str, help: str = "") -> DataError:
    return DataError(diagnostic("E401:picture", file=shown, reason=reason, help=help))
