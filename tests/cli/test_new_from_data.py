"""`nngraph new --data`: the spec that it writes is in order, trains, and says what was guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nngraph.cli.frame import run

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows(count: int, *columns: object) -> str:
    """Rows of cells: a text stays, of a list one after the other."""
    lines = [
        [
            str(c[n % len(c)]) if isinstance(c, list) else str(c).replace("#", str(n))
            for c in columns
        ]
        for n in range(count)
    ]
    return "\n".join(",".join(line) for line in lines) + "\n"


NUMBERS = [1.5, 2, 3.25, 0.5, 4, 2.75, 3]
TABLES = {
    "classes": ("a,b,kind\n" + rows(30, NUMBERS, ["p", "q"], ["u", "v", "w"]), "softmax"),
    "yes or no by name": (
        "a,b,well\n" + rows(30, NUMBERS, ["p", "q", "r"], ["no", "yes"]),
        "sigmoid",
    ),
    "yes or no by number": ("a,b,well\n" + rows(30, NUMBERS, [5, 6, 7], [0, 1]), "sigmoid"),
    "whole numbers as classes": ("a,b,stars\n" + rows(80, NUMBERS, [7, 8], [1, 2, 4]), '"4"'),
    "a number": ("a,b,price\n" + rows(30, NUMBERS, ["p", "q"], [10.5, 30, 20.25, 8]), "squared"),
    "missing inputs": (
        "a,b,kind\n" + rows(30, [1, "", 3, "NA", 4], ["p", "", "q"], ["u", "v"]),
        "mean",
    ),
    "missing targets": ("a,b,kind\n" + rows(30, NUMBERS, [7, 8, ""], ["u", "v", "?"]), "drop"),
    "odd names": (
        'Größe (cm),"a, ""b""",x[0],- y: #z,Wörter\n'
        + rows(30, NUMBERS, [7, 8, 9], ["p", "q"], [1, 2, 3], ["äö", "a: b", "# c"]),
        "Woerter",
    ),
    "names like words of YAML": (
        "null,true,1e3,~,loss\n" + rows(30, NUMBERS, ["p", "q"], [3, 4, 5], [7, 8], ["no", "on"]),
        '"null"',
    ),
    "twice": ("a,b,b,kind\n" + rows(30, NUMBERS, [7, 8], [1, 2], ["u", "v"]), "left out: b"),
    "no names": ("a,,kind\n" + rows(30, NUMBERS, [7, 8], ["u", "v"]), "c1"),
    "semicolons": (("a;b;kind\n" + rows(30, NUMBERS, [7, 8], ["u", "v"])).replace(",", ";"), '";"'),
    "bars": (("a|b|kind\n" + rows(30, NUMBERS, [7, 8], ["u", "v"])).replace(",", "|"), '"|"'),
    "no header": (rows(30, NUMBERS, [7, 8], [1.5, 2.5, 3.5]), "header: false"),
    "an id": ("id,name,a,kind\n" + rows(30, "1#0", "n#", NUMBERS, ["u", "v"]), "id"),
    "nothing in it": (
        "a,empty,same,kind\n" + rows(30, NUMBERS, "", "s", ["u", "v"]),
        "left out: same",
    ),
    "mixed cells": ("a,b,kind\n" + rows(30, [1, "two", 3], NUMBERS, ["u", "v"]), "'two'"),
    "decimal commas": (
        "a;b;kind\n" + ("1,5;7;u\n2;8;v\n3,25;9;u\n" * 10),
        "left out: a, for it holds numbers with a comma, such as 1,5",
    ),
    "few rows": ("a,b\n1,2\n2,4\n3,5\n", "so few rows"),
    "a rare class": (
        "a,kind\n" + rows(40, NUMBERS, [*["u"] * 19, "v"]) + rows(20, [1, 2], "w"),
        "balanced",
    ),
}


def lines_of(text: str) -> str:
    """A test's own columns "1#0" count: 0, 1, 2, ... as ids do."""
    header, *body = text.splitlines()
    numbered = [line.replace(f"1{n}0,n", f"{n},n", 1) for n, line in enumerate(body)]
    return "\n".join([header, *numbered]) + "\n"


