"""Pictures for `predict --input`: one file, all in a folder, or those that a pattern names."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data.dataset import Port
from nngraph.data.picture_files import PICTURES, read_picture
from nngraph.data.pictures import resized, with_channels
from nngraph.data.sources.images import PictureFile, as_learnt
from nngraph.errors import DataError, Diagnostics, UsageError, diagnostic
from nngraph.files import check_fits
from nngraph.words.sources import DataSpec

Bytes = NDArray[np.uint8]


def is_picture_set(path: Path) -> bool:
    """Whether a path means pictures: a picture file, a folder, or a pattern of names."""
    if path.suffix.lower() in PICTURES:
        return True
    try:
        return path.is_dir() or _is_pattern(path)
    except OSError:  # a name that no file can have: whoever opens it says so
        return False


def _is_pattern(path: Path) -> bool:
    return glob.has_magic(str(path)) and not path.exists()


def pictures_at(path: Path) -> tuple[PictureFile, ...]:
    """The pictures that a path means, in the order of their names; those of a folder also in the
    folders below it. Other files, and hidden ones, are passed over.

    Errors: UsageError where there are none.
    """
    if not path.is_dir() and not _is_pattern(path):
        return (PictureFile(path, path.name),)
    if path.is_dir():
        found = [(file, file.relative_to(path)) for file in path.rglob("*")]
    else:
        found = [(file, file) for file in map(Path, glob.glob(str(path), recursive=True))]
    pictures = sorted(
        (PictureFile(file, shown.as_posix()) for file, shown in found if _is_picture(file, shown)),
        key=lambda picture: picture.shown,
    )
    if not pictures:
        key = "E002:no-pictures" if path.is_dir() else "E002:no-match"
        raise UsageError(diagnostic(key, path=path))
    return tuple(pictures)


def _is_picture(file: Path, shown: Path) -> bool:
    is_hidden = any(part.startswith(".") and part not in (".", "..") for part in shown.parts)
    return file.suffix.lower() in PICTURES and file.is_file() and not is_hidden


def read_pictures(
    files: Sequence[PictureFile], port: Port, spec: DataSpec | None, *, resize: bool
) -> Bytes:
    """Pictures for an image input, uint8[n, height, width, channels] from 0 to 255.

    Errors: FileError; DataError for those that are damaged or of another size, each by its name;
    UsageError for an input that no picture can be resized to; CapacityError.
    """
    check_fits(files[0].shown, len(files) * port.size * np.dtype(np.float64).itemsize)
    pixels: list[Bytes] = []
    found = Diagnostics(DataError)
    for file in files:
        with found.collecting():
            pixels.append(_read(file, port, spec, resize))
            _check_like_first(pixels, file, files[0])
    found.raise_if_any()
    return np.stack(pixels)


def _read(file: PictureFile, port: Port, spec: DataSpec | None, resize: bool) -> Bytes:
    picture = as_learnt(read_picture(file.path, file.shown), spec)
    if resize:
        picture = _fitted(picture, port, file.shown)
    _check_picture(picture, port, file.shown)
    return picture


def _check_like_first(pixels: Sequence[Bytes], file: PictureFile, first: PictureFile) -> None:
    """Pictures that lie side by side are of one size and in like colours."""
    if pixels[-1].shape == pixels[0].shape:
        return
    there, here = _in_words(pixels[-1].shape), _in_words(pixels[0].shape)
    raise DataError(
        diagnostic(
            "E408:picture-unlike", picture=file.shown, there=there, first=first.shown, here=here
        )
    )


def _fitted(picture: Bytes, port: Port, shown: str) -> Bytes:
    """The picture in the size and the colours of an image input."""
    wanted = _image_shape(port)
    if wanted is None:
        told = diagnostic("E002:resize-to", file=shown, input=port.name, shape=list(port.shape))
        raise UsageError(told)
    return resized(with_channels(picture, wanted[2]), wanted[:2])


def _image_shape(port: Port) -> tuple[int, int, int] | None:
    shape = (*port.shape, 1) if len(port.shape) == 2 else port.shape
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 and shape[2] in (1, 3) else None


def _check_picture(picture: NDArray[Any], port: Port, shown: str) -> None:
    """A picture for an image input has its size and colours; for a vector its length counts."""
    wanted = _image_shape(port)
    if wanted is None or picture.shape == wanted:
        return
    there, here = _in_words(picture.shape), _in_words(wanted)
    own = ",".join(map(str, (*picture.shape[:2], wanted[2])))
    set_shape = f"-s 'nodes.{port.name}.shape=[{own}]'"
    if picture.shape[2] != wanted[2]:
        set_shape = f"--resize {set_shape}"
    if picture.shape[:2] == wanted[:2]:
        told = diagnostic(
            "E408:picture-colour", picture=shown, there=there, input=port.name, here=here
        )
    else:
        told = diagnostic(
            "E408:picture-size",
            picture=shown,
            there=there,
            input=port.name,
            here=here,
            own_size=set_shape,
        )
    raise DataError(told)


def _in_words(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} x {shape[1]} pixels in {'grey' if shape[2] == 1 else 'colour'}"
