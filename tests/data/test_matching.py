"""Which column goes where, which shapes fit, and how targets are encoded."""

import numpy as np
import pytest
from data_samples import binary, classes, place_of, values, x

from nngraph.data import Port
from nngraph.errors import DataError

TABLE = {"a": [1, 2, 3], "b": [4, 5, 6], "label": [0, 1, 1]}


@pytest.fixture
def load_arrays(tmp_path, load_here):
    def load_npz(arrays, *ports, **keys):
        np.savez(tmp_path / "set.npz", **arrays)
        return load_here(*ports, source="npz", path="set.npz", **keys)

    return load_npz


def refused(load_data, *arguments, **keys):
    with pytest.raises(DataError) as e:
        load_data(*arguments, **keys)
    assert e.value.exit_code == 4
    return e


# Names


def test_an_entry_comes_before_the_own_name(load_here):
    part = load_here(
        x(name="a"), binary(name="label"), source="table", columns=TABLE, inputs={"a": "b"}
    ).parts["train"]
    assert part.inputs["a"].tolist() == [4, 5, 6]


def test_an_alias_is_another_name_of_the_port(load_here):
    port = Port("target", (), "target", "binary", aliases=("label",))
    part = load_here(x(name="a"), x(name="b"), port, source="table", columns=TABLE).parts["train"]
    assert part.targets["target"].tolist() == [0, 1, 1]


def test_several_inputs_with_one_target_still_take_the_own_target(load_here):
    part = load_here(x(name="x1"), x(name="x2"), binary(), source="xor").parts["train"]
    assert part.targets["y"].tolist() == [0, 1, 1, 0]


def test_an_input_alone_takes_the_own_input_without_any_target(load_here):
    assert load_here(x(64), source="digits").parts["train"].inputs["x"].shape == (1797, 64)


def test_an_input_without_data_is_told_with_what_there_is(load_here, places):
    e = refused(load_here, x(name="x1"), x(name="x3"), binary(), source="xor", span=places)
    assert "the source 'xor' has nothing for the input 'x3'" in str(e.value)
    assert "it offers 'x', 'x1', 'x2' and 'label'" in str(e.value)
    assert "`inputs: {x3: COLUMN}`" in str(e.value)
    assert place_of(e)[0] == "spec:data/source"


def test_mistakes_of_all_ports_are_told_together(load_here):
    e = refused(load_here, x(name="p"), x(name="q"), binary(name="r"), binary(), source="xor")
    assert len(e.value.diagnostics) == 4


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"inputs": {"x": "labl"}}, "spec:data/inputs/x"),
        ({"inputs": {"x": ["x1", "labl"]}}, "spec:data/inputs/x/1"),
        ({"targets": {"y": "labl"}}, "spec:data/targets/y"),
        ({"targets": {"y": {"column": "labl", "equals": 1}}}, "spec:data/targets/y/column"),
    ],
)
def test_a_misspelt_column_is_told_at_its_place(load_here, places, keys, place):
    e = refused(load_here, x(2), binary(), source="xor", span=places, **keys)
    assert place_of(e)[0] == place
    assert e.value.diagnostics[0].label == "did you mean 'label'?"
    assert e.value.diagnostics[0].code == "E407"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"inputs": {"xx": "x"}}, "'xx' under `inputs` is no input node"),
        ({"targets": {"z": "label"}}, "'z' under `targets` is no target of a loss"),
        ({"normalize": {"xx": "standard"}}, "'xx' under `normalize` is no input node"),
    ],
)
def test_names_that_the_network_lacks_are_never_ignored(load_here, keys, message):
    e = refused(load_here, x(2), binary(), source="xor", **keys)
    assert message in str(e.value)
    assert e.value.diagnostics[0].code == "E414"


def test_targets_are_no_matter_to_a_network_that_is_only_run(load_here):
    part = load_here(x(2), source="xor", targets={"z": "nowhere"}).parts["train"]
    assert part.rows == 4
    assert part.targets == {}


# Shapes


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((), ()),
        ((1,), ()),
        ((), (1,)),
        ((6,), (2, 3)),
        ((2, 3), (6,)),
        ((2, 3), (2, 3, 1)),
        ((1, 2, 3), (2, 3)),
        ((2, 3, 4), (24,)),
    ],
)
def test_vectors_fold_into_images_and_axes_of_length_one_come_and_go(load_arrays, given, wanted):
    array = np.random.default_rng(0).normal(size=(5, *given))
    part = load_arrays({"x": array}, x(*wanted)).parts["train"]
    np.testing.assert_array_equal(part.inputs["x"], array.reshape(5, *wanted))
    assert part.inputs["x"].shape == (5, *wanted)


