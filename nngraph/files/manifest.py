"""The manifest of a run folder: the files that decide its answers, each with its SHA-256.

`manifest.json` names each file with its length and digest, facts about the whole, and at its end
the digest of itself, computed with zeros in the place of that. Digests find faults and mix-ups;
whoever rewrites the manifest too is not found, for there is no secret.

Several files change as one (`Binding`):

1. the new content of each is written beside it, as `.next.NAME`, and synced;
2. a manifest with the new digests takes the place of the old one: from here the new state counts;
3. each `.next.NAME` takes the place of NAME.

A reader takes the file whose digest the manifest names: NAME or, between 2 and 3, `.next.NAME`.
So at whatever moment the writer is killed, the folder is the old state whole (until 2) or the new
one whole (from 2 on). The next writer begins with what is left of step 3.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, BinaryIO, cast

from nngraph.errors import FileError, ModelFileError, NNGraphError, diagnostic
from nngraph.files.nested import parse_json
from nngraph.files.reading import open_file, read_bytes, reading
from nngraph.files.writing import sync_folder, write_and_sync, write_atomically, writing
from nngraph.records import dataclass

MANIFEST = "manifest.json"
FORMAT = 1
STAGED = ".next."
LONGEST = 2**20  # bytes of a manifest
NO_DIGEST = "0" * 64
PIECE = 2**20  # bytes that are read at a time
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Content = bytes | Callable[[BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Seal:
    """The length in bytes and the SHA-256 of a file's content."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a folder holds: the seals of its files by name, and facts about the whole.

    Files that are `growing` get lines at their end while a run is trained; their seals are known
    when it ends.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Seal] = field(default_factory=dict)
    growing: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """The text of the file. Equal manifests give equal bytes."""
        digest = hashlib.sha256(self._text(NO_DIGEST)).hexdigest()
        return self._text(digest)

    def _text(self, digest: str) -> bytes:
        value = {
            "format": FORMAT,
            **{key: self.facts[key] for key in sorted(self.facts)},
            "files": {
                name: {"bytes": seal.bytes, "sha256": seal.sha256}
                for name, seal in sorted(self.files.items())
            },
            "growing": sorted(self.growing),
            "sha256": digest,
        }
        return (json.dumps(value, indent=2) + "\n").encode()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder, None where it has none.

    Errors: ModelFileError for one that does not hold, and for one of a newer format; FileError.
    """
    path = folder / MANIFEST
    if not path.exists():
        return None
    if path.stat().st_size > LONGEST:
        raise ModelFileError(diagnostic("E506:manifest", path=path))
    content = read_bytes(path)
    try:
        value = parse_json(content)
        format_ = value.pop("format")
        if type(format_) is int and format_ > FORMAT:
            raise ModelFileError(diagnostic("E506:newer", path=path, has=format_, reads=FORMAT))
        manifest = _decoded(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(diagnostic("E506:manifest", path=path)) from error
    if manifest.encode() != content:
        raise ModelFileError(diagnostic("E506:manifest", path=path))
    return manifest


def _decoded(value: dict[str, Any]) -> Manifest:
    """Errors: ValueError, KeyError, TypeError, AttributeError for what is of another form."""
    value.pop("sha256")
    growing = tuple(value.pop("growing"))
    files = {name: Seal(**seal) for name, seal in value.pop("files").items()}
    for name in (*files, *growing):
        if _NAME.fullmatch(name) is None:  # it never leads out of its folder
            raise ValueError(name)
    for seal in files.values():
        if type(seal.bytes) is not int or _DIGEST.fullmatch(seal.sha256) is None:
            raise ValueError(seal)
    return Manifest(value, files, growing)


# ---- reading


def bound_path(folder: Path, name: str) -> Path:
    """Where the file lies whose content the manifest names; NAME itself without a manifest.

    Errors: ModelFileError for a file that does not hold, or that the manifest does not name;
    FileError where it is missing or cannot be read.
    """
    while True:
        manifest = read_manifest(folder)
        if manifest is None or name in manifest.growing:
            return folder / name
        if name not in manifest.files:
            return _unnamed(folder, name)
        if (path := _lying(folder, name, manifest.files[name])) is not None:
            return path
        if read_manifest(folder) == manifest:  # else a writer has just changed the state
            if not (folder / name).exists():
                raise FileError(diagnostic("E801:of-run", run=folder, file=name, manifest=MANIFEST))
            raise ModelFileError(diagnostic("E506", path=folder / name, manifest=MANIFEST))


def bound_exists(folder: Path, name: str) -> bool:
    """Whether a folder has this file: by its manifest, or without one on the disk."""
    manifest = read_manifest(folder)
    if manifest is not None and name in manifest.files:
        return True
    return (folder / name).exists()


def _unnamed(folder: Path, name: str) -> Path:
    path = folder / name
    if path.exists():
        raise ModelFileError(diagnostic("E506:unnamed", path=path, manifest=MANIFEST))
    return path


def _lying(folder: Path, name: str, seal: Seal) -> Path | None:
    """Where this content lies; looked for once more in its place, where a writer may put it."""
    place = folder / name
    return next((p for p in (place, _staged(place), place) if seal_of(p, seal.bytes) == seal), None)


def seal_of(path: Path, wanted: int | None = None) -> Seal | None:
    """The seal of a file, None where there is none; without a digest where it has not the `wanted`
    bytes, for then it is not read. Errors: FileError."""
    if not path.exists():
        return None
    digest, length = hashlib.sha256(), 0
    try:
        with reading(path), open_file(path) as file:
            there = os.fstat(file.fileno()).st_size
            if wanted is not None and there != wanted:
                return Seal(there, "")
            while piece := file.read(PIECE):
                digest.update(piece)
                length += len(piece)
    except FileError:
        if path.exists():
            raise
        return None  # moved away since
    return Seal(length, digest.hexdigest())


# ---- writing, in a folder that is locked


class Binding:
    """A change of several files of a folder and of its manifest, as one.

    Use: `with Binding(folder) as binding: binding.write(name, content)`. All of it is done when
    the block ends, nothing where it ends with an error; what is not mentioned stays bound.
    `in_place` are files that are bound as they lie there, synced, if they do; `growing` are no
    longer bound. `facts` replace those of before.

    Errors: FileError, and then the folder is in the state of before, or whole in the new one;
    ModelFileError for a manifest that does not hold.
    """

    def __init__(
        self,
        folder: Path,
        *,
        in_place: Iterable[str] = (),
        growing: Iterable[str] = (),
        facts: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._in_place, self._growing = (*in_place,), (*growing,)
        self._facts = facts
        self._seals: dict[str, Seal] = {}

    def __enter__(self) -> Binding:
        finish_binding(self._folder)
        return self

    def write(self, name: str, content: Content) -> None:
        """Stage what is a file's content next. Its seal is of what was meant to be written."""
        hasher, place = _Hasher(), self._folder / name
        with writing(place):
            write_and_sync(_staged(place), hasher.writer(content))
        self._seals[name] = Seal(hasher.length, hasher.digest.hexdigest())

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self._commit()
        finally:
            with contextlib.suppress(NNGraphError):
                finish_binding(self._folder)  # by the manifest that is there now

    def _commit(self) -> None:
        folder = self._folder
        before = read_manifest(folder) or Manifest()
        there = {name: seal_of(folder / name) for name in self._in_place}
        found = {name: seal for name, seal in there.items() if seal is not None} | self._seals
        growing = {*before.growing, *self._growing} - set(found)
        files = {n: seal for n, seal in {**before.files, **found}.items() if n not in growing}
        facts = before.facts if self._facts is None else self._facts
        with writing(folder / MANIFEST):
            sync_folder(folder)  # what is staged, before a manifest that names it
        write_atomically(folder / MANIFEST, Manifest(facts, files, tuple(sorted(growing))).encode())
        _take_places(folder, self._seals)


