"""Columns of names as inputs: one-hot rows over categories that are kept with the run."""

from dataclasses import replace

import numpy as np
import pytest
from data_samples import binary, data_spec, place_of, x

from nngraph.data import ColumnFacts, Normalizers, load_data_set, read_inputs
from nngraph.errors import DataError

TEXT = "age,colour,size,sick\n1,red,S,0\n2,blue,L,1\n3,red,M,0\n4,green,S,1\n"


def port_of(data, port):
    return replace(port, columns=data.normalizers.columns[port.name])


@pytest.fixture
def load_csv(tmp_path):
    def load_text(text, *ports, **keys):
        (tmp_path / "t.csv").write_text(text)
        return load_data_set(
            data_spec(source="csv", path="t.csv", **keys), ports, tmp_path, dtype="float64"
        )

    return load_text


def test_names_become_one_hot_rows_in_the_order_of_the_alphabet(load_csv):
    data = load_csv(TEXT, x(7), binary())
    rows = data.parts["train"].inputs["x"].tolist()
    assert rows == [  # age; blue, green, red; L, M, S
        [1, 0, 0, 1, 0, 0, 1],
        [2, 1, 0, 0, 1, 0, 0],
        [3, 0, 0, 1, 0, 1, 0],
        [4, 0, 1, 0, 0, 0, 1],
    ]
    known = {"colour": ("blue", "green", "red"), "size": ("L", "M", "S")}
    assert port_of(data, x(7)).categories == known


def test_an_input_of_names_alone_and_one_of_numbers_stand_side_by_side(load_csv):
    data = load_csv(TEXT, x(3), x(name="age"), binary(name="sick"), inputs={"x": "colour"})
    assert data.parts["train"].inputs["x"].tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert data.parts["train"].inputs["age"].tolist() == [1, 2, 3, 4]
    assert port_of(data, x(3)).categories == {"colour": ("blue", "green", "red")}
    assert port_of(data, x(name="age")).categories == {}


def test_categories_survive_the_run_folder_and_serve_new_files(load_csv, tmp_path):
    data = load_csv(TEXT, x(7), binary())
    stored = Normalizers.from_json(data.normalizers.to_json())
    assert stored == data.normalizers
    port = replace(x(7), columns=stored.columns["x"])
    (tmp_path / "new.csv").write_text("age,colour,size\n9,green,S\n8,green,S\n")
    spec = data_spec(source="csv", path="t.csv", inputs={"x": ["age", "colour", "size"]})
    found = read_inputs(tmp_path / "new.csv", [port], spec)
    assert found["x"].tolist() == [[9, 0, 1, 0, 0, 0, 1], [8, 0, 1, 0, 0, 0, 1]]


def test_a_new_name_is_refused_at_its_cell(tmp_path):
    port = replace(x(3), columns=(ColumnFacts("colour", (), ("blue", "green", "red")),))
    (tmp_path / "new.csv").write_text("colour\nred\nrde\n")
    with pytest.raises(DataError, match="'rde' is none of the categories of column 'colour'") as e:
        read_inputs(tmp_path / "new.csv", [port], data_spec(source="csv", path="t.csv"))
    assert place_of(e) == ("new.csv", 3, 1, "rde")
    assert e.value.diagnostics[0].help == "did you mean 'red'?"


def test_a_column_of_numbers_with_a_word_in_it_is_a_mistake_not_a_category(load_csv):
    with pytest.raises(DataError) as e:
        load_csv(TEXT.replace("3,red", "three,red"), x(7), binary())
    assert place_of(e) == ("t.csv", 4, 1, "three")


def test_sizes_that_do_not_fit_tell_the_number_of_categories(load_csv):
    with pytest.raises(DataError, match=r"hold \[7\] \(7 values\)") as e:
        load_csv(TEXT, x(3), binary())
    assert "'colour' is one of 3 names and 'size' is one of 3 names" in str(e.value)


def test_missing_names_are_dropped_or_become_the_shares_of_the_training_rows(load_csv):
    text = TEXT.replace("4,green", "4,")
    with pytest.raises(DataError, match="column 'colour' has no value here"):
        load_csv(text, x(6), binary())
    dropped = load_csv(text, x(6), binary(), missing="drop")
    assert dropped.parts["train"].row_numbers.tolist() == [0, 1, 2]
    filled = load_csv(text, x(6), binary(), missing="mean").parts["train"].inputs["x"]
    np.testing.assert_allclose(filled[3], [4, 1 / 3, 2 / 3, 0, 0, 1])


def test_a_column_of_too_many_names_is_told(load_csv):
    text = "name,y\n" + "".join(f"n{i},{i % 2}\n" for i in range(1001))
    with pytest.raises(DataError, match="holds 1,001 different names"):
        load_csv(text, x(1001), binary())


def test_classes_of_a_packaged_set_serve_as_input(tmp_path):
    spec = data_spec(source="iris", inputs={"x": ["species", "petal_width"]})
    data = load_data_set(spec, [x(4)], tmp_path, dtype="float64")
    rows = data.parts["train"].inputs["x"]
    assert rows[[0, 60, 140], :3].tolist() == np.eye(3).tolist()
