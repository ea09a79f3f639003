"""Inputs of `predict` from every kind of file, and outputs that can be read back."""

import numpy as np
import pytest
from data_samples import binary, data_spec, x
from test_picture_files import picture, png

from nngraph.data import csv_text, read_inputs, write_outputs
from nngraph.errors import DataError, FileError, UsageError


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# CSV


def test_columns_are_found_by_the_names_of_the_inputs(tmp_path):
    path = write(tmp_path / "a.csv", "x2,x1,more\n1,2,dog\n3,4,cat\n")
    inputs = read_inputs(path, [x(name="x1"), x(name="x2"), binary()])
    assert {name: values.tolist() for name, values in inputs.items()} == {
        "x1": [2, 4],
        "x2": [1, 3],
    }
    assert inputs["x1"].dtype == np.float64


@pytest.mark.parametrize("header", ["", "a,b\n"])
def test_a_single_input_takes_all_columns_with_or_without_a_header(tmp_path, header):
    path = write(tmp_path / "a.csv", header + "1,2\n3,4\n")
    assert read_inputs(path, [x(2)])["x"].tolist() == [[1, 2], [3, 4]]


def test_the_specs_columns_options_and_feature_names_are_used(tmp_path):
    path = write(tmp_path / "a.csv", "b;a;c\n1;2;3\n")
    spec = data_spec(source="csv", path="t.csv", delimiter=";", inputs={"x": ["a", "b"]})
    assert read_inputs(path, [x(2)], spec)["x"].tolist() == [[2, 1]]
    names = "species,petal_width,petal_length,sepal_width,sepal_length"
    path = write(tmp_path / "iris.csv", f"{names}\nsetosa,4,3,2,1\n")
    found = read_inputs(path, [x(4)], data_spec(source="iris"))
    assert found["x"].tolist() == [[1, 2, 3, 4]]


def test_tabs_separate_the_cells_of_a_tsv_file(tmp_path):
    path = write(tmp_path / "a.tsv", "x[0]\tx[1]\n1\t2\n")
    assert read_inputs(path, [x(2)])["x"].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1,2,3\n", "the input 'x' has the shape [2] (2 values per sample), but columns"),
        ("a,b\n1,dog\n", "a.csv:2:3"),
        ("a,b\n1,\n", "column 'b' has no value here"),
        ("", "'a.csv' is empty"),
        ("a,b\n", "has a header, but no rows"),
    ],
)
def test_a_table_that_does_not_fit_is_told(tmp_path, text, message):
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(DataError) as e:
        read_inputs(path, [x(2)])
    assert message in str(e.value)


# Arrays


def test_arrays_of_npz_are_found_by_name(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(6).reshape(2, 3), z=np.arange(2))
    inputs = read_inputs(tmp_path / "a.npz", [x(3), x(name="z")])
    assert inputs["x"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert inputs["z"].tolist() == [0, 1]


def test_an_npy_file_is_the_only_input(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(6).reshape(2, 3))
    assert read_inputs(tmp_path / "a.npy", [x(3)])["x"].tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(UsageError, match="the network has the inputs 'x' and 'z'"):
        read_inputs(tmp_path / "a.npy", [x(3), x(name="z")])


def test_inputs_with_different_numbers_of_rows_are_told(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(3), z=np.arange(2))
    with pytest.raises(DataError, match="'x' has 3 and 'z' has 2"):
        read_inputs(tmp_path / "a.npz", [x(), x(name="z")])


def test_pickles_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([None], object))
    with pytest.raises(DataError, match="pickled objects"):
        read_inputs(tmp_path / "a.npy", [x()])


# Pictures


@pytest.mark.parametrize("shape", [(9, 13, 1), (9, 13), (117,)])
def test_a_grey_picture_is_one_sample_of_any_shape_that_fits(tmp_path, shape):
    path = write(tmp_path / "a.png", png(picture(1), (4, 1)))
    found = read_inputs(path, [x(*shape)])["x"]
    np.testing.assert_array_equal(found, picture(1).reshape(1, *shape))


