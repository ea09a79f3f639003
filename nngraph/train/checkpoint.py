"""Checkpoints: one file per generation, whole or refused.

A checkpoint is a .safetensors file. Its metadata hold one JSON text and the SHA-256 of the whole
file, computed with zeros in the place of the digest: any changed or missing byte is found. Equal
states give equal bytes, so two runs can be compared by their checkpoints.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from nngraph.errors import FileError, ModelFileError, NNGraphError, diagnostic
from nngraph.files import (
    pack_singles,
    read_bytes,
    safetensors_parts,
    safetensors_writer,
    unpack_singles,
    write_atomically,
)
from nngraph.records import dataclass
from nngraph.train.feed import Array
from nngraph.train.origin import RunOrigin, run_id
from nngraph.train.position import Position
from nngraph.train.run_folder import CHECKPOINTS

FORMAT = 1
WITH_PACKED = 2  # its format where single weights are packed; older versions refuse it by this
NO_DIGEST = "0" * 64
_NAME = re.compile(r"step-(\d+)\.safetensors")
_DIGEST = re.compile(rb'"sha256":"([0-9a-f]{64})"')


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a run needs to go on to the same bits: after `step` updates, from `position` on."""

    step: int
    weights: Mapping[str, Array]
    state: Mapping[str, Array]
    position: Position
    origin: RunOrigin


def path_of(run: Path, step: int) -> Path:
    """Where the checkpoint of a step lies in a run folder."""
    return run / CHECKPOINTS / f"step-{step:09d}.safetensors"


def checkpoint_paths(run: Path) -> dict[int, Path]:
    """The checkpoints of a run by their step, the oldest first. Errors: FileError."""
    folder = run / CHECKPOINTS
    try:
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    except OSError as error:
        raise FileError(diagnostic("E802", path=folder, reason=error.strerror)) from error
    found = {int(match[1]): folder / name for name in names if (match := _NAME.fullmatch(name))}
    return dict(sorted(found.items()))


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; when this returns it is on the disk.

    Errors: FileError, and then whatever lay there before is untouched.
    """
    arrays = {f"weights/{id_}": array for id_, array in checkpoint.weights.items()}
    arrays |= {f"state/{name}": array for name, array in checkpoint.state.items()}
    facts = {
        "step": checkpoint.step,
        "position": checkpoint.position.pack(arrays),
        "origin": checkpoint.origin.pack(arrays),
    }
    arrays, packed = pack_singles(arrays)
    facts["format"] = WITH_PACKED if packed else FORMAT
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    header, ordered = safetensors_parts(arrays, {"checkpoint": text, "sha256": NO_DIGEST} | packed)
    digest = hashlib.sha256(header)
    for array in ordered:
        digest.update(array.tobytes())
    placed = header.replace(_field(NO_DIGEST), _field(digest.hexdigest()), 1)
    write_atomically(path, safetensors_writer(placed, ordered))


def _field(digest: str) -> bytes:
    return f'"sha256":"{digest}"'.encode()


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint that is whole.

    Errors: FileError where it cannot be read; ModelFileError for a changed or missing byte, and
    for one that another version of nngraph wrote in another form.
    """
    from safetensors import SafetensorError

    content = read_bytes(path)
    _check_digest(path, content)
    try:
        return _decoded(content)
    except NNGraphError as error:
        raise _refused(path, error.diagnostics[0].message) from error
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise _refused(path, f"{type(error).__name__}: {error}") from error


def _check_digest(path: Path, content: bytes) -> None:
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length] if 8 + length <= len(content) else b""
    found = _DIGEST.search(header)
    if found is None:
        raise _refused(path, "its header is damaged or cut off")
    start, end = 8 + found.start(1), 8 + found.end(1)
    digest = hashlib.sha256(content[:start])
    digest.update(NO_DIGEST.encode())
    digest.update(memoryview(content)[end:])
    if digest.hexdigest().encode() != found[1]:
        raise _refused(path, "its content does not match its digest")


def _decoded(content: bytes) -> Checkpoint:
    import safetensors.numpy

    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata = header["__metadata__"]
    facts = json.loads(metadata["checkpoint"])
    if facts["format"] not in (FORMAT, WITH_PACKED):
        raise ModelFileError(diagnostic("E500:format", format=facts["format"], reads=WITH_PACKED))
    arrays = unpack_singles(safetensors.numpy.load(content), metadata)
    return Checkpoint(
        facts["step"],
        _under("weights/", arrays),
        _under("state/", arrays),
        Position.unpack(facts["position"], arrays),
        RunOrigin.unpack(facts["origin"], arrays),
    )


def _under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    found = {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}
    return dict(sorted(found.items()))


def _refused(path: Path, why: str) -> ModelFileError:
    return ModelFileError(diagnostic("E504", path=path, why=why))


def read_checkpoint_of(run: Path, path: Path) -> Checkpoint:
    """Read a checkpoint that is whole, and that this run has written. Errors: `read_checkpoint`."""
    checkpoint = read_checkpoint(path)
    if (id_ := run_id(run)) and checkpoint.origin.run != id_:
        raise _refused(path, "it is of another run")
    return checkpoint


def newest_checkpoint(run: Path) -> tuple[Checkpoint, list[NNGraphError]]:
    """The newest checkpoint of a run that is whole, and why newer ones were passed over.

    Errors: FileError where there is none; ModelFileError where none is whole.
    """
    paths = checkpoint_paths(run)
    if not paths:
        raise FileError(diagnostic("E801:checkpoint", run=run))
    refused: list[NNGraphError] = []
    for path in reversed(paths.values()):
        try:
            return read_checkpoint_of(run, path), refused
        except (ModelFileError, FileError) as error:
            refused.append(error)
    raise ModelFileError(*[diagnostic for error in refused for diagnostic in error.diagnostics])


def check_newest(run: Path, step: int | None) -> None:
    """Refuse to go on where another process has gone on since a run was read; None: it was not.

    Errors: FileError.
    """
    if step is not None and max(checkpoint_paths(run), default=0) != step:
        raise FileError(diagnostic("E804:meanwhile", folder=run))


def remove_checkpoints(run: Path, step: int, keep: int) -> None:
    """Keep the newest ones up to a step; later ones are of a run that went back, and go too."""
    paths = checkpoint_paths(run)
    kept = [number for number in paths if number <= step][-keep:]
    for number, path in paths.items():
        if number not in kept:
            with contextlib.suppress(OSError):  # it only takes room
                path.unlink()


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of a killed process, in a folder that is locked."""
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()
