"""What a step of a small network calls: little, and of its loss nothing until that is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from nngraph.ir import Node, Row, TargetRow, interpret, parse_text
from nngraph.lower import initial_weights
from nngraph.network import compile_document
from nngraph.ops import OPS_BY_NAME
from nngraph.plan import compute_loss_last, first_for_loss
from nngraph.run import Executable
from nngraph.spec import parse_spec

XOR = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
train: {epochs: 1, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.5}}
"""
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([[0], [1], [1], [0]])


def fed(text: str = XOR) -> tuple[Executable, object]:
    network = compile_document(parse_spec(text))
    executable = Executable(network, initial_weights(network.lowered, seed=0))
    step = executable.training(len(X))
    step.slots[Row("x")].put(X)
    step.slots[TargetRow("label")].put(T)
    return executable, step


def calls(text: str) -> int:
    return len(text.splitlines()) - 1


def test_a_step_of_xor_calls_sixteen_functions_its_loss_ten_its_update_two():
    network = fed()[0].network
    stage = network.gradient_stage
    assert (calls(stage.source.text), calls(stage.loss.text)) == (16, 10)
    assert calls(network.update_stage.source.text) == 2


def test_the_loss_asked_for_after_the_update_is_that_of_the_step():
    asked, step = fed()
    step.run()
    loss = step.loss
    asked.update(0.5)
    later, other = fed()
    other.run()
    later.update(0.5)
    assert other.loss == loss
    assert other.losses == {"loss": loss, "loss_0": loss}
    for id_, weights in later.weights().items():
        np.testing.assert_array_equal(weights, asked.weights()[id_])
    program = step.bounds[0].program
    before = {leaf: step.bounds[0].array(leaf) for leaf in program.leaves}
    asked.set_weights(initial_weights(asked.network.lowered, seed=0))
    value = program.output("loss")
    assert interpret(program, before).values[value] == pytest.approx(loss, rel=1e-6)


def test_a_loss_that_reads_weights_is_computed_with_the_step():
    waiting, reading = (
        parse_text(
            f"""program
  input %0 'x': float32[N, 2]
  {leaf} %1 'W': float32[2, 3]
  %2: float32[3, 2] = transpose %1
  %3: float32[N, 2] = tanh %0
  %4: float32[N, 3] = matmul %3 %1
  %5: float32[N] = sum_sample %4
  %6: float32[] = sum_rows %5
  %7: float32[N, 2] = square %3
  output 'y' %7
  output 'v' %2
  output 'loss' %6""",
            OPS_BY_NAME,
        )
        for leaf in ("constant", "param")
    )
    assert [str(instr) for instr in compute_loss_last(waiting).body[-3:]] == [
        "matmul",
        "sum_sample",
        "sum_rows",
    ]
    assert first_for_loss(compute_loss_last(waiting)) == 3
    assert compute_loss_last(reading) is reading
    assert first_for_loss(reading) == len(reading.body)


def test_the_values_of_few_units_lie_side_by_side_unit_by_unit():
    _, step = fed(XOR.replace("batch_size: full", "batch_size: 4"))
    step.run()
    bound = step.bounds[0]
    tanh = next(i.outs[0] for i in bound.program.body if str(i) == "tanh")
    hidden, ones = bound.array(tanh), bound.program.body
    assert hidden.T.flags.c_contiguous
    beside = next(i.outs[0] for i in ones if i.args and i.args[0] is tanh and i.container)
    np.testing.assert_array_equal(bound.array(beside)[:, 2], 1)
    a = X @ bound.array(bound.program.leaves[1]) + bound.array(bound.program.leaves[2])
    np.testing.assert_allclose(hidden, np.tanh(a), rtol=1e-6)
    assert step.outputs["y"].shape == (4, 1)
    assert Node("y") in dict(bound.program.outputs)
