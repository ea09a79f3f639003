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


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_explains_itself(template: str) -> None:
    text = template_text(template)
    assert text.count("#") > 8
    assert "# yaml-language-server: $schema=./nngraph.schema.json" in text
    assert f"name: {template}\n" in text
    assert max(map(len, text.splitlines())) <= 100
