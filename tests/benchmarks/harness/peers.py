"""The environment of the peers: a folder of its own, made once, in which each may be absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

PEERS: dict[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "jax": ("jax",),
    "scikit-learn": ("scikit-learn",),
    "scipy": ("scipy",),
    "onnxruntime": ("onnxruntime", "onnx"),
    "neat-python": ("neat-python",),
}
"""What is installed for each."""
ALWAYS = ("numpy", "threadpoolctl")
TORCH_FOR_PROCESSORS = "https://download.pytorch.org/whl/cpu"  # without a gigabyte for GPUs
ASK = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Peers:
    """The Python of the peers, and which of them it has, with versions."""

    python: Path | None
    versions: dict[str, str]

    @property
    def absent(self) -> list[str]:
        """Those that are not there."""
        return [name for name in PEERS if name not in self.versions]


NO_PEERS = Peers(None, {})


def python_of(folder: Path) -> Path:
    """The Python of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def peers_in(folder: Path) -> Peers:
    """The peers of a folder: what is missing is installed first, as far as it can be had."""
    python = python_of(folder)
    if not python.exists():
        print(f"making an environment for the peers in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        install(python, ALWAYS)
    here = versions(python, PEERS)
    tried = folder / "tried.json"  # what could not be had is not asked for each time
    gone = set(json.loads(tried.read_text())) if tried.exists() else set()
    for name in [name for name in PEERS if name not in here and name not in gone]:
        print(f"installing {name}", file=sys.stderr)
        if name == "torch":
            small_torch(python)
        install(python, PEERS[name])
    here = versions(python, PEERS)
    tried.write_text(json.dumps([name for name in PEERS if name not in here]))
    return Peers(python, here)


def versions(python: Path | str, names: dict[str, tuple[str, ...]] | tuple[str, ...]) -> dict:
    """Which of these a Python has."""
    done = subprocess.run(
        [python, "-c", ASK, *names], capture_output=True, text=True, check=True, env=bare()
    )
    return json.loads(done.stdout)


def bare() -> dict[str, str]:
    """This environment without what would make nngraph's packages visible to the peers."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def small_torch(python: Path) -> None:
    """PyTorch without its libraries for GPUs, if such a build can be had: from its own index, or
    from where pip is configured to find wheels."""
    if not install(python, ("torch",), "--index-url", TORCH_FOR_PROCESSORS, "--retries", "0"):
        install(python, ("torch",), "--no-index", "--no-deps")


def install(python: Path, packages: tuple[str, ...], *more: str) -> bool:
    """Whether pip could install these."""
    command = [python, "-m", "pip", "install", "--quiet", *packages, *more]
    return subprocess.run(command, env=bare(), check=False, capture_output=True).returncode == 0
