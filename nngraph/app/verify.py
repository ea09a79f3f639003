"""Whether the files of a run are those that it wrote, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from nngraph.app.recording import GROWING
from nngraph.errors import FileError, ModelFileError, diagnostic
from nngraph.files import MANIFEST, Manifest, bound_path, read_manifest
from nngraph.records import dataclass
from nngraph.train.checkpoint import checkpoint_paths, read_checkpoint_of
from nngraph.train.load_run import check_is_run
from nngraph.train.run_folder import (
    BEST,
    CHECKPOINTS,
    DATA,
    GIVEN,
    RESOLVED,
    SPEC,
    SUMMARY,
    WEIGHTS,
)

State = Literal["holds", "does not hold", "missing", "not of this run", "grows"]
"""`grows`: the run is under way, lines are added to it, so nothing is known of its content."""
DECIDING = (BEST, DATA, GIVEN, RESOLVED, SPEC, SUMMARY, WEIGHTS, *GROWING)
"""Files of a run that decide an answer, or that a report shows."""


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """A file of a run by its name in the folder; `bytes` is None for one that is missing, `why`
    says what is wrong, "" where nothing is."""

    name: str
    state: State
    bytes: int | None
    why: str = ""

    @property
    def is_right(self) -> bool:
        """Whether nothing speaks against it."""
        return self.state in ("holds", "grows")


@dataclass(frozen=True)
class Verification:
    """All files of a run that are bound, its manifest first, its checkpoints last."""

    run: Path
    files: tuple[VerifiedFile, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against any of them."""
        return all(file.is_right for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "run": str(self.run),
            "holds": self.holds,
            "files": [
                {"file": file.name, "bytes": file.bytes, "state": file.state, "why": file.why}
                for file in self.files
            ],
        }


def verify(run: str | Path) -> Verification:
    """Compare every file of a run with its manifest, and every checkpoint with its own digest.

    Nothing is written. Drawings, reports and files of the user's own decide no answer, they are
    not looked at.

    Errors: FileError for what is no run; ModelFileError for a manifest that is missing, does not
    hold, or is of a newer format: then nothing can be said of the others.
    """
    folder = Path(run)
    check_is_run(folder)
    manifest = read_manifest(folder)
    if manifest is None:
        raise ModelFileError(diagnostic("E506:unbound", run=folder))
    files = (*_bound_files(folder, manifest), *_checkpoints(folder))
    own = VerifiedFile(MANIFEST, "holds", _size(folder / MANIFEST))
    return Verification(folder, (own, *files))


def _bound_files(folder: Path, manifest: Manifest) -> Iterator[VerifiedFile]:
    there = {name for name in (*DECIDING, *manifest.growing) if (folder / name).exists()}
    for name in sorted({*manifest.files, *there}):
        if name in manifest.growing:
            yield VerifiedFile(name, "grows", _size(folder / name))
            continue
        try:
            yield VerifiedFile(name, "holds", _size(bound_path(folder, name)))
        except (ModelFileError, FileError) as error:
            state: State = "does not hold" if name in manifest.files else "not of this run"
            yield _wrong(folder, name, state, error)


def _checkpoints(folder: Path) -> Iterator[VerifiedFile]:
    for path in checkpoint_paths(folder).values():
        name = f"{CHECKPOINTS}/{path.name}"
        try:
            read_checkpoint_of(folder, path)
            yield VerifiedFile(name, "holds", _size(path))
        except (ModelFileError, FileError) as error:
            if path.exists():  # else a training has just replaced it by a newer one
                yield _wrong(folder, name, "does not hold", error)


def _wrong(
    folder: Path, name: str, state: State, error: ModelFileError | FileError
) -> VerifiedFile:
    size = _size(folder / name)
    why = error.diagnostics[0].message
    return VerifiedFile(name, "missing" if size is None else state, size, why)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