def test_colours_need_an_input_of_three_channels(tmp_path):
    path = write(tmp_path / "a.png", png(picture(3)))
    np.testing.assert_array_equal(read_inputs(path, [x(9, 13, 3)])["x"][0], picture(3))
    for shape in [(9, 13, 1), (8, 13, 3), (13, 9, 3)]:
        with pytest.raises(DataError, match="is 9 x 13 pixels in colour"):
            read_inputs(path, [x(*shape)])


def test_a_damaged_picture_is_a_data_error(tmp_path):
    path = write(tmp_path / "a.png", png(picture(1))[:-20])
    with pytest.raises(DataError, match="cannot read the picture"):
        read_inputs(path, [x(117)])


# Files


@pytest.mark.parametrize("name", ["a.csv", "a.npz", "a.npy", "a.png"])
def test_a_missing_file_is_a_file_error(tmp_path, name):
    with pytest.raises(FileError, match="there is no file") as e:
        read_inputs(tmp_path / name, [x()])
    assert e.value.exit_code == 8


def test_a_png_that_is_called_jpg_says_so(tmp_path):
    path = write(tmp_path / "a.jpg", png(picture(1)))
    with pytest.raises(DataError, match=r"no JPEG file but a PNG: give it the ending \.png"):
        read_inputs(path, [x(9, 13, 1)])


def test_a_folder_without_pictures_and_other_kinds_are_refused_with_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="there is no picture in"):
        read_inputs(tmp_path, [x(4, 4, 1)])
    with pytest.raises(UsageError, match=r"'\.webp' is none of") as e:
        read_inputs(tmp_path / "a.webp", [x(4, 4, 1)])
    assert e.value.diagnostics[0].help == "save the picture as .png"


def test_a_coloured_picture_for_a_grey_input_can_keep_its_size(tmp_path):
    path = write(tmp_path / "a.png", png(picture(3)))
    with pytest.raises(DataError) as e:
        read_inputs(path, [x(4, 4, 1)])
    assert "with --resize -s 'nodes.x.shape=[9,13,1]'" in e.value.diagnostics[0].help


@pytest.mark.parametrize("name", ["a.gif", "a"])
def test_other_kinds_of_files_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match="cannot read inputs"):
        read_inputs(tmp_path / name, [x()])
    with pytest.raises(UsageError, match="cannot write"):
        write_outputs(tmp_path / name, {"y": np.zeros(2)})


# Outputs


@pytest.fixture
def outputs():
    generator = np.random.default_rng(0)
    return {
        "y": generator.normal(size=(5, 3)).astype(np.float32),
        "z": generator.normal(size=5) * 1e-30,
        "image": generator.normal(size=(5, 2, 2)),
    }


@pytest.mark.parametrize("name", ["a.csv", "a.npz"])
def test_written_outputs_read_back_exactly(tmp_path, outputs, name):
    write_outputs(tmp_path / name, outputs)
    ports = [x(3, name="y"), x(name="z"), x(2, 2, name="image")]
    back = read_inputs(tmp_path / name, ports)
    for key, values in outputs.items():
        np.testing.assert_array_equal(back[key].astype(values.dtype), values)


def test_columns_of_csv_are_called_by_their_units():
    outputs = {"y": np.array([[0.5, 1.0]], np.float32), "z": np.array([3]), "w": np.ones((1, 1, 2))}
    assert csv_text(outputs) == 'y[0],y[1],z,"w[0,0]","w[0,1]"\n0.5,1.0,3,1.0,1.0\n'


def test_an_npy_file_takes_one_output(tmp_path, outputs):
    write_outputs(tmp_path / "a.npy", {"y": outputs["y"]})
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), outputs["y"])
    with pytest.raises(UsageError, match=r"takes one array, not 3: use \.npz"):
        write_outputs(tmp_path / "a.npy", outputs)


def test_a_folder_that_is_not_there_is_a_file_error(tmp_path, outputs):
    with pytest.raises(FileError, match="cannot write"):
        write_outputs(tmp_path / "none" / "a.csv", outputs)
