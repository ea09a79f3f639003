"""Rows by the names of their columns: data frames, mappings, samples typed by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import nngraph
from nngraph.cli.frame import run as call
from nngraph.data import Normalizers
from nngraph.data.frames import frame_names
from nngraph.errors import DataError, UsageError
from nngraph.files import bind_files

PETS = """\
nngraph: 1
name: pets
nodes: {x: {kind: input, shape: 6}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: species}
data: {source: csv, path: pets.csv, missing: mean, normalize: standard}
train: {epochs: 2, batch_size: full}
"""
ROWS = """\
height_cm,weight_kg,vaccinated,city,species
25,4.2,yes,Bern,cat
55,22,no,Rome,dog
18,2,yes,Bern,rabbit
24,,yes,Rome,cat
"""
NAMES = ("height_cm", "weight_kg", "vaccinated", "city")
ROW = {"height_cm": 25, "weight_kg": 4.2, "vaccinated": "yes", "city": "Bern"}


class Frame:
    """As much of a data frame as is asked for."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name):
        return self._columns[name]


def frame(*leave_out, **more):
    rows = {
        name: [ROW[name], value] for name, value in zip(NAMES, (55, 22, "no", "Rome"), strict=True)
    }
    return Frame({k: v for k, v in (rows | more).items() if k not in leave_out})


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pets")
    (folder / "pets.yaml").write_text(PETS)
    (folder / "pets.csv").write_text(ROWS)
    nngraph.train_run(folder / "pets.yaml", run=folder / "run")
    return folder / "run"


@pytest.fixture
def model(run):
    return nngraph.load(run)


def said(capsys, *words):
    code = call([str(word) for word in words])
    return code, capsys.readouterr()


def encoded():
    """The first two rows as they are laid out by hand: numbers, no and yes, Bern and Rome."""
    return np.array([[25, 4.2, 0, 1, 1, 0], [55, 22, 1, 0, 0, 1]])


def test_the_run_keeps_the_names_the_categories_and_what_was_missing(run):
    stored = json.loads((run / "data.json").read_text())["normalizers"]
    assert stored["columns"]["x"] == [
        {"name": "height_cm"},
        {"name": "weight_kg", "missing": 1},
        {"name": "vaccinated", "categories": ["no", "yes"]},
        {"name": "city", "categories": ["Bern", "Rome"]},
    ]
    assert stored["columns"]["species"] == [{"name": "species"}]


def test_columns_of_a_frame_are_matched_by_name_whatever_their_order(model):
    wanted = model.predict(encoded())
    np.testing.assert_array_equal(model.predict(frame()), wanted)
    turned = Frame({name: frame()[name] for name in reversed(NAMES)})
    np.testing.assert_array_equal(model.predict(turned), wanted)


def test_further_columns_of_a_frame_are_left_alone(model):
    more = frame(species=["cat", "dog"], id=[1, 2])
    np.testing.assert_array_equal(model.predict(more), model.predict(encoded()))


def test_a_frame_that_lacks_columns_is_refused_with_their_names(model):
    with pytest.raises(DataError) as e:
        model.predict(frame("city", "weight_kg", wieght_kg=[1, 2]))
    there = "it offers 'height_cm', 'vaccinated' and 'wieght_kg'"
    assert [d.message for d in e.value.diagnostics] == [
        f"the data frame has no column 'weight_kg'; {there}",
        f"the data frame has no column 'city'; {there}",
    ]
    assert e.value.diagnostics[0].label == "did you mean 'wieght_kg'?"


def test_missing_values_of_a_frame_take_the_means_that_were_learnt(model):
    mean = (4.2 + 22 + 2) / 3
    given = frame(weight_kg=[float("nan"), None])
    wanted = encoded()
    wanted[:, 1] = mean
    np.testing.assert_allclose(model.predict(given), model.predict(wanted), rtol=1e-6)


def test_a_name_that_was_never_seen_is_refused_with_its_row(model):
    with pytest.raises(
        DataError, match=r"'Pari' is none of the categories of column 'city'.*row 1"
    ):
        model.predict(frame(city=["Bern", "Pari"]))


def test_a_mapping_by_columns_is_as_good_as_one_by_inputs(model):
    columns = {name: frame()[name] for name in NAMES}
    np.testing.assert_array_equal(model.predict(columns), model.predict({"x": encoded()}))
    with pytest.raises(UsageError, match="x names 'citty', which is no column"):
        model.predict({**columns, "citty": ["Bern", "Bern"]})
    with pytest.raises(UsageError, match="x gives nothing for the columns 'vaccinated' and 'city'"):
        model.predict({name: columns[name] for name in NAMES[:2]})


