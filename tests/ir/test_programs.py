"""The verifier of programs, the text form, the interpreter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nngraph.errors import InternalError, VerifyError
from nngraph.ir import (
    Builder,
    Constant,
    Input,
    Instr,
    Key,
    PackedPart,
    Param,
    Program,
    ShapeError,
    State,
    TensorType,
    Value,
    broadcast_shapes,
    interpret,
    parse_text,
    parse_type,
    to_text,
    verify_program,
)
from nngraph.ops import OPS_BY_NAME, Add, MatMul, SliceAxis, SumRows, Tanh, word


def matrix(*shape: int | str) -> TensorType:
    return TensorType(shape, "float64")


def small() -> Program:
    builder = Builder()
    x = builder.leaf(Input(matrix("N", 3), "x"))
    w = builder.leaf(Param(matrix(3, 2), "x->y"))
    state = builder.leaf(State(matrix(2), "mean"))
    y = builder(word("leaky_relu", 0.1), builder(MatMul(), x, w))
    total = builder(SumRows(), y)
    return builder.done([("y", y), ("total", total)], [(state, builder(Add(), state, total))])


def with_instr(program: Program, number: int, **changes: object) -> Program:
    body = list(program.body)
    body[number] = replace(body[number], **changes)
    return replace(program, body=tuple(body))


def test_a_sound_program_passes():
    assert verify_program(small()) is not None


def test_a_wrong_type_is_caught_and_told_with_the_rule():
    program = small()
    wrong = Value(matrix("N", 7))
    with pytest.raises(VerifyError, match=r"has type float64\[N, 7\]; its rule says"):
        verify_program(with_instr(program, 0, outs=(wrong,)))


def test_a_use_before_the_definition_is_caught():
    program = small()
    body = (program.body[1], program.body[0], *program.body[2:])
    with pytest.raises(VerifyError, match="before its definition"):
        verify_program(replace(program, body=body), "shuffling")


def test_a_second_assignment_is_caught():
    program = small()
    with pytest.raises(VerifyError, match="assigns a value twice"):
        verify_program(replace(program, body=(*program.body, program.body[0])))


def test_a_broken_rule_is_caught():
    program = small()
    x = program.leaf("x")
    with pytest.raises(VerifyError, match="breaks its op's rule"):
        verify_program(with_instr(program, 0, args=(x, x)))


def test_a_wrong_number_of_operands_is_caught():
    program = small()
    with pytest.raises(VerifyError, match="expected operands"):
        verify_program(with_instr(program, 0, args=program.body[0].args[:1]))


def test_what_another_program_had_verified_is_still_looked_at_where_it_stands():
    program = small()
    body = (program.body[1], program.body[0], *program.body[2:])
    with pytest.raises(VerifyError, match=r"instruction 0 .* before its definition"):
        verify_program(replace(program, body=body), known=program.body)
    with pytest.raises(VerifyError, match="assigns a value twice"):
        verify_program(replace(program, body=(*program.body, program.body[0])), known=program.body)
    with pytest.raises(VerifyError, match=r"instruction 0 .* has type"):  # an equal one is another
        verify_program(with_instr(program, 0, outs=(Value(matrix(1)),)), known=program.body)


def test_an_instruction_asks_its_op_once_what_it_is():
    class Asked(Tanh):
        asked = 0

        def view(self, *types: TensorType) -> None:
            Asked.asked += 1

    builder = Builder()
    builder(Asked(), builder.leaf(Input(matrix("N", 3), "x")))
    (instr,) = builder.body
    assert instr.view is None
    assert instr.is_work
    assert instr.is_legal
    assert instr.call is not None
    assert Asked.asked == 1


def test_an_undefined_output_is_caught():
    with pytest.raises(VerifyError, match="'ghost' is never defined"):
        verify_program(replace(small(), outputs=(("ghost", Value(matrix(1))),)))


def test_two_outputs_of_one_name_are_caught():
    program = small()
    with pytest.raises(VerifyError, match="share a name"):
        verify_program(replace(program, outputs=program.outputs * 2))


def test_two_leaves_of_one_id_are_caught():
    program = small()
    twin = Input(matrix("N", 3), "x")
    with pytest.raises(VerifyError, match="occur twice"):
        verify_program(replace(program, leaves=(*program.leaves, twin)))


def test_an_update_of_an_input_or_with_another_type_is_caught():
    program = small()
    x, total = program.leaf("x"), program.output("total")
    with pytest.raises(VerifyError, match="no parameter or state"):
        verify_program(replace(program, updates=((x, total),)))  # type: ignore[arg-type]
    state = program.leaf("mean")
    with pytest.raises(VerifyError, match="its update"):
        verify_program(replace(program, updates=((state, program.output("y")),)))  # type: ignore[arg-type]


def test_the_text_form_parses_back_to_the_same_text_and_the_same_meaning():
    builder = Builder()
    x = builder.leaf(Input(matrix("N", 3), "it's x"))
    builder.leaf(Key(TensorType((2,), "uint64"), "drop", "dropout"))
    builder.leaf(
        Param(matrix(4), "packed", (PackedPart("a->b", 0, (1, 1)), PackedPart("b", 1, (3,))))
    )
    mask = builder.leaf(Constant(matrix(3), "mask", np.array([1.0, 0.0, 1.0])))
    y = builder(SliceAxis(1, 0, 2), builder(Tanh(), builder(Add(), x, mask)))
    program = builder.done([("y", y)])
    text = to_text(program)
    again = verify_program(parse_text(text, OPS_BY_NAME, {"mask": np.array([1.0, 0.0, 1.0])}))
    assert to_text(again) == text
    values = np.random.default_rng(0).normal(size=(2, 3))
    one = interpret(program, {**_zeros(program), x: values}).outputs["y"]
    two = interpret(again, {**_zeros(again), again.leaf("it's x"): values}).outputs["y"]
    np.testing.assert_array_equal(one, two)


def _zeros(program: Program) -> dict:
    return {
        leaf: np.zeros(leaf.type.sizes({"N": 2}), leaf.type.dtype)
        for leaf in program.leaves
        if not isinstance(leaf, Constant)
    }


def test_updates_parse_back():
    text = to_text(small())
    assert to_text(parse_text(text, OPS_BY_NAME)) == text


@pytest.mark.parametrize(
    "text", ["hello", "program\n  what", "program\n  %0: float64[] = nonsense"]
)
def test_a_text_that_is_no_program_is_refused(text):
    with pytest.raises(InternalError):
        parse_text(text, OPS_BY_NAME)


def test_types_know_their_sizes():
    type_ = parse_type("float32[N, 3]")
    assert type_.bytes({"N": 10}) == 120
    assert type_.batched
    assert parse_type("float64[]").count({}) == 1


def test_broadcasting_follows_numpy():
    rng = np.random.default_rng(0)
    for _ in range(300):
        shapes = [
            tuple(int(d) for d in rng.choice([1, 2, 3], size=int(rng.integers(0, 4))))
            for _ in range(2)
        ]
        try:
            want = np.broadcast_shapes(*shapes)
        except ValueError:
            want = None
        assert broadcast_shapes(*shapes) == want


def test_building_refuses_what_does_not_fit():
    builder = Builder()
    x = builder.leaf(Input(matrix("N", 3), "x"))
    with pytest.raises(ShapeError, match="matmul"):
        builder(MatMul(), x, x)
    with pytest.raises(ShapeError, match="expected operands"):
        builder(MatMul(), x)


def test_the_interpreter_names_a_leaf_without_an_array():
    with pytest.raises(KeyError, match="no array for leaf"):
        interpret(small(), {small().leaves[0]: np.zeros((1, 3))} | {})  # another program's leaf


def test_instructions_know_where_they_come_from():
    from nngraph.ir import Origin

    builder = Builder()
    x = builder.leaf(Input(matrix("N", 3), "x"))
    with builder.at(Origin("h")):
        builder(Tanh(), x)
    builder(Tanh(), x)
    assert [i.origins for i in builder.body] == [(Origin("h"),), ()]
    assert isinstance(builder.body[0], Instr)
