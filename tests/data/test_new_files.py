"""New csv files for a trained network: header or none, missing cells, the names of the spec."""

from dataclasses import replace

import numpy as np
import pytest
from data_samples import binary, data_spec, x

from nngraph.data import ColumnFacts, Normalizers, load_data_set, read_inputs
from nngraph.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read_text(text, *ports, **keys):
        (tmp_path / "new.csv").write_text(text)
        spec = data_spec(source="csv", path="t.csv", **keys)
        return read_inputs(tmp_path / "new.csv", ports, spec)["x"].tolist()

    return read_text


WANTED = [[0, 0], [3, 4]]


@pytest.mark.parametrize(
    "text", ["a,b\n0,0\n3,4\n", "0,0\n3,4\n", "0,0,9\n3,4,9\n", "a,b,y\n0,0,9\n3,4,9\n"]
)
def test_names_from_the_spec_serve_files_with_and_without_a_header(read, text):
    keys = {"header": ["a", "b", "y"], "inputs": {"x": ["a", "b"]}}
    assert read(text, x(2), **keys) == WANTED
    assert read(text, x(2), targets={"y": "y"}, **keys) == WANTED


@pytest.mark.parametrize("text", ["0,0\n3,4\n", "0,0,9\n3,4,9\n", "c0,c1\n0,0\n3,4\n"])
def test_counted_columns_need_no_header(read, text):
    assert read(text, x(2), header=False, inputs={"x": ["c0", "c1"]}) == WANTED


def test_a_file_without_a_header_may_begin_with_equal_numbers(read):
    assert read("0,0\n3,4\n", x(2)) == WANTED


def test_names_in_the_first_row_of_a_headless_file_are_no_header(read):
    port = replace(x(3), columns=(ColumnFacts("c0"), ColumnFacts("c1", (), ("no", "yes"))))
    keys = {"header": False, "inputs": {"x": ["c0", "c1"]}}
    assert read("1,yes\n2,no\n", port, **keys) == [[1, 0, 1], [2, 1, 0]]


def test_missing_cells_of_new_files_take_the_means_that_were_learnt(tmp_path, read):
    text = "a,b,kind,y\n1,2,p,0\n3,,q,1\n,4,,0\n100,100,p,1\n"
    (tmp_path / "t.csv").write_text(text)
    keys = {"missing": "mean", "inputs": {"x": ["a", "b", "kind"]}}
    spec = data_spec(source="csv", path="t.csv", split={"test": 1, "order": "file"}, **keys)
    data = load_data_set(spec, [x(4), binary()], tmp_path, dtype="float64")
    assert data.normalizers.fills == {"x": (2, 3, 0.5, 0.5)}
    stored = Normalizers.from_json(data.normalizers.to_json())
    assert stored == data.normalizers
    port = replace(x(4), columns=stored.columns["x"], fill=stored.fills["x"])
    assert read("a,b,kind\n9,NA,?\n,,q\n", port, **keys) == [[9, 3, 0.5, 0.5], [2, 3, 0, 1]]
    with pytest.raises(DataError, match="column 'b' has no value here"):
        read("a,b,kind\n9,NA,p\n", replace(port, fill=None), **keys)


def test_learnt_means_stand_when_other_rows_are_evaluated(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,0\n,1\n9,1\n")
    spec = data_spec(source="csv", path="t.csv", missing="mean")
    data = load_data_set(spec, [replace(x(), fill=(7.0,)), binary()], tmp_path, dtype="float64")
    np.testing.assert_array_equal(data.parts["train"].inputs["x"], [1, 7, 9])
