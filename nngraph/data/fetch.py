"""Fetching a published data set into the user's cache folder, checked byte for byte.

Nothing here runs but on the user's own word: the command `nngraph data fetch`.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from nngraph.data.remote import RemoteFile, RemoteSet
from nngraph.data.sources.opening import OPENERS
from nngraph.errors import FileError, UsageError, diagnostic, join_words
from nngraph.files import make_folder, write_atomically

TIMEOUT = 30  # seconds without a byte
CHUNK = 2**16


REMOTE_SETS: Mapping[str, RemoteSet] = MappingProxyType(
    {o.row.word(): o.remote for o in OPENERS if o.remote is not None}
)
"""Data sets by the name of their source."""


def _silent(text: str) -> None:
    pass


def fetch(
    remote: RemoteSet,
    folder: Path,
    mirrors: Sequence[str] = (),
    say: Callable[[str], None] = _silent,
) -> tuple[str, ...]:
    """Bring the files of a set into a folder; the names of those that were fetched.

    A file that is there and right is left alone, so an interrupted fetch goes on where it was. Each
    other file is taken from the first mirror that gives the right bytes, and appears whole or not
    at all. `mirrors` stand instead of the set's own.

    Errors: UsageError for an address that is none; FileError where no mirror gives a file, or the
    folder cannot be written.
    """
    addresses = [_checked(address) for address in mirrors] or list(remote.mirrors)
    missing = [file for file in remote.files if not is_there(folder, file)]
    for file in missing:
        say(f"fetching {file.name} ({file.size:,} bytes)")
        content = _fetch_one(file, addresses)
        make_folder(folder)
        write_atomically(folder / file.name, content)
    return tuple(file.name for file in missing)


def is_there(folder: Path, file: RemoteFile) -> bool:
    """Whether the file lies in the folder, byte for byte as published."""
    path = folder / file.name
    try:
        if path.stat().st_size != file.size:
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    except OSError:
        return False


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError(diagnostic("E002:mirror", address=address))
    return address if address.endswith("/") else f"{address}/"


def _fetch_one(file: RemoteFile, addresses: Sequence[str]) -> bytes:
    problems: list[str] = []
    for address in addresses:
        try:
            content = _read(address + file.name, file.size)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problems.append(f"{urlsplit(address).hostname}: {_reason(error)}")
            continue
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return content
        problems.append(f"{urlsplit(address).hostname}: {_difference(content, file)}")
    raise FileError(diagnostic("E808", file=file.name, problems="; ".join(problems)))


def _read(address: str, size: int) -> bytes:
    """At most one byte more than is expected: whatever is longer is wrong anyway."""
    request = urllib.request.Request(address, headers={"User-Agent": "nngraph"})
    content = bytearray()
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        while len(content) <= size and (chunk := response.read(CHUNK)):
            content += chunk
    return bytes(content)


def _difference(content: bytes, file: RemoteFile) -> str:
    if len(content) == file.size:
        return "the content is another (its SHA-256 differs)"
    there = "more" if len(content) > file.size else f"{len(content):,}"
    return f"{there} instead of {file.size:,} bytes"


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answers {error.code} {error.reason}"
    inner = getattr(error, "reason", None)
    cause = inner if inner is not None else error
    text = (getattr(cause, "strerror", None) or str(cause)).strip() or type(cause).__name__
    return text[:1].lower() + text[1:]


def known_sets() -> str:
    """The names of all sets that can be fetched, for messages."""
    return join_words([f"'{name}'" for name in REMOTE_SETS])
