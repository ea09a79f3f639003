"""nngraph: neural networks as graphs, from one YAML file to an exact and fast NumPy network.

    import nngraph
    model = nngraph.compile("xor.yaml")
    model.fit()
    model.predict([[0, 1]])

Everything is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nngraph import errors
    from nngraph.api import History, Model, compile, load, resume, train_run
    from nngraph.api.comparing import diff, equiv
    from nngraph.api.tuning import tune
    from nngraph.app.check import check
    from nngraph.app.compare import compare
    from nngraph.app.explain import explain
    from nngraph.app.format import format_spec
    from nngraph.app.verify import verify
    from nngraph.app.why import why

__version__ = "0.1.0"
__all__ = [
    "History",
    "Model",
    "__version__",
    "check",
    "compare",
    "compile",
    "diff",
    "equiv",
    "errors",
    "explain",
    "format_spec",
    "load",
    "resume",
    "train_run",
    "tune",
    "verify",
    "why",
]

# public name -> the module that has it
_OWNERS = {
    "History": "nngraph.api",
    "Model": "nngraph.api",
    "check": "nngraph.app.check",
    "compare": "nngraph.app.compare",
    "compile": "nngraph.api",
    "diff": "nngraph.api.comparing",
    "explain": "nngraph.app.explain",
    "equiv": "nngraph.api.comparing",
    "format_spec": "nngraph.app.format",
    "load": "nngraph.api",
    "resume": "nngraph.api",
    "train_run": "nngraph.api",
    "tune": "nngraph.api.tuning",
    "verify": "nngraph.app.verify",
    "why": "nngraph.app.why",
}


class _NoSuchName(AttributeError):
    """Its text, with what to use instead, is made when somebody reads it: an import of one of our
    own modules from here asks for such a name first."""

    __module__, __qualname__ = "builtins", "AttributeError"  # as a traceback shows it

    def __str__(self) -> str:
        from nngraph.diagnostics.foreign_python import without_name

        return without_name("nngraph", str(self.args[0]))

    def _render_traceback_(self) -> list[str]:
        from nngraph.diagnostics.notebook import lines_of_caller

        return [*lines_of_caller(self.__traceback__), f"AttributeError: {self}"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562), and keep it."""
    import importlib

    if name == "errors":
        return importlib.import_module("nngraph.errors")
    if name not in _OWNERS:
        raise _NoSuchName(name)
    found = globals()[name] = getattr(importlib.import_module(_OWNERS[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
