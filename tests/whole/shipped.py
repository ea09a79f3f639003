"""The shipped specs, and where those find their data that need more than the package."""

from __future__ import annotations

from pathlib import Path

import pytest
from outside_cases import mnist_folder

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.yaml"))
ON_MNIST = {"mnist-mlp", "nielsen-30", "mnist-convnet", "mnist-pytorch-example"}
SLOW = ON_MNIST  # trained to their expectations

every_spec = pytest.mark.parametrize("path", SPECS, ids=lambda p: p.stem)
every_spec_trained = pytest.mark.parametrize(
    "path",
    [pytest.param(p, marks=[pytest.mark.slow] * (p.stem in SLOW)) for p in SPECS],
    ids=lambda p: p.stem,
)


def data_overrides(path: Path) -> list[str]:
    """What -s must say for a spec's data, wherever its text is read."""
    if path.stem == "photos":
        return [f"data.folder={path.parent / 'photos'}"]
    return [f"data.folder={mnist_folder()}"] if path.stem in ON_MNIST else []
