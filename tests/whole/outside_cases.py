"""Where the cases from outside lie; a test without them skips and says so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


def case_folder() -> Path:
    name = os.environ.get("NNGRAPH_CASES")
    if not name:
        pytest.skip("NNGRAPH_CASES names no folder with cases from outside")
    return Path(name)


def mnist_folder() -> Path:
    name = os.environ.get("NNGRAPH_MNIST")
    if not name:
        pytest.skip("NNGRAPH_MNIST names no folder with the four MNIST files")
    return Path(name)


def load_case(*path: str) -> Any:
    return json.loads(case_folder().joinpath(*path).read_text())
