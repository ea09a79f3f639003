"""Pictures in folders: a folder for each class, or a folder of pictures and one of masks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from nngraph.data.columns import Column, Table
from nngraph.data.picture_files import PICTURES, PNG, read_picture
from nngraph.data.pictures import resized, resized_mask, with_channels
from nngraph.data.sources.opener import Opener, Surroundings
from nngraph.errors import DataError, Diagnostics, FileError, Span, diagnostic, join_words, suggest
from nngraph.files import check_fits
from nngraph.records import dataclass
from nngraph.words.own_data import ImagesData
from nngraph.words.sources import DataSpec

Bytes = NDArray[np.uint8]
_CLUTTER = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture file and what errors call it."""

    path: Path
    shown: str


def _open(spec: ImagesData, around: Surroundings) -> Table:
    place = around.places.at("folder")
    pictures = around.path(spec.folder, "folder")
    if spec.masks is None:
        return _class_folders(pictures, spec, place)
    return _with_masks(pictures, around.path(spec.masks, "masks"), spec, spec.masks, place)


def as_learnt(picture: Bytes, spec: DataSpec | None) -> Bytes:
    """A picture in the form in which the pictures of a folder are learnt."""
    if not isinstance(spec, ImagesData):
        return picture
    picture = with_channels(picture, spec.channels)
    return picture if spec.size is None else resized(picture, spec.size)


def _class_folders(folder: Path, spec: ImagesData, place: Span | None) -> Table:
    """`image` uint8[n, h, w, c] and the `label` of each: the folder that it lies in.

    Classes stand in the order of their names, pictures in that of theirs.

    Errors: FileError for a missing folder; DataError for folders without pictures, other files,
    damaged pictures, unlike sizes.
    """
    shown = spec.folder
    entries = _entries(folder, shown, place)
    names = tuple(entry.name for entry in entries if entry.is_dir())
    found = Diagnostics(DataError)
    if not names:
        raise DataError(diagnostic("E402:classes", place, folder=shown, above=_above(shown)))
    for stray in (entry for entry in entries if not entry.is_dir()):
        _tell_stray(found, stray, shown, place, "each picture lies in the folder of its class")
    pictures: list[PictureFile] = []
    codes: list[int] = []
    for code, name in enumerate(names):
        with found.collecting():
            of_class = _pictures(folder / name, f"{shown}/{name}", place)
            pictures += of_class
            codes += [code] * len(of_class)
    found.raise_if_any()
    columns: dict[str, Callable[[], Column]] = {
        "image": partial(_images, pictures, spec, place),
        "label": lambda: Column("label", np.array(codes, np.int64), names),
    }
    return _table(shown, columns, "label")


def _above(shown: str) -> str:
    """The folder above one that may be a single class."""
    return PurePosixPath(shown).parent.name or "photos"


def _with_masks(
    folder: Path, masks: Path, spec: ImagesData, masks_shown: str, place: Span | None
) -> Table:
    """`image` uint8[n, h, w, c] and the `mask` uint8[n, h, w] of the same name as each.

    Masks of 0 and 255 alone become 0 and 1.

    Errors: as `_class_folders`; DataError for a picture without a mask or of another size.
    """
    pictures = _pictures(folder, spec.folder, place)
    there = {entry.stem: entry for entry in _entries(masks, masks_shown, place)}
    paired: list[PictureFile] = []
    found = Diagnostics(DataError)
    for picture in pictures:
        mask = there.get(picture.path.stem)
        name = f"{masks_shown}/{picture.path.stem}.png"
        if mask is None or mask.suffix.lower() not in PNG:
            found.tell("E411:mask", place, picture=picture.shown, mask=name)
            continue
        paired.append(PictureFile(mask, f"{masks_shown}/{mask.name}"))
    found.raise_if_any()
    columns: dict[str, Callable[[], Column]] = {
        "image": partial(_images, pictures, spec, place),
        "mask": partial(_masks, paired, pictures, spec.size, place),
    }
    return _table(spec.folder, columns, "mask")


def _table(shown: str, columns: dict[str, Callable[[], Column]], target: str) -> Table:
    return Table(
        f"the folder '{shown}'",
        tuple(columns),
        lambda name: columns[name](),
        own_inputs=("image",),
        own_target=target,
        also={"x": "image", "y": target},
    )