def test_rows_of_cells_are_read_in_the_order_of_the_columns(model):
    rows = [[25, 4.2, "yes", "Bern"], [55, 22, "no", "Rome"]]
    np.testing.assert_array_equal(model.predict(rows), model.predict(encoded()))


@pytest.mark.parametrize(
    "given",
    [
        "height_cm=25, weight_kg=4.2, vaccinated=yes, city=Bern",
        "city='Bern', vaccinated=yes, 'height_cm'=25, weight_kg=4.2",
        "x=[25, 4.2, yes, Bern]",
        "x=[25, 4.2, 0, 1, 1, 0]",
    ],
)
def test_a_sample_is_typed_by_columns_or_as_one_row(run, model, capsys, given):
    code, out = said(capsys, "predict", run, "--json", "--given", given)
    assert code == 0, out.err
    found = json.loads(out.out)["outputs"]["y"]
    np.testing.assert_allclose(found, model.predict(encoded()[:1]), rtol=1e-6)


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        ("height_cm=25, vaccinated=yes", 2, "gives nothing for the columns 'weight_kg' and 'city'"),
        ("height_cm=25, ciy=Bern", 2, "did you mean 'city'? the columns are 'height_cm', "),
        ("height_cm=tall, weight_kg=1, vaccinated=yes, city=Bern", 2, "takes numbers, got 'tall'"),
        ("height_cm=1, weight_kg=1, vaccinated=yes, city=Bonn", 4, "'Bern' and 'Rome'"),
        ("x=[25, 4.2, yes]", 2, "a cell for each of its columns, 'height_cm', 'weight_kg'"),
    ],
)
def test_a_sample_that_does_not_fit_names_what_is_there(run, capsys, given, code, message):
    found, out = said(capsys, "predict", run, "--given", given)
    assert (found, message in out.err) == (code, True), out.err


