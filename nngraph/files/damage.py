"""Damaged array files: what libraries and we find wrong with one, as one ModelFileError."""

from __future__ import annotations

import contextlib
import errno
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nngraph.errors import ModelFileError, diagnostic


class BrokenArray(Exception):
    """The bare reason why an array cannot be read: the key of its text and the facts."""

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


@contextlib.contextmanager
def damage(shown: Path | str) -> Iterator[None]:
    """Turn what a damaged array file makes us and the libraries raise into one ModelFileError."""
    try:
        yield
    except BrokenArray as error:
        raise ModelFileError(diagnostic(error.key, path=shown, **error.facts)) from error
    except (ValueError, EOFError, KeyError, TypeError, AttributeError, MemoryError) as error:
        raise _damaged(shown, error) from error
    except (RuntimeError, zipfile.BadZipFile, zlib.error, SyntaxError, OverflowError) as error:
        raise _damaged(shown, error) from error
    except (tokenize.TokenError, UserWarning) as error:  # of the header of an array
        raise _damaged(shown, error) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise _damaged(shown, error) from error


def _damaged(shown: Path | str, error: Exception) -> ModelFileError:
    reason = str(error).strip().split("\n")[0] or type(error).__name__
    return ModelFileError(diagnostic("E501:array", path=shown, reason=reason))
