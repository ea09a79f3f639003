"""Programs written by hand for one network, where a folder of them is given (--sketches)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from harness.task import Answer, Task, Tasks

OPTIMIZERS = {"sgd": "sgd", "adam": "adam"}


def arguments_of(task: Task) -> list[str]:
    """How the program of a task is called; it prints lines of @@ and JSON with `med`, in us."""
    options, threads = task.options, str(task.threads)
    if options["net"] == "convnet":
        return ["convnet.py", "nb" if task.side["kernels"] else "np", "8", threads]
    if options["net"] == "xor":
        return ["xor.py", "numba1" if task.side["kernels"] else "numpy"]
    case = f"{options['net']}/{OPTIMIZERS[options['optimizer']]}/{options['batch']}"
    return ["mlp.py", "numba" if task.side["kernels"] else "np", threads, case]


def step(task: Task) -> Answer:
    """A step, as the program itself measures it."""
    folder, more = task.side["folder"], {"W2B": str(task.options["batch"])}
    if task.options["net"] == "convnet":  # which has threads of its own, a BLAS thread each
        more |= {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(
        [sys.executable, *arguments_of(task)],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | more,
        check=True,
    )
    lines = [json.loads(line[2:]) for line in done.stdout.splitlines() if line.startswith("@@")]
    return {"figures": {"step": [line["med"] / 1e6 for line in lines]}}


TASKS: Tasks = {"step": step}
