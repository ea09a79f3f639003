"""The .npz format: a zip archive of .npy files, read with nothing taken on trust.

What the directory says of a member, what stands before the member and what is in it must agree, and
no two members share a name or a byte. Sizes are known from the headers before anything is unpacked.

Source: PKWARE, "APPNOTE.TXT, .ZIP file format specification", 4.3 to 4.5.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from io import BufferedReader
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from nngraph.files.damage import BrokenArray
from nngraph.files.npy import NpyHeader, read_header, read_values

_LOCAL = struct.Struct("<4s5H3L2H")  # signature, ..., crc, two sizes, lengths of name and extra
_CODED, _SIZES_BEHIND, _UTF8 = 0x1, 0x8, 0x800  # flags
_IN_EXTRA = 0xFFFFFFFF  # the size stands in the extra field, being a large one
_NO_ARRAY = "it holds a file that is no array"
_TAKEN = 2**16  # packed bytes that are read at a time


class NpzArchive(Mapping[str, NDArray[Any]]):
    """The arrays of an open file by name, each unpacked when it is asked for.

    Errors: BrokenArray, and what zipfile and zlib raise.
    """

    def __init__(self, file: BufferedReader) -> None:
        if file.read(2) != b"PK":  # zipfile also finds an archive at the end of another file
            raise BrokenArray("E501:array", reason="it is no zip archive")
        self._file = file
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            end = archive.start_dir
        self._members = {_name_of(member): member for member in members}
        if len(self._members) < len(members):
            counts = Counter(map(_name_of, members))
            twice = next(name for name, count in counts.items() if count > 1)
            raise BrokenArray("E501:twice", name=twice)
        self._starts = {name: self._start_of(m) for name, m in self._members.items()}
        self._check_apart(end)

    def __getitem__(self, name: str) -> NDArray[Any]:
        packed = self._open(name)
        array = read_values(self._header(packed, name), packed.read)
        packed.finish()
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def nbytes(self, name: str) -> int:
        """Bytes of the values of an array, from its header."""
        return self._header(self._open(name), name).nbytes

    def _open(self, name: str) -> _Packed:
        return _Packed(self._file, self._members[name], self._starts[name])

    def _header(self, packed: _Packed, name: str) -> NpyHeader:
        member = self._members[name]
        if not member.filename.endswith(".npy"):
            raise BrokenArray("E501:array", reason=_NO_ARRAY)
        try:
            header = read_header(packed.read)
        except BrokenArray as error:
            if error.key not in ("E501:empty", "E501:no-npy"):
                raise
            raise BrokenArray("E501:array", reason=_NO_ARRAY) from error
        if header.size + header.nbytes != member.file_size:
            raise _lies(name)
        return header

    def _start_of(self, member: zipfile.ZipInfo) -> int:
        """Where the bytes of a member begin; what stands before them must say the same of it."""
        name = _name_of(member)
        self._file.seek(member.header_offset)
        head = self._file.read(_LOCAL.size)
        if len(head) < _LOCAL.size:
            raise _lies(name)
        sign, _, flags, method, _, _, crc, packed, size, name_length, extra = _LOCAL.unpack(head)
        written = self._file.read(name_length)
        if (flags | member.flag_bits) & _CODED or method not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise BrokenArray("E501:array", reason=f"'{name}' is packed as no .npz file is")
        said, known = (packed, size), (member.compress_size, member.file_size)
        agrees = bool(flags & _SIZES_BEHIND) or (
            crc == member.CRC and all(a in (b, _IN_EXTRA) for a, b in zip(said, known, strict=True))
        )
        own_name = written.decode("utf-8" if flags & _UTF8 else "cp437")
        is_same = sign == b"PK\x03\x04" and method == member.compress_type
        if not agrees or not is_same or own_name != member.orig_filename:
            raise _lies(name)
        return int(member.header_offset + len(head) + name_length + extra)

    def _check_apart(self, end: int) -> None:
        """No member reaches into another, or into the directory behind all of them."""
        members = sorted(self._members.items(), key=lambda item: item[1].header_offset)
        begins = [*(member.header_offset for _, member in members), end]
        for (name, member), (_, following) in zip(members, pairwise(begins), strict=True):
            if self._starts[name] + member.compress_size > following:
                raise _lies(name)


class _Packed:
    """The bytes of a member, unpacked as they are asked for."""

    def __init__(self, file: BufferedReader, member: zipfile.ZipInfo, start: int) -> None:
        self._file, self._member = file, member
        self._left, self._sum = member.compress_size, 0
        self._inflate = None
        if member.compress_type == zipfile.ZIP_DEFLATED:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        file.seek(start)

    def read(self, wanted: int) -> bytes:
        """So many bytes, fewer only at the end."""
        if self._inflate is None:
            content = self._take(wanted)
        else:
            pieces = []
            while wanted and (piece := self._unpack(self._inflate, wanted)):
                pieces.append(piece)
                wanted -= len(piece)
            content = b"".join(pieces)
        self._sum = zlib.crc32(content, self._sum)
        return content

    def _take(self, wanted: int) -> bytes:
        content = self._file.read(min(wanted, self._left))
        self._left -= len(content)
        return content

    def _unpack(self, inflate: Any, wanted: int) -> bytes:
        piece = b""
        while not piece and not inflate.eof:
            packed = inflate.unconsumed_tail or self._take(_TAKEN)
            piece = inflate.decompress(packed, wanted)
            if not packed and not piece:
                break
        return bytes(piece)

    def finish(self) -> None:
        """Refuse a member of which there is more than was said, or whose checksum is wrong."""
        more = self.read(1) or self._left
        if self._inflate is not None:
            more = more or not self._inflate.eof or self._inflate.unused_data
        if more:
            raise _lies(_name_of(self._member))
        if self._sum != self._member.CRC:
            reason = f"the checksum of '{_name_of(self._member)}' is wrong"
            raise BrokenArray("E501:array", reason=reason)


def _name_of(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _lies(name: str) -> BrokenArray:
    return BrokenArray("E501:directory", name=name)
