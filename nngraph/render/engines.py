"""Graphviz, wherever it is: `dot` on the PATH, else the library inside the pygraphviz wheels."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from nngraph.errors import FileError, diagnostic
from nngraph.records import dataclass
from nngraph.render.escape import dot_quoted

NO_IMAGES: Mapping[str, bytes] = MappingProxyType({})


def lay_out_drawing(dot: str, format: str, images: Mapping[str, bytes] = NO_IMAGES) -> bytes:
    """DOT text drawn as `format` ("svg", "png", "pdf"); `images` are the png files that it names.

    Errors: FileError (E810) where there is no Graphviz, or none that can write the format.
    """
    if images:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for name, content in images.items():
                (Path(folder) / name).write_bytes(content)
            place = f"imagepath={dot_quoted(folder)}; "
            return lay_out_drawing(dot.replace("{", "{ " + place, 1), format)
    complaints: list[str] = []
    for engine in (_with_program, _with_library):
        try:
            return engine(dot, format)
        except _NoEngineError as problem:
            complaints.append(str(problem))
    cause = "; ".join(complaints)
    raise FileError(diagnostic("E810", format=format, cause=cause))


class _NoEngineError(Exception):
    """This way of drawing is not open; the text says why."""


def _with_program(dot: str, format: str) -> bytes:
    if shutil.which("dot") is None:
        raise _NoEngineError("there is no program 'dot' on the PATH")
    import graphviz

    try:
        return bytes(graphviz.pipe("dot", format, dot.encode(), quiet=True))
    except subprocess.CalledProcessError as error:
        said = _first_line(error.stderr) or f"exit status {error.returncode}"
        raise _NoEngineError(f"the program 'dot' failed ({said})") from error
    except OSError as error:
        raise _NoEngineError(f"the program 'dot' could not run ({error.strerror})") from error


def _with_library(dot: str, format: str) -> bytes:
    try:
        import pygraphviz
    except ImportError as error:
        raise _NoEngineError("the package 'pygraphviz' is not installed") from error
    said = KeptText()
    try:
        # it warns of many nodes by itself; ours have their places already
        with contextlib.redirect_stderr(io.StringIO()), kept_standard_error(said):
            drawn = pygraphviz.AGraph(string=dot).draw(format=format, prog="dot")
    except (OSError, ValueError) as error:
        cause = "; ".join(filter(None, (str(error), _first_line(said.text))))
        raise _NoEngineError(f"the package 'pygraphviz' failed ({cause})") from error
    return bytes(drawn)


@dataclass
class KeptText:
    """What was written to file descriptor 2 while it was kept."""

    text: bytes = b""


@contextlib.contextmanager
def kept_standard_error(said: KeptText) -> Iterator[None]:
    """Keep from the screen what C code writes to file descriptor 2.

    The fontconfig inside the pygraphviz wheels warns there of settings that its own version does
    not know, past Python's `sys.stderr`: with every drawing, on a plain Debian.
    """
    try:
        screen = os.dup(2)
    except OSError:  # it is closed: nothing can be shown there
        yield
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.__stderr__.flush()  # type: ignore[union-attr] # None and closed are caught
    try:
        with tempfile.TemporaryFile() as kept:
            os.dup2(kept.fileno(), 2)
            try:
                yield
            finally:
                os.dup2(screen, 2)
                kept.seek(0)
                said.text = kept.read()
    finally:
        os.close(screen)


def _first_line(said: bytes | str | None) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said or ""
    return text.strip().splitlines()[0] if text.strip() else ""
