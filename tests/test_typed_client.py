"""The package carries its types: mypy finds a client's mistakes, and passes its right calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CLIENT = """\
from pathlib import Path
import numpy as np
import nngraph

model = nngraph.compile(Path("net.yaml"))
answer: np.ndarray = np.asarray(model.predict([[0.0, 1.0]]))
found = nngraph.check("net.yaml")
ok: bool = found.ok
holds: bool = nngraph.equiv("a.yaml", "b.yaml").holds
"""

WRONG = """\
import nngraph

model = nngraph.compile(3.5)
model.no_such_method()
holds: str = nngraph.equiv("a.yaml", "b.yaml").holds
"""


def types_of(folder: Path, text: str) -> str:
    """What mypy says of a program that uses the package, as strictly as it can."""
    program = folder / "client.py"
    program.write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache")]
    done = subprocess.run(
        [*command, "--no-error-summary", program.name], cwd=folder, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_a_client_is_held_against_the_types_of_the_package(tmp_path):
    assert types_of(tmp_path, CLIENT) == ""
    said = types_of(tmp_path, WRONG).splitlines()
    places = [line.split(": ")[0] for line in said if ": error: " in line]
    assert places == ["client.py:3", "client.py:4", "client.py:5"], said
