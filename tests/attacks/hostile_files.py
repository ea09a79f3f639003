"""Files and things that are none, made to harm who reads them."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

Maker = Callable[[Path], None]


def holding(content: bytes | str) -> Maker:
    """A file of this content."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return lambda path: path.write_bytes(data) and None


def bound_socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def link_to(target: str) -> Maker:
    return lambda path: path.symlink_to(target)


def sparse(path: Path) -> None:
    """A terabyte and more that takes no room on the disk."""
    with open(path, "wb") as file:
        file.truncate(2**42)


NO_FILES: dict[str, Maker] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a folder": lambda path: path.mkdir(),
    "a socket": bound_socket,
    "endless zeros": link_to("/dev/zero"),
    "a terminal": link_to("/dev/tty"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": link_to("nothing-there"),
    "a link out of the folder": link_to("/etc/passwd"),
    "nothing": lambda path: None,
    "no byte": holding(b""),
    "a terabyte": sparse,
}


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def with_header(descr: str, shape: str, values: bytes = b"", length: int | None = None) -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(118)
    length = len(text) if length is None else length
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", length) + text + values


def changed_directory(content: bytes, at: int, value: int) -> bytes:
    start = content.index(b"PK\x01\x02")
    return content[: start + at] + struct.pack("<I", value) + content[start + at + 4 :]


def tensors(*header: str, behind: int = 8, length: int | None = None) -> bytes:
    text = ("{" + ",".join(header) + "}").encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + bytes(behind)


X = npy(np.zeros((4, 2)))
F32 = '"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'

NPY: dict[str, bytes] = {
    "bytes behind": X + b"!",
    "cut off": X[:-1],
    "a negative extent": with_header("<f8", "(-3,)"),
    "2**61 values": with_header("<f8", "(2305843009213693952,)"),
    "a product beyond 64 bits": with_header("<f8", "(4294967296, 4294967296)"),
    "texts without letters": with_header("<U0", "(4294967296,)"),
    "objects": with_header("|O", "(3,)", bytes(24)),
    "a pickle": b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00.",
    "71 axes": with_header("<f8", "(" + "1," * 71 + ")", bytes(8)),
    "a header of 4 GiB": with_header("<f8", "(3,)", bytes(24), length=2**32 - 1),
    "a header that calls": with_header("<f8", "__import__('os')", bytes(24)),
    "nested brackets": with_header("<f8", "(" * 4_000 + ")" * 4_000, bytes(8)),
    "version 9": b"\x93NUMPY\x09\x00" + with_header("<f8", "(3,)", bytes(24))[8:],
    "a structure": with_header("<f8", "(2,)", bytes(16)).replace(b"'<f8'", b"[('a', '<f8')]"),
    "dates": with_header("<M8[s]", "(2,)", bytes(16)),
    "complex numbers": with_header("<c16", "(1,)", bytes(16)),
    "not a number": npy(np.full((4, 2), np.nan)),
    "infinity": npy(np.full((4, 2), np.inf)),
    "no rows": npy(np.zeros((0, 2))),
    "a single value": npy(np.array(1.0)),
}
NPZ: dict[str, bytes] = {name: archive(("x.npy", content)) for name, content in NPY.items()} | {
    "a name twice": archive(("x.npy", X), ("x.npy", X)),
    "a name twice, once bare": archive(("x", X), ("x.npy", X)),
    "no member": archive(),
    "a text": archive(("x.txt", b"hello")),
    "a folder as a member": archive(("x/", b"")),
    "a name that leads out": archive(("../../x.npy", X), ("/etc/x.npy", X)),
    "a smaller size": changed_directory(archive(("x.npy", X)), 24, 150),
    "a larger size": changed_directory(archive(("x.npy", X)), 24, 2**30),
    "another sum": changed_directory(archive(("x.npy", X)), 16, 7),
    "a member that begins elsewhere": changed_directory(archive(("x.npy", X)), 42, 7),
    "bzip2": archive(("x.npy", X), method=zipfile.ZIP_BZIP2),
    "a coded member": changed_directory(archive(("x.npy", X)), 6, 0x00010014),
    "a terabyte of values": archive(("x.npy", with_header("<f8", "(137438953472,)"))),
    "no archive": b"PK, but no archive",
    "2,000 members": archive(*((f"{k}.npy", X) for k in range(2_000)), method=0),
    "escapes in names": archive(("\x1b[31m\x9b.npy", X), ("y.npy", X)),
}
SAFETENSORS: dict[str, bytes] = {
    "a name twice": tensors(F32, F32),
    "two of one place": tensors(F32, F32.replace('"x"', '"y"')),
    "bytes behind": tensors(F32, behind=9),
    "cut off": tensors(F32, behind=7),
    "a header of 10 GB": tensors(F32, length=10**10),
    "a header of 2**63": tensors(F32, length=2**63),
    "a header cut off": tensors(F32)[:20],
    "a negative extent": tensors(F32.replace("[2]", "[-2]")),
    "a huge extent": tensors(F32.replace("[2]", "[4611686018427387904]")),
    "a place backwards": tensors(F32.replace("[0,8]", "[8,0]")),
    "no kind there is": tensors(F32.replace("F32", "F99")),
    "no JSON": (5).to_bytes(8, "little") + b"hello",
    "nested JSON": (100_000).to_bytes(8, "little") + b"[" * 100_000,
    "objects in JSON": tensors('"x":{"x":{"x":1}}'),
    "not a number": tensors(F32, behind=0) + np.full(2, np.nan, "<f4").tobytes(),
    "escapes in names": tensors(F32.replace('"x"', '"\\u001b[31m"'), behind=8),
}


