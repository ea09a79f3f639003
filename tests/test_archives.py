"""Array files that lie, hold a name twice or would not fit are refused by every reader alike."""

from __future__ import annotations

import io
import json
import re
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nngraph import files
from nngraph.errors import CapacityError, ModelFileError
from nngraph.files import memory

READERS: dict[str, Callable[[Path], object]] = {
    "read_arrays": files.read_arrays,
    "read_array": lambda path: files.read_array(path, "x"),
}
ALL = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


X = npy(np.arange(100.0))


def archive(*members: tuple[str, bytes], packed: bool = True) -> bytes:
    file = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", method) as written:
        for name, content in members:
            written.writestr(name, content)
    return file.getvalue()


def with_directory(content: bytes, at: int, value: int) -> bytes:
    """The archive with 4 bytes of its first directory entry changed."""
    start = content.index(b"PK\x01\x02")
    return content[: start + at] + struct.pack("<I", value) + content[start + at + 4 :]


def sharing_bytes() -> bytes:
    """Two names of one member's bytes: the second entry points at the first member."""
    content = archive(("x.npy", X), ("y.npy", X))
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)
    return content[: second + 42] + struct.pack("<I", 0) + content[second + 46 :]


def tensors(pairs: list[tuple[str, list[int]]]) -> bytes:
    """A safetensors file of float32 vectors of 2, each with its place, names as they come."""
    entries = [
        f'"{name}":{json.dumps({"dtype": "F32", "shape": [2], "data_offsets": place})}'
        for name, place in pairs
    ]
    header = ("{" + ",".join(entries) + "}").encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + bytes(max(p[1] for _, p in pairs))


CRC, PACKED_SIZE, SIZE = 16, 20, 24  # in an entry of the directory

BROKEN: dict[str, tuple[bytes, str]] = {
    "a name twice.npz": (archive(("x.npy", X), ("x.npy", X)), "holds 'x' twice"),
    "a name twice, once bare.npz": (archive(("x", X), ("x.npy", X)), "holds 'x' twice"),
    "a smaller size.npz": (with_directory(archive(("x.npy", X)), SIZE, 500), "directory"),
    "a larger size.npz": (with_directory(archive(("x.npy", X)), SIZE, 2**30), "directory"),
    "a smaller size, not packed.npz": (
        with_directory(archive(("x.npy", X), packed=False), SIZE, 500),
        "directory",
    ),
    "another sum.npz": (with_directory(archive(("x.npy", X)), CRC, 7), "directory"),
    "a longer member.npz": (with_directory(archive(("x.npy", X)), PACKED_SIZE, 900), "directory"),
    "one member under two names.npz": (sharing_bytes(), "directory"),
    "bytes behind an array.npz": (archive(("x.npy", X + b"!")), "directory"),
    "an array cut off.npz": (archive(("x.npy", X[:-1])), "directory"),
    "bytes before the archive.npz": (b"#!" + archive(("x.npy", X)), "no zip archive"),
    "another way to pack.npz": (
        archive(("x.npy", X)).replace(b"\x08\x00", b"\x0c\x00"),
        "packed as no .npz file is",
    ),
    "a name twice.safetensors": (tensors([("x", [0, 8]), ("x", [0, 8])]), "holds 'x' twice"),
    "two tensors of one place.safetensors": (tensors([("x", [0, 8]), ("y", [0, 8])]), "damaged"),
    "a tensor beyond the end.safetensors": (
        tensors([("x", [0, 8])])[:-1],
        "damaged",
    ),
    "bytes behind.safetensors": (tensors([("x", [0, 8])]) + b"!", "damaged"),
}


@ALL
@pytest.mark.parametrize("name", BROKEN)
def test_what_lies_is_refused_by_every_reader(
    name: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    content, says = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read(tmp_path / name)
    (told,) = caught.value.diagnostics
    assert re.search(says, told.message)  # whole, however long the path is
    assert told.code == "E501"


@pytest.mark.parametrize("packed", [True, False])
def test_the_same_archives_without_the_lie_are_read(packed: bool, tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(archive(("x.npy", X), ("y.npy", X), packed=packed))
    assert files.read_arrays(tmp_path / "a.npz")["y"].tolist() == list(range(100))
    (tmp_path / "a.safetensors").write_bytes(tensors([("x", [0, 8]), ("y", [8, 16])]))
    assert files.read_array(tmp_path / "a.safetensors", "y").tolist() == [0.0, 0.0]


HEADER = "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}"


def with_header(descr: str, shape: str, values: bytes = b"", length: int | None = None) -> bytes:
    text = HEADER.format(descr, shape).encode().ljust(118)
    length = len(text) if length is None else length
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", length) + text + values


HEADERS: dict[str, bytes] = {
    "more values than bytes": with_header("<f8", "(3,)", bytes(23)),
    "more bytes than values": with_header("<f8", "(3,)", bytes(25)),
    "a negative extent": with_header("<f8", "(-3,)"),
    "two negative extents": with_header("<f8", "(-3, -1)", bytes(24)),
    "2**60 values": with_header("<f8", "(2305843009213693952,)"),
    "2**64 values of a product": with_header("<f8", "(4294967296, 4294967296)"),
    "texts without letters": with_header("<U0", "(4294967296,)"),
    "objects": with_header("|O", "(3,)", bytes(24)),
    "more axes than there are": with_header("<f8", "(1," * 1 + " 1," * 70 + ")", bytes(8)),
    "a header of 4 GiB": with_header("<f8", "(3,)", bytes(24), length=2**32 - 1),
    "a header that calls": with_header("<f8", "__import__('os')", bytes(24)),
    "nested brackets": with_header("<f8", "(" * 4_000 + ")" * 4_000, bytes(8)),
    "another version": b"\x93NUMPY\x09\x00" + with_header("<f8", "(3,)", bytes(24))[8:],
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_promises_nothing_possible_is_refused_alike(
    name: str, tmp_path: Path
) -> None:
    content = HEADERS[name]
    (tmp_path / "x.npy").write_bytes(content)
    (tmp_path / "x.npz").write_bytes(archive(("x.npy", content)))
    for read in (files.read_array, files.map_array):
        with pytest.raises(ModelFileError):
            read(tmp_path / "x.npy")
    for read_archive in READERS.values():
        with pytest.raises(ModelFileError):
            read_archive(tmp_path / "x.npz")


@ALL
@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_what_would_not_fit_is_refused_before_it_is_unpacked(
    suffix: str, read: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"bomb{suffix}"
    zeros = np.zeros(2**22)
    if suffix == ".npz":
        np.savez_compressed(path, x=zeros)
        assert path.stat().st_size < 2**16
    else:
        files.write_safetensors(path, {"x": zeros})
    monkeypatch.setattr(memory, "machine_memory", lambda: 2**24)
    tracemalloc.start()
    try:
        with pytest.raises(CapacityError, match=r"32\.0 MiB when it is unpacked; .* 12\.8 MiB"):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 2**21
    finally:
        tracemalloc.stop()


def test_a_file_is_not_read_that_would_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate(2**40)
    monkeypatch.setattr(memory, "machine_memory", lambda: 2**30)
    for read in (files.read_bytes, files.read_text):
        with pytest.raises(CapacityError, match=r"holds 1\.0 TiB"):
            read(tmp_path / "sparse")
