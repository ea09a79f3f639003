"""Lints on data: the target among the inputs, ids, classes with almost no rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import nngraph

SPEC = """\
nngraph: 1
nodes: {{x: {{kind: input, shape: {size}}}, y: {{units: {units}, activation: softmax}}}}
edges: [x -> y]
loss: {{kind: cross_entropy, target: kind}}
data:
  source: csv
  path: t.csv
  inputs: {{x: [{columns}]}}
  targets: {targets}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lints(
    columns: str,
    size: int,
    kinds: str = "uvw" * 10,
    targets: str = "{}",
    comment: str = "",
    units: int = 3,
):
    lines = ["id,name,size,age,kind"]
    lines += [f"{1000 - n},n{n},{n * n % 7},{n * n % 5},{kind}" for n, kind in enumerate(kinds)]
    Path("t.csv").write_text("\n".join(lines) + "\n")
    text = SPEC.format(columns=columns, size=size, targets=targets, units=units)
    Path("net.yaml").write_text(text.replace("]}\n  targets", f"]}}{comment}\n  targets"))
    found = nngraph.check("net.yaml")
    assert found.ok, found.errors
    return [
        (lint.code, lint.span.source.text[lint.span.start : lint.span.end]) for lint in found.lints
    ]


def test_ordinary_columns_are_no_lint():
    assert lints("size, age", 2) == []


def test_the_target_among_the_inputs_is_told_where_it_stands():
    assert lints("size, kind, age", 5) == [("L220", "kind")]
    derived = "{kind: {column: kind, equals: u}}"
    assert ("L220", "kind") in lints("size, age, kind", 5, targets=derived, units=2)


def test_an_id_is_told_as_a_number_and_as_names():
    assert lints("size, id", 2) == [("L221", "id")]
    assert lints("name, size", 31) == [("L221", "name")]
    assert lints("id, size", 2, comment="  # nngraph: ignore L221") == []


def test_a_single_column_that_counts_may_be_a_time():
    assert lints("id", 1) == []


def test_a_class_with_almost_no_rows_is_told():
    assert [code for code, _ in lints("size, age", 2, "uv" * 30 + "w")] == ["L222"]
    assert lints("size, age", 2, "uvw" * 3) == []  # few rows of all classes


def test_the_rare_class_is_called_by_its_name():
    lints("size, age", 2, "uv" * 30 + "w")
    (lint,) = nngraph.check("net.yaml").lints
    assert lint.message == "of the target 'kind', 'w' has 1 row among the 61 that train"


def test_training_tells_them_too(capsys: pytest.CaptureFixture[str]):
    from nngraph.cli.frame import run

    lints("size, id", 2)
    assert run(["train", "net.yaml", "-s", "train.epochs=1"]) == 0
    assert "L221" in capsys.readouterr().err
