"""A folder and its manifest change as one, and no changed byte of what is bound goes unseen."""

import hashlib
import json
import os
import random
from pathlib import Path

import pytest

from nngraph.errors import FileError, ModelFileError
from nngraph.files import bind_files, bound_exists, bound_path, finish_binding, read_manifest


def read(folder, name):
    return bound_path(folder, name).read_bytes()


def state(folder, *names):
    """What a reader is given; a file that the folder does not have is None."""
    return {name: read(folder, name) if bound_exists(folder, name) else None for name in names}


@pytest.fixture
def folder(tmp_path):
    bind_files(
        tmp_path, {"a.txt": b"old a", "b.txt": lambda file: file.write(b"old b")}, facts={"f": "1"}
    )
    return tmp_path


def test_the_manifest_names_length_and_digest_that_other_tools_give(folder):
    written = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256(b"old a").hexdigest()
    assert written["files"]["a.txt"] == {"bytes": 5, "sha256": digest}
    assert (written["format"], written["f"]) == (1, "1")
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt", "manifest.json"]


def test_what_is_not_mentioned_stays_bound(folder):
    bind_files(folder, {"b.txt": b"new b", "c.txt": b"new c"})
    assert state(folder, "a.txt", "b.txt", "c.txt") == {
        "a.txt": b"old a",
        "b.txt": b"new b",
        "c.txt": b"new c",
    }
    assert dict(read_manifest(folder).facts) == {"f": "1"}


@pytest.mark.parametrize("content", [b"old A", b"old ", b"old a ", b"", b"old b"])
def test_another_content_is_refused_by_name(folder, content):
    (folder / "a.txt").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"a\.txt' does not hold") as caught:
        read(folder, "a.txt")
    assert caught.value.exit_code == 5
    assert read(folder, "b.txt") == b"old b"


def test_what_is_missing_or_not_named_is_refused(folder):
    (folder / "a.txt").unlink()
    (folder / "c.txt").write_bytes(b"of another run")
    with pytest.raises(FileError, match=r"has no a\.txt, which its manifest\.json names"):
        bound_path(folder, "a.txt")
    with pytest.raises(ModelFileError, match=r"c\.txt' does not belong to this run"):
        bound_path(folder, "c.txt")


def test_every_flipped_bit_and_every_cut_of_the_manifest_is_refused(folder):
    path = folder / "manifest.json"
    content = path.read_bytes()
    for bit in range(8 * len(content)):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        refused(path, bytes(changed))
    for length in range(len(content)):
        refused(path, content[:length])
    for more in (b"\0", b" ", b"\n", content, b" " * 2**20):
        refused(path, content + more)


def refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"manifest\.json"):
        read_manifest(path.parent)


def test_a_newer_format_is_told_from_damage(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(ModelFileError, match=r"of format 2, this nngraph reads 1: a newer"):
        read_manifest(folder)


@pytest.mark.parametrize("name", ["../a.txt", "/etc/passwd", "", ".next.a", "a/b", "a\n", 'a"'])
def test_a_name_in_a_manifest_never_leads_out_of_its_folder(tmp_path, name):
    from nngraph.files.manifest import Manifest, Seal

    forged = Manifest(files={name: Seal(0, "0" * 64)})
    refused(tmp_path / "manifest.json", forged.encode())


def test_files_that_grow_are_bound_when_they_have_ended(folder):
    bind_files(folder, {}, growing=("a.txt", "log"))
    (folder / "a.txt").write_bytes(b"old a, more")
    assert read(folder, "a.txt") == b"old a, more"
    bind_files(folder, {}, in_place=("a.txt", "log"))
    assert read(folder, "a.txt") == b"old a, more"
    assert read_manifest(folder).growing == ("log",)
    (folder / "a.txt").write_bytes(b"old a, less")
    with pytest.raises(ModelFileError):
        read(folder, "a.txt")


# ---- stops in between


class Stopped(BaseException):
    """As if the process had ended here."""


CALLS = ("open", "fsync", "replace", "unlink", "write")


def stop_at(call, monkeypatch):
    """From the system call of this number on, no other one comes through; how many came."""
    passed = [0]

    def stopping(name, real):
        def called(*args, **more):
            if name in ("write", "open") and not written_below(args[0]):
                return real(*args, **more)
            passed[0] += 1
            if passed[0] > call:
                raise Stopped
            return real(*args, **more)

        return called

    for name in CALLS[:1]:
        monkeypatch.setattr("builtins.open", stopping(name, open))
    for name in ("fsync", "replace", "unlink"):
        monkeypatch.setattr(os, name, stopping(name, getattr(os, name)))
    monkeypatch.setattr(Path, "unlink", stopping("unlink", Path.unlink))
    return passed


def written_below(path):
    return str(path).endswith(".tmp") or ".next." in str(path)


NEW = {"a.txt": b"new a", "b.txt": b"new b", "c.txt": b"new c"}
OLD = {"a.txt": b"old a", "b.txt": b"old b", "c.txt": None}


def test_a_stop_at_any_call_leaves_the_old_state_or_the_new_one(tmp_path, monkeypatch):
    seen = []
    for call in range(1000):
        folder = tmp_path / f"{call}"
        folder.mkdir()
        bind_files(folder, {name: content for name, content in OLD.items() if content is not None})
        with monkeypatch.context() as patched:
            stop_at(call, patched)
            try:
                bind_files(folder, NEW)
                is_over = True
            except Stopped:
                is_over = False
        found = state(folder, *NEW)
        assert found in (OLD, NEW), f"stopped at call {call}"
        seen.append(found == NEW)
        finish_binding(folder)
        assert state(folder, *NEW) == found
        assert not list(folder.glob(".next.*"))
        bind_files(folder, {"a.txt": b"newest"})
        assert state(folder, *NEW) == {**found, "a.txt": b"newest"}
        if is_over:
            break
    assert len(seen) > 10
    assert seen == sorted(seen)  # never new and then old again
    assert not seen[0]
    assert seen[-1]


def test_a_full_disk_leaves_the_state_of_before(folder, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileError, match=r"cannot write .*a\.txt.*no space left"):
            bind_files(folder, NEW)
    assert state(folder, *NEW) == OLD
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt", "manifest.json"]


def test_a_reader_that_meets_a_writer_is_given_one_whole_state(folder, monkeypatch):
    """The manifest is read; then all changes; then the file is read."""
    from nngraph.files import manifest

    real, times = manifest.seal_of, []

    def seal(path, *more):
        if not times:
            times.append(1)
            bind_files(folder, NEW)
        return real(path, *more)

    monkeypatch.setattr(manifest, "seal_of", seal)
    assert read(folder, "b.txt") == b"new b"


def test_one_fault_in_any_bound_file_is_refused(folder):
    generator = random.Random(3)
    bind_files(folder, {"a.txt": generator.randbytes(500)})
    content = (folder / "a.txt").read_bytes()
    for _ in range(200):
        place = generator.randrange(len(content))
        changed = bytearray(content)
        changed[place] ^= 1 << generator.randrange(8)
        (folder / "a.txt").write_bytes(changed)
        with pytest.raises(ModelFileError, match=r"a\.txt"):
            read(folder, "a.txt")
