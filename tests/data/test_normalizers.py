"""Scaling is fitted on the training rows, survives JSON, and is the same for new inputs."""

import json
import tracemalloc

import numpy as np
import pytest
from data_samples import binary, data_spec, place_of, values, x
from pydantic import ValidationError

from nngraph.data import Normalizer, Normalizers, apply_normalizers, load_data_set
from nngraph.data.normalizers import CHUNK_ROWS
from nngraph.errors import DataError


@pytest.fixture
def load_x(tmp_path, load_here):
    def load_array(array, *ports, **keys):
        np.savez(tmp_path / "set.npz", x=array, y=array.reshape(len(array), -1).sum(axis=1))
        return load_here(*ports, source="npz", path="set.npz", **keys)

    return load_array


def test_standard_columns_have_mean_0_and_deviation_1_on_the_training_rows(load_x):
    array = np.random.default_rng(0).normal(3, [1, 10, 100], (200, 3))
    keys = {"normalize": "standard", "split": {"test": 50, "order": "file"}}
    data = load_x(array, x(3), **keys)
    train, test = data.parts["train"].inputs["x"], data.parts["test"].inputs["x"]
    np.testing.assert_allclose(train.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(train.std(axis=0), 1, rtol=1e-12)
    mean, deviation = array[:150].mean(axis=0), array[:150].std(axis=0)
    np.testing.assert_allclose(test, (array[150:] - mean) / deviation, rtol=1e-12)


def test_minmax_maps_the_training_rows_onto_0_to_1(load_x):
    array = np.random.default_rng(0).normal(3, [1, 10, 100], (200, 3))
    keys = {"normalize": {"kind": "minmax"}, "split": {"test": 50, "order": "file"}}
    data = load_x(array, x(3), **keys)
    train = data.parts["train"].inputs["x"]
    assert train.min(axis=0).tolist() == [0, 0, 0]
    assert train.max(axis=0).tolist() == [1, 1, 1]
    low, high = array[:150].min(axis=0), array[:150].max(axis=0)
    expected = (array[150:] - low) / (high - low)
    np.testing.assert_allclose(data.parts["test"].inputs["x"], expected, rtol=1e-15)


def test_scale_divides_exactly(load_x):
    array = np.arange(256, dtype=np.uint8)
    data = load_x(array, x(), normalize={"kind": "scale", "divisor": 255}, dtype="float32")
    expected = (array.astype(np.float64) / 255).astype(np.float32)
    np.testing.assert_array_equal(data.parts["train"].inputs["x"], expected)


@pytest.mark.parametrize("rule", ["standard", "minmax"])
@pytest.mark.parametrize("constant", [0.1, -7.3, 1e9])
def test_constant_columns_are_only_shifted(load_x, rule, constant):
    array = np.column_stack([np.full(37, constant), np.arange(37.0)])
    data = load_x(array, x(2), normalize=rule)
    assert data.parts["train"].inputs["x"][:, 0].tolist() == [0.0] * 37
    assert data.normalizers.inputs["x"].scale[0] == 1.0


def test_images_have_one_value_per_channel_and_plain_grids_one_for_all(load_x):
    array = np.random.default_rng(0).normal([[[0, 5, -5]]], [[[1, 2, 3]]], (50, 4, 6, 3))
    image = load_x(array, x(4, 6, 3), normalize="standard")
    rows = image.parts["train"].inputs["x"]
    np.testing.assert_allclose(rows.mean(axis=(0, 1, 2)), 0, atol=1e-13)
    np.testing.assert_allclose(rows.std(axis=(0, 1, 2)), 1, rtol=1e-12)
    assert len(image.normalizers.inputs["x"].shift) == 3
    grid = load_x(array[..., 0], x(4, 6), normalize="standard")
    assert len(grid.normalizers.inputs["x"].shift) == 1
    np.testing.assert_allclose(grid.parts["train"].inputs["x"].std(), 1, rtol=1e-12)
    flat = load_x(array[..., 0], x(24), normalize="standard")
    assert len(flat.normalizers.inputs["x"].shift) == 24


def test_a_scalar_input_has_one_value(load_x):
    data = load_x(np.arange(10.0), x(), normalize="minmax")
    assert data.parts["train"].inputs["x"].tolist() == [i / 9 for i in range(10)]


def test_rules_by_name_leave_the_others_alone(load_here):
    data = load_here(
        x(name="x1"), x(name="x2"), binary(), source="xor", normalize={"x1": "standard"}
    )
    assert data.parts["train"].inputs["x1"].tolist() == [-1, -1, 1, 1]
    assert data.parts["train"].inputs["x2"].tolist() == [0, 1, 0, 1]


def test_targets_are_scaled_only_when_asked_and_can_be_scaled_back(load_here):
    plain = load_here(x(), values(), source="sine", normalize="standard")
    raw = plain.parts["train"].targets["y"]
    data = load_here(x(), values(), source="sine", normalize={"targets": "minmax"})
    scaled = data.parts["train"].targets["y"]
    assert (scaled.min(), scaled.max()) == (0, 1)
    assert raw.min() < -0.9
    np.testing.assert_allclose(data.normalizers.targets["y"].invert(scaled), raw, atol=1e-15)


def test_classes_are_no_measured_values(load_here, places):
    with pytest.raises(DataError, match="'y' is a class, not a measured value") as e:
        load_here(x(2), binary(), source="xor", normalize={"targets": "standard"}, span=places)
    assert e.value.diagnostics[0].code == "E414"
    assert place_of(e)[0].startswith("spec:data/")


def test_new_inputs_are_scaled_as_while_training_also_after_json(load_x):
    array = np.random.default_rng(0).normal(3, [1, 10, 100], (200, 3))
    data = load_x(array, x(3), normalize="standard", split={"test": 50, "order": "file"})
    stored = Normalizers.from_json(json.loads(json.dumps(data.normalizers.to_json())))
    assert stored == data.normalizers
    again = apply_normalizers(stored, {"x": array[150:], "z": np.ones(2)})
    np.testing.assert_array_equal(again["x"], data.parts["test"].inputs["x"])
    assert again["z"].tolist() == [1, 1]
    assert apply_normalizers(stored, {"x": array}, "float32")["x"].dtype == np.float32


def test_chunks_do_not_show(load_x):
    rows = 2 * CHUNK_ROWS + 17
    array = np.random.default_rng(0).normal(1000, 1, (rows, 2))
    data = load_x(array, x(2), normalize="standard")
    expected = (array - array.mean(axis=0)) / array.std(axis=0)
    np.testing.assert_allclose(data.parts["train"].inputs["x"], expected, atol=1e-10)


def test_no_rule_changes_nothing():
    values_in = np.array([1.5, -2.0])
    assert Normalizer("none").apply(values_in).tolist() == [1.5, -2.0]


def test_scaling_takes_no_more_memory_than_its_result_and_some_rows():
    values = np.random.default_rng(0).integers(0, 256, (30_000, 100), np.uint8)
    normalizers = Normalizers({"x": Normalizer("standard", (3.0,), (2.0,))})
    tracemalloc.start()
    scaled = apply_normalizers(normalizers, {"x": values}, "float32")["x"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(scaled, ((values.astype(float) - 3) / 2).astype("f"))
    assert peak < scaled.nbytes + 4 * 8 * CHUNK_ROWS * 100  # in float64 all rows: 24 MB


def test_one_of_several_targets_is_normalised_by_its_name(tmp_path):
    (tmp_path / "t.csv").write_text("a,price,size,kind\n1,10,1,u\n2,20,2,v\n3,30,6,u\n")
    ports = [x(), binary(name="kind"), values(name="price"), values(name="size")]
    keys = {"source": "csv", "path": "t.csv", "inputs": {"x": "a"}}
    rules = {"x": "minmax", "targets": {"price": "standard"}}
    data = load_data_set(data_spec(normalize=rules, **keys), ports, tmp_path, dtype="float64")
    part = data.parts["train"]
    assert part.inputs["x"].ravel().tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(part.targets["price"].ravel(), np.array([-1, 0, 1]) * 1.5**0.5)
    assert part.targets["size"].ravel().tolist() == [1, 2, 6]
    with pytest.raises(
        DataError, match=r"'cost' under `normalize\.targets` is no target of a loss"
    ):
        load_data_set(
            data_spec(normalize={"targets": {"cost": "standard"}}, **keys), ports, tmp_path
        )
    with pytest.raises(DataError, match="'kind' is a class"):
        load_data_set(
            data_spec(normalize={"targets": {"kind": "standard"}}, **keys), ports, tmp_path
        )


def test_an_input_takes_no_rules_by_name():
    with pytest.raises(ValidationError, match="only `targets` takes rules by name; 'x' takes one"):
        data_spec(source="iris", normalize={"x": {"a": "standard"}})
