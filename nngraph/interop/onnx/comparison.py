"""What a runtime answers to a model that was written, beside what the network itself says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
from onnx import ModelProto

from nngraph.ir import Array
from nngraph.records import dataclass

TOLERANCE: Mapping[str, float] = {"float32": 1e-5, "float64": 1e-10}
ROUNDINGS = 64.0
"""How many times as far as after a rounding of the inputs an answer may lie from ours."""


COARSE = ("Erf",)
"""What the runtimes at hand compute with the digits of float32, whatever the type."""


@dataclass(frozen=True)
class Comparison:
    """By whom a model was run, on how many rows, and the `largest` difference from the network's
    own answers: absolute, or relative where these are beyond 1.

    It `holds` where rounding explains all of them: a network can make much of a small difference,
    and is asked itself how much. `runtime` is empty, and `why` says it, where nothing here computes
    the model.
    """

    runtime: str
    rows: int
    largest: float = 0.0
    holds: bool = True
    why: str = ""


def compared(
    model: ModelProto,
    given: Mapping[str, Array],
    expected: Mapping[str, Array],
    nearby: Mapping[str, Array],
) -> Comparison:
    """Run a model: by ONNX Runtime where it is installed and knows all ops of this type, else by
    the reference evaluator of ONNX.

    `nearby` is what the network itself answers to the same rows after one rounding of each number.
    """
    rows = len(next(iter(given.values())))
    try:
        runtime, found = _answers(model, given)
    except Exception as error:  # the evaluator has no errors of its own for what it cannot do
        return Comparison("", rows, why=f"{type(error).__name__}: {error}")
    is_coarse = any(node.op_type in COARSE for node in model.graph.node)
    largest, holds = 0.0, True
    for name, values in expected.items():
        if found[name].shape != values.shape:
            return Comparison(runtime, rows, float("inf"), holds=False)
        apart = _apart(found[name], values)
        tolerance = TOLERANCE["float32" if is_coarse else values.dtype.name]
        explained = tolerance + ROUNDINGS * _apart(nearby[name], values)
        largest = max(largest, float(apart.max(initial=0.0)))
        holds &= bool((apart <= explained).all())
    return Comparison(runtime, rows, largest, holds)


def _apart(found: Array, expected: Array) -> Array:
    """Differences, divided by what is beyond 1; none where both are the same or no number."""
    with np.errstate(all="ignore"):
        apart = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    apart[(found == expected) | (np.isnan(found) & np.isnan(expected))] = 0.0
    return np.where(np.isnan(apart), np.inf, apart)


def _answers(model: ModelProto, given: Mapping[str, Array]) -> tuple[str, dict[str, Array]]:
    names = [output.name for output in model.graph.output]
    if find_spec("onnxruntime") is not None:
        import onnxruntime

        try:
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), _quiet(onnxruntime), providers=["CPUExecutionProvider"]
            )
            found = session.run(names, dict(given))
            version = onnxruntime.__version__
            return f"ONNX Runtime {version}", dict(zip(names, map(np.asarray, found), strict=True))
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
            pass  # float64 is not there for all ops
    import onnx
    from onnx.reference import ReferenceEvaluator

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = ReferenceEvaluator(model).run(names, dict(given))
    told = f"the reference evaluator of ONNX {onnx.__version__}"
    return told, dict(zip(names, map(np.asarray, found), strict=True))


def _quiet(onnxruntime: Any) -> Any:
    """One thread, and errors alone on stderr."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return options
