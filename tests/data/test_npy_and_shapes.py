"""npy files mapped into memory, the drawn shapes, and sample weights."""

import numpy as np
import pytest
from data_samples import Places, binary, classes, place_of, values, x

from nngraph.data.sources.npy import npy_table
from nngraph.errors import DataError, FileError
from nngraph.files import map_array

TABLE = np.arange(12.0).reshape(4, 3)


def test_the_last_column_of_a_table_is_the_target(tmp_path, load_here):
    np.save(tmp_path / "t.npy", TABLE)
    part = load_here(x(2), values(), source="npy", path="t.npy").parts["train"]
    assert part.inputs["x"].tolist() == TABLE[:, :2].tolist()
    assert part.targets["y"].tolist() == TABLE[:, 2].tolist()
    keys = {"inputs": {"x": ["c2", "c0"]}, "targets": {"y": "c1"}}
    part = load_here(x(2), values(), source="npy", path="t.npy", **keys).parts["train"]
    assert part.inputs["x"].tolist() == TABLE[:, [2, 0]].tolist()


def test_several_files_are_called_by_their_keys(tmp_path, load_here):
    np.save(tmp_path / "a.npy", np.arange(24, dtype=">i2").reshape(2, 3, 4))
    np.save(tmp_path / "b.npy", np.array(["no", "yes"]))
    files = {"x": "a.npy", "y": "b.npy"}
    data = load_here(x(3, 4), classes(2), source="npy", files=files)
    assert data.parts["train"].inputs["x"].ravel().tolist() == list(range(24))
    assert data.labels == {"y": ("no", "yes")}


def test_an_array_is_mapped_not_read(tmp_path):
    np.save(tmp_path / "a.npy", TABLE)
    column = npy_table(tmp_path / "a.npy", "a.npy", lambda row: None).column("a")
    base = column.values
    while not isinstance(base, np.memmap):
        base = base.base
    assert base.mode == "r"
    np.save(tmp_path / "f.npy", np.asfortranarray(TABLE))
    np.testing.assert_array_equal(map_array(tmp_path / "f.npy"), TABLE)


def test_a_vast_file_is_opened_without_its_bytes(tmp_path, load_here):
    rows = 50_000_000
    head = np.lib.format.header_data_from_array_1_0(np.zeros((1, 4), np.uint8)) | {
        "shape": (rows, 4)
    }
    with open(tmp_path / "a.npy", "wb") as file:
        np.lib.format.write_array_header_1_0(file, head)
        file.truncate(file.tell() + 4 * rows)
    assert map_array(tmp_path / "a.npy").shape == (rows, 4)


@pytest.mark.parametrize("key", ["path", "files"])
def test_a_missing_file_is_told_at_the_place_that_names_it(load_here, key):
    keys = {"path": "none.npy"} if key == "path" else {"files": {"x": "none.npy"}}
    with pytest.raises(FileError, match="there is no file") as e:
        load_here(x(2), source="npy", span=Places(), **keys)
    assert place_of(e)[0] == ("spec:data/path" if key == "path" else "spec:data/files/x")


def shapes(load_here, *ports, **keys):
    return load_here(*(ports or (x(32, 32, 1), binary(32, 32))), source="shapes", **keys)


def test_one_number_is_the_size_of_both_axes(load_here):
    one, two = (shapes(load_here, x(24, 24, 1), binary(24, 24), size=s) for s in (24, [24, 24]))
    assert one.digest == two.digest


def test_shapes_show_one_figure_where_the_mask_says(load_here):
    ports = (
        x(24, 40, 1),
        binary(24, 40, name="mask"),
        classes(3, name="label"),
        classes(4, name="regions", shape=(24, 40, 4)),
    )
    data = shapes(load_here, *ports, samples=60, size=[24, 40])
    part = data.parts["train"]
    image, mask = part.inputs["x"][..., 0], part.targets["mask"]
    assert np.allclose(image[mask == 0], 0.1)
    assert image[mask == 1].min() >= 0.5
    assert (mask[:, [0, -1]].mean(), mask[:, :, [0, -1]].mean()) < (0.1, 0.1)
    assert 0.04 < mask.mean() < 0.3
    assert data.labels["label"] == ("circle", "square", "triangle")
    regions = part.targets["regions"].argmax(axis=-1)
    kind = part.targets["label"].argmax(axis=-1)
    np.testing.assert_array_equal(regions, mask * (kind + 1)[:, None, None])


