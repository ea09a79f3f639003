"""Data sets that can be fetched: their files, byte for byte, and where they are published."""

from __future__ import annotations

from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file: its name, size in bytes, and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class RemoteSet:
    """A published data set: what it is, whose, under which licence, and where it can be had."""

    title: str
    authors: str
    licence: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)
