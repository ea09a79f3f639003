"""The benchmarks' one command measures, compares and writes; nothing here is about speed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCHMARKS = Path(__file__).parent / "benchmarks"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, without peers."""
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--no-peers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, str]:
    """JSON and Markdown of a step of XOR, as layers and as neurons."""
    folder = tmp_path_factory.mktemp("benchmarks")
    files = ["--json", str(folder / "a.json"), "--markdown", str(folder / "a.md")]
    done = run("xor", "--case", "XOR step", "--quick", "--threads", "1", *files)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (folder / "a.md").read_text().strip()
    return json.loads((folder / "a.json").read_text()), (folder / "a.md").read_text()


def test_each_side_has_its_median_spread_and_ratio(written: tuple[dict, str]) -> None:
    rows = {row["case"]: row for row in written[0]["rows"]}
    assert list(rows) == ["XOR step", "XOR step, as neurons"]
    for row in rows.values():
        assert row["failed"] == row["wrong"] == {}
        side = row["sides"]["nngraph"]
        assert 0 < side["low"] <= side["median"] <= side["high"] < 1


def test_a_piece_of_a_workload_has_the_sides_that_are_asked_for_and_that_of_the_ratios() -> None:
    listed = run("epochs", "--case", "convnet", "--side", "nngraph kernels", "--list").stdout
    (line,) = listed.splitlines()
    assert line.endswith("; nngraph kernels, PyTorch fused)")
    refused = run("epochs", "--side", "torch")
    assert refused.returncode == 2
    assert "no side torch" in refused.stderr


def test_what_is_absent_is_said(written: tuple[dict, str]) -> None:
    assert {"PyTorch fused (no torch)", "JAX (no jax)"} <= set(written[0]["about"]["absent"])
    assert "PyTorch fused (no torch)" in written[1]


def test_conditions_stand_beside_the_figures(written: tuple[dict, str]) -> None:
    about = written[0]["about"]
    assert {"processor", "cores", "OPENBLAS_CORETYPE", "commit"} <= set(about["machine"])
    (sides,) = about["sides"].values()
    (pool,) = [p for p in sides["nngraph"]["threadpools"] if p["library"] == "openblas"]
    assert pool["kernel"]
    assert pool["threads"] == 1
    assert pool["kernel"] in written[1]


def test_markdown_has_a_table_of_figures_and_one_of_targets(written: tuple[dict, str]) -> None:
    tables = {
        part.splitlines()[0]: [line for line in part.splitlines() if line.startswith("|")]
        for part in written[1].split("## ")[1:]
    }
    assert list(tables) == ["xor", "Targets"]
    for lines in tables.values():
        assert len(lines) > 2
        assert len({line.count("|") for line in lines}) == 1
    assert [t["verdict"] for t in written[0]["targets"]]


def test_a_workload_that_is_not_there_is_refused() -> None:
    done = run("xorr")
    assert done.returncode == 2
    assert "no workload xorr" in done.stderr


# ---- what agrees with what


@pytest.fixture(scope="module")
def harness() -> Iterator[SimpleNamespace]:
    """The benchmarks' own modules, which are no package of nngraph."""
    before = set(sys.modules)
    sys.path.insert(0, str(BENCHMARKS))
    names = ("cases", "results", "targets", "workloads")
    try:
        yield SimpleNamespace(**{n: importlib.import_module(f"harness.{n}") for n in names})
    finally:
        sys.path.remove(str(BENCHMARKS))
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "harness":
                del sys.modules[name]


def answered(harness: SimpleNamespace, *losses: float) -> SimpleNamespace:
    """The row of a case in which PyTorch, nngraph and its kernels give these losses."""
    sides = ("PyTorch fused", "nngraph", "nngraph kernels")
    case = harness.cases.Case("dense", "a step", "step", {}, sides, "PyTorch fused")
    answers = {
        side: [{"check": [0.5, loss], "figures": {"step": [k + 1.0, k + 3.0]}}] * 2
        for k, (side, loss) in enumerate(zip(sides, losses, strict=True))
    }
    (row,) = harness.results.rows_of(case, answers, 1, "stock")
    return row


def test_sides_that_agree_with_the_peer_have_figures(harness: SimpleNamespace) -> None:
    row = answered(harness, 0.25, 0.2501, 0.2499)
    assert row.wrong == {}
    assert row.agrees_with == "PyTorch fused"
    assert row.values["nngraph"] == [3.0, 3.0]  # the median of each round
    assert row.ratio("nngraph", "PyTorch fused").median == 1.5


@pytest.mark.parametrize("loss", [0.251, float("nan"), float("inf")])
def test_a_side_with_another_loss_is_wrong_and_has_no_figure(
    harness: SimpleNamespace, loss: float
) -> None:
    row = answered(harness, 0.25, loss, 0.25)
    assert list(row.wrong) == ["nngraph"]
    assert list(row.values) == ["PyTorch fused", "nngraph kernels"]


def test_a_side_that_failed_is_no_figure_and_no_reference(harness: SimpleNamespace) -> None:
    case = harness.cases.Case("dense", "a step", "step", {}, ("limit", "nngraph"), "limit")
    good = {"figures": {"step": [2.0]}}
    answers = {"limit": [good, {"error": "no memory"}], "nngraph": [good, good]}
    (row,) = harness.results.rows_of(case, answers, 1, "stock")
    assert row.failed == {"limit": "no memory"}
    assert list(row.values) == ["nngraph"]


def test_a_target_is_met_missed_or_met_as_by_hand(harness: SimpleNamespace) -> None:
    def verdicts(**times: float) -> dict[str, str]:
        values = {side.replace("_", " "): [time] for side, time in times.items()}
        case = "784-128-10, adam, batch 128"
        row = harness.results.Row("dense", case, "step", 1, "stock", "limit", values)
        return {v.text.partition(": ")[2]: v.verdict for v in harness.targets.verdicts([row])}

    assert verdicts(limit=1.0, nngraph_kernels=1.2) == {"nngraph kernels / limit": "met"}
    assert verdicts(limit=1.0, nngraph_kernels=1.3) == {"nngraph kernels / limit": "missed"}
    near = verdicts(limit=1.0, nngraph_kernels=1.3, by_hand_kernels=1.25)
    assert near == {"nngraph kernels / limit": "met, as by hand"}


def test_every_target_names_what_is_measured(harness: SimpleNamespace) -> None:
    sides = {case.name: case.sides for case in harness.workloads.all_cases()}
    numbers = [n for t in harness.targets.targets() for n in (t.number, t.over) if n is not None]
    assert [n for n in numbers if n.side not in sides.get(n.case, ())] == []


def test_every_side_of_a_case_is_known_and_no_case_stands_twice(harness: SimpleNamespace) -> None:
    cases = harness.workloads.all_cases()
    assert {side for case in cases for side in case.sides} == set(harness.cases.SIDES)
    assert all(case.over in case.sides for case in cases)
    assert len({case.name for case in cases}) == len(cases)
