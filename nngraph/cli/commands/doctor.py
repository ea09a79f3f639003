"""`nngraph doctor`: what is installed, and what it will use."""

from __future__ import annotations

import sys
from typing import Any

import click

from nngraph.cli.options import JSON
from nngraph.cli.output import result, result_json, table


@click.command("doctor", short_help="Show versions, BLAS library, threads and what is installed.")
@JSON
def command(as_json: bool) -> None:
    """Show versions, the BLAS library with its kernel and threads, whether training calls
    compiled kernels, Graphviz, optional packages.

    Add the output to every bug report.
    """
    from nngraph.app.doctor import examine

    facts = examine()
    if as_json:
        result_json(facts)
        return
    result(_as_text(facts))


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
    from nngraph.app.doctor import EXTRAS

    return [
        (name, version or f"not installed (pip install 'nngraph[{EXTRAS[name]}]')")
        for name, version in extras.items()
    ]
