"""The catalogue of codes: complete, true, and printed as it stands."""

from __future__ import annotations

import ast
import io
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from package_trees import trees

from nngraph.cli.frame import run
from nngraph.diagnostics.catalogue import FAMILIES
from nngraph.diagnostics.reference import reference_page
from nngraph.diagnostics.row import DiagnosticRow, Example, Family
from nngraph.errors import NNGraphError

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"([EL]\d{3})(:[a-z-]+)?")
TOLD = re.compile(r"^(?:(?:error|lint|failed): )?(?:.|\n)*? \[([EL]\d{3})\]$", re.MULTILINE)
ROWS = [(family, row) for family in FAMILIES for row in family.rows]
SHOWN = [(family, row) for family, row in ROWS if row.wrong is not None]

# Codes that no example can show; each row says why.
UNPROVOKED = ["E100", "E800", "E810", "E600", "E900", "E901"]


def raised() -> set[str]:
    """Every code that stands in nngraph/ outside the catalogue."""
    found: set[str] = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = CODE.fullmatch(node.value)
                found |= {named[1]} if named else set()
    return found


def test_every_code_that_is_raised_has_one_row_and_every_row_is_raised():
    codes = [row.code for _, row in ROWS]
    assert len(codes) == len(set(codes))
    assert raised() == set(codes)


def test_names_are_distinct_and_in_kebab_case():
    names = [row.name for _, row in ROWS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


def test_few_codes_cannot_be_shown_and_they_say_why():
    lacking = [row for _, row in ROWS if row.wrong is None or row.right is None]
    assert sorted(row.code for row in lacking) == sorted(UNPROVOKED)
    assert all(bool(row.unprovoked) is (row in lacking) for _, row in ROWS)


def test_the_reference_of_errors_is_the_catalogue_as_it_stands():
    written = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert written == reference_page(), "python -m nngraph.diagnostics > docs/errors.md"


def carry_out(example: Example) -> tuple[int, str]:
    """Exit code and output of the last command, after all before it have passed."""
    for name, text in (("net.yaml", example.spec), *example.files):
        if text:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
    said, code = io.StringIO(), 0
    for command in example.commands:
        assert code == 0, said.getvalue()
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = _given(command)
    if example.script:
        assert code == 0, said.getvalue()
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = _run_script(example.script)
    return code, said.getvalue()


def _given(command: str) -> int:
    words = shlex.split(command)
    if words[0] == "nngraph":
        return run(words[1:])
    if words[0] == "python":
        return subprocess.run([sys.executable, *words[1:]], check=False).returncode
    return subprocess.run(command, shell=True, check=False).returncode


def _run_script(script: str) -> int:
    try:
        exec(compile(script, "script", "exec"), {})
    except NNGraphError as error:
        print(error)
        return error.exit_code
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0


@pytest.mark.parametrize(("family", "row"), SHOWN, ids=[row.code for _, row in SHOWN])
def test_the_wrong_example_gives_its_code_and_the_right_one_passes(
    family: Family, row: DiagnosticRow, tmp_path, monkeypatch
):
    assert row.wrong is not None
    assert row.right is not None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, example, exit_code, codes in (
        ("wrong", row.wrong, family.exit_code, {row.code}),
        ("right", row.right, 0, set()),
    ):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        code, said = carry_out(example)
        assert (code, set(TOLD.findall(said))) == (exit_code, codes), said
