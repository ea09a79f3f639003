"""Cases, and the sides that take part in them: which library, how it is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Side:
    """A library as it is run: the module in `sides`, whose Python, what must be installed there."""

    module: str
    python: Literal["own", "peers"] = "peers"
    needs: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


SIDES: dict[str, Side] = {
    "limit": Side("products", "own"),
    "CSR product": Side("sparse", needs="scipy"),
    "import numpy": Side("commands", "own", options={"program": "numpy"}),
    "nngraph": Side("product", "own", environment={"NNGRAPH_KERNELS": "never"}),
    "nngraph kernels": Side("product", "own", "numba", {"NNGRAPH_KERNELS": "always"}),
    "nngraph command": Side("commands", "own", options={"program": "nngraph"}),
    "by hand": Side("sketch", "own", options={"kernels": False}),
    "by hand kernels": Side("sketch", "own", "numba", options={"kernels": True}),
    "textbook NumPy": Side("textbook", "own"),
    "PyTorch": Side("pytorch", needs="torch"),
    "PyTorch fused": Side("pytorch", needs="torch", options={"fused": True}),
    "PyTorch channels last": Side(
        "pytorch", needs="torch", options={"fused": True, "channels_last": True}
    ),
    "PyTorch command": Side("commands", needs="torch", options={"program": "torch"}),
    "JAX": Side("jax_jit", needs="jax"),
    "scikit-learn": Side("scikit", needs="scikit-learn"),
    "ONNX Runtime": Side("onnx_runtime", needs="onnxruntime"),
    "neat-python": Side("neat", needs="neat-python"),
}


@dataclass(frozen=True)
class Case:
    """One row of a workload. `over` is the side that ratios are told over, `within` the share by
    which checked numbers may differ."""

    workload: str
    name: str
    kind: str
    options: Mapping[str, Any]
    sides: tuple[str, ...]
    over: str
    threads: tuple[int, ...] = (1,)
    within: float = 1e-3
    fresh: bool = False
    heavy: bool = False
    needs_mnist: bool = False
    quick: bool = False
