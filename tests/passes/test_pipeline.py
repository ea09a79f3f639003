"""Running passes: the verifier after each, printing, and what the pipelines make of networks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from nngraph.errors import UsageError, VerifyError
from nngraph.graph import build_graph
from nngraph.ir import Param, Program, to_text, verify_program
from nngraph.lower import differentiate, lower
from nngraph.passes import eliminate_dead_code
from nngraph.pipeline import CLEANED, FORWARD, LEGAL, drive, pass_name, printer
from nngraph.spec import parse_spec

MLP = """
nngraph: 1
nodes:
  x: {kind: input, shape: 4}
  h: {units: 5, activation: relu}
  y: {units: 3, activation: softmax}
edges:
  - x -> h -> y
loss: cross_entropy
"""


def gradients_of(spec: str) -> Program:
    """The program of outputs, loss and gradients before optimisation, without the nodes' values."""
    lowered = lower(build_graph(parse_spec(spec)), training=True)
    forward = drive(lowered.program, FORWARD)
    program = verify_program(differentiate(forward, lowered.parameters))
    kept = tuple((r, v) for r, v in program.outputs if str(r) in ("y", "loss") or ":" in str(r))
    return replace(program, outputs=kept)


CLASSIFIER_STEP = """
program
  input %0 'x': float32[N, 4]
  param %1 'x->h': float32[4, 5]
  param %2 'h.bias': float32[5]
  param %3 'h->y': float32[5, 3]
  param %4 'y.bias': float32[3]
  input %5 'target:y': float32[N, 3]
  input %6 'per_sample': float32[]
  %7: float32[N, 5] = append_one %0
  %8: float32[5, 5] = stack_bias %1 %2
  %9: float32[N, 5] = matmul %7 %8
  %10: float32[N, 5] = relu %9
  %11: float32[N, 6] = append_one %10
  %12: float32[6, 3] = stack_bias %3 %4
  %13: float32[N, 3] = matmul %11 %12
  %14: float32[N, 1] = max_last %13
  %15: float32[N, 3] = subtract %13 %14
  %16: float32[N, 3] = exp %15
  %17: float32[N, 1] = sum_last %16
  %18: float32[N, 1] = log %17
  %19: float32[N, 3] = subtract %18 %15
  %20: float32[N] = dot_sample %19 %5
  %21: float32[N, 3] = divide %16 %17
  %22: float32[] = sum_rows %20
  %23: float32[] = multiply %22 %6
  %24: float32[N, 3] = subtract %21 %5
  %25: float32[N, 3] = multiply %24 %6
  %26: float32[6, N] = transpose %11
  %27: float32[6, 3] = matmul %26 %25
  %28: float32[1, 3] = slice{axis=0, start=5, stop=6} %27
  %29: float32[3] = reshape{shape=(3,)} %28
  %30: float32[3, 5] = transpose %3
  %31: float32[N, 5] = matmul %25 %30
  %32: float32[5, 3] = slice{axis=0, start=0, stop=5} %27
  %33: bool[N, 5] = greater{threshold=0.0} %10
  %34: float32[N, 5] = multiply %31 %33
  %35: float32[5, N] = transpose %7
  %36: float32[5, 5] = matmul %35 %34
  %37: float32[1, 5] = slice{axis=0, start=4, stop=5} %36
  %38: float32[5] = reshape{shape=(5,)} %37
  %39: float32[4, 5] = slice{axis=0, start=0, stop=4} %36
  output 'y' %21
  output 'loss' %23
  output 'gradient:x->h' %39
  output 'gradient:h.bias' %38
  output 'gradient:h->y' %32
  output 'gradient:y.bias' %29
"""


def test_a_classifier_has_the_calls_that_a_person_would_write() -> None:
    # delta_y = (p - t) / n;  [dW; db] = [h, 1]^T delta_y;  delta_h = delta_y W^T * (h > 0)
    assert to_text(drive(gradients_of(MLP), LEGAL)) == CLASSIFIER_STEP.strip("\n")


def test_the_readable_pipeline_keeps_the_bias_and_the_activations_visible() -> None:
    program = drive(gradients_of(MLP), CLEANED)
    names = Counter(instr.op.name for instr in program.body)
    assert names == {
        "matmul": 5,
        "add": 2,
        "relu": 1,
        "softmax_cross_entropy": 1,
        "sum_rows": 3,
        "multiply": 3,
        "subtract": 1,
        "transpose": 3,
        "greater": 1,
    }


def test_each_weight_has_one_product_forward_and_one_backward() -> None:
    program = drive(gradients_of(MLP), LEGAL)
    weights = sum(isinstance(leaf, Param) and len(leaf.type.shape) == 2 for leaf in program.leaves)
    products = sum(instr.op.name == "matmul" for instr in program.body)
    assert (weights, products) == (2, 2 * weights + 1)  # and delta_h


def test_a_mean_squared_error_needs_one_subtraction() -> None:
    spec = MLP.replace("softmax", "identity").replace("cross_entropy", "mean_squared_error")
    names = Counter(instr.op.name for instr in drive(gradients_of(spec), LEGAL).body)
    assert names["subtract"] == 1
    assert names["broadcast_like"] == names["broadcast_to"] == 0
    assert names["multiply"] + names["scale_by"] <= 5


def test_the_pipelines_change_nothing_the_second_time() -> None:
    once = drive(gradients_of(MLP), LEGAL)
    assert to_text(drive(once, LEGAL)) == to_text(once)


def test_print_after_shows_the_program_each_time_the_pass_has_run() -> None:
    shown: list[str] = []
    result = drive(gradients_of(MLP), LEGAL, watch=printer("simplify", LEGAL, shown.append))
    times = [number for number, each in enumerate(LEGAL, 1) if pass_name(each) == "simplify"]
    assert [text.split("\n")[0] for text in shown] == [
        f"# after simplify (pass {number} of {len(LEGAL)})" for number in times
    ]
    assert len(shown) >= 2
    last: list[str] = []
    drive(gradients_of(MLP), LEGAL, watch=printer("legalise", LEGAL, last.append))
    assert last[0].split("\n", 1)[1] == to_text(result)


def test_an_unknown_pass_is_refused_with_the_names_and_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        printer("simplfy", LEGAL, print)
    assert "no pass is named 'simplfy'; did you mean 'simplify'?" in str(caught.value)
    assert "the passes are, in order: fold_constants, simplify," in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_name_that_resembles_none_gets_the_list_alone() -> None:
    with pytest.raises(UsageError, match=r"no pass is named 'qqq' \[E002\]"):
        printer("qqq", LEGAL, print)


def test_a_broken_pass_is_named_by_the_verifier() -> None:
    def lose_everything(program: Program) -> Program:
        return replace(program, body=())

    with pytest.raises(VerifyError, match="after lose_everything: output 'y' is never defined"):
        drive(gradients_of(MLP), (eliminate_dead_code, lose_everything))
