"""The text form of programs: for people, for golden files, and it parses back.

program
  input %0 'x': float32[N, 2]
  param %1 'x->y': float32[2, 1]
  %2: float32[N, 1] = matmul %0 %1
  output 'y' %2
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, get_args

from nngraph.errors import InternalError
from nngraph.ir.op import Op
from nngraph.ir.program import Instr, Program
from nngraph.ir.roles import Role, parse_role
from nngraph.ir.types import Dim, DType, TensorType
from nngraph.ir.values import (
    GIVENS,
    Array,
    Constant,
    Input,
    InputRole,
    Key,
    Leaf,
    PackedPart,
    Param,
    Row,
    State,
    TargetRow,
    Value,
)

LEAF_WORDS: Mapping[str, type[Leaf]] = {
    "input": Input,
    "param": Param,
    "state": State,
    "constant": Constant,
    "key": Key,
}


def to_text(program: Program) -> str:
    """Print a program; values are numbered in the order in which they appear."""
    number: dict[Value, int] = {}

    def name(value: Value) -> str:
        return f"%{number[value]}" if value in number else "%undefined"

    lines = ["program"]
    for leaf in program.leaves:
        number[leaf] = len(number)
        lines.append(f"  {_leaf_word(leaf)} {name(leaf)} {leaf.id!r}: {leaf.type}{_extra(leaf)}")
    for instr in program.body:
        args = "".join(f" {name(arg)}" for arg in instr.args)
        for out in instr.outs:
            number[out] = len(number)
        outs = ", ".join(f"{name(out)}: {out.type}" for out in instr.outs)
        lines.append(f"  {outs} = {instr}{args}")
    lines += [f"  output {str(role)!r} {name(value)}" for role, value in program.outputs]
    lines += [f"  update {name(leaf)} {name(value)}" for leaf, value in program.updates]
    return "\n".join(lines)


def _leaf_word(leaf: Leaf) -> str:
    return next(word for word, kind in LEAF_WORDS.items() if type(leaf) is kind)


def _extra(leaf: Leaf) -> str:
    if isinstance(leaf, Key):
        return f" purpose={leaf.purpose!r}"
    if isinstance(leaf, Param | Constant) and leaf.parts:
        return f" parts={[(p.name, p.start, p.shape) for p in leaf.parts]!r}"
    return " data" if isinstance(leaf, Constant) and leaf.data is not None else ""


_LEAF = re.compile(r"  (\w+) (%\d+) ('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"): (\w+\[[^\]]*\])(.*)$")
_RESULT = re.compile(r"(%\d+): (\w+\[[^\]]*\])")
_OUTPUT = re.compile(r"  output ('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\") (%\d+)$")
_UPDATE = re.compile(r"  update (%\d+) (%\d+)$")


def parse_text(
    text: str, ops: Mapping[str, Callable[..., Op]], data: Mapping[str, Array] | None = None
) -> Program:
    """Read a program back. `data` gives the arrays of constants printed as `data`, by id.

    Errors: InternalError, naming the line that is not understood.
    """
    values: dict[str, Value] = {}
    leaves: list[Leaf] = []
    body: list[Instr] = []
    outputs: list[tuple[Role, Value]] = []
    updates: list[tuple[Param | State, Value]] = []
    lines = text.strip("\n").split("\n")
    if lines[0].strip() != "program":
        raise InternalError(f"not a program: {lines[0]!r}")
    for line in lines[1:]:
        if (m := _OUTPUT.match(line)) is not None:
            outputs.append((parse_role(ast.literal_eval(m[1]), leaves), values[m[2]]))
        elif (m := _UPDATE.match(line)) is not None:
            leaf = values[m[1]]
            assert isinstance(leaf, Param | State)
            updates.append((leaf, values[m[2]]))
        elif (m := _LEAF.match(line)) is not None:
            parsed = _parse_leaf(m, data or {})
            values[m[2]] = parsed
            leaves.append(parsed)
        elif " = " in line:
            body.append(_parse_instr(line, values, ops))
        else:
            raise InternalError(f"not understood: {line!r}")
    return Program(tuple(leaves), tuple(body), tuple(outputs), tuple(updates))


def _parse_input_role(text: str) -> InputRole:
    kind, colon, name = text.partition(":")
    if colon and kind == "target":
        return TargetRow(name)
    return next((given for given in GIVENS if str(given) == text), Row(text))


def _parse_leaf(m: re.Match[str], data: Mapping[str, Array]) -> Leaf:
    kind, id_, extra = LEAF_WORDS[m[1]], ast.literal_eval(m[3]), m[5].strip()
    more: dict[str, Any] = {}
    if kind is Input:
        more["role"] = _parse_input_role(id_)
    if extra == "data":
        more["data"] = data.get(id_)
    elif extra.startswith("parts="):
        more["parts"] = tuple(
            PackedPart(*p) for p in ast.literal_eval(extra.removeprefix("parts="))
        )
    elif extra.startswith("purpose="):
        more["purpose"] = ast.literal_eval(extra.removeprefix("purpose="))
    return kind(parse_type(m[4]), id_, **more)


def _parse_instr(
    line: str, values: dict[str, Value], ops: Mapping[str, Callable[..., Op]]
) -> Instr:
    left, right = line.strip().split(" = ", 1)
    word = re.match(r"\w+", right)
    if word is None or word[0] not in ops:
        raise InternalError(f"unknown op in {line!r}")
    rest, attributes = right[word.end() :], {}
    if rest.startswith("{"):
        close = rest.rindex("}")
        attributes = _parse_attributes(rest[1:close])
        rest = rest[close + 1 :]
    args = tuple(values[name] for name in rest.split())
    results = _RESULT.findall(left)
    outs = tuple(Value(parse_type(type_text)) for _, type_text in results)
    values.update({name: out for (name, _), out in zip(results, outs, strict=True)})
    return Instr(ops[word[0]](**attributes), args, outs)


def _parse_attributes(text: str) -> dict[str, Any]:
    call = ast.parse(f"f({text.replace('inf', '1e999').replace('nan', 'None')})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}


def parse_type(text: str) -> TensorType:
    """Read `float32[N, 3]`.

    >>> parse_type("bool[N]")
    TensorType(shape=('N',), dtype='bool')
    """
    dtype, _, rest = text.partition("[")
    if dtype not in get_args(DType):
        raise InternalError(f"unknown dtype {dtype!r}")
    dims: tuple[Dim, ...] = tuple(
        int(d) if d.isdigit() else d for d in rest.rstrip("]").split(", ") if d
    )
    return TensorType(dims, dtype)  # type: ignore[arg-type]
