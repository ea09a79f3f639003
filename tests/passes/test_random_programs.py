"""Hundreds of random programs mean the same before and after each pass."""

from __future__ import annotations

import numpy as np
from cases import by_tens, few_fast, for_each
from pairs import check_same_results, random_leaves
from random_programs import random_classifier, random_program

from nngraph.ir import Constant, Program, interpret, parse_text, to_text, verify_program
from nngraph.lower import differentiate
from nngraph.ops import OPS_BY_NAME
from nngraph.passes import (
    bias_into_product,
    eliminate_dead_code,
    expand_into_calls,
    fold_constants,
    legalise,
    share_common_subexpressions,
    simplify,
)
from nngraph.passes.legalise import copy_shared_pieces, copy_under_reshapes
from nngraph.pipeline import FORWARD, LEGAL, drive

EXACT = (fold_constants, share_common_subexpressions, eliminate_dead_code, copy_shared_pieces)
ROUNDED = (simplify, bias_into_product, expand_into_calls)
SEEDS = range(300)


@for_each("seed", SEEDS, together=by_tens, marks=few_fast)
def test_random_programs_mean_the_same_after_each_pass(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    for change in EXACT:
        check_same_results(program, verify_program(change(program), change.__name__), rng)
    for change in ROUNDED:
        check_same_results(program, verify_program(change(program), change.__name__), rng, 1e-12)


@for_each("seed", SEEDS, together=by_tens, marks=few_fast)
def test_random_programs_mean_the_same_after_all_passes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    legal = drive(program, LEGAL)
    assert all(instr.is_legal for instr in legal.body)
    check_same_results(program, legal, rng, 1e-12)
    assert to_text(legalise(legal)) == to_text(legal)
    assert len(drive(legal, LEGAL).body) <= len(legal.body)


@for_each("seed", range(100), together=by_tens, marks=few_fast)
def test_gradients_of_random_networks_mean_the_same_after_all_passes(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    forward, params = random_classifier(rng)
    plain = verify_program(differentiate(forward, params))
    fused = verify_program(differentiate(drive(forward, FORWARD), params))
    _check_with_targets(plain, fused, rng)
    _check_with_targets(plain, drive(fused, LEGAL), rng)


def _check_with_targets(before: Program, after: Program, rng: np.random.Generator) -> None:
    """As `check_same_results`, with one-hot targets."""
    arrays = random_leaves(before, rng)
    arrays[before.leaf("target:y")] = np.eye(2)[[0, 1, 1]]
    first, second = interpret(before, arrays), interpret(after, arrays)
    assert list(first.outputs) == list(second.outputs)
    for name, expected in first.outputs.items():
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(
            second.outputs[name], expected, atol=1e-11 * scale, rtol=0, err_msg=name
        )


@for_each("seed", range(50), together=by_tens, marks=few_fast)
def test_the_text_of_an_optimised_program_reads_back(seed: int) -> None:
    program = drive(random_program(np.random.default_rng(seed)), LEGAL)
    constants = [leaf for leaf in program.leaves if isinstance(leaf, Constant)]
    data = {leaf.id: leaf.data for leaf in constants if leaf.data is not None}
    assert to_text(parse_text(to_text(program), OPS_BY_NAME, data)) == to_text(program)


def test_the_random_programs_exercise_every_pass() -> None:
    passes = (*EXACT, simplify, expand_into_calls, copy_under_reshapes)
    changed = dict.fromkeys((p.__name__ for p in passes), 0)
    for seed in SEEDS:
        program = random_program(np.random.default_rng(seed))
        expanded = expand_into_calls(program)
        for change in passes:
            before = expanded if change in (copy_shared_pieces, copy_under_reshapes) else program
            changed[change.__name__] += to_text(change(before)) != to_text(before)
    assert min(changed.values()) >= 5, changed


def test_the_random_networks_have_biases_that_join_and_biases_that_do_not() -> None:
    joined = []
    for seed in range(1000, 1100):
        forward, params = random_classifier(np.random.default_rng(seed))
        program = drive(verify_program(differentiate(forward, params)), LEGAL)
        joined.append(sum(instr.op.name == "stack_bias" for instr in program.body))
    assert 0 in joined
    assert max(joined) >= 3
