"""Files are whole or untouched, locks hold, and nothing that carries code is read."""

import errno
import io
import json
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from nngraph import files
from nngraph.errors import FileError, ModelFileError
from nngraph.files import WaitingLock


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


# Writing


def test_bytes_and_a_function_that_writes_give_the_same_file(tmp_path):
    files.write_atomically(tmp_path / "a", b"hello")
    files.write_atomically(tmp_path / "b", lambda file: file.write(b"hello"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == b"hello"
    assert names_in(tmp_path) == ["a", "b"]


def test_a_written_file_has_the_rights_of_any_new_file(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    files.write_atomically(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_content_is_synced_before_the_name_appears_and_the_folder_after(tmp_path, monkeypatch):
    events = []
    sync, rename = os.fsync, os.replace

    def watched_sync(handle):
        is_folder = os.path.isdir(f"/proc/self/fd/{handle}")
        events.append("sync folder" if is_folder else "sync file")
        sync(handle)

    def watched_rename(source, target):
        events.append("rename")
        assert Path(source).parent == Path(target).parent
        assert Path(source).read_bytes() == b"new"
        rename(source, target)

    monkeypatch.setattr(os, "fsync", watched_sync)
    monkeypatch.setattr(os, "replace", watched_rename)
    files.write_atomically(tmp_path / "a", b"new")
    if os.path.isdir("/proc/self/fd"):
        assert events == ["sync file", "rename", "sync folder"]


def disk_full(*_args, **_keywords):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_temporary_one(tmp_path, monkeypatch, call):
    path = tmp_path / "weights"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, call, disk_full)
    with pytest.raises(FileError, match=r"cannot write '.*weights': no space left on device") as e:
        files.write_atomically(path, b"new")
    assert "what was there before is untouched" in str(e.value)
    assert e.value.exit_code == 8
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["weights"]


def test_a_disk_that_fills_up_half_way_leaves_the_old_file(tmp_path):
    path = tmp_path / "weights"
    path.write_bytes(b"old")

    def write_half(file):
        file.write(b"n" * 100_000)
        disk_full()

    with pytest.raises(FileError, match="no space left"):
        files.write_atomically(path, write_half)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["weights"]


def test_an_interruption_passes_through_and_leaves_nothing(tmp_path):
    def interrupted(file):
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write_atomically(tmp_path / "a", interrupted)
    assert names_in(tmp_path) == []


def test_writing_where_no_folder_is_says_so(tmp_path):
    with pytest.raises(FileError, match="cannot write") as e:
        files.write_atomically(tmp_path / "none" / "a", b"")
    assert f"the folder '{tmp_path / 'none'}' does not exist" in str(e.value)


def test_writing_onto_a_folder_says_so_and_leaves_nothing(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(FileError, match="cannot write"):
        files.write_atomically(tmp_path / "a", b"")
    assert names_in(tmp_path) == ["a"]


# Reading


def test_text_keeps_its_line_breaks_and_loses_its_byte_order_mark(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfa\r\nb\n\xc3\xa4")
    assert files.read_text(tmp_path / "a") == "a\r\nb\nä"


def test_text_that_is_not_utf8_names_the_byte_and_the_line(tmp_path):
    (tmp_path / "a").write_bytes(b"good\nb\xe4d\n")
    with pytest.raises(FileError, match="is not UTF-8 text: byte 0xe4 in line 2"):
        files.read_text(tmp_path / "a")


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path):
    (tmp_path / "xor.yaml").write_text("")
    with pytest.raises(FileError, match="there is no file") as e:
        files.read_text(tmp_path / "xor.yml")
    assert "did you mean 'xor.yaml'?" in str(e.value)
    with pytest.raises(FileError, match="there is no file") as e:
        files.read_bytes(tmp_path / "none" / "xor.yml")
    assert "does not exist either" in str(e.value)


def test_a_folder_in_place_of_a_file_is_told(tmp_path):
    with pytest.raises(FileError, match="is a folder, not a file"):
        files.read_bytes(tmp_path)


def test_a_name_with_a_nul_is_told(tmp_path):
    with pytest.raises(FileError, match="cannot read"):
        files.read_bytes(tmp_path / "a\0b")


def test_no_more_is_read_than_allowed(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert files.read_bytes(tmp_path / "a", at_most=5) == b"12345"
    with pytest.raises(FileError, match="larger than the 4 bytes"):
        files.read_bytes(tmp_path / "a", at_most=4)


# Places


@pytest.mark.parametrize("name", ["a.csv", "sub/a.csv", "sub/../a.csv", "./a.csv", "none.csv"])
def test_names_inside_the_folder_are_resolved(tmp_path, name):
    (tmp_path / "sub").mkdir()
    assert files.resolve_inside(tmp_path, name) == (tmp_path / name).resolve()


@pytest.mark.parametrize("name", ["../a", "sub/../../a", "/etc/passwd", "C:\\a", "C:a", "\\\\s\\a"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    with pytest.raises(FileError, match=r"leads out of|is an absolute path") as e:
        files.resolve_inside(tmp_path, name)
    assert "--data-root" in str(e.value)
    assert e.value.diagnostics[0].code == "E805"


def test_a_folder_whose_name_only_begins_alike_is_outside(tmp_path):
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec-secret").mkdir()
    with pytest.raises(FileError, match="leads out"):
        files.resolve_inside(tmp_path / "spec", "../spec-secret/a")


def test_links_are_followed_before_the_place_is_judged(tmp_path):
    folder, outside = tmp_path / "spec", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "a").write_text("")
    (folder / "out").symlink_to(outside)
    (folder / "a").symlink_to(outside / "a")
    (folder / "b").write_text("")
    (folder / "in").symlink_to(folder / "b")
    for name in ["out/a", "a"]:
        with pytest.raises(FileError, match="leads out"):
            files.resolve_inside(folder, name)
    assert files.resolve_inside(folder, "in") == (folder / "b").resolve()
    assert files.resolve_inside(folder, "a", root=outside) == (outside / "a").resolve()


def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(FileError):
        files.read_bytes(files.resolve_inside(tmp_path, "a"))


def test_a_name_with_a_nul_is_no_place(tmp_path):
    with pytest.raises(FileError, match="no usable path"):
        files.resolve_inside(tmp_path, "a\0b")


def test_the_data_root_is_a_second_place_and_the_folder_comes_first(tmp_path):
    folder, root = tmp_path / "spec", tmp_path / "root"
    folder.mkdir()
    root.mkdir()
    (root / "a").write_text("")
    assert files.resolve_inside(folder, "a", root) == (root / "a").resolve()
    (folder / "a").write_text("")
    assert files.resolve_inside(folder, "a", root) == (folder / "a").resolve()
    with pytest.raises(FileError, match="leads out"):
        files.resolve_inside(folder, "../../a", root)


# Lock


HOLDER = textwrap.dedent("""
    import sys
    from pathlib import Path
    from nngraph.files import FolderLock
    with FolderLock(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.readline()
""")


def start_holder(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def end(process):
    process.communicate("\n", timeout=120)


def test_a_second_process_is_refused_while_the_first_holds_the_folder(tmp_path):
    holder = start_holder(tmp_path)
    try:
        with (
            pytest.raises(FileError, match=r"another run .* is writing into") as e,
            files.FolderLock(tmp_path),
        ):
            pass
        assert f"(process {holder.pid})" in str(e.value)
    finally:
        end(holder)
    with files.FolderLock(tmp_path):
        pass
    assert names_in(tmp_path) == []


def test_a_killed_process_leaves_no_lock_behind(tmp_path):
    holder = start_holder(tmp_path)
    holder.kill()
    holder.communicate(timeout=120)
    assert names_in(tmp_path) == [".lock"]
    with files.FolderLock(tmp_path):
        pass


def test_a_lock_is_not_given_twice_in_one_process(tmp_path):
    with (
        files.FolderLock(tmp_path),
        pytest.raises(FileError, match="another run"),
        files.FolderLock(tmp_path),
    ):
        pass


def test_a_lock_file_removed_between_opening_and_locking_is_taken_anew(tmp_path, monkeypatch):
    from nngraph.files import lock

    real, removed = lock._lock, []

    def lock_after_removal(file):
        if not removed:  # the former owner ends just now
            (tmp_path / ".lock").unlink()
            removed.append(True)
        return real(file)

    monkeypatch.setattr(lock, "_lock", lock_after_removal)
    with files.FolderLock(tmp_path):
        assert (tmp_path / ".lock").read_text() == f"{os.getpid()}\n"
        with pytest.raises(FileError, match="another run"), files.FolderLock(tmp_path):
            pass


def test_the_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(ValueError, match="boom"), files.FolderLock(tmp_path):
        raise ValueError("boom")
    with files.FolderLock(tmp_path):
        pass


def test_a_folder_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(FileError, match="cannot lock"), files.FolderLock(tmp_path / "none"):
        pass


# Arrays


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)
    return {
        "h->y": generator.normal(size=(3, 4)).astype(np.float32),
        "y.bias": generator.normal(size=4),
        "transposed": np.arange(6, dtype=np.int64).reshape(2, 3).T,
        "strided": np.arange(10, dtype=np.uint8)[::2],
        "scalar": np.array(2.5),
        "empty": np.zeros((0, 3), np.float32),
        "mask": np.array([[True, False]]),
        "file": np.array([1, 2], np.uint16),
    }


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_arrays_come_back_as_they_were(tmp_path, arrays, suffix):
    path = tmp_path / f"a{suffix}"
    (files.write_npz if suffix == ".npz" else files.write_safetensors)(path, arrays)
    back = files.read_arrays(path)
    assert set(back) == set(arrays) == set(files.array_names(path))
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        np.testing.assert_array_equal(files.read_array(path, name), array)


def test_the_libraries_read_what_we_write(tmp_path, arrays):
    files.write_safetensors(tmp_path / "a.safetensors", arrays, {"spec": "ä", "version": "1"})
    theirs = safetensors.numpy.load_file(tmp_path / "a.safetensors")
    with safetensors.safe_open(tmp_path / "a.safetensors", framework="np") as file:
        assert file.metadata() == {"spec": "ä", "version": "1"}
    files.write_npz(tmp_path / "a.npz", arrays)
    with np.load(tmp_path / "a.npz") as archive:
        for name, array in arrays.items():
            np.testing.assert_array_equal(theirs[name], array)
            np.testing.assert_array_equal(archive[name], array)


def test_we_read_what_the_libraries_write(tmp_path, arrays):
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    safetensors.numpy.save_file(plain, tmp_path / "a.safetensors", {"a": "b"})
    np.savez_compressed(tmp_path / "a.npz", x=plain["h->y"])
    back, metadata = files.read_safetensors(tmp_path / "a.safetensors")
    assert metadata == {"a": "b"}
    for name, array in plain.items():
        np.testing.assert_array_equal(back[name], array)
    np.testing.assert_array_equal(files.read_array(tmp_path / "a.npz"), plain["h->y"])


def test_equal_content_gives_equal_bytes_whatever_its_order_in_memory(tmp_path, arrays):
    metadata = dict.fromkeys("abcdefghij", "text")
    turned = {name: np.asfortranarray(arrays[name]) for name in reversed(arrays)}
    turned["scalar"] = arrays["scalar"]
    contents = []
    for content, texts in [(arrays, metadata), (turned, dict(reversed(metadata.items())))]:
        files.write_safetensors(tmp_path / "a.safetensors", content, texts)
        contents.append((tmp_path / "a.safetensors").read_bytes())
    assert contents[0] == contents[1]
    for content in (arrays, {name: turned[name] for name in arrays}):
        files.write_npz(tmp_path / "a.npz", content)
        contents.append((tmp_path / "a.npz").read_bytes())
    assert contents[2] == contents[3]


def test_a_foreign_byte_order_is_turned(tmp_path):
    big = np.array([1.5, -2.0], ">f8")
    files.write_safetensors(tmp_path / "a.safetensors", {"x": big})
    files.write_npz(tmp_path / "a.npz", {"x": big})
    for name in ["a.safetensors", "a.npz"]:
        back = files.read_array(tmp_path / name, "x")
        assert back.dtype.isnative
        assert back.tolist() == [1.5, -2.0]


def test_one_array_without_a_name_is_found_where_it_is_the_only_one(tmp_path):
    files.write_npy(tmp_path / "a.npy", np.arange(3))
    files.write_npz(tmp_path / "a.npz", {"only": np.arange(3)})
    assert files.read_array(tmp_path / "a.npy").tolist() == [0, 1, 2]
    assert files.read_array(tmp_path / "a.npz").tolist() == [0, 1, 2]


def test_an_unknown_name_is_told_with_what_is_there(tmp_path):
    files.write_npz(tmp_path / "a.npz", {"weights": np.arange(3), "bias": np.arange(2)})
    with pytest.raises(
        ModelFileError, match=r"has no array 'weihgts'; it holds 'weights' and"
    ) as e:
        files.read_array(tmp_path / "a.npz", "weihgts")
    assert "did you mean 'weights'?" in str(e.value)
    with pytest.raises(ModelFileError, match="needs a key that names one array"):
        files.read_array(tmp_path / "a.npz")


class Bomb:
    def __reduce__(self):
        return (print, ("this must never run",))


def damaged_files(folder):
    """Name -> bytes of files that must be refused."""
    good = io.BytesIO()
    np.savez(good, x=np.arange(1000))
    pickled = io.BytesIO()
    np.savez(pickled, x=np.array([Bomb()], object))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x.txt", "hello")
    header = json.dumps({"x": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}).encode()
    flipped = bytearray(good.getvalue())
    flipped[len(flipped) // 2] ^= 0xFF
    huge = b"\x93NUMPY\x01\x00v\x00" + (
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }"
    ).ljust(0x76)
    return {
        "cut.npz": good.getvalue()[:-100],
        "flipped.npz": bytes(flipped),
        "text.npz": b"hello",
        "empty.npz": b"",
        "pickle.npz": pickle.dumps(Bomb()),
        "object.npz": pickled.getvalue(),
        "other.npz": other.getvalue(),
        "cut.safetensors": len(header).to_bytes(8, "little") + header + b"\0" * 8,
        "text.safetensors": b"hello, this is no such file",
        "huge.safetensors": (2**62).to_bytes(8, "little") + header,
        "empty.safetensors": b"",
        "pickle.npy": pickle.dumps(Bomb()),
        "huge.npy": huge,
        "empty.npy": b"",
    }


@pytest.mark.parametrize("name", sorted(damaged_files(None)))
def test_a_damaged_file_is_refused_by_name(tmp_path, name, capsys):
    path = tmp_path / name
    path.write_bytes(damaged_files(tmp_path)[name])
    with pytest.raises(ModelFileError, match=name) as e:
        files.read_array(path)
    assert e.value.exit_code == 5
    assert e.value.diagnostics[0].code == "E501"
    assert "must never run" not in capsys.readouterr().out
    if name == "object.npz":
        assert "pickled objects" in str(e.value)


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".safetensors"])
def test_a_missing_array_file_is_a_file_error(tmp_path, suffix):
    with pytest.raises(FileError, match="there is no file"):
        files.read_array(tmp_path / f"none{suffix}")


def test_other_kinds_of_files_are_refused(tmp_path):
    (tmp_path / "a.pt").write_bytes(b"")
    with pytest.raises(ModelFileError, match=r"not read from '\.pt' files"):
        files.read_arrays(tmp_path / "a.pt")


@pytest.mark.parametrize("name", ["a.txt", "a.npy", "a.npz", "a.safetensors"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_at_once_and_never_waited_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    os.mkfifo(path)
    text = [files.read_bytes, files.read_text]
    readers = {".txt": text, ".npy": [files.map_array, files.read_array]}.get(path.suffix)
    for read in readers or [files.read_arrays, files.array_names]:
        with pytest.raises(FileError, match="is a pipe, a socket or a device"):
            read(path)


def test_a_waiting_lock_lets_one_in_at_a_time_and_ends_with_its_process(tmp_path):
    held = "import sys, time\nfrom pathlib import Path\nfrom nngraph.files import WaitingLock\n"
    held += (
        "with WaitingLock(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    path = tmp_path / "lock"
    other = subprocess.Popen(
        [sys.executable, "-c", held, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        entered = threading.Event()

        def enter() -> None:
            with WaitingLock(path):
                entered.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.2)
    finally:
        other.kill()
        other.communicate()
    waiting.join(60)
    assert entered.is_set()
