"""The frame around the commands: exit codes, lazy imports, unknown words, closed pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nngraph.cli import group as group_module
from nngraph.cli.frame import run
from nngraph.cli.group import COMMANDS, LATER, nngraph
from nngraph.cli.options import Options, common_options
from nngraph.errors import (
    CapacityError,
    CheckFailed,
    DataError,
    FileError,
    InternalError,
    ModelFileError,
    NNGraphError,
    NonFiniteError,
    SpecError,
    UsageError,
)

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def command_that(patch: Patch, body: object) -> None:
    """Let `nngraph check` run a body instead."""
    made = click.command("check")(body)  # type: ignore[call-overload]
    patch.setattr(group_module.LazyGroup, "get_command", lambda self, ctx, name: made)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 2),
        (SpecError, 3),
        (DataError, 4),
        (ModelFileError, 5),
        (CapacityError, 6),
        (NonFiniteError, 7),
        (FileError, 8),
        (InternalError, 9),
        (CheckFailed, 10),
    ],
)
def test_each_error_has_the_exit_code_of_the_language(
    kind: type[NNGraphError], code: int, monkeypatch: Patch, capsys: Capture
) -> None:
    def body() -> None:
        raise kind("the reason")

    command_that(monkeypatch, body)
    assert run(["check"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: the reason [E")


@pytest.mark.parametrize(
    ("problem", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (EOFError(), 130, "interrupted"),
        (MemoryError(), 6, "ran out of memory"),
        (PermissionError(13, "Permission denied", "net.svg"), 8, "'net.svg': Permission denied"),
        (click.UsageError("Wrong."), 2, "error: wrong [E002]"),
        (click.exceptions.Exit(7), 7, ""),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
    ],
)
def test_other_ends_have_their_codes_too(
    problem: BaseException, code: int, said: str, monkeypatch: Patch, capsys: Capture
) -> None:
    def body() -> None:
        raise problem

    command_that(monkeypatch, body)
    monkeypatch.setattr("nngraph.cli.frame.os.dup2", lambda *_: None)
    assert run(["check"]) == code
    assert said in capsys.readouterr().err


def test_a_bug_asks_for_a_report_and_shows_where_it_happened(
    monkeypatch: Patch, capsys: Capture
) -> None:
    def body() -> None:
        raise ZeroDivisionError("division by zero")

    command_that(monkeypatch, body)
    assert run(["check"]) == 9
    err = capsys.readouterr().err
    assert "a bug in nngraph: ZeroDivisionError: division by zero" in err
    assert "Traceback" in err
    assert "Please report it" in err


def test_errors_are_json_on_standard_output_when_asked_for(
    monkeypatch: Patch, capsys: Capture
) -> None:
    @common_options
    def body(options: Options) -> None:
        raise SpecError("no good")

    command_that(monkeypatch, body)
    assert run(["check", "--json"]) == 3
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    assert answer["exit_code"] == 3
    assert answer["errors"][0]["message"] == "no good"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["trian"], "no command 'trian'; did you mean 'train'?"),
        (["frobnicate"], "no command 'frobnicate' [E002]"),
        (["doctor", "--jsn"], "did you mean '--json'?"),
        (["doctor", "extra"], "unexpected extra argument"),
        (["new"], "name a template, or a file with --data"),
        (["schema", "-o"], "requires an argument"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_meant(
    arguments: list[str], said: str, capsys: Capture
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "= help: " in err


@pytest.mark.parametrize("word", LATER)
def test_later_commands_are_refused_by_name_and_listed_nowhere(word: str, capsys: Capture) -> None:
    assert run([word, "spec.yaml"]) == 2
    assert f"'nngraph {word}'" in capsys.readouterr().err
    assert word not in COMMANDS


def test_without_a_command_the_help_is_shown_and_the_code_is_2(capsys: Capture) -> None:
    assert run([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Commands:" in err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["new", "--help"], ["--version"]])
def test_help_goes_to_standard_output(arguments: list[str], capsys: Capture) -> None:
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert out
    assert err == ""


def test_the_overview_says_what_each_command_says_of_itself() -> None:
    with nngraph.make_context("nngraph", ["doctor"]) as context:
        for name, text in COMMANDS.items():
            command = nngraph.get_command(context, name)
            assert command is not None
            assert command.name == name
            assert command.short_help == text


def test_help_imports_neither_numpy_nor_networkx() -> None:
    code = (
        "import sys\nfrom nngraph.cli import run\ncode = run(['--help'])\n"
        "heavy = {'numpy', 'networkx', 'pydantic', 'rich', 'yaml', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'imported {sorted(heavy)}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_ends_quietly_with_141() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nngraph", "--help"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 141


def test_no_color_is_obeyed(monkeypatch: Patch) -> None:
    from nngraph.cli.output import colours

    class Terminal:
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colours(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours(Terminal())


def test_new_writes_a_template_and_never_over_a_file(
    tmp_path: Path, monkeypatch: Patch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "xor"]) == 0
    text = Path("xor.yaml").read_text()
    assert "nngraph train  xor.yaml" in text
    assert "nngraph: 1" in text
    Path("xor.yaml").write_text("mine")
    assert run(["new", "xor"]) == 8
    assert "'xor.yaml' exists already" in capsys.readouterr().err
    assert Path("xor.yaml").read_text() == "mine"
    assert run(["new", "xor", "other.yaml"]) == 0


def test_new_knows_its_templates(capsys: Capture) -> None:
    assert run(["new", "clasifier"]) == 2
    err = capsys.readouterr().err
    assert "did you mean 'classifier'?" in err
    assert "perceptron, xor, mlp, classifier and regression" in err


def test_doctor_names_the_linear_algebra_library(capsys: Capture) -> None:
    assert run(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["packages"]["numpy"]
    assert facts["blas"][0]["threads"] >= 1
    assert run(["doctor"]) == 0
    assert "kernel" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("", "compiled, for networks from 100,000 operations a sample"),
        ("always", "compiled, for every training (NNGRAPH_KERNELS is always)"),
        ("never", "none (NNGRAPH_KERNELS is never)"),
        ("yes", "none: NNGRAPH_KERNELS is 'yes'; expected auto, never or always"),
    ],
)
def test_doctor_says_whether_kernels_would_be_called(
    word: str, told: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("NNGRAPH_KERNELS", word)
    assert run(["doctor"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert f"kernels {told}" in lines
    assert run(["doctor", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["kernels"]
    assert facts["choice"] == (None if word == "yes" else word or "auto")


def test_doctor_says_why_there_are_no_kernels(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)  # importing it raises ImportError
    monkeypatch.delenv("NNGRAPH_KERNELS", raising=False)
    assert run(["doctor"]) == 0
    assert "none: numba " in capsys.readouterr().out


def test_a_folder_where_a_spec_is_wanted_is_a_matter_of_files(
    tmp_path: Path, capsys: Capture
) -> None:
    assert run(["check", str(tmp_path)]) == 8
    assert "is a folder, not a file" in capsys.readouterr().err
