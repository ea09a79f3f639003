"""What a step writes over its own states: in place where nobody looks afterwards, else copied."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from planned_programs import arenas_of, matrix

from nngraph.codegen import generate
from nngraph.ir import Builder, Input, Program, State, Value, interpret, verify_program
from nngraph.ops import Add, Multiply, ScaleBy, SliceAxis, Subtract, SumRows, Tanh
from nngraph.plan import copy_results, make_plan, verify_plan
from nngraph.run import bind

Make = Callable[[Builder, Value, Value, Value], tuple[list, list]]


def swap(builder, x, a, b):
    return [], [(a, b), (b, a)]


def moving_mean(builder, x, a, b):
    mean = builder(SumRows(), x)
    new = builder(Add(), builder(ScaleBy(0.9), a), builder(ScaleBy(0.1), mean))
    return [("mean", new)], [(a, new)]


def old_content_is_an_output(builder, x, a, b):
    return [("old", a)], [(a, builder(Tanh(), b))]


def a_view_of_the_old_content_is_an_output(builder, x, a, b):
    return [("head", builder(SliceAxis(0, 0, 2), a))], [(a, builder(Tanh(), a))]


def read_after_the_new_content(builder, x, a, b):
    new = builder(Add(), a, b)
    return [("step", builder(Subtract(), new, a))], [(a, new)]


def momentum(builder, x, a, b):
    velocity = builder(Add(), builder(ScaleBy(0.9), a), builder(SumRows(), x))
    return [], [(a, velocity), (b, builder(Subtract(), b, builder(ScaleBy(0.1), velocity)))]


def one_value_for_two(builder, x, a, b):
    new = builder(Multiply(), a, b)
    return [("new", new)], [(a, new), (b, new)]


def unchanged(builder, x, a, b):
    return [("a", builder(Tanh(), a))], [(a, a)]


def squared_from_the_other(builder, x, a, b):
    return [], [(a, builder(Multiply(), b, b)), (b, builder(Multiply(), a, a))]


CASES = [
    swap,
    moving_mean,
    old_content_is_an_output,
    a_view_of_the_old_content_is_an_output,
    read_after_the_new_content,
    momentum,
    one_value_for_two,
    unchanged,
    squared_from_the_other,
]


def program_of(make: Make) -> Program:
    builder = Builder()
    x = builder.leaf(Input(matrix("N", 3), "x"))
    a = builder.leaf(State(matrix(3), "a"))
    b = builder.leaf(State(matrix(3), "b"))
    outputs, updates = make(builder, x, a, b)
    return verify_program(builder.done(outputs, updates))


@pytest.mark.parametrize("make", CASES, ids=lambda f: f.__name__)
def test_states_are_committed_together(make):
    program = program_of(make)
    arenas = arenas_of(program)
    prepared = copy_results(program, arenas)
    plan = make_plan(prepared, arenas)
    verify_plan(prepared, plan, 0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 3))
    state = {name: rng.normal(size=3) for name in ("a", "b")}
    fixed = np.zeros(arenas.fixed.size)  # small states lie beside fixed weights
    held = {}
    for name, array in state.items():
        region = arenas.fixed.regions[name]
        held[name] = fixed[region.start : region.start + region.size]
        held[name][...] = array
    shared = {("fixed", "fixed"): fixed}
    bound = bind(prepared, plan, generate(prepared, plan), {"N": 4, "P": 0}, shared)
    leaves = {leaf.id: leaf for leaf in program.leaves}
    for _ in range(3):
        bound.array(leaves["x"])[...] = x
        given = {leaves[name]: array for name, array in state.items()} | {leaves["x"]: x}
        want = interpret(program, given)
        bound.run()
        for name, value in want.outputs.items():
            np.testing.assert_allclose(bound.output(name), value, rtol=1e-12, err_msg=name)
        state |= {leaf.id: value for leaf, value in want.updates.items()}
        for name, value in state.items():
            np.testing.assert_allclose(held[name], value, rtol=1e-12, err_msg=name)


def test_momentum_needs_no_copy():
    program = program_of(momentum)
    prepared = copy_results(program, arenas_of(program))
    assert "copy" not in [instr.op.name for instr in prepared.body]
