"""What `memory` promises is what the process takes: measured, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from nngraph.graph import build_graph
from nngraph.network import Network
from nngraph.spec import parse_spec

STATUS = Path("/proc/self/status")
if not STATUS.exists():
    pytest.skip("only Linux tells the peak of a process alone", allow_module_level=True)

CONSTANT = 16 << 20
"""Bytes that no plan knows of: what the interpreter, BLAS and its threads take as they work."""

SCRIPT = """
import json, re, sys
from nngraph.network import compile_document
from nngraph.run import Executable
from nngraph.spec import parse_spec

def network(units):
    return compile_document(parse_spec(f'''
nngraph: 1
nodes:
  x: {{kind: input, shape: {units}}}
  h: {{units: {units}, activation: relu}}
  y: {{units: 10, activation: softmax}}
edges: [x -> h -> y]
loss: cross_entropy
train: {{batch_size: 512, optimizer: {sys.argv[2]}}}
'''), kernels=False)

def train(compiled, units):
    executable = Executable.start(compiled, 0)
    step = executable.training(512)
    with executable.threads():
        for _ in range(2):
            step.run()
            executable.update(0.01)

def peak():  # not getrusage, whose figure begins at the size of whoever started the process
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read())[1]) * 1024

train(network(16), 16)  # everything is imported, BLAS has its buffers
before = peak()
units = int(sys.argv[1])
compiled = network(units)
train(compiled, units)
print(json.dumps({"promised": compiled.memory(512).total, "taken": peak() - before}))
"""


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_training_takes_what_was_promised(optimizer: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "4096", optimizer],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["promised"] > 150e6
    assert found["taken"] <= 1.1 * found["promised"] + CONSTANT, found
    assert found["taken"] >= 0.9 * found["promised"] - CONSTANT, found


def test_a_promise_allocates_nothing_of_what_it_counts() -> None:
    document = parse_spec("""
nngraph: 1
nodes: {x: {kind: input, shape: 20000}, y: {units: 500, learning_rate_scale: 0.5}}
edges: [x -> y]
loss: mean_squared_error
train: {weight_decay: 0.1}
""")
    network = Network(document, build_graph(document))
    tracemalloc.start()
    try:
        promised = network.memory(4).total
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert promised > 80e6
    assert peak < 0.5 * promised
