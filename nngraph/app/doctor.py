"""What is installed, and what nngraph will use of it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
from typing import Any

CORE = (
    "numpy",
    "networkx",
    "pydantic",
    "pyyaml",
    "graphviz",
    "click",
    "rich",
    "pillow",
    "safetensors",
    "platformdirs",
    "threadpoolctl",
)
EXTRAS = {
    "numba": "fast",
    "pygraphviz": "diagrams",
    "optuna": "search",
    "onnx": "onnx",
    "onnxruntime": "onnx",
}


def examine() -> dict[str, Any]:
    """Everything that can make one installation behave differently from another."""
    import nngraph

    return {
        "nngraph": nngraph.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "packages": {name: _version(name) for name in CORE},
        "extras": {name: _version(name) for name in EXTRAS},
        "blas": _blas(),
        "kernels": _kernels(),
        "graphviz": _graphviz(),
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _blas() -> list[dict[str, Any]]:
    """The linear algebra libraries that NumPy brings: name, version, kernel and threads."""
    import numpy  # noqa: F401  (loads its BLAS, which threadpoolctl then finds)
    from threadpoolctl import threadpool_info

    return [
        {
            "library": info.get("internal_api"),
            "version": info.get("version"),
            "kernel": info.get("architecture"),
            "threads": info.get("num_threads"),
            "threading": info.get("threading_layer"),
        }
        for info in threadpool_info()
        if info.get("user_api") == "blas"
    ]


def _kernels() -> dict[str, Any]:
    """Whether training would call compiled kernels: NNGRAPH_KERNELS, and what is in the way."""
    from nngraph.errors import UsageError
    from nngraph.kernels.compiled.jit import obstacle
    from nngraph.targets.choice import VARIABLE, WORTH, kernel_choice

    facts = {"variable": os.environ.get(VARIABLE), "worth": WORTH, "obstacle": obstacle()}
    try:
        return {"choice": kernel_choice(), **facts}
    except UsageError as error:
        return {"choice": None, **facts, "obstacle": error.diagnostics[0].message}


def _graphviz() -> dict[str, Any]:
    """How pictures can be drawn: the program `dot`, or the library inside pygraphviz."""
    return {"dot": _dot_version(), "pygraphviz": _version("pygraphviz")}


def _dot_version() -> str | None:
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        answer = subprocess.run(
            [program, "-V"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # dot -V writes "dot - graphviz version 2.43.0 (0)" to standard error
    return (answer.stderr or answer.stdout).strip().removeprefix("dot - graphviz version ") or None