def bind_files(folder: Path, contents: Mapping[str, Content], **how: Any) -> None:
    """Change these files as one; the rest is as of `Binding`, and so are the errors."""
    with Binding(folder, **how) as binding:
        for name, content in contents.items():
            binding.write(name, content)


def finish_binding(folder: Path) -> None:
    """Do what is left of a change that was cut off: all of step 3, or nothing before step 2."""
    staged = list(folder.glob(f"{STAGED}*"))
    if not staged:
        return
    manifest = read_manifest(folder) or Manifest()
    names = [path.name.removeprefix(STAGED) for path in staged]
    counts = [n for n in names if n in manifest.files and _is_next(folder / n, manifest.files[n])]
    _remove(_staged(folder / name) for name in names if name not in counts)
    if counts:
        _take_places(folder, counts)


def _is_next(place: Path, seal: Seal) -> bool:
    return seal_of(_staged(place)) == seal


def _take_places(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        with writing(folder / name):
            os.replace(_staged(folder / name), folder / name)
    with writing(folder):
        sync_folder(folder)


def _staged(place: Path) -> Path:
    return place.with_name(f"{STAGED}{place.name}")


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):  # it counts for nothing
            path.unlink()


class _Hasher:
    """Hashes what is written into a file on its way."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.length = 0
        self._file: BinaryIO | None = None

    def writer(self, content: Content) -> Callable[[BinaryIO], None]:
        """What writes the content through this."""

        def write(file: BinaryIO) -> None:
            self._file = file
            if isinstance(content, bytes):
                self.write(content)
            else:
                content(cast(BinaryIO, self))

        return write

    def write(self, piece: bytes) -> int:
        """As of a file."""
        assert self._file is not None
        self.digest.update(piece)
        self.length += len(piece)
        return self._file.write(piece)
