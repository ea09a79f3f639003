"""The README's Python is run as it is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.filterwarnings("ignore:train.epochs was 20, it is 40")
def test_the_python_of_the_readme_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(blocks) >= 2
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/iris-mlp.yaml").write_bytes((ROOT / "specs/iris-mlp.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert capsys.readouterr().out.count("Epoch(number=") == 20
    model = names["model"]
    assert model.run == Path("runs/short")
    assert len(model.history) == 40
    written = {path.name for path in tmp_path.iterdir()}
    assert {"compare.html", "report.html", "iris_net.py", "iris_net.npz", "runs"} <= written
