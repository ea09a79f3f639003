"""Array files: .npz, .npy and .safetensors; nothing is ever read that could carry code.

A missing or unreadable file is a `FileError`, a damaged or pickled one a `ModelFileError`.
"""

from __future__ import annotations

import contextlib
import errno
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import Diagnostic, ModelFileError, diagnostic, join_words, suggest
from nngraph.files.reading import open_file, reading

AnyArray = NDArray[Any]


def read_arrays(path: Path) -> dict[str, AnyArray]:
    """All arrays of an .npz or .safetensors file by name, in the machine's byte order.

    Errors: FileError when it cannot be read; ModelFileError when it is damaged or holds pickles.
    """
    with reading(path), _damage(path), _archive(path) as archive:
        return {name: _native(array) for name, array in archive.items()}


def array_names(path: Path) -> tuple[str, ...]:
    """The names in an .npz or .safetensors file, without loading the arrays."""
    with reading(path), _damage(path), _archive(path) as archive:
        return tuple(archive.keys())


def read_array(path: Path, key: str | None = None) -> AnyArray:
    """One array of an .npz, .safetensors or .npy file; `key` may be left out when it has only one.

    Errors: as `read_arrays`; ModelFileError when there is no such name, or several and no key.
    """
    if Path(path).suffix == ".npy" and key is None:
        with reading(path), _damage(path), open_file(path) as file:
            return _native(np.lib.format.read_array(file, allow_pickle=False))
    with reading(path), _damage(path), _archive(path) as archive:
        names = list(archive.keys())
        if key is None and len(names) == 1:
            key = names[0]
        if key is None or key not in names:
            raise ModelFileError(_no_such_array(path, key, names))
        return _native(archive[key])


def _no_such_array(path: Path, key: str | None, names: list[str]) -> Diagnostic:
    there = join_words([repr(name) for name in names[:12]]) or "nothing"
    if len(names) > 12:
        there += f" and {len(names) - 12} more"
    if key is None:
        return diagnostic("E502:no-key", path=path, there=there)
    return diagnostic("E502", path=path, key=key, there=there, help=suggest(key, names))


@contextlib.contextmanager
def _archive(path: Path) -> Iterator[Any]:
    """The open file as a mapping from names to arrays."""
    match Path(path).suffix:
        case ".npz":
            with open_file(path) as file:
                # np.load also takes pickles and .npy; a zip file is neither
                if file.read(2) != b"PK":
                    raise ValueError("it is no zip archive")
                file.seek(0)
                with np.load(file, allow_pickle=False) as archive:
                    yield archive
        case ".safetensors":
            with _safetensors(path) as (tensors, _):
                yield tensors
        case other:
            kind = f"'{other}' files" if other else "files without an extension"
            raise ModelFileError(diagnostic("E503", path=path, kind=kind))


class _Tensors(Mapping[str, AnyArray]):
    """The tensors of an open safetensors file, loaded when asked for."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getitem__(self, name: str) -> AnyArray:
        return np.asarray(self._file.get_tensor(name))

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._file.keys()))

    def __len__(self) -> int:
        return len(self._file.keys())


@contextlib.contextmanager
def _safetensors(path: Path) -> Iterator[tuple[_Tensors, dict[str, str]]]:
    import safetensors

    with open_file(path):  # a missing file is told by us, not by the library
        pass
    try:
        with safetensors.safe_open(path, framework="np") as file:
            yield _Tensors(file), dict(file.metadata() or {})
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error


def read_safetensors(path: Path) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """Arrays and metadata of a .safetensors file. Errors: as `read_arrays`."""
    with reading(path), _damage(path), _safetensors(path) as (tensors, metadata):
        return {name: _native(array) for name, array in tensors.items()}, metadata


@contextlib.contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Turn what a damaged array file makes the libraries raise into one ModelFileError."""
    try:
        yield
    except (ValueError, EOFError, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise _damaged(path, error) from error
    except (RuntimeError, zipfile.BadZipFile, zlib.error, SyntaxError, OverflowError) as error:
        raise _damaged(path, error) from error
    except (tokenize.TokenError, UserWarning) as error:  # of the header of an array
        raise _damaged(path, error) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ModelFileError:
    if "max_header_size" in str(error):
        return ModelFileError(diagnostic("E501:long-header", path=path))
    if "allow_pickle" in str(error) or "Object arrays" in str(error):
        return ModelFileError(diagnostic("E501:pickled", path=path))
    reason = str(error).strip().split("\n")[0] or type(error).__name__
    return ModelFileError(diagnostic("E501", path=path, reason=reason))


def _native(array: Any) -> AnyArray:
    if not isinstance(array, np.ndarray):  # an archive may hold other files
        raise TypeError("it holds a file that is no array")
    return array.astype(array.dtype.newbyteorder("="), copy=False)
