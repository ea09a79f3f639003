"""A network leaves nngraph: one readable module that needs NumPy alone, weights beside it."""

import subprocess
import sys
import tempfile
from pathlib import Path

SPEC = Path(__file__).parent.parent / "specs" / "xor-gates.yaml"

PROGRAM = """
import numpy as np
import model

weights = model.load_weights("model.npz")
for x1 in (0.0, 1.0):
    for x2 in (0.0, 1.0):
        y = model.forward(weights, np.array([x1]), np.array([x2]))["y"]
        print(int(x1), "xor", int(x2), "=", int(y[0, 0]))
assert "nngraph" not in __import__("sys").modules
"""

with tempfile.TemporaryDirectory() as folder:
    nngraph = [sys.executable, "-m", "nngraph"]
    subprocess.run([*nngraph, "compile", str(SPEC), "-o", f"{folder}/model.py"], check=True)
    print(Path(folder, "model.py").read_text())
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, check=True)
