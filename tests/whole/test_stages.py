"""What --print-after shows last is what runs: every stage of every shipped spec."""

from __future__ import annotations

import pytest
from shipped import SPECS

from nngraph.ir import Program
from nngraph.lower import lower
from nngraph.network import Network, compile_document
from nngraph.pipeline import PREDICT, READ, TRAIN, UPDATE, Passes, Watch, printer
from nngraph.spec import parse_spec, read_spec


def last_shown(passes: Passes, shown: list[str]) -> Watch:
    """A watch that keeps the text of the program after the last pass."""

    def watch(number: int, each: object, program: Program) -> None:
        if number == len(passes):
            shown.append(str(program))

    return watch


def stages(network: Network) -> list[tuple[str, Passes]]:
    return [
        ("predict", PREDICT),
        *([("train", TRAIN)] if network.training is not None else []),
        *([("update", UPDATE)] if network.document.spec.train is not None else []),
        ("read", READ),
    ]


@pytest.mark.parametrize("kernels", [False, True], ids=["numpy", "kernels"])
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_what_is_shown_last_is_what_runs(path, kernels: bool) -> None:
    network = compile_document(read_spec(path), kernels=kernels)
    running = {
        "predict": network.evaluation_stage,
        "train": network.gradient_stage,
        "update": network.update_stage,
    }
    for stage, passes in stages(network):
        shown: list[str] = []
        watch = last_shown(passes, shown)
        if stage == "predict":
            network.predicted(network.step_outputs, watch)
        else:
            made = {"train": network.trained, "update": network.updated, "read": network.read}
            program = made[stage](watch)
            assert str(program) == shown[-1]
        assert len(shown) == 1
        if stage in running:
            ran = running[stage]
            assert ran is not None
            assert shown[-1] == str(ran.program)


def test_the_command_shows_the_program_that_trains() -> None:
    network = compile_document(read_spec(next(p for p in SPECS if p.stem == "mnist-convnet")))
    shown: list[str] = []
    network.trained(printer("copy_results", TRAIN, shown.append))
    assert network.gradient_stage is not None
    assert shown[0].split("\n", 1)[1] == str(network.gradient_stage.program)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_training_is_lowered_as_it_would_be_alone(path) -> None:
    network = compile_document(read_spec(path))
    if network.training is not None:
        alone = lower(network.graph, training=True)
        assert str(network.training.program) == str(alone.program)
        assert network.training.arenas == alone.arenas


@pytest.mark.parametrize(
    ("node", "is_shared"),
    [
        ("{}", True),
        ("layer_norm", True),
        ("{kind: dropout, rate: 0}", True),
        ("{kind: dropout, rate: 0.5}", False),
        ("{kind: noise, stddev: 0.1}", False),
        ("batch_norm", False),
    ],
)
def test_a_network_is_lowered_once_where_training_changes_no_node(
    node: str, is_shared: bool
) -> None:
    nodes = f"{{x: {{kind: input, shape: 3}}, h: {node}, y: {{}}}}"
    text = f"nngraph: 1\nnodes: {nodes}\nedges: [x -> h -> y]\nloss: mean_squared_error\n"
    network = compile_document(parse_spec(text))
    assert (network.training is network.lowered) == is_shared