@pytest.mark.parametrize(
    ("given", "wanted", "hint"),
    [
        ((3, 2), (2, 3), "the axes stand in the other order"),
        ((3, 4, 5), (4, 5, 3), "images are [height, width, channels]"),
        ((6,), (2, 4), ""),
        ((2, 6), (3, 4), ""),
        ((4,), (3,), ""),
        ((2,), (), ""),
    ],
)
def test_shapes_that_would_mix_up_axes_are_refused_with_both_sides(
    load_arrays, given, wanted, hint
):
    e = refused(load_arrays, {"x": np.zeros((5, *given))}, x(*wanted))
    assert f"the input 'x' has the shape {list(wanted)}" in str(e.value)
    assert f"column 'x' holds {list(given)}" in str(e.value)
    assert hint in str(e.value)
    assert e.value.diagnostics[0].code == "E408"


def test_columns_of_a_list_stand_side_by_side(load_arrays):
    arrays = {"a": np.array([[1, 2], [3, 4]]), "b": np.array([5, 6])}
    part = load_arrays(arrays, x(3), inputs={"x": ["b", "a"]}).parts["train"]
    assert part.inputs["x"].tolist() == [[5, 1, 2], [6, 3, 4]]


# Classes

LABELS = {"numbers": np.array([2, 0, 1]), "names": np.array(["c", "a", "b"])}
ONE_HOT = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    "given",
    [
        LABELS["numbers"],
        LABELS["numbers"].astype(float),
        LABELS["numbers"][:, None],
        LABELS["names"],
        np.array(ONE_HOT),
        np.array(ONE_HOT, bool),
    ],
)
def test_indices_names_and_one_hot_rows_all_become_one_hot_rows(load_arrays, given):
    part = load_arrays({"x": np.arange(3), "y": given}, x(), classes(3)).parts["train"]
    assert part.targets["y"].dtype == np.float64
    assert part.targets["y"].tolist() == ONE_HOT


def test_columns_of_a_list_may_be_one_hot(load_here):
    columns = {"a": [0, 0, 1], "b": [1, 0, 0], "c": [0, 1, 0], "v": [1, 2, 3]}
    part = load_here(
        x(name="v"), classes(3), source="table", columns=columns, targets={"y": ["a", "b", "c"]}
    ).parts["train"]
    assert part.targets["y"].tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_probabilities_are_classes_too_but_must_sum_to_one(load_arrays):
    rows = np.array([[0.2, 0.8], [0.5, 0.5]])
    part = load_arrays({"x": np.arange(2), "y": rows}, x(), classes(2)).parts["train"]
    np.testing.assert_array_equal(part.targets["y"], rows)
    for bad in ([0.2, 0.9], [-0.5, 1.5]):
        e = refused(load_arrays, {"x": np.arange(2), "y": np.array([[0, 1], bad])}, x(), classes(2))
        assert "(row 1, counted from 0)" in str(e.value)


def test_labels_of_the_spec_order_the_names(load_arrays):
    port = classes(3, labels=("c", "b", "a"))
    data = load_arrays({"x": np.arange(3), "y": LABELS["names"]}, x(), port)
    assert data.parts["train"].targets["y"].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert data.labels == {}


def test_numbers_that_are_labels_themselves_are_taken_by_name(load_arrays):
    port = classes(3, labels=("1", "2", "3"))
    part = load_arrays({"x": np.arange(3), "y": np.array([3, 1, 2])}, x(), port).parts["train"]
    assert part.targets["y"].tolist() == ONE_HOT


def test_labels_of_the_spec_may_reorder_but_not_rename_packaged_classes(load_here):
    port = classes(3, name="species", labels=("virginica", "versicolor", "setosa"))
    part = load_here(x(4), port, source="iris").parts["train"]
    assert part.targets["species"][0].tolist() == [0, 0, 1]
    port = classes(3, name="species", labels=("p", "q", "r"))
    e = refused(load_here, x(4), port, source="iris")
    assert "the labels of 'species' are 'p', 'q' and 'r'" in str(e.value)


def test_without_a_count_the_data_say_how_many_classes_there_are(load_arrays):
    port = Port("y", (), "target", "classes")
    part = load_arrays({"x": np.arange(3), "y": LABELS["numbers"]}, x(), port).parts["train"]
    assert part.targets["y"].tolist() == ONE_HOT


@pytest.mark.parametrize("bad", [3, -1, 1.5])
def test_labels_out_of_range_or_not_whole_are_told(load_arrays, bad):
    e = refused(load_arrays, {"x": np.arange(2), "y": np.array([0, bad])}, x(), classes(3))
    assert f"whole numbers from 0 to 2, but column 'y' holds {bad}" in str(e.value)
    assert "(row 1, counted from 0)" in str(e.value)


