"""Runs side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from html_reading import Page
from run_samples import DEEP, TABLE, change, train

from nngraph.errors import FileError, UsageError
from nngraph.insight.compare import Comparison, compare_runs
from nngraph.insight.compare_page import compare_html
from nngraph.insight.overlay import overlay_svg
from nngraph.render.colours import SERIES

MADE = {
    "slow": (TABLE, ["-s", "train.optimizer.learning_rate=0.001"]),
    "fast": (TABLE, []),
    "adam": (TABLE, ["-s", "train.optimizer={kind: adam, learning_rate: 0.1}"]),
    "deep": (DEEP, []),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name, (spec, options) in MADE.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = train(spec, folder, *options).rename(folder / name)
    return found


def compared(runs: dict[str, Path], *names: str) -> Comparison:
    return compare_runs([runs[name] for name in names])


def table(lines) -> dict[str, tuple]:
    return {line.name: line.values for line in lines}


def test_only_the_keys_that_differ_are_shown(runs):
    found = compared(runs, "slow", "fast")
    assert table(found.differing) == {"train.optimizer.learning_rate": ("0.001", "0.1")}


def test_defaults_of_an_option_that_the_other_has_not_go_without_saying(runs):
    found = compared(runs, "fast", "adam")
    assert table(found.differing) == {"train.optimizer.kind": ("sgd", "adam")}


def test_other_nodes_are_named_once_and_their_edges_go_without_saying(runs):
    found = table(compared(runs, "fast", "deep").differing)
    assert found["nodes.a"] == (None, "neurons")
    assert found["nodes.y.activation.kind"] == ("identity", "sigmoid")
    assert not [name for name in found if name.startswith(("nodes.a.", "edges.x->a", "edges.a"))]


def test_the_best_of_each_figure_is_known_whether_more_or_less_is_better(runs):
    found = compared(runs, "slow", "fast")
    best = {line.name: line.best for line in found.figures}
    assert best == {"train.loss": {1}, "train.r2": {1}}
    figures = json.loads((runs["fast"] / "summary.json").read_text())["train"]
    assert table(found.figures)["train.r2"][1] == figures["r2"]
    assert table(found.facts)["parameters"] == (2, 2)


def test_figures_that_one_run_alone_has_are_not_the_best_of_anything(runs):
    found = compared(runs, "fast", "deep")
    lines = {line.name: line for line in found.figures}
    assert lines["train.r2"].values[1] is None
    assert not lines["train.r2"].best


def test_json_holds_each_run_with_its_figures(runs):
    found = compared(runs, "slow", "fast").to_json()
    assert [entry["run"] for entry in found["runs"]] == [str(runs["slow"]), str(runs["fast"])]
    assert found["runs"][0]["differing"] == {"train.optimizer.learning_rate": "0.001"}
    assert found["best"]["train.loss"] == [str(runs["fast"])]
    assert json.loads(json.dumps(found)) == found


def test_the_page_is_read_back_with_hostile_names_of_folders(runs, tmp_path):
    name = "a'><b onload='x'>&amp;"
    hostile = shutil.copytree(runs["slow"], tmp_path / name)
    page = Page(compare_html(compare_runs([hostile, runs["fast"], runs["deep"]])))
    assert name in page.text("th")
    assert name in page.text("text")
    assert len(page.named("svg")) == 1


def test_curves_lie_over_one_another_one_line_a_run(runs):
    root = ElementTree.fromstring(overlay_svg(compared(runs, "slow", "fast", "deep").runs))
    names = [e.get("class") for e in root.iter("{http://www.w3.org/2000/svg}path")]
    # one in the legend and one in each panel: loss for all, r2 for two
    assert sorted(names) == ["run0-line"] * 3 + ["run1-line"] * 3 + ["run2-line"] * 2


def test_more_runs_than_colours_are_told_apart_by_dashes(runs, tmp_path):
    count = len(SERIES) + 2
    folders = [shutil.copytree(runs["fast"], tmp_path / f"r{n}") for n in range(count)]
    root = ElementTree.fromstring(overlay_svg(compare_runs(folders).runs))
    paths = list(root.iter("{http://www.w3.org/2000/svg}path"))
    looks = {(e.get("class"), e.get("stroke-dasharray")) for e in paths}
    assert len(looks) == count


def test_gaps_and_infinities_break_the_line(runs, tmp_path):
    folders = [shutil.copytree(runs["fast"], tmp_path / name) for name in ("a", "b")]
    losses = [1.0, 0.5, None, 0.2, 0.1]
    lines = [json.dumps({"epoch": n, "train.loss": v}) for n, v in enumerate(losses)]
    change(folders[0], "metrics.jsonl", "\n".join(lines))
    change(folders[1], "metrics.jsonl", "")
    root = ElementTree.fromstring(overlay_svg(compare_runs(folders).runs))
    paths = [e for e in root.iter("{http://www.w3.org/2000/svg}path") if "L" in e.get("d", "")]
    assert sum(e.get("d", "").count("M") for e in paths) == 2


def test_mistakes_are_refused_by_name(runs, tmp_path):
    with pytest.raises(UsageError, match="two runs"):
        compare_runs([runs["fast"]])
    with pytest.raises(UsageError, match="twice"):
        compare_runs([runs["fast"], runs["fast"].parent / "." / "fast"])
    with pytest.raises(FileError, match="no run 'missing'"):
        compare_runs([runs["fast"], Path("missing")])
    with pytest.raises(FileError, match="is no run folder"):
        compare_runs([runs["fast"], tmp_path])