def test_a_figure_has_the_area_of_its_kind(load_here):
    part = shapes(
        load_here,
        x(200, 200, 1),
        binary(200, 200),
        classes(3, name="label"),
        samples=30,
        size=[200, 200],
        targets={"y": "mask"},
    ).parts["train"]
    mask, kind = part.targets["y"], part.targets["label"].argmax(axis=-1)
    for picture, k in zip(mask, kind, strict=True):
        rows, columns = np.nonzero(picture)
        middle = np.array([rows.mean(), columns.mean()])
        radius = np.sqrt(((np.stack([rows, columns], 1) - middle) ** 2).sum(axis=1)).max()
        assert 0.15 * 200 - 2 < radius < 0.35 * 200 + 2
        share = [np.pi, 2.0, 3 * np.sqrt(3) / 4][k]  # of the square of the radius
        assert abs(picture.sum() / (share * radius**2) - 1) < 0.1


def test_more_samples_begin_with_the_same_ones_and_noise_is_added(load_here):
    few = shapes(load_here, samples=5).parts["train"].inputs["x"]
    many = shapes(load_here, samples=9).parts["train"].inputs["x"]
    np.testing.assert_array_equal(few, many[:5])
    other = shapes(load_here, samples=5, seed=1).parts["train"].inputs["x"]
    assert (other != few).any()
    noisy = shapes(load_here, samples=5, noise=0.2).parts["train"].inputs["x"]
    assert abs((noisy - few).std() - 0.2) < 0.01


def test_weights_are_cut_and_dropped_with_their_rows(tmp_path, load_here):
    (tmp_path / "t.csv").write_text("a,w,y\n1,0.5,0\n,9,1\n3,2,1\n4,,0\n5,1,1\n")
    data = load_here(
        x(),
        binary(),
        source="csv",
        path="t.csv",
        sample_weight="w",
        missing="drop",
        inputs={"x": "a"},
        split={"test": 1, "order": "file"},
        dtype="float32",
    )
    assert data.parts["train"].weights.tolist() == [0.5, 2]
    assert data.parts["test"].weights.tolist() == [1]
    assert data.parts["train"].weights.dtype == np.float32
    assert data.dropped == 2
    assert data.missing == {"a": 1, "w": 1}


def test_the_weight_is_no_input_of_the_own_pair_and_changes_the_digest(tmp_path, load_here):
    (tmp_path / "t.csv").write_text("a,w,y\n1,1,0\n2,1,1\n")
    plain = load_here(x(), binary(), source="csv", path="t.csv", inputs={"x": "a"})
    weighted = load_here(x(), binary(), source="csv", path="t.csv", sample_weight="w")
    assert weighted.parts["train"].inputs["x"].tolist() == [1, 2]
    assert plain.parts["train"].weights is None
    assert plain.digest != weighted.digest


def test_several_weights_per_sample_are_refused(tmp_path, load_here):
    np.savez(tmp_path / "a.npz", x=np.ones((3, 2)), y=np.ones(3), w=np.ones((3, 2)))
    with pytest.raises(DataError, match="a sample has one weight"):
        load_here(x(2), values(), source="npz", path="a.npz", sample_weight="w")


def test_several_targets_and_inputs_come_from_one_file(tmp_path, load_here):
    (tmp_path / "t.csv").write_text("a,b,kind,size\n1,10,p,0.5\n3,30,q,0.1\n5,20,p,0.9\n7,40,q,1\n")
    data = load_here(
        x(name="a"),
        x(2, name="both"),
        classes(2, name="kind"),
        values(name="size"),
        source="csv",
        path="t.csv",
        inputs={"both": ["b", "a"]},
        normalize={"a": "minmax", "both": "standard", "targets": "none"},
        split={"test": 1, "order": "file"},
    )
    train = data.parts["train"]
    assert train.inputs["a"].tolist() == [0, 0.5, 1]
    np.testing.assert_allclose(train.inputs["both"].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(train.inputs["both"].std(axis=0), 1)
    assert data.parts["test"].inputs["a"].tolist() == [1.5]
    assert train.targets["size"].tolist() == [0.5, 0.1, 0.9]
    assert train.targets["kind"].tolist() == [[1, 0], [0, 1], [1, 0]]
