"""Files damaged at random are refused as damaged, or still say something whole; never a crash."""

import gzip

import numpy as np
import pytest
from broken_files import GOOD_IMAGES, GOOD_NPY, GOOD_NPZ, MNIST_FILES, PICTURES, TABLE
from data_samples import classes, data_spec, values, x

from nngraph.data import load_data_set
from nngraph.errors import DataError

CLASSES = (x(2), classes(3, name="label"))
KINDS = {
    "csv": ({"t.csv": TABLE.encode() * 3}, {"source": "csv", "path": "t.csv"}, CLASSES),
    "npz": ({"t.npz": GOOD_NPZ}, {"source": "npz", "path": "t.npz"}, CLASSES),
    "npy": ({"t.npy": GOOD_NPY}, {"source": "npy", "path": "t.npy"}, (x(2), values())),
    "idx": (
        {"train-images-idx3-ubyte": GOOD_IMAGES}
        | {k: v for k, v in MNIST_FILES.items() if "train-images" not in k},
        {"source": "mnist", "folder": "."},
        (x(2, 2, 1, name="image"), classes(2, name="label")),
    ),
    "gz": (
        {"train-images-idx3-ubyte.gz": gzip.compress(GOOD_IMAGES, mtime=0)}
        | {k: v for k, v in MNIST_FILES.items() if "train-images" not in k},
        {"source": "mnist", "folder": "."},
        (x(2, 2, 1, name="image"), classes(2, name="label")),
    ),
    "png": (
        {"p/cat/1.png": PICTURES["p/cat/1.png"], "p/dog/1.png": PICTURES["p/dog/1.png"]},
        {"source": "images", "folder": "p"},
        (x(2, 2, 1), classes(2)),
    ),
}


def damaged(content, generator):
    """Some bytes changed, or cut off, or doubled."""
    changed = bytearray(content)
    match generator.integers(3):
        case 0:
            for place in generator.integers(0, len(changed), generator.integers(1, 4)):
                changed[place] = generator.integers(256)
        case 1:
            del changed[generator.integers(len(changed)) :]
        case 2:
            place = int(generator.integers(len(changed)))
            changed[place:place] = changed[: int(generator.integers(1, 20))]
    return bytes(changed)


def loaded(keys, ports, folder):
    try:
        return load_data_set(data_spec(**keys), ports, folder)
    except DataError as error:
        return error


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_never_crashes_the_reader(kind, tmp_path):
    files, keys, ports = KINDS[kind]
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    first = next(iter(files))
    generator = np.random.default_rng(7)
    refused = 0
    for _ in range(300):
        (tmp_path / first).write_bytes(damaged(files[first], generator))
        found = loaded(keys, ports, tmp_path)
        if isinstance(found, DataError):
            refused += 1
            assert all(d.code.startswith("E4") and d.message for d in found.diagnostics)
        else:
            assert all(np.isfinite(a).all() for a in found.parts["train"].inputs.values())
    assert refused > (60 if kind == "csv" else 100)
