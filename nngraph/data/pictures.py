"""One picture file as an array: png by our own decoder, jpeg through Pillow; channels and size."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.png import decode_png, what_it_is
from nngraph.errors import DataError, Diagnostic, FileError
from nngraph.files import read_bytes

Bytes = NDArray[np.uint8]

PNG, JPEG = (".png",), (".jpg", ".jpeg")
PICTURES = PNG + JPEG
GREY = np.array([0.299, 0.587, 0.114])  # luma of ITU-R BT.601
LARGEST_FILE = 2**28  # bytes
LARGEST_PICTURE = 2**27  # pixels of a jpeg


def read_picture(path: Path, shown: str, *, indices: bool = False) -> Bytes:
    """The picture of a file, uint8[height, width, channels].

    With `indices` a picture with a palette gives the numbers of its colours, as masks want.

    Errors: FileError when it cannot be read, or is a jpeg and Pillow is not installed; DataError
    when it is damaged or of another kind.
    """
    content = read_bytes(path, LARGEST_FILE)
    if path.suffix.lower() in JPEG:
        return _decode_jpeg(content, shown)
    return decode_png(content, shown, indices=indices)


def _decode_jpeg(content: bytes, shown: str) -> Bytes:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise FileError(
            Diagnostic(
                "E806",
                f"'{shown}' is a jpeg, which is read through Pillow, and Pillow is not installed",
                help="install it with `pip install 'nngraph[images]'`, or save pictures as png",
            )
        ) from None
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
            if picture.width * picture.height > LARGEST_PICTURE:
                raise ValueError(f"its size is {picture.width} x {picture.height} pixels")
            plain = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
            pixels = np.array(plain, np.uint8)
    except UnidentifiedImageError:
        raise _unfit(shown, what_it_is(content, "JPEG")) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unfit(shown, str(error).strip().rstrip(".") or "it is damaged") from error
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _unfit(shown: str, reason: str) -> DataError:
    return DataError(Diagnostic("E401", f"cannot read the picture '{shown}': {reason}"))


def with_channels(picture: Bytes, channels: int | None) -> Bytes:
    """The picture in grey (1) or colour (3); None leaves it alone."""
    if channels is None or picture.shape[2] == channels:
        return picture
    if channels == 3:
        return np.repeat(picture, 3, axis=2)
    return _rounded((picture @ GREY)[..., None])


def resized(picture: Bytes, size: tuple[int, int]) -> Bytes:
    """The picture in another size: bilinear, and where it shrinks an average of all pixels."""
    if picture.shape[:2] == size:
        return picture
    rows, columns = (_weights(old, new) for old, new in zip(picture.shape, size, strict=False))
    return _rounded(np.einsum("ij,jkc,lk->ilc", rows, picture.astype(np.float64), columns))


def resized_mask(mask: Bytes, size: tuple[int, int]) -> Bytes:
    """A mask [h, w] in another size: each pixel is that of the nearest, so classes stay whole."""
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.int64)
        for old, new in zip(mask.shape, size, strict=True)
    )
    taken: Bytes = mask[rows[:, None], columns]
    return taken


def _weights(old: int, new: int) -> NDArray[np.float64]:
    """How much each old pixel gives to each new one, [new, old]; rows sum to 1.

    A triangle as wide as a pixel of the coarser grid to either side, centres aligned.
    """
    reach = max(1.0, old / new)
    centre = (np.arange(new) + 0.5) * old / new - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(np.arange(old) - centre[:, None]) / reach)
    normalised: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normalised


def _rounded(values: NDArray[Any]) -> Bytes:
    rounded: Bytes = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded
