"""What a run has said is on the disk: folders, lines and checkpoints, in an order that a crash
cannot turn round.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from training_runs import MOMENTUM, start

from nngraph.errors import FileError
from nngraph.files import AppendedFile, make_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")

Events = list[tuple[str, Path]]


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Events:
    """What is made, synced and renamed, in order, with its path."""
    found: Events = []
    names: dict[int, Path] = {}
    real_open, real_sync, real_replace, real_mkdir = os.open, os.fsync, os.replace, os.mkdir

    def path_of(handle: int) -> Path:
        link = Path(f"/proc/self/fd/{handle}")
        return Path(os.readlink(link)) if link.parent.is_dir() else names[handle]

    def opened(path: str, *rest: int, **how: int) -> int:
        handle = real_open(path, *rest, **how)
        names[handle] = Path(path)
        return handle

    def synced(handle: int) -> None:
        real_sync(handle)
        found.append(("sync", path_of(handle)))

    def replaced(source: Path, target: Path) -> None:
        real_replace(source, target)
        found.append(("rename", Path(target)))

    def made(path: Path, *rest: int) -> None:
        real_mkdir(path, *rest)
        found.append(("make", Path(path)))

    for name, watched in (
        ("open", opened),
        ("fsync", synced),
        ("replace", replaced),
        ("mkdir", made),
    ):
        monkeypatch.setattr(os, name, watched)
    return found


def test_each_folder_made_on_the_way_is_synced_with_its_parent(
    tmp_path: Path, events: Events
) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    assert events == [
        event
        for name in ("a", "a/b", "a/b/c")
        for event in (
            ("make", tmp_path / name),
            ("sync", tmp_path / name),
            ("sync", (tmp_path / name).parent),
        )
    ]
    events.clear()
    make_folder(tmp_path / "a" / "b")
    assert events == []


def test_a_folder_that_has_to_be_new_is_refused_where_it_is_there(tmp_path: Path) -> None:
    make_folder(tmp_path / "a", new=True)
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "a", new=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="file' is a file, not a folder"):
        make_folder(tmp_path / "file")
    with pytest.raises(FileError, match=r"cannot make the folder .*inside': not a directory"):
        make_folder(tmp_path / "file" / "inside")


def test_folders_of_a_run_are_on_the_disk_before_anything_in_them(
    tmp_path: Path, events: Events
) -> None:
    start(MOMENTUM, tmp_path / "to" / "run")
    for folder in (tmp_path / "to", tmp_path / "to/run", tmp_path / "to/run/checkpoints"):
        made = events.index(("make", folder))
        inside = next(n for n, (_, path) in enumerate(events) if folder in path.parents)
        assert made < events.index(("sync", folder.parent), made) < inside, folder


def test_what_is_appended_is_there_at_once_and_on_the_disk_after_a_sync(
    tmp_path: Path, events: Events
) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntwo, cut o")
    with AppendedFile(path, b"one\n") as file:
        file.append(b"two\n")
        assert path.read_bytes() == b"one\ntwo\n"
        events.clear()
        file.sync()
        assert events == [("sync", path)]
        file.append(b"three\n")
        events.clear()
    assert events == [("sync", path)]
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_file_that_cannot_grow_is_named(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with AppendedFile(tmp_path / "lines", b"12345678") as file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
        try:
            with pytest.raises(FileError, match=r"cannot write '.*lines': file too large"):
                file.append(b"more than two bytes")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_lines_that_a_checkpoint_counts_on_are_on_the_disk_before_it(
    tmp_path: Path, events: Events
) -> None:
    run = tmp_path / "run"
    start(MOMENTUM.replace("epochs: 4", "epochs: 3"), run)
    checkpoints = [
        n
        for n, (what, path) in enumerate(events)
        if what == "rename" and path.parent.name == "checkpoints"
    ]
    assert len(checkpoints) == 4  # one before the first step
    for number, at in enumerate(checkpoints):
        since = checkpoints[number - 1] if number else 0
        synced = {path.name for what, path in events[since:at] if what == "sync"}
        assert {"metrics.jsonl", "statistics.jsonl"} <= synced
