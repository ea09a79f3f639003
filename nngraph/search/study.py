"""The folder of a study: the spec as it began, Optuna's journal of all trials, and who works there.

Trials are taken one at a time, under a lock; each has a place in the search, from 0 on. A worker
holds the lock of a folder of its own as long as it lives, however it ends, so whose trial was left
behind is known at once: another takes its place with the same values.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nngraph.errors import FileError, UsageError, diagnostic
from nngraph.files import (
    FolderLock,
    check_unlocked,
    make_folder,
    read_text,
    relative_path,
    write_atomically,
)
from nngraph.records import dataclass
from nngraph.search.plan import Plan, make_plan
from nngraph.spec import Document, parse_spec
from nngraph.train.run_folder import json_file

if TYPE_CHECKING:
    pass

STUDIES = "studies"
SPEC = "spec.yaml"
FACTS = "study.json"
JOURNAL = "study.journal"
WORKERS = "workers"
LOCKS = "locks"
FORMAT = 1
MOST_STUDIES = 1_000_000


def new_study_folder(name: str, wanted: Path | None) -> Path:
    """Make the folder of a new study: `wanted`, or else studies/NAME-001, counting up.

    Errors: FileError when it holds anything already, or cannot be made.
    """
    if wanted is not None:
        make_folder(wanted)
        if any(wanted.iterdir()):
            raise FileError(diagnostic("E806:not-empty", folder=wanted))
        return wanted
    for number in range(1, MOST_STUDIES):
        folder = Path(STUDIES) / f"{name}-{number:03d}"
        with contextlib.suppress(FileExistsError):
            make_folder(folder, new=True)
            return folder
    raise FileError(diagnostic("E806:runs", folder=STUDIES, most=MOST_STUDIES, name=name))


def is_study(folder: Path) -> bool:
    """Whether a folder holds a study."""
    return (folder / FACTS).exists() and (folder / SPEC).exists()


def begin_study(plan: Plan, wanted: Path | None = None) -> Path:
    """Write what a study begins with; its folder. Errors: FileError."""
    document = plan.document
    folder = new_study_folder(document.name, wanted)
    root = document.data_root
    facts = {
        "format": FORMAT,
        "name": document.name,
        "folder": relative_path(document.folder, folder),
        "data_root": None if root is None else relative_path(root, folder),
        "overrides": list(plan.overrides),
        "trials": plan.trials,
    }
    make_folder(folder / WORKERS)
    write_atomically(folder / SPEC, document.source.text.encode())
    write_atomically(folder / FACTS, json_file(facts))
    return folder


def plan_of_study(folder: Path, trials: int | None = None, data_root: Path | None = None) -> Plan:
    """The plan of a study that goes on; with `trials` it is to have so many in all from now on.

    Errors: FileError for what is no study; those of `make_plan`.
    """
    if not is_study(folder):
        raise FileError(diagnostic("E801:study", folder=folder))
    facts = json.loads(read_text(folder / FACTS))
    stored = facts["data_root"]
    root = data_root or (None if stored is None else folder / stored)
    overrides = tuple(facts["overrides"])
    document = parse_spec(
        read_text(folder / SPEC), str(folder / SPEC), folder / facts["folder"], overrides, root
    )
    plan = make_plan(document, overrides, trials or facts["trials"])
    if trials is not None and trials != facts["trials"]:
        write_atomically(folder / FACTS, json_file({**facts, "trials": trials}))
    return plan


def check_same(folder: Path, document: Document, overrides: tuple[str, ...]) -> None:
    """Refuse to go on with a study with another spec. Errors: FileError, UsageError."""
    if read_text(folder / SPEC) != document.source.text:
        raise FileError(diagnostic("E806:study", folder=folder))
    if list(overrides) != json.loads(read_text(folder / FACTS))["overrides"]:
        raise UsageError(diagnostic("E002:study-changed", study=folder))


def needs_optuna() -> None:
    """Refuse to search without it. Errors: UsageError."""
    if importlib.util.find_spec("optuna") is None:
        raise UsageError(diagnostic("E002:no-optuna"))


def study_name(folder: Path) -> str:
    """What Optuna calls the study: its name, and a digest of all that it depends on."""
    facts = json.loads(read_text(folder / FACTS))
    said = json.dumps([read_text(folder / SPEC), facts["overrides"]])
    return f"{facts['name']}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


# ---- workers


@dataclass(frozen=True)
class Worker:
    """Who trains: its name in the journal, and the folder whose lock it holds."""

    name: str
    folder: Path


@contextlib.contextmanager
def working(folder: Path) -> Iterator[Worker]:
    """Be a worker of a study for a while."""
    host = "".join(c if c.isalnum() else "-" for c in socket.gethostname())[:32] or "host"
    worker = Worker(name := f"{host}-{os.getpid()}-{secrets.token_hex(2)}", folder / WORKERS / name)
    try:
        make_folder(worker.folder)
        with FolderLock(worker.folder):
            yield worker
    finally:
        with contextlib.suppress(OSError):
            worker.folder.rmdir()


def lives(folder: Path, worker: str | None) -> bool:
    """Whether a worker is still there, on whatever machine."""
    if worker is None or not (folder / WORKERS / worker).is_dir():
        return False
    try:
        check_unlocked(folder / WORKERS / worker)
    except FileError:
        return True
    return False
