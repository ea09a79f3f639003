"""Each law of `simplify`: before, after, and both executed."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest
from pairs import check_same_results

from nngraph.ir import Builder, Constant, Input, Program, TensorType, Value, to_text, verify_program
from nngraph.ops import OPS_BY_NAME
from nngraph.passes import eliminate_dead_code, simplify

INPUTS = {"x": ("N", 2), "y": ("N", 2), "v": (2,), "s": ()}

CONSTANTS = {
    "one": np.array(1.0),
    "zero": np.array(0.0),
    "half": np.array(0.5),
    "ones": np.ones((1, 2)),
    "zeros": np.zeros(2),
    "yes": np.array([True, True]),
    "many": np.array([1.0, 2.0]),
}

UNCHANGED = "unchanged"

LAWS = {
    "identity reshape": ("a = reshape{shape=('N', 2)} x", "x"),
    "reshape twice": (
        "a = reshape{shape=('N', 2, 1)} x; b = reshape{shape=('N', 1, 2)} a",
        "a = reshape{shape=('N', 1, 2)} x",
    ),
    "reshape back": ("a = reshape{shape=('N', 2, 1)} x; b = reshape{shape=('N', 2)} a", "x"),
    "sum of one number": (
        "a = slice{axis=1, start=0, stop=1} x; b = tanh a; c = sum_sample b",
        "a = slice{axis=1, start=0, stop=1} x; b = tanh a; c = reshape{shape=('N',)} b",
    ),
    "sum of two numbers stays": ("a = sum_sample x", UNCHANGED),
    "transpose twice": ("a = transpose x; b = transpose a", "x"),
    "one transpose stays": ("a = transpose x", UNCHANGED),
    "identity slice": ("a = slice{axis=1, start=0, stop=2} x", "x"),
    "slice of a slice": (
        "a = concat{axis=1} x y; b = tanh a; "
        "c = slice{axis=1, start=1, stop=4} b; d = slice{axis=-1, start=1, stop=2} c",
        "a = concat{axis=1} x y; b = tanh a; c = slice{axis=1, start=2, stop=3} b",
    ),
    "slice of a piece": ("a = concat{axis=-1} x y; b = slice{axis=1, start=2, stop=4} a", "y"),
    "slice within a piece": (
        "a = concat{axis=1} x y; b = slice{axis=1, start=3, stop=4} a",
        "a = slice{axis=1, start=1, stop=2} y",
    ),
    "slice across pieces stays": (
        "a = concat{axis=1} x y; b = slice{axis=1, start=1, stop=3} a",
        UNCHANGED,
    ),
    "slice of what was placed": (
        "a = place{axis=1, start=1, size=4, fill=0.0} x; b = slice{axis=1, start=1, stop=3} a",
        "x",
    ),
    "slice beside what was placed stays": (
        "a = place{axis=1, start=1, size=4, fill=0.0} x; b = slice{axis=1, start=0, stop=2} a",
        UNCHANGED,
    ),
    "slice without the ones": ("a = append_one x; b = slice{axis=1, start=0, stop=2} a", "x"),
    "concat of one": ("a = concat{axis=1} x", "x"),
    "place in all": ("a = place{axis=1, start=0, size=2, fill=0.0} x", "x"),
    "neighbours": (
        "a = place{axis=1, start=2, size=4, fill=0.0} x; "
        "b = place{axis=1, start=0, size=4, fill=0.0} y; "
        "c = add a b",
        "a = concat{axis=1} y x",
    ),
    "neighbours among zeros": (
        "a = place{axis=1, start=1, size=6, fill=0.0} x; "
        "b = place{axis=1, start=3, size=6, fill=0.0} y; "
        "c = add a b",
        "a = concat{axis=1} x y; b = place{axis=1, start=1, size=6, fill=0.0} a",
    ),
    "a row of neighbours": (
        "a = place{axis=1, start=4, size=6, fill=0.0} x; "
        "b = place{axis=1, start=2, size=6, fill=0.0} y; c = add a b; d = tanh x; "
        "e = place{axis=1, start=0, size=6, fill=0.0} d; f = add c e",
        "a = tanh x; b = concat{axis=1} a y x",
    ),
    "overlapping pieces stay": (
        "a = place{axis=1, start=0, size=4, fill=0.0} x; "
        "b = place{axis=1, start=1, size=4, fill=0.0} y; "
        "c = add a b",
        UNCHANGED,
    ),
    "pieces among ones stay": (
        "a = place{axis=1, start=0, size=4, fill=1.0} x; "
        "b = place{axis=1, start=2, size=4, fill=1.0} y; "
        "c = add a b",
        UNCHANGED,
    ),
    "broadcast to its own shape": ("a = broadcast_to{shape=('N', 2)} x", "x"),
    "broadcast twice": (
        "a = broadcast_to{shape=(1, 2)} v; b = broadcast_to{shape=(3, 2)} a",
        "a = broadcast_to{shape=(3, 2)} v",
    ),
    "broadcast like itself": ("a = broadcast_like x y", "x"),
    "cast to its own dtype": ("a = cast{dtype='float64'} x", "x"),
    "another cast stays": ("a = cast{dtype='float32'} x", UNCHANGED),
    "sum to its own shape": ("a = sum_to{shape=('N', 2)} x", "x"),
    "sum over the rows": ("a = sum_to{shape=(2,)} x", "a = sum_rows x"),
    "sum over the rows of a vector": ("a = sum_to{shape=()} v", "a = sum_rows v"),
    "another sum stays": ("a = sum_to{shape=(1, 2)} x", UNCHANGED),
    "broadcast operand": ("a = broadcast_like s x; b = multiply a x", "a = multiply s x"),
    "broadcast vector": ("a = broadcast_like v x; b = add x a", "a = add x v"),
    "broadcast scalar behind reshapes": (
        "a = broadcast_to{shape=(2,)} s; b = reshape{shape=(1, 2)} a; c = divide x b",
        "a = divide x s",
    ),
    "broadcast that makes the shape stays": ("a = broadcast_like s x; b = multiply a s", UNCHANGED),
    "broadcast maximum": ("a = broadcast_like s x; b = maximum a x", "a = maximum s x"),
    "broadcast minimum": ("a = broadcast_like s x; b = minimum x a", "a = minimum x s"),
    "scale before repeating": (
        "a = broadcast_like s x; b = scale_by{factor=3.0} a",
        "a = scale_by{factor=3.0} s; b = broadcast_like a x",
    ),
    "negate before repeating": (
        "a = broadcast_to{shape=(2,)} s; b = negative a",
        "a = negative s; b = broadcast_to{shape=(2,)} a",
    ),
    "times one": ("a = multiply x one", "x"),
    "one times": ("a = multiply one x", "x"),
    "times a row of ones": ("a = multiply x ones", "x"),
    "times a mask of ones": ("a = multiply yes x", "x"),
    "times one that widens stays": ("a = multiply v ones", UNCHANGED),
    "times a number": ("a = multiply half x", "a = scale_by{factor=0.5} x"),
    "times several numbers stays": ("a = multiply many x", UNCHANGED),
    "plus zero": ("a = add x zero", "x"),
    "zero plus": ("a = add zeros x", "x"),
    "plus a number": ("a = add x half", "a = shift_by{term=0.5} x"),
    "minus zero": ("a = subtract x zero", "x"),
    "minus a number": ("a = subtract x half", "a = shift_by{term=-0.5} x"),
    "zero minus": ("a = subtract zero x", "a = negative x"),
    "a number minus": ("a = subtract half x", "a = subtract_from{term=0.5} x"),
    "a number minus what it widens stays": ("a = subtract v ones", UNCHANGED),
    "from zero": ("a = subtract_from{term=0.0} x", "a = negative x"),
    "shift the negative": (
        "a = negative x; b = shift_by{term=2.0} a",
        "a = subtract_from{term=2.0} x",
    ),
    "negative of a number minus": (
        "a = subtract_from{term=2.0} x; b = negative a",
        "a = shift_by{term=-2.0} x",
    ),
    "over one": ("a = divide x one", "x"),
    "one over stays": ("a = divide one x", UNCHANGED),
    "over a number stays": ("a = divide x half", UNCHANGED),
    "scale by one": ("a = scale_by{factor=1.0} x", "x"),
    "scale by minus one": ("a = scale_by{factor=-1.0} x", "a = negative x"),
    "scale twice": (
        "a = scale_by{factor=3.0} x; b = scale_by{factor=0.5} a",
        "a = scale_by{factor=1.5} x",
    ),
    "scale back": ("a = scale_by{factor=4.0} x; b = scale_by{factor=0.25} a", "x"),
    "scale the negative": (
        "a = negative x; b = scale_by{factor=3.0} a",
        "a = scale_by{factor=-3.0} x",
    ),
    "negative of scaled": (
        "a = scale_by{factor=3.0} x; b = negative a",
        "a = scale_by{factor=-3.0} x",
    ),
    "negative twice": ("a = negative x; b = negative a", "x"),
    "negative of a difference": ("a = subtract x y; b = negative a", "a = subtract y x"),
    "shift by zero": ("a = shift_by{term=0.0} x", "x"),
    "plus negative": ("a = negative y; b = add x a", "a = subtract x y"),
    "negative plus": ("a = negative x; b = add a y", "a = subtract y x"),
    "minus negative": ("a = negative y; b = subtract x a", "a = add x y"),
}


def program_of(text: str) -> Program:
    """`a = negative x; b = exp a` as a program; the last line is its result."""
    builder = Builder()
    values: dict[str, Value] = {}
    for name, shape in INPUTS.items():
        values[name] = builder.leaf(Input(TensorType(shape), name))
    for name, data in CONSTANTS.items():
        type_ = TensorType(data.shape, "bool" if data.dtype == bool else "float64")
        values[name] = builder.leaf(Constant(type_, name, data))
    if " = " not in text:
        return verify_program(builder.done([("result", values[text])]))
    for line in text.split("; "):
        match = re.fullmatch(r"(\w+) = (\w+)(?:\{(.*)\})?((?: \w+)*)", line)
        assert match is not None, line
        name, word, attributes, operands = match.groups()
        call = ast.parse(f"f({attributes or ''})", mode="eval").body
        assert isinstance(call, ast.Call)
        op = OPS_BY_NAME[word](**{str(k.arg): ast.literal_eval(k.value) for k in call.keywords})
        values[name] = builder(op, *(values[operand] for operand in operands.split()))
    return verify_program(builder.done([("result", values[name])]))


@pytest.mark.parametrize(("before", "after"), LAWS.values(), ids=LAWS.keys())
def test_a_law_says_what_to_write_instead(before: str, after: str) -> None:
    program = program_of(before)
    simpler = verify_program(simplify(program), "simplify")
    expected = program if after is UNCHANGED else program_of(after)
    assert to_text(eliminate_dead_code(simpler)) == to_text(eliminate_dead_code(expected))
    check_same_results(program, simpler, np.random.default_rng(0))
