"""A network leaves nngraph: as a module of plain NumPy, or as an ONNX model.

What the file is follows from its ending.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.files import write_atomically, write_npz
from nngraph.insight.standalone import standalone
from nngraph.records import dataclass
from nngraph.train.learner import Learner

if TYPE_CHECKING:
    from nngraph.interop.onnx.comparison import Comparison

Layout: TypeAlias = Literal["channels_last", "channels_first"]
"""How images enter and leave."""

Scaling: TypeAlias = Literal["inside", "beside"]
"""Whether inputs are scaled, and targets scaled back, by the exported network itself."""


@dataclass(frozen=True)
class Exported:
    """The files that were written; iterating gives them. `comparison` says what a runtime makes of
    them, None for a module, which is NumPy."""

    files: tuple[Path, ...]
    comparison: Comparison | None = None

    @property
    def holds(self) -> bool:
        """Whether what was run answers as the network does."""
        return self.comparison is None or self.comparison.holds

    def __iter__(self) -> Iterator[Path]:
        return iter(self.files)


def export(
    learner: Learner,
    path: Path,
    *,
    opset: int | None = None,
    layout: Layout = "channels_last",
    scaling: Scaling = "inside",
) -> Exported:
    """Write the network to `path`: .py with its weights beside it, or .onnx.

    Errors: UsageError for another ending, for a name that cannot be imported, for an option that
    the format has not, for what it cannot say, without the package 'onnx'; FileError.
    """
    if path.suffix == ".onnx":
        return _onnx(learner, path, opset, layout, scaling)
    if path.suffix != ".py":
        raise UsageError(diagnostic("E002:export-file", path=path))
    options = {
        "opset": opset is None,
        "layout": layout == "channels_last",
        "scaling": scaling == "inside",
    }
    if given := [f"'{name}'" for name, is_usual in options.items() if not is_usual]:
        raise UsageError(diagnostic("E002:export-option", options=join_words(given)))
    return Exported(_module(learner, path))


def _onnx(
    learner: Learner, path: Path, opset: int | None, layout: Layout, scaling: Scaling
) -> Exported:
    if find_spec("onnx") is None:
        what = f"'{path.name}'"
        raise UsageError(diagnostic("E002:no-package", what=what, package="onnx", extra="onnx"))
    from nngraph.app.export_onnx import export_onnx
    from nngraph.interop.onnx.model import USUAL

    found = export_onnx(
        learner,
        path,
        opset=USUAL if opset is None else opset,
        first=layout == "channels_first",
        scaled=scaling == "inside",
    )
    return Exported((path,), found)


def _module(learner: Learner, path: Path) -> tuple[Path, Path]:
    check_module_name(path)
    weights = path.with_suffix(".npz")
    text, arrays = standalone(learner.network, learner.executable.weights())
    write_npz(weights, arrays)
    write_atomically(path, text.encode())
    return path, weights


def check_module_name(path: Path) -> None:
    """Refuse a file that Python could not import. Errors: UsageError."""
    if path.suffix != ".py":
        raise UsageError(diagnostic("E002:module-file", path=path))
    if not path.stem.isidentifier():
        raise UsageError(diagnostic("E002:module-name", name=path.stem))