def test_more_or_fewer_names_than_classes_are_told(load_arrays):
    for count in (2, 4):
        e = refused(load_arrays, {"x": np.arange(3), "y": LABELS["names"]}, x(), classes(count))
        assert f"has {count} classes, but column 'y' holds 3 names: 'a', 'b' and 'c'" in str(
            e.value
        )


def test_a_name_that_is_no_label_is_told(load_arrays):
    port = classes(3, labels=("a", "b", "d"))
    e = refused(load_arrays, {"x": np.arange(3), "y": LABELS["names"]}, x(), port)
    assert "'c' is none of the labels of 'y': 'a', 'b' and 'd'" in str(e.value)


# Binary and plain numbers


def test_two_names_are_0_and_1_in_their_order(load_arrays):
    names = np.array(["yes", "no", "yes"])
    data = load_arrays({"x": np.arange(3), "y": names}, x(), binary(1))
    assert data.parts["train"].targets["y"].tolist() == [[1], [0], [1]]
    assert data.labels == {"y": ("no", "yes")}
    data = load_arrays({"x": np.arange(3), "y": names}, x(), values())
    assert data.parts["train"].targets["y"].tolist() == [1, 0, 1]


def test_several_binary_values_a_sample_are_kept(load_arrays):
    rows = np.array([[1, 1, 0], [0, 0, 0]])
    part = load_arrays({"x": np.arange(2), "y": rows}, x(), binary(3)).parts["train"]
    assert part.targets["y"].tolist() == rows.tolist()


@pytest.mark.parametrize("bad", [2, -1, 1.001])
def test_shares_of_yes_lie_between_0_and_1(load_arrays, bad):
    arrays = {"x": np.arange(3), "y": np.array([0, 0.25, bad])}
    e = refused(load_arrays, arrays, x(), binary())
    assert f"lies between 0 and 1, but column 'y' holds {bad}" in str(e.value)
    assert "equals" in str(e.value)
    assert "row 2" in str(e.value)
    part = load_arrays({**arrays, "y": np.array([0, 0.25, 1])}, x(), binary()).parts["train"]
    assert part.targets["y"].tolist() == [0, 0.25, 1]


@pytest.mark.parametrize("bad", [2, -1, 0.5])
def test_a_share_that_is_a_sign_too_is_0_or_1(load_arrays, bad):
    port = Port("y", (), "target", "yes_or_no")
    e = refused(load_arrays, {"x": np.arange(2), "y": np.array([0, bad])}, x(), port)
    assert f"is 0 or 1, but column 'y' holds {bad}" in str(e.value)


@pytest.mark.parametrize("port", [values(10, name="label"), binary(10, name="label")])
def test_a_class_for_several_plain_units_becomes_a_one_hot_row(load_here, port):
    part = load_here(x(64), port, source="digits").parts["train"]
    assert part.targets["label"][:3].tolist() == np.eye(10)[[0, 1, 2]].tolist()


def test_many_classes_are_no_number(load_here):
    e = refused(load_here, x(4), values(), source="iris")
    assert "the target 'y' is one number, but column 'species' is one of 3 classes" in str(e.value)


@pytest.mark.parametrize(
    ("column", "equals", "expected"),
    [
        ("n", 2, [0, 1, 1]),
        ("n", 1.5, [1, 0, 0]),
        ("s", "dog", [1, 0, 1]),
    ],
)
@pytest.mark.parametrize("kind", [binary(1), values(1), classes(2)])
def test_derived_targets_are_1_where_the_column_holds_the_value(
    load_here, column, equals, expected, kind
):
    columns = {"n": [1.5, 2, 2], "s": ["dog", "cat", "dog"], "x": [1, 2, 3]}
    targets = {"y": {"column": column, "equals": equals}}
    found = load_here(x(), kind, source="table", columns=columns, targets=targets)
    target = found.parts["train"].targets["y"]
    assert (target[:, -1]).tolist() == expected
    assert target.shape == (3, 2 if kind.kind == "classes" else 1)


@pytest.mark.parametrize(
    ("column", "equals", "message"),
    [
        ("n", 7, "column 'n' never holds 7"),
        ("n", "two", "column 'n' holds numbers, but `equals` is a name, 'two'"),
        ("s", "dgo", "column 's' never holds 'dgo'; it holds 'cat' and 'dog'"),
        ("s", 1, "column 's' holds names, but `equals` is a number, 1"),
    ],
)
def test_a_derived_target_that_is_never_1_is_a_mistake(load_here, column, equals, message):
    columns = {"n": [1.5, 2, 2], "s": ["dog", "cat", "dog"], "x": [1, 2, 3]}
    targets = {"y": {"column": column, "equals": equals}}
    e = refused(load_here, x(), binary(), source="table", columns=columns, targets=targets)
    assert message in str(e.value)
