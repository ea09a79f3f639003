"""Units of a run by the names of its data: columns, categories, classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nngraph
from nngraph.cli import run as call

SPEC = """\
nngraph: 1
name: pets
nodes: {x: {kind: input, shape: 4}, h: {units: 2}, y: {units: 3, activation: softmax}}
edges: [x -> h -> y]
loss: {kind: cross_entropy, target: species}
data: {source: csv, path: pets.csv, normalize: standard}
train: {epochs: 1, batch_size: full}
"""
ROWS = """\
height_cm,well,species,city
25,1,cat,Bern
55,0,dog,Rome
18,1,rabbit,Bern
"""
NAMES = ("height_cm", "well", "city=Bern", "city=Rome")
CLASSES = ("cat", "dog", "rabbit")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("pets")
    (folder / "pets.yaml").write_text(SPEC)
    (folder / "pets.csv").write_text(ROWS)
    nngraph.train_run(folder / "pets.yaml", run=folder / "run")
    return folder / "run"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert call([str(word) for word in words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("more", [(), ("--overlay", "activations")])
def test_circles_have_the_names_of_columns_and_classes_beside_them(run, tmp_path, more, capsys):
    drawn = tmp_path / "net.dot"
    said(capsys, "render", run, "--neurons", "-o", drawn, *more)
    beside = re.findall(r">([^<>]+)<", drawn.read_text())
    assert [word for word in beside if word in NAMES + CLASSES] == [*NAMES, *CLASSES]
    assert "x[2]" not in beside


def test_a_traced_sample_names_units_and_takes_their_addresses(run, capsys):
    lines = said(capsys, "trace", run).splitlines()
    for unit, name in enumerate(NAMES):
        line = next(each for each in lines if each.startswith(f"  z_x[{unit}] "))
        assert line.endswith(f"({name})")
    assert next(each for each in lines if each.startswith("  z_y[1] ")).endswith("(dog)")
    asked = said(capsys, "trace", run, "--edge", "x[2]->h[1]").splitlines()[-1]
    assert "dL/dW(x[2]->h[1])" in asked
    assert asked.endswith("(city=Bern)")
    assert r"\text{(height\_cm)}" in said(capsys, "trace", run, "--latex")


def test_formulas_and_weights_name_units(run, capsys):
    assert f"(4: {', '.join(NAMES)})" in said(capsys, "explain", run)
    listed = said(capsys, "weights", run)
    assert "x[3] (city=Rome) -> h[1] " in listed
    assert "  y[2] (rabbit) " in listed


def test_what_has_no_names_keeps_its_addresses_alone(capsys):
    spec = Path(__file__).parent.parent.parent / "specs" / "xor-gates.yaml"
    assert "(x" not in said(capsys, "weights", spec) + said(capsys, "explain", spec)
