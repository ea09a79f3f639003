"""The verifier of plans sees each way in which a plan can be wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cases import by_tens, for_each
from planned_programs import classifier, planned, random_program

from nngraph.errors import VerifyError
from nngraph.ir import Param, Slice, Value
from nngraph.lower import lay_out
from nngraph.plan import Place, Plan, copy_results, make_plan, verify_plan


def moved(plan: Plan, value: Value, place: Place) -> Plan:
    return replace(plan, places={**plan.places, value: place})


def scratch_results(ready) -> list[Value]:
    """Results of calls that lie alone in a scratch buffer."""
    return [
        instr.outs[0]
        for instr in ready.program.body
        if instr.op.call(*(a.type for a in instr.args)) is not None
        and ready.plan.buffers[ready.plan.places[instr.outs[0]].buffer].role == "scratch"
    ]


def test_putting_a_value_over_one_that_is_still_read_is_caught():
    ready = planned(classifier((5, 7, 3)))
    refused = 0
    values = scratch_results(ready)
    for victim in values:
        for other in values:
            place = ready.plan.places[other]
            same_room = ready.plan.places[victim].buffer == place.buffer
            if victim is other or same_room or victim.type != other.type:
                continue
            try:
                verify_plan(ready.program, moved(ready.plan, victim, place), 200)
            except VerifyError:
                refused += 1
    assert refused > 10


def test_a_value_without_a_place_is_caught():
    ready = planned(classifier((4, 3)))
    places = dict(ready.plan.places)
    del places[ready.program.body[-1].outs[0]]
    with pytest.raises(VerifyError, match="no place"):
        verify_plan(ready.program, replace(ready.plan, places=places), 100)


def test_a_place_of_another_shape_is_caught():
    ready = planned(classifier((5, 7, 3)))
    value = next(v for v in scratch_results(ready) if v.type.shape == ("N", 7))
    place = ready.plan.places[value]
    wrong = Place(place.buffer, (*place.path, Slice(1, 0, 6)))
    with pytest.raises(VerifyError, match="lies in"):
        verify_plan(ready.program, moved(ready.plan, value, wrong), 100)


def test_two_leaves_over_each_other_are_caught():
    ready = planned(classifier((4, 4)))
    first, second = (leaf for leaf in ready.program.leaves if leaf.id in ("x", "target:y"))
    with pytest.raises(VerifyError):
        verify_plan(ready.program, moved(ready.plan, second, ready.plan.places[first]), 100)


def test_a_weight_where_nobody_writes_it_is_caught():
    ready = planned(classifier((4, 3)))
    weight = ready.program.leaf("w0")
    index = next(k for k, b in enumerate(ready.plan.buffers) if b.role == "scratch")
    lost = moved(ready.plan, weight, Place(index, ready.plan.places[weight].path))
    with pytest.raises(VerifyError, match="'w0' would be read from a scratch buffer"):
        verify_plan(ready.program, lost, 100)


def test_a_stack_of_a_matrix_and_a_bias_that_lie_apart_is_caught():
    program = classifier((4, 3))
    weights = [leaf for leaf in program.leaves if isinstance(leaf, Param)]
    apart = lay_out(weights, {}, "float64")
    prepared = copy_results(program, apart)
    with pytest.raises(VerifyError, match="nobody writes it"):
        verify_plan(prepared, make_plan(prepared, apart), 100)


def test_writing_over_an_operand_of_a_product_is_caught():
    ready = planned(classifier((7, 7, 7)))
    for instr in ready.program.body:
        if str(instr.op) == "matmul" and instr.outs[0].type == instr.args[0].type:
            plan = moved(ready.plan, instr.outs[0], ready.plan.places[instr.args[0]])
            with pytest.raises(VerifyError, match=r"writes over|overwritten|filled"):
                verify_plan(ready.program, plan, 400)
            return
    pytest.fail("no product to break")


@for_each("seed", range(40), together=by_tens)
def test_every_plan_of_a_random_program_passes(seed):
    planned(random_program(np.random.default_rng(1000 + seed)))