@pytest.mark.parametrize("case", TABLES)
def test_what_is_written_is_in_order_and_trains_and_says_what_was_guessed(
    case: str, capsys: Capture
) -> None:
    text, word = TABLES[case]
    Path("my table.csv").write_text(lines_of(text), encoding="utf-8")
    assert run(["new", "--data", "my table.csv", "net.yaml"]) == 0, capsys.readouterr().err
    written = Path("net.yaml").read_text(encoding="utf-8")
    assert word in written
    assert max(map(len, written.splitlines())) <= 120
    capsys.readouterr()
    code = run(["check", "net.yaml", "--json"])
    (answer,) = json.loads(capsys.readouterr().out)["files"]
    assert (code, answer["errors"]) == (0, []), written
    rare = ["L222"] if case == "a rare class" else []  # which the spec that is written says too
    assert [lint["code"] for lint in answer["lints"]] == rare
    assert run(["train", "net.yaml", "-o", "run", "-s", "train.epochs=2"]) == 0
    assert run(["predict", "run", "--input", "my table.csv", "-o", "out.csv"]) in (0, 4)


def test_the_file_and_the_network_are_named_after_the_table(capsys: Capture) -> None:
    Path("sub").mkdir()
    Path("sub/pets.tsv").write_text("a\tkind\n" + rows(12, NUMBERS, ["u", "v"]).replace(",", "\t"))
    assert run(["new", "--data", "sub/pets.tsv"]) == 0
    text = Path("pets.yaml").read_text()
    assert "name: pets\n" in text
    assert "  path: sub/pets.tsv\n" in text
    assert r'  delimiter: "\t"' in text
    assert run(["check", "pets.yaml"]) == 0
    assert run(["new", "--data", "sub/pets.tsv"]) == 8
    assert (
        "name another file: nngraph new --data sub/pets.tsv pets-2.yaml" in capsys.readouterr().err
    )


def test_another_target_is_taken_when_it_is_asked_for() -> None:
    Path("t.csv").write_text("a,b,kind\n" + rows(30, NUMBERS, ["p", "q", "r"], ["u", "v"]))
    assert run(["new", "--data", "t.csv", "--target", "b"]) == 0
    text = Path("t.yaml").read_text()
    assert "    b: b\n" in text
    assert "guessed;" not in text
    assert "      - kind" in text


@pytest.mark.parametrize(
    ("text", "words", "code", "message"),
    [
        ("a,b\n1,2\n2,3\n", ["--target", "c"], 2, "'t.csv' has no column 'c'"),
        ("a,b\n1,2\n1,3\n", ["--target", "a"], 2, "'a' cannot be the target: it is the same in"),
        (
            "a\n1.5\n2.5\n",
            [],
            2,
            "there is nothing to learn from 't.csv': no other column than 'a'",
        ),
        ("a,b\n1,x\n1,x\n", [], 2, "no column is one to learn: 'a': it is the same in every row"),
        ("a,b\n", [], 4, "has a header, but no rows"),
        ("", [], 4, "'t.csv' is empty"),
        ("a,b\n1,2\n1\n", [], 4, "this row has 1 cell, but the header names 2 columns"),
    ],
)
def test_what_cannot_be_learnt_is_told(
    text: str, words: list[str], code: int, message: str, capsys: Capture
) -> None:
    Path("t.csv").write_text(text)
    assert run(["new", "--data", "t.csv", *words]) == code
    assert message in capsys.readouterr().err
    assert not Path("t.yaml").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--data", "t.xlsx"], 2, "cannot write a spec from 't.xlsx': '.xlsx' is none of .csv"),
        (["--data", "none.csv"], 8, "no file 'none.csv'"),
        (["mlp", "--target", "a"], 2, "--target names a column of the file of --data"),
        ([], 2, "name a template, or a file with --data"),
        (["--data", "../t.csv", "net.yaml"], 8, "a spec names files of its own folder"),
    ],
)
def test_mistakes_with_new_are_told(
    words: list[str], code: int, message: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path.parent / "t.csv").write_text("a,b\n1,2\n2,4\n")
    assert run(["new", *words]) == code
    assert message in capsys.readouterr().err
