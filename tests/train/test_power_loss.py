"""A run that loses all that was not synced, at any moment, goes on to the folder of a whole one.

One training is watched: what is durable changes only when something is synced, so each of these
moments gives a folder that a loss of power may leave at worst: of a file what it held when it was
last synced, of a folder the names that it had then. Journals of file systems keep more, never less.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from training_runs import HEAD, timeless

from nngraph.cli import run as run_command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs names of open files"),
]

SPEC = (
    HEAD
    + """
train: {epochs: 4, batch_size: 9, early_stopping: {patience: 9}, checkpoint: {every: 1, keep: 2}}
"""
)
Image = dict[str, bytes]  # of the files in a folder, by their path in it


class Disk:
    """What of a folder is durable, and how it was after each sync."""

    def __init__(self, root: Path) -> None:
        self._root = os.stat(root).st_ino
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._held: list[int] = []  # so that no number of a file is used twice
        self.images: list[Image] = []

    def synced(self, handle: int) -> None:
        """A file or folder is durable as it is now."""
        self._held.append(os.dup(handle))
        found, path = os.fstat(handle), f"/proc/self/fd/{handle}"
        if stat.S_ISDIR(found.st_mode):
            self._names[found.st_ino] = {entry.name: entry.inode() for entry in os.scandir(path)}
        else:
            self._contents[found.st_ino] = Path(os.readlink(path)).read_bytes()
        self.images.append(self._image(self._root, ""))

    def _image(self, folder: int, prefix: str) -> Image:
        image: Image = {}
        for name, number in self._names.get(folder, {}).items():
            if number in self._names:
                image |= {f"{prefix}{name}/": b""} | self._image(number, f"{prefix}{name}/")
            else:
                image[f"{prefix}{name}"] = self._contents.get(number, b"")
        return image

    def close(self) -> None:
        for handle in self._held:
            os.close(handle)


def put(image: Image, folder: Path) -> None:
    """Make the run folder that an image holds."""
    for name, content in image.items():
        path = folder / name
        if not name.startswith("run"):
            continue
        path.parent.mkdir(exist_ok=True, parents=True)
        path.mkdir(exist_ok=True) if name.endswith("/") else path.write_bytes(content)


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Image]]:
    """Run a command; the folders that a loss of power may leave at worst while it runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(SPEC)
    sync = os.fsync

    def watched(*words: str) -> list[Image]:
        disk = Disk(tmp_path)

        def synced(handle: int) -> None:
            sync(handle)
            disk.synced(handle)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", synced)
            assert run_command(words) == 0
        disk.close()
        return disk.images

    return watched


def test_what_is_durable_at_any_moment_goes_on_to_the_whole_run(
    tmp_path: Path, watch: Callable[..., list[Image]], capsys: pytest.CaptureFixture[str]
) -> None:
    begin = ["train", "net.yaml", "-o", "run"]
    images = watch(*begin)
    assert len(images) > 30
    shutil.move("run", "whole")
    expected, resumed = timeless(tmp_path / "whole"), 0
    for number, image in enumerate(images):
        shutil.rmtree("run", ignore_errors=True)
        put(image, tmp_path)
        capsys.readouterr()
        code = run_command(["train", "--resume", "run"])
        if code != 0:
            said = capsys.readouterr().err
            assert re.search("once more, with -o|no run folder", said), f"{number}: {said}"
            assert not any("checkpoints/step" in name for name in image), number
            code = run_command(begin)
        else:
            resumed += 1
        assert code == 0, f"{number}: {capsys.readouterr().err}"
        assert without_more(timeless(tmp_path / "run"), expected) == expected, number
    assert resumed > 30


def without_more(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Without old checkpoints: that one was removed need not outlive a loss of power."""
    steps = [name for name in expected if name.startswith("checkpoints/")]
    more = {name for name in found if name.startswith("checkpoints/") and name < min(steps)}
    return {name: content for name, content in found.items() if name not in more}
