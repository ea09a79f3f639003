"""One side in a process of its own: tasks come as JSON lines, answers go out as JSON lines.

python worker.py MODULE THREADS
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import sys
import traceback
from typing import IO, Any

from harness.task import Task

PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "jax",
    "scikit-learn",
    "scipy",
    "onnxruntime",
    "neat-python",
)


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    module, threads = sys.argv[1], int(sys.argv[2])
    keep_to_cores(threads)
    tasks = importlib.import_module(f"sides.{module}").TASKS
    for line in sys.stdin:
        request = json.loads(line)
        if request == "about":
            say(answers, about())
            continue
        task = Task.of(request)
        try:
            say(answers, tasks[task.kind](task))
        except Exception:
            say(answers, {"error": traceback.format_exc()})


def say(answers: IO[str], answer: Any) -> None:
    """One line."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def keep_to_cores(threads: int) -> None:
    """Use no more cores than threads, where the system lets a process say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def about() -> dict[str, Any]:
    """Versions, threads and BLAS of this process."""
    found: dict[str, Any] = {"python": platform.python_version(), "packages": {}}
    for name in PACKAGES:
        if name.replace("scikit-learn", "sklearn").replace("-python", "") in sys.modules:
            found["packages"][name] = importlib.metadata.version(name)
    if hasattr(os, "sched_getaffinity"):
        found["cores"] = sorted(os.sched_getaffinity(0))
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return found
    found["threadpools"] = [
        {
            "library": info["internal_api"],
            "version": info["version"],
            "kernel": info.get("architecture"),
            "threads": info["num_threads"],
        }
        for info in threadpool_info()
    ]
    return found


if __name__ == "__main__":
    main()