def chunk(kind: bytes, content: bytes) -> bytes:
    sums = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + sums


def png(width: int, height: int, rows: bytes, *, bits: int = 8, colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


SMALL = bytes(2 * 3)
PICTURES: dict[str, bytes] = {
    "rows that end too early": png(1000, 1000, bytes(1001 * 500)),
    "2**31 pixels wide": png(2**31 - 1, 2, SMALL),
    "2**62 pixels": png(2**31 - 1, 2**31 - 1, SMALL),
    "no pixel": png(0, 2, SMALL),
    "16 bits": png(2, 2, bytes(10), bits=16),
    "no such colours": png(2, 2, SMALL, colour=5),
    "cut off": png(2, 2, SMALL)[:-9],
    "a wrong sum": png(2, 2, SMALL)[:-20] + bytes(4) + png(2, 2, SMALL)[-16:],
    "a gif": b"GIF89a" + bytes(20),
    "a jpeg": b"\xff\xd8\xff\xe0" + bytes(20),
    "a text": b"hello",
    "a part of 4 GiB": png(2, 2, SMALL).replace(b"\0\0\0\rIHDR", b"\xff\xff\xff\xffIHDR"),
    "a text that unpacks": png(2, 2, SMALL)[:-12]
    + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**24)))
    + chunk(b"IEND", b""),
    "of other size": png(5, 5, bytes(30)),
}


def idx(magic: int, *shape: int, values: bytes = b"") -> bytes:
    return struct.pack(f">I{len(shape)}I", magic, *shape) + values


IDX: dict[str, bytes] = {
    "2**96 pixels": idx(0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1),
    "2**32 pixels": idx(0x803, 2**16, 2**8, 2**8),
    "no pixel": idx(0x803, 0, 2, 2),
    "labels for pictures": idx(0x801, 4, values=bytes(4)),
    "floats": idx(0xD03, 1, 2, 2, values=bytes(16)),
    "too few": idx(0x803, 2, 2, 2, values=bytes(7)),
    "too many": idx(0x803, 2, 2, 2, values=bytes(9)),
    "a header cut off": idx(0x803, 2),
    "a text": b"hello, this is no such file",
}

_DEEP = "[" * 100_000
JSON: dict[str, str] = {
    "nested lists": _DEEP + "]" * 100_000,
    "nested lists, open": _DEEP,
    "nested objects": '{"a":' * 100_000,
    "a key twice": '{"seed": 1, "seed": 2}',
    "a list": "[]",
    "null": "null",
    "a number of 10,000 digits": "1" * 10_000,
    "a seed of words": json.dumps({"seed": "\x1b[31m"}),
    "no JSON": "hello",
    "half": '{"seed": 1, "labels": {',
    "not UTF-8": "\udcff\udcfe",
    "a control character": '{"se\x1bed": 1}',
}
