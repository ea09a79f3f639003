"""Every starter file is in order, learns what it promises, and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nngraph.cli.commands.new import TEMPLATES, template_text
from nngraph.cli.frame import run

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_passes_check_trains_and_keeps_its_promises(
    template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", template]) == 0
    capsys.readouterr()
    assert run(["check", f"{template}.yaml", "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)["files"]
    assert answer["lints"] == []
    assert run(["train", f"{template}.yaml", "-o", "run"]) == 0
    assert run(["test", "run"]) == 0, capsys.readouterr().out
    assert run(["render", "run", "-o", "net.mmd"]) == 0


@pytest.mark.parametrize(
    ("file", "run_folder"),
    [
        ("my.yaml", "my-001"),
        ("my first net.yaml", "my-first-net-001"),
        ("007.yaml", "007-001"),
        ("true.yaml", "true-001"),
        ("1e3.yml", "1e3-001"),
        ("Übung 1.yaml", "bung-1-001"),
        ("日本.yaml", "perceptron-001"),
        ("a" * 100 + ".yaml", "a" * 64 + "-001"),
    ],
)
def test_runs_are_named_after_the_file_that_new_wrote(
    file: str, run_folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "perceptron", file]) == 0
    assert run(["train", file, "-s", "train.epochs=1"]) == 0
    assert Path("runs", run_folder).is_dir()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_explains_itself(template: str) -> None:
    text = template_text(template)
    assert text.count("#") > 8
    assert "# yaml-language-server: $schema=./nngraph.schema.json" in text
    assert f"name: {template}\n" in text
    assert max(map(len, text.splitlines())) <= 100
