"""The MNIST files: read strictly, plain or gzipped; the real ones where they are at hand."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from data_samples import classes, data_spec, place_of, x

from nngraph.data import load_data_set
from nngraph.data.idx import read_idx
from nngraph.errors import DataError, FileError

NAMES = {
    "train images": "train-images-idx3-ubyte",
    "train labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}


def idx_bytes(array):
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.astype(np.uint8).tobytes()


def small_set(generator):
    return {
        "train images": generator.integers(0, 256, (30, 5, 4)),
        "train labels": np.arange(30) % 10,
        "test images": generator.integers(0, 256, (10, 5, 4)),
        "test labels": np.arange(10),
    }


def write_set(folder, arrays, gz=False):
    for what, array in arrays.items():
        content = idx_bytes(array)
        name = NAMES[what] + (".gz" if gz else "")
        (folder / name).write_bytes(gzip.compress(content) if gz else content)


@pytest.fixture
def arrays():
    return small_set(np.random.default_rng(0))


def ports():
    return x(5, 4, 1, name="image"), classes(10, name="label")


def load_mnist(folder, span=None, **keys):
    spec = data_spec(source="mnist", folder=folder.name, **keys)
    return load_data_set(spec, ports(), folder.parent, dtype="float64", span=span)


@pytest.mark.parametrize("gz", [False, True])
def test_the_four_files_become_training_and_test_rows(tmp_path, arrays, gz):
    write_set(tmp_path, arrays, gz)
    data = load_mnist(tmp_path)
    for part in ("train", "test"):
        np.testing.assert_array_equal(
            data.parts[part].inputs["image"][..., 0], arrays[f"{part} images"]
        )
        np.testing.assert_array_equal(
            data.parts[part].targets["label"].argmax(axis=1), arrays[f"{part} labels"]
        )
    assert set(data.parts) == {"train", "test"}


def test_validation_is_taken_from_the_training_rows_and_the_test_stays(tmp_path, arrays):
    write_set(tmp_path, arrays)
    data = load_mnist(tmp_path, split={"validation": 10, "order": "file"})
    assert data.parts["train"].row_numbers.tolist() == list(range(20))
    assert data.parts["validation"].row_numbers.tolist() == list(range(20, 30))
    assert data.parts["test"].row_numbers.tolist() == list(range(30, 40))
    stratified = load_mnist(tmp_path, split={"validation": 10})
    assert stratified.parts["validation"].targets["label"].sum(axis=0).tolist() == [1] * 10


def test_a_second_test_set_is_refused(tmp_path, arrays):
    write_set(tmp_path, arrays)
    with pytest.raises(DataError, match="has its own test set of 10 rows, which stays"):
        load_mnist(tmp_path, split={"test": 0.1})


def test_a_missing_file_is_named(tmp_path, arrays):
    write_set(tmp_path, arrays)
    (tmp_path / NAMES["test labels"]).unlink()
    with pytest.raises(FileError, match="lacks the test labels: neither 't10k-labels") as e:
        load_mnist(tmp_path)
    assert e.value.exit_code == 8


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path, arrays):
    folder = tmp_path / "mnist"
    folder.mkdir()
    write_set(folder, arrays)
    outside = tmp_path / "outside"
    (folder / NAMES["test labels"]).rename(outside)
    (folder / NAMES["test labels"]).symlink_to(outside)
    with pytest.raises(FileError, match="is a link that leads out of the folder"):
        load_mnist(folder)


def test_a_missing_folder_is_named_at_its_place(tmp_path, places):
    with pytest.raises(FileError, match="there is no folder 'nowhere'") as e:
        load_mnist(tmp_path / "nowhere", span=places)
    assert place_of(e)[0] == "spec:data/folder"


def test_counts_that_differ_are_told(tmp_path, arrays):
    write_set(tmp_path, arrays | {"train labels": np.arange(29) % 10})
    with pytest.raises(DataError, match="has 30 train images, but 29 labels"):
        load_mnist(tmp_path)


def test_parts_of_different_size_are_told(tmp_path, arrays):
    write_set(tmp_path, arrays | {"test images": np.zeros((10, 4, 5))})
    with pytest.raises(DataError, match=r"training images of .* are 5x4, the test images 4x5"):
        load_mnist(tmp_path)


GOOD = idx_bytes(np.arange(24).reshape(4, 3, 2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "magic number missing instead of 00000803"),
        (b"\0\0", "magic number 0000 instead of 00000803"),
        (idx_bytes(np.arange(4)), "magic number 00000801 instead of 00000803"),
        (b"\0\0\x0d\x03" + GOOD[4:], "magic number 00000d03 instead"),
        (GOOD[:10], "which cannot be read"),
        (GOOD[:-1], "24 bytes, but holds only 23"),
        (GOOD + b"\0", "24 bytes, but holds more"),
        (b"\0\0\x08\x03" + b"\xff" * 12 + b"\0" * 9, "which cannot be read"),
        (b"\0\0\x08\x03" + b"\0" * 12, "which cannot be read"),
    ],
)
@pytest.mark.parametrize("gz", [False, True])
def test_a_damaged_file_is_refused(tmp_path, content, message, gz):
    path = tmp_path / ("a.gz" if gz else "a")
    path.write_bytes(gzip.compress(content) if gz else content)
    with pytest.raises(DataError, match=message):
        read_idx(path, axes=3)


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "flipped"])
def test_a_damaged_gzip_file_is_refused(tmp_path, damage):
    whole = gzip.compress(GOOD)
    middle = len(whole) // 2
    contents = {
        "cut": whole[:-9],
        "text": b"this is no gzip file",
        "empty": b"",
        "flipped": whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :],
    }
    (tmp_path / "a.gz").write_bytes(contents[damage])
    with pytest.raises(DataError, match=r"'a\.gz'") as e:
        read_idx(tmp_path / "a.gz", axes=3)
    assert e.value.exit_code == 4


def test_a_bomb_is_not_unpacked_beyond_what_its_header_states(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(GOOD + b"\0" * 50_000_000))
    with pytest.raises(DataError, match="holds more"):
        read_idx(tmp_path / "a.gz", axes=3)


@pytest.fixture
def mnist_folder():
    folder = os.environ.get("NNGRAPH_MNIST")
    if folder is None:
        pytest.skip("NNGRAPH_MNIST does not name the folder of the four MNIST files")
    return Path(folder)


def test_the_real_files_hold_what_is_published_of_them(mnist_folder):
    spec = data_spec(
        source="mnist", folder=mnist_folder.name, normalize={"kind": "scale", "divisor": 255}
    )
    data = load_data_set(spec, (x(784), classes(10, name="label")), mnist_folder.parent)
    train = data.parts["train"]
    counts = {part: data.parts[part].targets["label"].sum(axis=0) for part in data.parts}
    published = "5923 6742 5958 6131 5842 5421 5918 6265 5851 5949"
    assert counts["train"].tolist() == list(map(int, published.split()))
    published = "980 1135 1032 1010 982 892 958 1028 974 1009"
    assert counts["test"].tolist() == list(map(int, published.split()))
    assert train.inputs["x"].shape == (60_000, 784)
    assert train.inputs["x"].dtype == np.float32
    # mean and standard deviation as everybody quotes them
    assert abs(float(np.asarray(train.inputs["x"]).mean(dtype=np.float64)) - 0.1307) < 5e-5
    assert abs(float(np.asarray(train.inputs["x"]).std(dtype=np.float64)) - 0.3081) < 5e-5
    assert train.targets["label"][:5].argmax(axis=1).tolist() == [5, 0, 4, 1, 9]
