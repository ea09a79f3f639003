"""`nngraph doctor`: what is installed, and what it will use."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from typing import Any

import click

from nngraph.cli.output import result, result_json, table

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
EXTRAS = {"numba": "fast", "pygraphviz": "diagrams"}


@click.command("doctor", short_help="Show versions, BLAS library, threads and what is installed.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(as_json: bool) -> None:
    """Show versions, the BLAS library with its kernel and threads, whether training calls
    compiled kernels, Graphviz, optional packages.

    Add the output to every bug report.
    """
    facts = examine()
    if as_json:
        result_json(facts)
        return
    result(_as_text(facts))


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


def _as_text(facts: dict[str, Any]) -> str:
    rows = [
        ("nngraph", facts["nngraph"]),
        ("python", f"{facts['python']} ({sys.executable})"),
        ("platform", facts["platform"]),
        ("processors", str(facts["processors"])),
        *((name, version or "MISSING") for name, version in facts["packages"].items()),
        *(("blas", _blas_line(blas)) for blas in facts["blas"]),
        ("kernels", _kernel_line(facts["kernels"])),
        *_drawing_rows(facts["graphviz"]),
        *_extra_rows(facts["extras"]),
    ]
    return table(("", ""), rows, left=2).lstrip("\n")


def _blas_line(blas: dict[str, Any]) -> str:
    threads = f"{blas['threads']} thread{'' if blas['threads'] == 1 else 's'}"
    return f"{blas['library']} {blas['version']}, kernel {blas['kernel']}, {threads}"


def _kernel_line(kernels: dict[str, Any]) -> str:
    if kernels["obstacle"] is not None:
        return f"none: {kernels['obstacle']}"
    told = f" (NNGRAPH_KERNELS is {kernels['choice']})" if kernels["variable"] else ""
    return {
        "auto": f"compiled, for networks from {kernels['worth']:,} operations a sample",
        "always": "compiled, for every training",
        "never": "none",
    }[kernels["choice"]] + told


def _drawing_rows(graphviz: dict[str, Any]) -> list[tuple[str, str]]:
    if graphviz["dot"] is None and graphviz["pygraphviz"] is None:
        advice = "none: pictures need the program 'dot', or pip install 'nngraph[diagrams]'"
        return [("graphviz", advice)]
    return [("graphviz dot", graphviz["dot"] or "not on PATH (pygraphviz is used)")]


def _extra_rows(extras: dict[str, str | None]) -> list[tuple[str, str]]:
    return [
        (name, version or f"not installed (pip install 'nngraph[{EXTRAS[name]}]')")
        for name, version in extras.items()
    ]
