"""Whole commands from cold: a process is started and waited for. Imports nothing that is large."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from harness.task import Answer, Task, Tasks

XOR_SPEC = """\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  h: {units: 3, activation: tanh}
  y: {activation: sigmoid}
edges:
  - x -> h -> y
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 500, batch_size: full, optimizer: {kind: adam, learning_rate: 0.05}}
"""

TORCH_XOR = """\
import torch
torch.set_num_threads(1)
x = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])
model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
update = torch.optim.Adam(model.parameters(), 0.05)
for _ in range(500):
    update.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
    loss.backward()
    update.step()
torch.save(model.state_dict(), "xor.pt")
"""

ARGUMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("numpy", "start"): ("-c", "import numpy"),
    ("numpy", "check"): ("-c", "import numpy"),
    ("numpy", "train"): ("-c", "import numpy"),
    ("nngraph", "start"): ("-m", "nngraph", "--help"),
    ("nngraph", "check"): ("-m", "nngraph", "check", "xor.yaml"),
    ("nngraph", "train"): ("-m", "nngraph", "train", "xor.yaml"),
    ("torch", "start"): ("-c", "import torch"),
    ("torch", "train"): ("-c", TORCH_XOR),
}
"""What each program is given for a task, behind its Python."""
TURNS = 5


def command(task: Task) -> Answer:
    """Seconds and peak memory of a command, each time in a folder of its own, once to warm up."""
    arguments = ARGUMENTS[task.side["program"], task.options["what"]]
    found = [_run([sys.executable, *arguments]) for _ in range(1 + TURNS)][1:]
    figures = {"time": [seconds for seconds, _ in found]}
    peaks = [peak for _, peak in found if peak]
    return {"figures": {**figures, "peak MiB": peaks} if peaks else figures}


def _run(arguments: Sequence[str]) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "xor.yaml").write_text(XOR_SPEC)
        start = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        peak = 0.0
        if hasattr(os, "wait4"):  # elsewhere nobody says what a process held
            assert process.stderr is not None
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss / 2**10
        else:
            _, said = process.communicate()
        seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise RuntimeError(f"{arguments}: {said.decode(errors='replace')[-300:]}")
    return seconds, peak


TASKS: Tasks = {"command": command}
