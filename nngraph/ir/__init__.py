"""The middle: types, values, the op contract, programs; builder, verifier, interpreter, text."""

from nngraph.ir.arena import Arena, Arenas, Region
from nngraph.ir.builder import Builder
from nngraph.ir.interpret import Results, interpret
from nngraph.ir.op import (
    Argument,
    Call,
    Container,
    Cotangents,
    Fill,
    Ones,
    Op,
    Operand,
    Scalar,
    ShapeError,
    Types,
)
from nngraph.ir.program import Instr, Kernel, Origin, Program
from nngraph.ir.text import parse_text, parse_type, to_text
from nngraph.ir.types import BATCH, FLAT, ITEM_BYTES, Dim, DType, TensorType, broadcast_shapes
from nngraph.ir.values import Array, Constant, Input, Key, Leaf, Param, Part, State, Value
from nngraph.ir.verify import verify
from nngraph.ir.views import Broadcast, Permute, Reshape, Slice, View, Windows, follow

__all__ = [
    "BATCH",
    "FLAT",
    "ITEM_BYTES",
    "Arena",
    "Arenas",
    "Argument",
    "Array",
    "Broadcast",
    "Builder",
    "Call",
    "Constant",
    "Container",
    "Cotangents",
    "DType",
    "Dim",
    "Fill",
    "Input",
    "Instr",
    "Kernel",
    "Key",
    "Leaf",
    "Ones",
    "Op",
    "Operand",
    "Origin",
    "Param",
    "Part",
    "Permute",
    "Program",
    "Region",
    "Reshape",
    "Results",
    "Scalar",
    "ShapeError",
    "Slice",
    "State",
    "TensorType",
    "Types",
    "Value",
    "View",
    "Windows",
    "broadcast_shapes",
    "follow",
    "interpret",
    "parse_text",
    "parse_type",
    "to_text",
    "verify",
]
