"""A network leaves nngraph: a module of plain NumPy in a file, its weights beside it."""

from __future__ import annotations

from pathlib import Path

from nngraph.errors import UsageError, diagnostic
from nngraph.files import write_atomically, write_npz
from nngraph.insight.standalone import standalone
from nngraph.train.learner import Learner


def export(learner: Learner, path: Path) -> tuple[Path, Path]:
    """Write a module that computes outputs, loss and gradients; the module, and its weights.

    Errors: UsageError for a name that cannot be imported; FileError.
    """
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
