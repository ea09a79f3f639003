"""The folder that a training run writes: where it lies and how its files are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from nngraph.errors import Diagnostic, FileError, diagnostic, join_words
from nngraph.files import (
    MANIFEST,
    bound_path,
    make_folder,
    read_text,
    safetensors_parts,
    safetensors_writer,
)
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
MOST_RUNS = 1_000_000
MOST_NAMED = 5  # of the runs, where one is missing


def new_folder(name: str, wanted: Path | None = None) -> Path:
    """Make the folder of a new run: `wanted`, or else runs/NAME-001, counting up.

    Errors: FileError when `wanted` holds anything already (a run is never overwritten), or cannot
    be made.
    """
    if wanted is not None:
        _make(wanted)
        return wanted
    for number in range(1, MOST_RUNS):
        folder = Path(RUNS) / f"{name}-{number:03d}"
        try:
            make_folder(folder, new=True)  # fails where another run has just taken the number
            return folder
        except FileExistsError:
            if Path(RUNS).exists() and not Path(RUNS).is_dir():
                raise FileError(diagnostic("E806", path=RUNS)) from None
        except OSError as error:
            raise _unwritable(folder, error) from error
    raise FileError(diagnostic("E806:runs", folder=RUNS, most=MOST_RUNS, name=name))


def _make(folder: Path) -> None:
    try:
        make_folder(folder)
        if any(folder.iterdir()):
            raise FileError(diagnostic("E806:not-empty", folder=folder))
    except FileExistsError as error:
        raise FileError(diagnostic("E806", path=folder)) from error
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> FileError:
    reason = error.strerror or str(error)
    return FileError(diagnostic("E803:folder", folder=folder, reason=reason))


def is_run(folder: Path) -> bool:
    """Whether a folder is a run: a training has begun in it."""
    return any((folder / name).exists() for name in (RESOLVED, SPEC, MANIFEST))


def missing_run(run: Path) -> Diagnostic:
    """There is no such run; those that lie beside it, or else in runs/, are named."""
    return diagnostic("E801:run-folder", run=run, runs=told_runs(run))


def told_runs(run: Path) -> str:
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
    return safetensors_writer(*safetensors_parts(weights))
