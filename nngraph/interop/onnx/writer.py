"""An ONNX graph while it is written: nodes, arrays, and how each value of a program lies in it.

Images lie channels last in a program and channels first in ONNX's ops. A value may have a name for
each way; the other one is made by a Transpose when somebody asks for it, and only once. So a
chain of convolutions, biases, activations and pools has none between its parts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, Literal, TypeAlias

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from nngraph.ir import Array, Instr, Origin, Value
from nngraph.records import dataclass

Way: TypeAlias = Literal["last", "first"]
"""Where the channels of an image lie."""

NAMED_AT_MOST = 3  # origins in the description of a node


def _nothing(instr: Instr) -> None:
    """Until the table of rows is there."""


@dataclass
class Laid:
    """The names of a value in the graph, by the way that it lies."""

    last: str | None = None
    first: str | None = None


@dataclass
class Writer:
    """The graph so far. `known` are values that do not depend on the batch, with their names."""

    opset: int
    nodes: list[NodeProto] = field(default_factory=list)
    arrays: dict[str, TensorProto] = field(default_factory=dict)
    laid: dict[Value, Laid] = field(default_factory=dict)
    known: dict[Value, Array] = field(default_factory=dict)
    ids: dict[Value, str] = field(default_factory=dict)
    later: dict[Value, Callable[[int, int], str]] = field(default_factory=dict)
    """Values [N, K] of which columns from `start` to `stop` are named when they are asked for."""
    write: Callable[[Instr], None] = field(default=_nothing, repr=False)
    """Writes an instruction: for rows that consist of others."""
    origins: tuple[Origin, ...] = ()
    uses: Counter[Value] = field(default_factory=Counter)
    _taken: Counter[str] = field(default_factory=Counter)
    _same: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _made: dict[str, NodeProto] = field(default_factory=dict)

    # ---- names

    def reserve(self, text: str) -> str:
        """A name that nothing else has, made of an id of the file.

        Arrows and brackets are legal in ONNX, but some viewers break on them.
        """
        name = re.sub(r"[^\w.:]+", "_", text.replace("->", "__to__")).strip("_") or "value"
        self._taken[name] += 1
        return name if self._taken[name] == 1 else self.reserve(f"{name}_{self._taken[name]}")

    # ---- what is written

    def call(self, op: str, *inputs: str, unused: int = 0, **attributes: Any) -> str:
        """Append a node, and give the name of its first result; `unused` ones follow it."""
        origin = self.origins[0].id if self.origins else "network"
        name = self.reserve(f"{origin}/{op}".replace("/", ":"))
        more = [self.reserve(f"{name}:unused") for _ in range(unused)]
        made = helper.make_node(
            op, inputs, [name, *more], name=name, doc_string=self._told(), **attributes
        )
        self.nodes.append(made)
        self._made[name] = made
        return name

    def maker(self, name: str) -> NodeProto | None:
        """The node that gives this name, None for inputs and arrays."""
        return self._made.get(name)

    def array(self, values: Array | Sequence[int], name: str = "constant") -> str:
        """The name of an array in the graph; equal ones are there once."""
        array = np.ascontiguousarray(values)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._same:
            found = self._same[key] = self.reserve(name)
            self.arrays[found] = numpy_helper.from_array(array, found)
        return self._same[key]

    def number(self, value: float, like: Value) -> str:
        """A single number of a value's type."""
        return self.array(np.array(value, like.type.dtype), "number")

    def _told(self) -> str:
        """The nodes and edges of the file that the node comes from, and their lines."""
        told = [o.id if o.span is None else f"{o.id} (line {o.span.line})" for o in self.origins]
        more = [f"and {len(told) - NAMED_AT_MOST} more"] if len(told) > NAMED_AT_MOST else []
        return ", ".join([*told[:NAMED_AT_MOST], *more])

    # ---- values of the program

    def put(self, value: Value, name: str, way: Way = "last") -> None:
        """Say how a value is called."""
        laid = self.laid.setdefault(value, Laid())
        setattr(laid, way, name)

    def last(self, value: Value) -> str:
        """The name of a value as the program has it, channels last."""
        if value in self.known:
            return self.array(self.known[value], self.ids.get(value, "constant"))
        if value in self.later and value not in self.laid:
            self.put(value, self.later[value](0, value.type.sample_shape[0]))
        laid = self.laid[value]
        if laid.last is None:
            assert laid.first is not None
            rank = len(value.type.shape)
            laid.last = self.call("Transpose", laid.first, perm=[0, *range(2, rank), 1])
        return laid.last

    def first(self, value: Value) -> str:
        """The name of a value [N, ..., C] with its channels in front, [N, C, ...]."""
        rank = len(value.type.shape)
        laid = self.laid.setdefault(value, Laid())
        if laid.first is None:
            laid.first = self.call(
                "Transpose", self.last(value), perm=[0, rank - 1, *range(1, rank - 1)]
            )
        return laid.first

    def name(self, value: Value, way: Way) -> str:
        """The name of a value that lies this way."""
        return self.last(value) if way == "last" else self.first(value)

    def way(self, args: Sequence[Value]) -> Way:
        """How the operands of an op that does not care lie best: as they are there."""
        batched = [arg for arg in args if arg not in self.known]
        ranks = {len(arg.type.shape) for arg in batched}
        images = [self.laid[arg] for arg in batched if arg in self.laid]
        is_first = any(laid.last is None for laid in images) and len(ranks) == 1
        return "first" if is_first else "last"

    def operand(self, value: Value, way: Way, rank: int) -> str:
        """An operand of an elementwise op whose result has this rank."""
        if value not in self.known or way == "last":
            return self.name(value, way)
        array = self.known[value]
        spread = array.reshape((1,) * (rank - array.ndim) + array.shape)
        moved = np.moveaxis(spread, -1, 1)
        return self.array(moved[0], self.ids.get(value, "constant"))


def axis_of(way: Way, axis: int, rank: int) -> int:
    """Where an axis of a value is, counted from 0."""
    axis %= rank
    if way == "last" or axis == 0:
        return axis
    return 1 if axis == rank - 1 else axis + 1