def test_a_csv_file_with_turned_columns_gives_the_same_answers(run, model, tmp_path, capsys):
    rows = [[*reversed(NAMES)], ["Bern", "yes", "4.2", "25"], ["Rome", "no", "22", "55"]]
    with (tmp_path / "new.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    np.testing.assert_array_equal(model.predict(tmp_path / "new.csv"), model.predict(encoded()))
    (tmp_path / "new.csv").write_text("height_cm,weight_kg,city\n25,4.2,Bern\n")
    code, out = said(capsys, "predict", run, "--input", tmp_path / "new.csv")
    assert (code, "'new.csv' has no column 'vaccinated'" in out.err) == (4, True)


def test_reversed_columns_of_a_packaged_set_give_the_right_flower(tmp_path):
    text = """
nngraph: 1
nodes: {x: {kind: input, shape: 4}, species: {units: 3, activation: softmax}}
edges: [x -> species]
loss: cross_entropy
data: {source: iris, normalize: standard}
train: {epochs: 30, batch_size: 16, optimizer: {kind: adam, learning_rate: 0.05}}
"""
    model = nngraph.compile(text)
    model.fit()
    flower = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    turned = Frame({name: [flower[name]] for name in reversed(flower)})
    np.testing.assert_array_equal(model.predict(turned), model.predict([[*flower.values()]]))
    assert model.predict(turned).argmax() == 0


def test_a_network_that_is_fitted_on_a_frame_learns_its_names():
    text = """
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {activation: sigmoid}}
edges: [x -> y]
loss: binary_cross_entropy
"""
    model = nngraph.compile(text)
    given = Frame({"size": [1.0, 2.0, 3.0], "city": ["Bern", "Rome", "Bern"]})
    model.fit(given, [0, 1, 1], epochs=1)
    turned = Frame({"city": ["Rome"], "size": [2.0]})
    np.testing.assert_array_equal(model.predict(turned), model.predict([[2.0, 0, 1]]))
    assert model.loss(given, [0, 1, 1]) > 0
    with pytest.raises(DataError, match="has no column 'city'"):
        model.predict(Frame({"size": [2.0], "town": ["Rome"]}))


def test_columns_that_are_only_numbered_are_taken_in_their_order(model):
    class Numbered(Frame):
        def __array__(self, dtype=None, copy=None):
            return np.stack([self._columns[c] for c in self.columns], axis=1)

    columns = encoded().T
    given = Numbered({number: columns[number] for number in range(6)})
    np.testing.assert_array_equal(model.predict(given), model.predict(encoded()))


def test_a_structured_array_has_names_too(model):
    fields = [("city", object), ("height_cm", float), ("weight_kg", float), ("vaccinated", object)]
    rows = np.array([("Bern", 25, 4.2, "yes"), ("Rome", 55, 22, "no")], fields)
    np.testing.assert_array_equal(model.predict(rows), model.predict(encoded()))


def test_truths_of_python_are_those_of_the_file(tmp_path):
    (tmp_path / "t.csv").write_text("a,ok,y\n1,TRUE,0\n2,FALSE,1\n")
    text = """
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: csv, path: t.csv}
train: {epochs: 1}
"""
    (tmp_path / "t.yaml").write_text(text)
    model = nngraph.compile(tmp_path / "t.yaml")
    model.fit()
    given = Frame({"ok": np.array([True, False]), "a": [1, 2]})
    np.testing.assert_array_equal(model.predict(given), model.predict([[1, 0, 1], [2, 1, 0]]))


def test_a_run_of_an_older_format_still_loads_and_takes_files(run, tmp_path):
    model = nngraph.load(run)
    stored = json.loads((run / "data.json").read_text())
    columns = stored["normalizers"].pop("columns")
    known = {c["name"]: c["categories"] for c in columns["x"] if "categories" in c}
    stored["normalizers"]["categories"] = {"x": known}
    old = json.dumps(stored | {"format": 2}).encode()
    assert set(Normalizers.from_json(stored["normalizers"]).columns) == {"x"}
    wanted = model.predict(encoded())
    kept = (run / "data.json").read_bytes()
    bind_files(run, {"data.json": old})
    try:
        np.testing.assert_array_equal(nngraph.load(run).predict(encoded()), wanted)
        (tmp_path / "new.csv").write_text("a,b,vaccinated,city\n25,4.2,yes,Bern\n55,22,no,Rome\n")
        np.testing.assert_array_equal(nngraph.load(run).predict(tmp_path / "new.csv"), wanted)
    finally:
        bind_files(run, {"data.json": kept})


def test_frames_of_pandas_are_matched_by_name(model):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.DataFrame({name: frame()[name] for name in reversed(NAMES)})
    assert frame_names(table) == tuple(reversed(NAMES))
    np.testing.assert_array_equal(model.predict(table), model.predict(encoded()))
    table["city"] = table["city"].astype("category")
    table["height_cm"] = table["height_cm"].astype("Int64")
    np.testing.assert_array_equal(model.predict(table), model.predict(encoded()))
    table.loc[0, "height_cm"] = pandas.NA
    assert np.isfinite(model.predict(table)).all()
    assert model.predict(pandas.DataFrame(encoded())).shape == (2, 3)
    with pytest.raises(DataError, match="has no column 'city'"):
        model.predict(table.drop(columns="city"))


def test_what_data_describe_prints_has_names_units_and_categories(run, capsys):
    code, out = said(capsys, "data", "describe", run.parent / "pets.yaml")
    lines = [line.split() for line in out.out.splitlines()]
    assert code == 0
    assert ["height_cm", "18", "55", "30.5", "14.4"] in lines
    assert "vaccinated  yes 3, no 1" in out.out
    assert "city        Bern 2, Rome 2" in out.out
    assert ["height_cm", "weight_kg", "vaccinated", "city", "species"] in lines
    assert ["55", "22", "no", "Rome", "dog"] in lines


def test_a_report_shows_rows_by_columns_in_their_own_units(run, tmp_path):
    page = nngraph.load(run).report(tmp_path / "r.html").read_text()
    for cell in ("height_cm", "weight_kg", "vaccinated", "city", "Rome", "yes", ">55<", ">4.2<"):
        assert cell in page, cell
    assert "x[0]" not in page.replace(PETS, "")


def test_what_was_zero_comes_back_as_zero():
    from nngraph.data import Normalizer
    from nngraph.insight.answers import in_own_units

    scale = Normalizer("standard", (0.3025210084033613, 31.64), (0.4574316314805875, 16.25))
    raw = np.array([[0.0, 4.2], [1.0, 25.0]])
    seen = scale.scaled(raw, np.dtype("float32"))
    assert scale.invert(seen)[0, 0] != 0
    assert in_own_units(scale, seen).tolist() == raw.tolist()


def test_predictions_are_written_under_the_names_of_the_data(run, model, tmp_path, capsys):
    (tmp_path / "new.csv").write_text("\n".join(ROWS.splitlines()[:3]))
    words = ["predict", run, "--input", tmp_path / "new.csv", "-o", tmp_path / "out.csv"]
    assert said(capsys, *words)[0] == 0
    header, *rows = csv.reader((tmp_path / "out.csv").read_text().splitlines())
    assert header == ["species", "p_cat", "p_dog", "p_rabbit"]
    wanted = model.predict(encoded())
    np.testing.assert_array_equal(np.array([row[1:] for row in rows], np.float32), wanted)
    names = ("cat", "dog", "rabbit")
    assert [row[0] for row in rows] == [names[k] for k in wanted.argmax(axis=1)]


def test_classes_that_are_whole_numbers_are_written_under_them(tmp_path, capsys):
    numbered = [line.rsplit(",", 1)[0] + f",{k % 3}" for k, line in enumerate(ROWS.splitlines())]
    rows = "\n".join([ROWS.splitlines()[0], *numbered[1:]])
    (tmp_path / "pets.csv").write_text(rows)
    (tmp_path / "pets.yaml").write_text(PETS)
    nngraph.train_run(tmp_path / "pets.yaml", run=tmp_path / "run")
    words = ["--input", tmp_path / "pets.csv", "-o", tmp_path / "out.csv"]
    assert said(capsys, "predict", tmp_path / "run", *words)[0] == 0
    header, *found = csv.reader((tmp_path / "out.csv").read_text().splitlines())
    assert header == ["species", "p_0", "p_1", "p_2"]
    shares = np.array([row[1:] for row in found], float)
    assert [row[0] for row in found] == [str(k) for k in shares.argmax(axis=1)]


GIVEN = "{height_cm: 25, weight_kg: 4.2, vaccinated: 'yes', city: CITY}"


@pytest.mark.parametrize(
    ("given", "code", "said_of"),
    [
        (GIVEN.replace("CITY", "Bern"), 0, "1 passed"),
        ("{x: [25, 4.2, 'yes', Bern]}", 0, "1 passed"),
        (GIVEN.replace("CITY", "Paris"), 4, "none of the categories of column 'city'"),
        ("{x: [25, 4.2, 'yes', Paris]}", 4, "none of the categories of column 'city'"),
    ],
)
def test_an_expected_row_is_given_by_columns(tmp_path, capsys, monkeypatch, given, code, said_of):
    monkeypatch.chdir(tmp_path)  # a long path would leave no room in the line for the rest
    listed = f"inputs: {{x: [{', '.join(NAMES)}]}}, path: pets.csv"
    output = "output: {y: [0.5, 0.5, 0.5]}, within: 1, trained: true"
    expect = f"expect: [{{given: {given}, {output}}}]\n"
    (tmp_path / "pets.yaml").write_text(PETS.replace("path: pets.csv", listed) + expect)
    (tmp_path / "pets.csv").write_text(ROWS)
    nngraph.train_run(tmp_path / "pets.yaml", run=tmp_path / "run")
    found, told = said(capsys, "test", "run")
    assert found == code
    assert said_of in told.out + told.err


def test_several_outputs_put_their_id_before_their_classes(tmp_path, capsys):
    text = """
nngraph: 1
name: two
nodes:
  x: {kind: input, shape: 2}
  kind: {units: 3, activation: softmax}
  well: {activation: sigmoid}
  weight: {}
edges: ["x -> kind, well, weight"]
loss:
  - {kind: cross_entropy, node: kind, target: species}
  - {kind: binary_cross_entropy, node: well, target: vaccinated}
  - {kind: mean_squared_error, node: weight, target: kilos}
data:
  source: csv
  path: pets.csv
  missing: drop
  inputs: {x: [height_cm, weight_kg]}
  targets: {kilos: weight_kg}
train: {epochs: 1}
"""
    (tmp_path / "two.yaml").write_text(text)
    (tmp_path / "pets.csv").write_text(ROWS)
    nngraph.train_run(tmp_path / "two.yaml", run=tmp_path / "run")
    words = ["predict", tmp_path / "run", "--given", "height_cm=1, weight_kg=2"]
    assert said(capsys, *words, "-o", tmp_path / "out.csv")[0] == 0
    header = (tmp_path / "out.csv").read_text().splitlines()[0].split(",")
    assert header[:4] == ["species", "kind.p_cat", "kind.p_dog", "kind.p_rabbit"]
    assert header[4:] == ["vaccinated", "well.p_yes", "weight_kg"]
    assert said(capsys, *words)[1].out.split()[:2] == ["species", "vaccinated"]
