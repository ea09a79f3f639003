"""Samples computed by PyTorch: reading them, and running a program beside one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.ir import Builder, Dim, Input, Op, TensorType, Value, interpret

Array = NDArray[Any]
Relaid = Callable[[Array], Array]


class Unsupported(Exception):
    """A sample asks for what no op of ours does; the text says what."""


def folder() -> Path | None:
    """The samples, if the environment names the folder of cases."""
    cases = os.environ.get("NNGRAPH_CASES")
    return None if cases is None else Path(cases) / "torch-goldens"


@cache
def arrays() -> dict[str, Array]:
    where = folder()
    assert where is not None
    with np.load(where / "arrays.npz") as stored:
        return dict(stored)


@dataclass(frozen=True)
class Sample:
    """One call of a PyTorch function with outputs, cotangents and gradients."""

    op: str
    variant: str
    number: int
    input: Any
    args: list[Any]
    kwargs: dict[str, Any]
    outputs: list[Array]
    cotangents: list[Array]
    grads: list[Array | None]

    def __str__(self) -> str:
        name = self.op.removeprefix("nn.functional.")
        return "-".join(filter(None, [name, self.variant, str(self.number)]))


@cache
def samples() -> tuple[Sample, ...]:
    where = folder()
    if where is None:
        return ()
    cases = json.loads((where / "index.json").read_text(encoding="utf-8"))["cases"]
    return tuple(
        Sample(
            case["op"],
            case["variant"],
            case["sample"],
            *(_with_arrays(case[key]) for key in ("input", "args", "kwargs")),
            *(_with_arrays(case[key]) for key in ("outputs", "cotangents", "grads")),
        )
        for case in cases
    )


def _with_arrays(value: Any) -> Any:
    if isinstance(value, dict) and "tensor" in value:
        return arrays()[value["tensor"]]
    if isinstance(value, dict):
        return {key: _with_arrays(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_with_arrays(v) for v in value]
    return value


def same(array: Array) -> Array:
    return array


@dataclass
class Bench:
    """A program under construction for a sample, its leaves in the order of PyTorch's."""

    sample: Sample
    builder: Builder = field(default_factory=Builder)
    leaves: dict[int, tuple[Input, Array, Relaid]] = field(default_factory=dict)
    result_back: Relaid = same
    result_to: Relaid = same

    def __call__(self, op: Op, *args: Value) -> Value:
        return self.builder(op, *args)

    def floats(self) -> list[Array]:
        """The float tensors, depth-first in input, args, kwargs."""
        found: list[Array] = []

        def visit(value: Any) -> None:
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                found.append(value)
            elif isinstance(value, dict):
                for v in value.values():
                    visit(v)
            elif isinstance(value, list):
                for v in value:
                    visit(v)

        visit([self.sample.input, self.sample.args, self.sample.kwargs])
        return found

    def tensor(self, index: int, to: Relaid = same, back: Relaid = same) -> Value:
        """Float tensor number `index`, laid out as ours by `to`; `back` undoes that."""
        array = to(self.floats()[index])
        leaf = self.builder.leaf(Input(TensorType(array.shape), f"x{index}"))
        self.leaves[index] = (leaf, array, back)
        return leaf

    def constant(self, array: Array) -> Value:
        """A tensor without a gradient."""
        index = 100 + len(self.leaves)
        leaf = self.builder.leaf(Input(TensorType(array.shape), f"c{index}"))
        self.leaves[index] = (leaf, np.asarray(array, float), same)
        return leaf

    def flat(self, index: int) -> Value:
        """A tensor as a vector."""
        shape = self.floats()[index].shape
        return self.tensor(index, lambda a: a.reshape(-1), lambda g: g.reshape(shape))

    def axis_last(self, index: int, axis: int) -> Value:
        """A tensor with one axis moved to the end, and the result's end moved back there."""
        if self.floats()[index].ndim == 0:
            self.result_back, self.result_to = lambda y: y.reshape(()), lambda g: g.reshape(1)
            return self.flat(index)
        self.result_back = lambda y: np.moveaxis(y, -1, axis)
        self.result_to = lambda g: np.moveaxis(g, axis, -1)
        return self.tensor(index, self.result_to, self.result_back)

    def run(self, result: Value) -> tuple[Array, dict[int, Array]]:
        """The result in PyTorch's layout, and the gradients of the leaves by number."""
        seed = self.builder.leaf(Input(result.type, "seed"))
        found = pull_back(self.builder, result, seed)
        outputs = [("result", result)]
        outputs += [
            (str(i), found[leaf]) for i, (leaf, _, _) in self.leaves.items() if leaf in found
        ]
        given: dict[Any, Array] = {leaf: array for leaf, array, _ in self.leaves.values()}
        given[seed] = self.result_to(self.sample.cotangents[0])
        values = interpret(self.builder.done(outputs), given).outputs
        gradients = {
            i: back(values[str(i)]) for i, (_, _, back) in self.leaves.items() if str(i) in values
        }
        return self.result_back(values["result"]), gradients

    def reshape(self, value: Value, *shape: Dim) -> Value:
        from nngraph.ops import Reshape

        return value if value.type.shape == shape else self(Reshape(shape), value)


def pull_back(builder: Builder, result: Value, seed: Value) -> dict[Value, Value]:
    """Cotangents of all values from that of the result."""
    from nngraph.ops import Add

    found = {result: seed}
    for instr in tuple(reversed(builder.body)):
        if any(out in found for out in instr.outs):
            cotangents = tuple(found.get(out) for out in instr.outs)
            back = instr.op.vjp(builder, cotangents, instr.outs, *instr.args)
            for arg, g in zip(instr.args, back, strict=True):
                if g is not None:
                    found[arg] = builder(Add(), found[arg], g) if arg in found else g
    return found
