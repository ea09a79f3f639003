"""Tables in the spec and npz files."""

import numpy as np
import pytest
from data_samples import binary, classes, place_of, values, x

from nngraph.errors import DataError, FileError

COLUMNS = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "label": [0, 1, 1, 0]}


@pytest.fixture
def load_npz(tmp_path, load_here):
    def load_arrays(arrays, *ports, **keys):
        np.savez(tmp_path / "set.npz", **arrays)
        return load_here(*ports, source="npz", path="set.npz", **keys).parts["train"]

    return load_arrays


def test_a_table_gives_its_columns_by_name(load_here):
    data = load_here(
        x(name="x1"), x(name="x2"), binary(name="label"), source="table", columns=COLUMNS
    )
    part = data.parts["train"]
    assert part.inputs["x1"].tolist() == [0, 0, 1, 1]
    assert part.inputs["x2"].tolist() == [0, 1, 0, 1]
    assert part.targets["label"].tolist() == [0, 1, 1, 0]


def test_the_own_pair_of_a_table_is_its_last_column_and_the_others(load_here):
    part = load_here(x(2), binary(), source="table", columns=COLUMNS).parts["train"]
    assert part.inputs["x"].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_cells_may_be_lists_and_names(load_here):
    columns = {"v": [[0, 1], [2, 3]], "kind": ["dog", "cat"]}
    data = load_here(x(2, name="v"), classes(2, name="kind"), source="table", columns=columns)
    assert data.parts["train"].inputs["v"].tolist() == [[0, 1], [2, 3]]
    assert data.parts["train"].targets["kind"].tolist() == [[0, 1], [1, 0]]
    assert data.labels == {"kind": ("cat", "dog")}


def test_columns_of_different_length_are_told_with_both_places(load_here, places):
    columns = COLUMNS | {"x2": [0, 1, 0]}
    with pytest.raises(DataError, match="column 'x2' has 3 values, but 'x1' has 4") as e:
        load_here(x(2), binary(), source="table", columns=columns, span=places)
    assert place_of(e)[0] == "spec:data/columns/x2"
    assert e.value.diagnostics[0].notes[0].span.source.name == "spec:data/columns/x1"


def test_mixed_cells_are_told_at_the_first_odd_one(load_here, places):
    columns = COLUMNS | {"x2": [0, 1, "one", 1]}
    with pytest.raises(DataError, match="column 'x2' mixes numbers and names") as e:
        load_here(x(2), binary(), source="table", columns=columns, span=places)
    assert place_of(e)[0] == "spec:data/columns/x2/2"


def test_quoted_numbers_are_text_and_told_so(load_here, places):
    columns = COLUMNS | {"x2": ["0", "1", "0", "1"]}
    with pytest.raises(DataError, match="takes numbers, but column 'x2' holds the text '0'") as e:
        load_here(x(2), binary(), source="table", columns=columns, span=places)
    assert place_of(e)[0] == "spec:data/columns/x2/0"


def test_a_bad_label_is_told_at_its_cell(load_here, places):
    columns = COLUMNS | {"label": [0, 1, 2, 0]}
    with pytest.raises(DataError, match="lies between 0 and 1, but column 'label' holds 2") as e:
        load_here(x(2), binary(), source="table", columns=columns, span=places)
    assert place_of(e)[0] == "spec:data/columns/label/2"


@pytest.mark.parametrize("dtype", ["float32", "float64", ">f4", "int8", "uint8", "int64", "bool"])
def test_numbers_of_every_type_are_taken(load_npz, dtype):
    array = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    part = load_npz({"x": array, "y": np.array([0, 1, 0])}, x(2), binary())
    assert part.inputs["x"].dtype == np.float64
    assert part.inputs["x"].tolist() == [[0, 1], [1, 0], [1, 1]]


def test_arrays_go_where_the_spec_says(load_npz):
    arrays = {"x_train": np.arange(12).reshape(3, 4), "y_train": np.array([2, 0, 1]), "z": 1}
    keys = {"inputs": {"image": "x_train"}, "targets": {"label": "y_train"}}
    part = load_npz(arrays, x(2, 2, 1, name="image"), classes(3, name="label"), **keys)
    assert part.inputs["image"].shape == (3, 2, 2, 1)
    assert part.targets["label"].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("names", [np.array(["b", "a", "b"]), np.array([b"b", b"a", b"b"])])
def test_arrays_of_names_are_classes(load_npz, names):
    part = load_npz({"x": np.arange(3), "y": names}, x(), classes(2))
    assert part.targets["y"].tolist() == [[0, 1], [1, 0], [0, 1]]


def refused(load_npz, arrays, *ports, **keys):
    with pytest.raises(DataError) as e:
        load_npz(arrays, *(ports or (x(), values())), **keys)
    return str(e.value)


def test_pickled_objects_are_refused_and_never_run(load_npz):
    arrays = {"x": np.array([1, None], object), "y": np.arange(2)}
    assert "holds pickled objects, which may carry code" in refused(load_npz, arrays)


def test_values_that_are_no_numbers_are_refused(load_npz):
    arrays = {"x": np.array([1j, 2]), "y": np.arange(2)}
    assert "holds values of type complex128, not numbers" in refused(load_npz, arrays)
    arrays = {"x": np.array(["2020-01-01"], "M8[D]"), "y": np.arange(1)}
    assert "holds values of type datetime64[D]" in refused(load_npz, arrays)


def test_rows_that_do_not_match_are_told_with_both_counts(load_npz):
    message = refused(load_npz, {"x": np.arange(3), "y": np.arange(4)})
    assert "'y' has 4 rows, but 'x' has 3" in message


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_told_with_their_row(load_npz, bad):
    arrays = {"x": np.array([[1, 2], [3, bad]]), "y": np.arange(2)}
    message = refused(load_npz, arrays, x(2), values())
    assert f"column 'x' holds {bad}, which is no finite number (row 1, counted from 0)" in message


def test_single_values_and_empty_arrays_are_told(load_npz):
    assert "is a single value" in refused(load_npz, {"x": np.array(3), "y": np.arange(2)})
    assert "has no rows" in refused(load_npz, {"x": np.zeros((0, 2)), "y": np.arange(2)})


def test_damaged_and_missing_files_are_told(tmp_path, load_here, places):
    (tmp_path / "set.npz").write_bytes(b"PK\3\4 and then nothing")
    with pytest.raises(DataError, match=r"set\.npz' is damaged") as e:
        load_here(x(), values(), source="npz", path="set.npz")
    assert e.value.exit_code == 4
    with pytest.raises(FileError, match="there is no file") as e:
        load_here(x(), values(), source="npz", path="none.npz", span=places)
    assert place_of(e)[0] == "spec:data/path"


def test_an_unused_array_is_never_read(tmp_path, load_here):
    np.savez(tmp_path / "set.npz", x=np.arange(2), y=np.arange(2), odd=np.array([None], object))
    assert load_here(x(), values(), source="npz", path="set.npz").parts["train"].rows == 2
