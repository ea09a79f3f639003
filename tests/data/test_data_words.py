"""The words of the data section: what is taken, what is refused and where."""

import pytest
from data_samples import data_spec
from pydantic import ValidationError

from nngraph.spec.schema import spec_schema
from nngraph.words.normalizations import ScaleNormalization


def refused(**keys):
    with pytest.raises(ValidationError) as e:
        data_spec(**keys)
    # names of the alternatives that were chosen on the way are no keys
    return [error["loc"][1:] for error in e.value.errors()]


@pytest.mark.parametrize(
    "keys",
    [
        {"source": "digits"},
        {"source": "digits", "targets": {"is_zero": {"column": "label", "equals": 0}}},
        {"source": "mnist", "folder": "data/mnist"},
        {"source": "circles", "samples": 500, "noise": 0.1},
        {
            "source": "table",
            "columns": {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "label": [0, 1, 1, 0]},
        },
        {
            "source": "csv",
            "path": "iris.csv",
            "inputs": {"x": ["sepal_length", "sepal_width"]},
            "targets": {"species": "species"},
        },
        {
            "source": "npz",
            "path": "set.npz",
            "inputs": {"image": "x_train"},
            "targets": {"label": "y_train"},
        },
        {"source": "images", "folder": "photos"},
        {"source": "shapes"},
        {"source": "mnist"},
        {
            "source": "digits",
            "augment": [
                {"kind": "shift", "pixels": 2},
                {"kind": "rotate", "degrees": 10},
                {"kind": "flip", "axis": "horizontal"},
            ],
        },
        {"source": "digits", "augment": ["shift", "mixup"], "sample_weight": "label"},
    ],
)
def test_the_examples_of_the_language_are_taken(keys):
    assert data_spec(**keys).source == keys["source"]


def test_every_source_knows_the_common_keys():
    schema = spec_schema()
    models = [schema["$defs"][name] for name in schema["$defs"] if name.endswith("-source")]
    assert len(models) == 19
    for model in models:
        assert {"inputs", "targets", "split", "normalize", "source"} <= set(model["properties"])
        assert model["description"]
        assert all("description" in p for n, p in model["properties"].items() if n != "source")


def test_a_whole_number_counts_rows_and_a_number_below_one_is_a_fraction():
    split = data_spec(source="iris", split={"validation": 0.25, "test": 30}).split
    assert split.validation == 0.25
    assert split.test == 30
    assert isinstance(split.test, int)


@pytest.mark.parametrize(
    ("split", "where"),
    [
        ({"test": 1.0}, "test"),
        ({"test": 1.5}, "test"),
        ({"test": -1}, "test"),
        ({"test": True}, "test"),
        ({"validation": "10%"}, "validation"),
        ({"order": "radnom"}, "order"),
        ({"seed": -1}, "seed"),
        ({"tset": 0.1}, "tset"),
    ],
)
def test_portions_that_mean_nothing_are_refused_at_their_key(split, where):
    ((place, *rest),) = refused(source="iris", split=split)
    assert (place, rest[0]) == ("split", where)


def test_fractions_that_leave_no_training_rows_are_refused():
    assert refused(source="iris", split={"validation": 0.5, "test": 0.5}) == [("split",)]


@pytest.mark.parametrize(
    ("normalize", "kind"),
    [("standard", "standard"), ({"kind": "standard"}, "standard"), ("none", "none")],
)
def test_a_rule_is_its_name_or_a_mapping_with_kind(normalize, kind):
    spec = data_spec(source="iris", normalize=normalize)
    assert spec.rule_for("x").kind == kind
    assert spec.rule_for_target("y").kind == "none"


def test_rules_by_name_hold_for_those_names_alone():
    spec = data_spec(
        source="sine", normalize={"x": {"kind": "scale", "divisor": 4}, "targets": "minmax"}
    )
    assert spec.rule_for("x") == ScaleNormalization(divisor=4.0)
    assert spec.rule_for("z").kind == "none"
    assert spec.rule_for_target("y").kind == "minmax"


@pytest.mark.parametrize(
    "keys",
    [
        {"normalize": "stndard"},
        {"normalize": {"kind": "scale"}},
        {"normalize": {"kind": "scale", "divisor": 0}},
        {"normalize": {"x": "foo"}},
        {"inputs": {"x": []}},
        {"inputs": {"x": ""}},
        {"inputs": {"x": {"column": "a", "equals": 1}}},
        {"targets": {"x": {"column": "a"}}},
        {"targets": {"x": {"column": "a", "equals": True}}},
        {"targets": {"x": 3}},
    ],
)
def test_entries_that_mean_nothing_are_refused_in_one_error(keys):
    assert len(refused(source="iris", **keys)) == 1


@pytest.mark.parametrize(
    "keys",
    [
        {"source": "csv", "path": "a", "delimiter": ";;"},
        {"source": "csv", "path": "a", "delimiter": '"'},
        {"source": "csv", "path": "a", "missing": "ignore"},
        {"source": "csv"},
        {"source": "csv", "path": ""},
        {"source": "circles", "samples": 0},
        {"source": "circles", "samples": "500"},
        {"source": "circles", "noise": -0.1},
        {"source": "circles", "noise": float("inf")},
        {"source": "table", "columns": {}},
        {"source": "table", "columns": {"x": []}},
        {"source": "table", "columns": {"x": [1, None]}},
        {"source": "table", "columns": {"x": [1, True]}},
        {"source": "table", "columns": {"x": [1, float("nan")]}},
        {"source": "xor", "samples": 5},
        {"source": "npy"},
        {"source": "npy", "path": "a.npy", "files": {"x": "a.npy"}},
        {"source": "npy", "files": {}},
        {"source": "images"},
        {"source": "images", "folder": "p", "size": [8]},
        {"source": "images", "folder": "p", "size": [0, 8]},
        {"source": "images", "folder": "p", "channels": 2},
        {"source": "shapes", "size": [0, 8]},
        {"source": "digits", "augment": [{"kind": "shift", "pixels": 0}]},
        {"source": "digits", "augment": [{"kind": "rotate", "degrees": 270}]},
        {"source": "digits", "augment": [{"kind": "scale", "low": 1.2}]},
        {"source": "digits", "augment": [{"kind": "flip", "axis": "up"}]},
        {"source": "digits", "augment": [{"kind": "crop", "keep": 1}]},
        {"source": "digits", "augment": ["zoom"]},
        {"source": "digits", "augment": [{"kind": "mixup", "alpha": 0}]},
        {"source": "digits", "sample_weight": ""},
    ],
)
def test_options_of_a_source_are_checked(keys):
    assert len(refused(**keys)) == 1
