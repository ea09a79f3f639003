"""Arithmetic, functions of one number, comparisons and activations: element by element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from nngraph.interop.onnx.writer import Way, Writer, axis_of
from nngraph.ir import Instr, Op, Value
from nngraph.ops import (
    Abs,
    Add,
    And,
    Between,
    Cast,
    ClampAbove,
    ClampBelow,
    Cos,
    Divide,
    Equal,
    Erfc,
    Exp,
    Expm1,
    Greater,
    GreaterEqual,
    GreaterThan,
    Heaviside,
    Less,
    Log,
    Log1p,
    Maximum,
    Minimum,
    Multiply,
    Negative,
    Power,
    Reciprocal,
    ScaleBy,
    ShiftBy,
    Sign,
    Sin,
    Sqrt,
    Square,
    Subtract,
    SubtractFrom,
    Tanh,
    Word,
)

Row: TypeAlias = Callable[[Writer, Instr], bool | None]
"""Writes an instruction into the graph, and says how its result is called; False where ONNX has no
op that is exact, so that the parts of the instruction are written."""

Named: TypeAlias = Callable[..., str]
"""`write(w, op, value, *names)`: the name of a result, from the value and names of operands."""


def elementwise(write: Named) -> Row:
    """The row of an op that does not care how its operands lie."""

    def row(w: Writer, instr: Instr) -> None:
        out = instr.outs[0]
        way, rank = w.way(instr.args), len(out.type.shape)
        names = [_as_number(w, arg, w.operand(arg, way, rank), out) for arg in instr.args]
        w.put(out, write(w, instr.op, out, *names), way)

    return row


def _as_number(w: Writer, value: Value, name: str, out: Value) -> str:
    """NumPy calculates with masks as with 0 and 1; ONNX wants them as numbers."""
    if value.type.dtype != "bool" or out.type.dtype == "bool":
        return name
    return w.call("Cast", name, to=TYPES[out.type.dtype])


TYPES: Mapping[str, int] = {"float32": 1, "float64": 11, "bool": 9, "int64": 7}
"""ONNX's numbers of element types."""


def _plain(name: str) -> Row:
    return elementwise(lambda w, op, out, *names: w.call(name, *names))


def _with_number(name: str, field: str, *, before: bool = False) -> Row:
    """An op with one number: `x op c`, or `c op x`."""

    def write(w: Writer, op: Op, out: Value, x: str) -> str:
        c = w.number(getattr(op, field), out)
        return w.call(name, c, x) if before else w.call(name, x, c)

    return elementwise(write)


def _threshold(name: str) -> Row:
    def row(w: Writer, instr: Instr) -> None:
        (x,), op = instr.args, instr.op
        assert isinstance(op, Greater | Less)
        way, c = w.way(instr.args), w.number(op.threshold, x)
        w.put(instr.outs[0], w.call(name, w.name(x, way), c), way)

    return row


def _between(w: Writer, instr: Instr) -> None:
    (x,), op = instr.args, instr.op
    assert isinstance(op, Between)
    way = w.way(instr.args)
    name = w.name(x, way)
    above, below = (
        w.call("Greater", name, w.number(op.low, x)),
        w.call("Less", name, w.number(op.high, x)),
    )
    w.put(instr.outs[0], w.call("And", above, below), way)


def _comparison(name: str) -> Row:
    def row(w: Writer, instr: Instr) -> None:
        way, rank = w.way(instr.args), len(instr.outs[0].type.shape)
        names = [w.operand(arg, way, rank) for arg in instr.args]
        w.put(instr.outs[0], w.call(name, *names), way)

    return row


def _cast(w: Writer, instr: Instr) -> None:
    way = w.way(instr.args)
    to = TYPES[instr.outs[0].type.dtype]
    w.put(instr.outs[0], w.call("Cast", w.name(instr.args[0], way), to=to), way)


def _step(w: Writer, op: Op, out: Value, x: str) -> str:
    """1 above 0 and `at_zero` at 0."""
    assert isinstance(op, Heaviside)
    zero, to = w.number(0.0, out), TYPES[out.type.dtype]
    if op.at_zero in (0.0, 1.0):
        above = w.call("GreaterOrEqual" if op.at_zero else "Greater", x, zero)
        return w.call("Cast", above, to=to)
    above, not_below = w.call("Greater", x, zero), w.call("GreaterOrEqual", x, zero)
    at_zero = w.call("Mul", w.call("Cast", not_below, to=to), w.number(op.at_zero, out))
    share = w.call("Mul", w.call("Cast", above, to=to), w.number(1.0 - op.at_zero, out))
    return w.call("Add", at_zero, share)


def _add(w: Writer, instr: Instr) -> None:
    """A bias becomes the third operand of the product before it."""
    if not _took_bias(w, instr):
        _plain("Add")(w, instr)


TAKES_BIAS = ("Conv", "ConvTranspose", "Gemm")


def _took_bias(w: Writer, instr: Instr) -> bool:
    product, bias = instr.args
    if product in w.known:
        product, bias = bias, product
    if bias not in w.known or product in w.known or w.uses[product] != 1:
        return False
    units = product.type.shape[-1]
    array = w.known[bias]
    if array.size != units or array.shape[-1:] != (units,):
        return False
    laid = w.laid[product]
    way: Way = "first" if laid.last is None else "last"
    name = laid.first if way == "first" else laid.last
    assert name is not None
    maker = w.maker(name)
    if maker is None or maker.op_type not in TAKES_BIAS or len(maker.input) != 2:
        return False
    maker.input.append(w.array(array.reshape(-1), w.ids.get(bias, "bias")))
    w.put(instr.outs[0], name, way)
    return True


