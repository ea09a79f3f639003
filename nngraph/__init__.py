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
    from nngraph.api import Model, compile, load

__version__ = "0.1.0"
__all__ = ["Model", "__version__", "compile", "errors", "load"]

_FROM_API = frozenset({"Model", "compile", "load"})


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    import importlib

    if name in _FROM_API:
        return getattr(importlib.import_module("nngraph.api"), name)
    if name == "errors":
        return importlib.import_module("nngraph.errors")
    raise AttributeError(f"module 'nngraph' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
