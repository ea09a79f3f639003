"""data.json: what a run keeps besides spec and weights, so that new data are treated like the old.

All paths in it are relative and written with "/": `folder`, where the spec lay, begins at the run
folder, the others begin at that folder. So a run moves together with its data, or alone: then
--data-root says where they lie. (Only where there is no way from one to the other, as between two
drives of Windows, a path is absolute.)
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nngraph.data import Normalizers
from nngraph.errors import ModelFileError, NNGraphError, diagnostic
from nngraph.files import read_text, relative_path
from nngraph.files.nested import parse_json
from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.spec.phrases import OVERRIDES
from nngraph.train.data_files import DataPlace
from nngraph.train.learner import Learner
from nngraph.train.run_folder import DATA, read_bound
from nngraph.words.data_keys import LOCATIONS

FORMAT = 3
"""1, which did not say so, had absolute paths, and no manifest beside it; 2 kept of columns only
the categories of those of names."""


@dataclass(frozen=True)
class Stored:
    """What data.json says; `folder` is where the spec lay, `override` where -s said its data lie.

    Paths are absolute, or as they were written by older versions.
    """

    seed: int
    labels: Mapping[str, tuple[str, ...]]
    normalizers: Normalizers
    folder: Path
    data_root: Path | None
    override: tuple[str, ...]
    place: DataPlace


def stored_data(run: Path, learner: Learner, place: DataPlace) -> dict[str, Any]:
    """The content of data.json for a run."""
    document = learner.document
    folder = document.folder
    file, root = place.file, document.data_root
    return {
        "format": FORMAT,
        "seed": learner.seed,
        "folder": relative_path(folder, run),
        "data_file": None if file is None else relative_path(file, folder),
        "data_root": None if root is None else relative_path(root, folder),
        "data_override": {
            key: relative_path(path, folder) for key, path in _overridden(document).items()
        },
        "labels": {name: list(labels) for name, labels in learner.labels.items()},
        "normalizers": learner.normalizers.to_json(),
    }


def _overridden(document: Document) -> dict[str, Path]:
    """`data.path` and its like where -s set it: the data lie there, not beside the spec."""
    found = {}
    for key in LOCATIONS:
        value = getattr(document.spec.data, key, None)
        if value is not None and document.span("data", key).source.name == OVERRIDES:
            found[f"data.{key}"] = Path(value).expanduser()
    return found


def read_stored(run: Path) -> Stored:
    """What data.json of a run says.

    Errors: ModelFileError where it is damaged, does not hold, or is of a newer format; FileError.
    """
    path, text = run / DATA, read_bound(run, DATA)
    try:
        written = parse_json(text)
        _check_format(run, written.get("format", 1))
        folder = run.resolve() / (written["folder"] or "")
        file, root = (_from(folder, written[key]) for key in ("data_file", "data_root"))
        return Stored(
            int(written["seed"]),
            {str(k): tuple(map(str, v)) for k, v in written["labels"].items()},
            Normalizers.from_json(written["normalizers"]),
            folder.resolve(),
            root,
            _override(written["data_override"], folder),
            DataPlace(file, run),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ModelFileError(diagnostic("E501", path=path, reason=reason)) from error


def had_manifest(run: Path) -> bool:
    """Whether a run without a manifest was written with one, as far as can be told."""
    with contextlib.suppress(ValueError, AttributeError, NNGraphError):
        return bool(parse_json(read_text(run / DATA)).get("format", 1) != 1)
    return False


def _check_format(run: Path, format_: Any) -> None:
    if type(format_) is int and format_ > FORMAT:
        raise ModelFileError(diagnostic("E506:newer", path=run / DATA, has=format_, reads=FORMAT))


def _from(folder: Path, written: str | None) -> Path | None:
    return None if written is None else (folder / written).resolve()


def _override(written: Any, folder: Path) -> tuple[str, ...]:
    """As -s takes it. It was such a text, "" without any, in format 1."""
    if isinstance(written, str):
        return (written,) if written else ()
    paths = {key: str(_from(folder, path)) for key, path in written.items()}
    return tuple(f"{key}={json.dumps(path)}" for key, path in paths.items())
