"""The folder that a training run writes: what it is called, and what lies there under which name.

How its files change as one is told in `nngraph.files.manifest`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from nngraph.errors import Diagnostic, FileError, diagnostic, join_words
from nngraph.files import (
    LOCK_NAME,
    MANIFEST,
    STAGED,
    bound_path,
    check_unlocked,
    make_folder,
    pack_singles,
    read_text,
    safetensors_parts,
    safetensors_writer,
)
from nngraph.files.reading import reason
from nngraph.train.feed import Array

RUNS = "runs"
SPEC = "spec.yaml"
RESOLVED = "resolved.yaml"
WEIGHTS = "weights.safetensors"
BEST = "best.safetensors"
METRICS = "metrics.jsonl"
CURVES = "curves.svg"
NETWORK = "network.svg"
SUMMARY = "summary.json"
DATA = "data.json"
GIVEN = "given.safetensors"  # arrays from the files that a spec names
STATISTICS = "statistics.jsonl"
CHECKPOINTS = "checkpoints"
BEGINNING = (MANIFEST, RESOLVED, SPEC, DATA, GIVEN, METRICS, STATISTICS, CHECKPOINTS)
"""What there is of a run before its first checkpoint."""
MOST_RUNS = 1_000_000
MOST_NAMED = 5  # of the runs, where one is missing


def new_folder(name: str, wanted: Path | None = None, spec: str = "") -> Path:
    """Make the folder of a new run: `wanted`, or else runs/NAME-001, counting up.

    Errors: FileError when `wanted` holds anything already (`check_unused`), or cannot be made.
    """
    if wanted is not None:
        make_folder(wanted)
        check_unlocked(wanted)
        check_unused(wanted, spec)
        return wanted
    for number in range(1, MOST_RUNS):
        folder = Path(RUNS) / f"{name}-{number:03d}"
        try:
            make_folder(folder, new=True)  # fails where another run has just taken the number
            return folder
        except FileExistsError:
            if Path(RUNS).exists() and not Path(RUNS).is_dir():
                raise FileError(diagnostic("E806", path=RUNS)) from None
    raise FileError(diagnostic("E806:runs", folder=RUNS, most=MOST_RUNS, name=name))


def check_unused(folder: Path, spec: str) -> None:
    """Refuse a folder that holds anything, for a run is never overwritten.

    Only what a run of the same spec left behind that was killed before its first checkpoint may
    lie there: nothing is lost with it.

    Errors: FileError; ModelFileError for a manifest that does not hold.
    """
    try:
        names = {path.name for path in folder.iterdir() if not _is_passing(path.name)}
    except OSError as error:
        raise FileError(diagnostic("E802:listing", folder=folder, reason=reason(error))) from error
    if not names:
        return
    if not is_run(folder):
        raise FileError(diagnostic("E806:not-empty", folder=folder))
    is_bound = MANIFEST in names and names <= set(BEGINNING)
    if not is_bound or _has_learnt(folder) or read_bound(folder, SPEC) != spec:
        raise FileError(diagnostic("E806:run", folder=folder))


def is_before_its_beginning(folder: Path) -> bool:
    """Whether there is nothing but what a training leaves that is killed in its first moment."""
    names = [path.name for path in folder.iterdir()]
    return bool(names) and all(map(_is_passing, names))


def has_leftovers(folder: Path) -> bool:
    """Whether something is there that a killed process was about to put in place, or its lock."""
    return any(_is_passing(path.name) for path in folder.iterdir())


def _is_passing(name: str) -> bool:
    """Whether it is there only while something is done: the lock, a file being written."""
    is_written = name.startswith(STAGED) or (name.startswith(".") and name.endswith(".tmp"))
    return name == LOCK_NAME or is_written


def _has_learnt(folder: Path) -> bool:
    saved = any(not _is_passing(path.name) for path in (folder / CHECKPOINTS).glob("*"))
    metrics = folder / METRICS
    return saved or (metrics.exists() and metrics.stat().st_size > 0)


def is_run(folder: Path) -> bool:
    """Whether a folder is a run: a training has begun in it."""
    return any((folder / name).exists() for name in (RESOLVED, SPEC, MANIFEST))


def missing_run(run: Path) -> Diagnostic:
    """There is no such run; those that lie beside it, or else in runs/, are named."""
    if run.is_file():
        return diagnostic("E801:file-for-run", run=run)
    return diagnostic("E801:run-folder", run=run, runs=runs_in_words(run))


def runs_in_words(run: Path) -> str:
    """Where a run is missing: which there are in its folder, or else in runs/, the newest first."""
    found = runs_in(run.parent) or runs_in(Path(RUNS))
    if not found:
        return "there are no runs yet; 'nngraph train SPEC' writes one"
    named = [str(path) for path in found[:MOST_NAMED]]
    if more := len(found) - len(named):
        named.append(f"{more} more")
    return f"there {'is' if len(found) == 1 else 'are'} {join_words(named)}"


def runs_in(folder: Path) -> list[Path]:
    """The runs in a folder, the newest first."""
    try:
        found = [(path.stat().st_mtime_ns, path) for path in folder.iterdir() if is_run(path)]
    except OSError:  # no folder, or none that may be read: nothing to name
        return []
    return [path for _, path in sorted(found, key=lambda pair: (-pair[0], pair[1]))]


def read_bound(run: Path, name: str) -> str:
    """The text of a file of a run that is what its manifest says.

    Errors: ModelFileError for one that does not hold; FileError.
    """
    return read_text(bound_path(run, name))


def json_file(value: Any) -> bytes:
    """A value as the content of a JSON file that people can read."""
    return (json.dumps(finite(value), indent=2, ensure_ascii=False) + "\n").encode()


def finite(value: Any) -> Any:
    """The value with NaN and infinity as None, for JSON has no word for them.

    >>> finite({"loss": float("inf"), "epoch": 3})
    {'loss': None, 'epoch': 3}
    """
    return json.loads(json.dumps(value), parse_constant=lambda name: None)


def weights_file(weights: Mapping[str, Array]) -> Callable[[BinaryIO], None]:
    """What writes the content of a file with weights under their ids (EDGE_ID, NODE.bias)."""
    return safetensors_writer(*safetensors_parts(*pack_singles(weights)))
