"""What replay says of a difference, and what it counts as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from recording import difference, figures_that_differ, read, record_programs, write
from replay_adapter import generator

BEFORE = {"train": "  %2: f = matmul %0 %1\n  %3: f = tanh %2\n  %4: f = add %3 %2\n"}
SPEC = "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {}}\nedges: [x -> y]\n"


def test_a_difference_leaves_out_what_is_only_numbered_anew() -> None:
    now = {"train": "  %2: f = abs %0\n  %3: f = matmul %2 %1\n  %4: f = tanh %3\n"}
    now["train"] += "  %5: f = add %4 %3\n"
    told = difference(BEFORE, now).splitlines()
    assert [line for line in told if line.startswith(("+ ", "- "))] == ["+  %2: f = abs %0"]


def test_operands_that_changed_places_are_a_difference() -> None:
    now = {"train": BEFORE["train"].replace("add %3 %2", "add %2 %3")}
    assert "+  %4: f = add %2 %3" in difference(BEFORE, now)


def test_no_difference_is_no_text() -> None:
    assert difference(BEFORE, dict(BEFORE)) == ""


def test_a_long_difference_is_cut() -> None:
    long = {"train": "\n".join(f"line {k}" for k in range(100))}
    assert difference(BEFORE, long).splitlines()[-1].startswith("... and ")
    assert len(difference(BEFORE, long).splitlines()) == 41


def test_figures_may_differ_by_rounding_and_not_by_more() -> None:
    before = "00  0.5  1.0  evaluate: y\n11  0.1  0.1  weights after three steps: x->y\n"
    rounded = "22  0.5001  1.0001  evaluate: y\n33  0.2  0.2  weights after three steps: x->y\n"
    assert figures_that_differ(before, rounded) == []
    assert len(figures_that_differ(before, before.replace(" 0.5", " 0.51"))) == 1
    assert figures_that_differ(before, before.splitlines()[0]) == ["another number of arrays"]
    assert len(figures_that_differ(before, before.replace("0.5 ", "nan "))) == 1


def test_sections_are_read_as_they_were_written(tmp_path: Path) -> None:
    sections = {"predict": "program\n\n  a = 1\n", "train, with kernels": "as without\n"}
    write(tmp_path / "a" / "b.txt", sections)
    assert read(tmp_path / "a" / "b.txt") == sections
    assert read(tmp_path / "none.txt") == {}


def test_a_network_with_another_number_is_another_record(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(SPEC)
    before = record_programs(path, {"": False})
    path.write_text(SPEC.replace("shape: 2", "shape: 3"))
    assert difference(before, record_programs(path, {"": False}))


def test_each_name_has_rows_of_its_own() -> None:
    first, second = generator("a").normal(size=3), generator("b").normal(size=3)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(generator("a").normal(size=3), first)