# ---- activations


def _activation(name: str, **attributes: float) -> Named:
    return lambda w, op, out, *names: w.call(name, *names, **attributes)


def _with_alpha(name: str, attribute: str = "alpha", **more: float) -> Named:
    return lambda w, op, out, x: w.call(name, x, **{attribute: op.values[0]}, **more)


def _clip(low: float, high: float) -> Named:
    return lambda w, op, out, x: w.call("Clip", x, w.number(low, out), w.number(high, out))


def _silu(w: Writer, op: Op, out: Value, x: str) -> str:
    return w.call("Mul", x, w.call("Sigmoid", x))


def _soft_shrink(w: Writer, op: Op, out: Value, x: str) -> str:
    assert isinstance(op, Word)
    return w.call("Shrink", x, bias=op.values[0], lambd=op.values[0])


WORDS: Mapping[str, Named] = {
    "sigmoid": _activation("Sigmoid"),
    "softplus": _activation("Softplus"),
    "softsign": _activation("Softsign"),
    "relu": _activation("Relu"),
    "leaky_relu": _with_alpha("LeakyRelu"),
    "prelu": _activation("PRelu"),
    "hard_sigmoid": _activation("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hard_swish": _activation("HardSwish"),
    "hard_tanh": _clip(-1.0, 1.0),
    "relu6": _clip(0.0, 6.0),
    "soft_shrink": _soft_shrink,
    "hard_shrink": _with_alpha("Shrink", "lambd", bias=0.0),
    "elu": _with_alpha("Elu"),
    "selu": _activation("Selu"),
    "celu": _with_alpha("Celu"),
    "gelu": _activation("Gelu"),
    "silu": _silu,
    "mish": _activation("Mish"),
}
"""The words for which ONNX has an op; all others are written as their formulas."""

SINCE: Mapping[str, int] = {"gelu": 20, "mish": 18, "hard_swish": 14}
"""The operator set that first has the op of a word, where it is not among the first."""

FLOAT32_ONLY = ("celu", "elu", "selu", "hard_sigmoid", "hard_swish", "gelu")
"""Words of which ONNX or its evaluators keep numbers as float32, too few digits for float64."""


def word(w: Writer, instr: Instr) -> bool:
    """Write a word of the vocabulary, where ONNX has an op for it."""
    op = instr.op
    assert isinstance(op, Word)
    if op.row.over_last_axis:
        _softmax(w, instr, op)
        return True
    float64 = instr.outs[0].type.dtype == "float64"
    inexact = float64 and (op.name in FLOAT32_ONLY or bool(op.values))
    if op.name not in WORDS or SINCE.get(op.name, 1) > w.opset or inexact:
        return False
    elementwise(WORDS[op.name])(w, instr)
    return True


def _softmax(w: Writer, instr: Instr, op: Word) -> None:
    (x,) = instr.args
    way = w.way(instr.args)
    name = {"softmax": "Softmax", "log_softmax": "LogSoftmax"}[op.name]
    axis = axis_of(way, -1, len(x.type.shape))
    w.put(instr.outs[0], w.call(name, w.name(x, way), axis=axis), way)


ROWS: Mapping[type[Op], Row] = {
    Negative: _plain("Neg"),
    ScaleBy: _with_number("Mul", "factor"),
    ShiftBy: _with_number("Add", "term"),
    SubtractFrom: _with_number("Sub", "term", before=True),
    Add: _add,
    Subtract: _plain("Sub"),
    Multiply: _plain("Mul"),
    Divide: _plain("Div"),
    Maximum: _plain("Max"),
    Minimum: _plain("Min"),
    Square: elementwise(lambda w, op, out, x: w.call("Mul", x, x)),
    Sqrt: _plain("Sqrt"),
    Exp: _plain("Exp"),
    Expm1: elementwise(lambda w, op, out, x: w.call("Sub", w.call("Exp", x), w.number(1.0, out))),
    Log: _plain("Log"),
    Log1p: elementwise(lambda w, op, out, x: w.call("Log", w.call("Add", x, w.number(1.0, out)))),
    Abs: _plain("Abs"),
    Sign: _plain("Sign"),
    Heaviside: elementwise(_step),
    Sin: _plain("Sin"),
    Cos: _plain("Cos"),
    Tanh: _plain("Tanh"),
    Erfc: elementwise(lambda w, op, out, x: w.call("Sub", w.number(1.0, out), w.call("Erf", x))),
    Reciprocal: _plain("Reciprocal"),
    Power: _with_number("Pow", "exponent"),
    ClampBelow: _with_number("Max", "floor"),
    ClampAbove: _with_number("Min", "cap"),
    Greater: _threshold("Greater"),
    Less: _threshold("Less"),
    Between: _between,
    GreaterThan: _comparison("Greater"),
    GreaterEqual: _comparison("GreaterOrEqual"),
    Equal: _comparison("Equal"),
    And: _comparison("And"),
    Cast: _cast,
}
"""Ops that are computed element by element, and the cast between types."""