def _entries(folder: Path, shown: str, place: Span | None) -> list[Path]:
    """Files and folders in the order of their names, without hidden ones."""
    if not folder.is_dir():
        key = "E801:file-for-folder" if folder.exists() else "E801:folder"
        beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
        near = suggest(folder.name, [other.name for other in beside if other.is_dir()])
        raise FileError(diagnostic(key, place, label=near, folder=shown))
    inside = folder.resolve()
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(diagnostic("E802:listing", place, folder=shown, reason=reason)) from error
    kept = [e for e in entries if e.name[0] != "." and e.name.lower() not in _CLUTTER]
    for entry in kept:
        if _leads_out(entry, inside):
            raise FileError(diagnostic("E805:link", place, path=f"{shown}/{entry.name}"))
    return kept


def _leads_out(entry: Path, inside: Path) -> bool:
    """Whether an entry is a link to another place, or to itself."""
    try:
        return not entry.resolve().is_relative_to(inside)
    except (OSError, RuntimeError):
        return True


def _pictures(folder: Path, shown: str, place: Span | None) -> list[PictureFile]:
    entries = _entries(folder, shown, place)
    if not entries:
        raise DataError(diagnostic("E402:pictures", place, folder=shown))
    found = Diagnostics(DataError)
    for entry in entries:
        if entry.is_dir() or entry.suffix.lower() not in PICTURES:
            help = f"take it out of the folder; pictures end in {join_words(PICTURES, 'or')}"
            _tell_stray(found, entry, shown, place, help)
    found.raise_if_any()
    return [PictureFile(entry, f"{shown}/{entry.name}") for entry in entries]


def _tell_stray(found: Diagnostics, entry: Path, shown: str, place: Span | None, help: str) -> None:
    key = "E413:folder" if entry.is_dir() else "E413"
    found.tell(key, place, path=f"{shown}/{entry.name}", help=help)


def _images(pictures: Sequence[PictureFile], spec: ImagesData, place: Span | None) -> Column:
    """All pictures in one array, which is made when the first one is known."""
    _check_room(pictures, spec)
    images: Bytes | None = None
    first, found = pictures[0], Diagnostics(DataError)
    for row, picture in enumerate(pictures):
        with found.collecting():
            pixels = as_learnt(read_picture(picture.path, picture.shown), spec)
            if images is None:
                first, images = picture, np.empty((len(pictures), *pixels.shape), np.uint8)
            _check_alike(images.shape[1:], first, pixels.shape, picture, place)
            images[row] = pixels
    found.raise_if_any()
    assert images is not None
    return Column("image", images, called="each picture")


def _check_room(pictures: Sequence[PictureFile], spec: ImagesData) -> None:
    """All pictures are as large as the first, or else refused one by one. Errors: CapacityError."""
    with contextlib.suppress(DataError, FileError):
        pixels = as_learnt(read_picture(pictures[0].path, pictures[0].shown), spec)
        check_fits(spec.folder, len(pictures) * pixels.nbytes)


def _check_alike(
    first: tuple[int, ...],
    of: PictureFile,
    shape: tuple[int, ...],
    picture: PictureFile,
    place: Span | None,
) -> None:
    if shape[:2] != first[:2]:
        raise DataError(
            diagnostic(
                "E408:sizes",
                place,
                picture=picture.shown,
                size=_size(shape),
                first=of.shown,
                its_size=_size(first),
                both=f"{first[0]}, {first[1]}",
            )
        )
    if shape[2:] != first[2:]:
        key = "E408:grey" if shape[2] == 1 else "E408:coloured"
        raise DataError(diagnostic(key, place, picture=picture.shown, first=of.shown))


def _masks(
    masks: Sequence[PictureFile],
    pictures: Sequence[PictureFile],
    size: tuple[int, int] | None,
    place: Span | None,
) -> Column:
    read = [_mask(mask, place) for mask in masks]
    for mask, pixels, picture in zip(masks, read, pictures, strict=True):
        # without `size` the sizes of the pictures are alike, and so must be those of their masks
        if size is None and pixels.shape != read[0].shape:
            raise DataError(
                diagnostic(
                    "E408:mask-size",
                    place,
                    mask=mask.shown,
                    size=_size(pixels.shape),
                    first=masks[0].shown,
                    its_size=_size(read[0].shape),
                    picture=picture.shown,
                )
            )
    if size is not None:
        read = [resized_mask(pixels, size) for pixels in read]
    stacked = np.stack(read)
    if set(np.unique(stacked).tolist()) <= {0, 255}:
        stacked = (stacked == 255).astype(np.uint8)
    return Column("mask", stacked, called="each mask")


def _mask(mask: PictureFile, place: Span | None) -> Bytes:
    pixels = read_picture(mask.path, mask.shown, indices=True)
    if pixels.shape[2] != 1:
        raise DataError(diagnostic("E408:mask-colour", place, mask=mask.shown))
    return pixels[..., 0]


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} x {shape[1]}"


IMAGES = Opener(ImagesData, _open)
