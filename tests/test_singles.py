"""Many single numbers lie packed in a file, and are read as if each stood there by its name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from nngraph.errors import ModelFileError
from nngraph.files import array_names, read_array, read_arrays, write_atomically
from nngraph.train.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from nngraph.train.origin import RunOrigin
from nngraph.train.position import Position
from nngraph.train.run_folder import weights_file

MANY = {f"a{k}->b": np.full((1, 1), k / 7, np.float32) for k in range(1200)}
BIASES = {f"ä{k}.bias": np.array(-k / 3, np.float32) for k in range(1100)}
WHOLE = {"x->h": np.arange(6.0).reshape(2, 3), "step": np.array(7)}
WEIGHTS = {**MANY, **BIASES, **WHOLE}
ORIGIN = RunOrigin("nngraph: 1\n", "d" * 64, {"train": 3}, "p" * 64, {"numpy": "2"})


def same(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> bool:
    return list(found) == sorted(wanted) and all(
        (a.dtype, a.shape, a.tobytes()) == (wanted[n].dtype, wanted[n].shape, wanted[n].tobytes())
        for n, a in found.items()
    )


def test_a_long_file_holds_few_arrays_and_is_read_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_atomically(path, weights_file(WEIGHTS))
    assert len(load_file(path)) == len(WHOLE) + 4
    assert same(read_arrays(path), WEIGHTS)
    assert array_names(path) == tuple(sorted(WEIGHTS))
    assert read_array(path, "ä5.bias") == np.float32(-5 / 3)


def test_a_short_file_keeps_each_array_by_its_name(tmp_path: Path) -> None:
    path, few = tmp_path / "w.safetensors", dict(list(MANY.items())[:900])
    write_atomically(path, weights_file(few))
    assert same(dict(sorted(load_file(path).items())), few)


def test_a_checkpoint_keeps_the_names_of_weights_and_best_once(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    best = {name: array + 1 for name, array in MANY.items()}
    state = {"m": np.arange(1200.0)}
    write_checkpoint(path, Checkpoint(3, MANY, state, Position(best=best), ORIGIN))
    names = [name for name in load_file(path) if name.endswith("/names")]
    assert len(names) == 1
    read = read_checkpoint(path)
    assert same(dict(read.weights), MANY)
    assert read.position.best is not None
    assert same(read.position.best, best)
    again = tmp_path / "again.safetensors"
    write_checkpoint(again, Checkpoint(3, read.weights, state, read.position, ORIGIN))
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("numbers", "names", "others"),
    [
        (3, "a\nb", {}),
        (1, "a\nb", {}),
        (2, "a\na", {}),
        (2, "a\nb", {"b": np.zeros(2)}),
    ],
)
def test_a_packed_group_that_does_not_hold_is_refused(
    tmp_path: Path, numbers: int, names: str, others: dict[str, np.ndarray]
) -> None:
    path = tmp_path / "w.safetensors"
    text = np.frombuffer(names.encode(), np.uint8)
    told = json.dumps([["", "packed/0/names", "packed/0/numbers", []]])
    arrays = {"packed/0/names": text, "packed/0/numbers": np.zeros(numbers), **others}
    save_file(arrays, path, {"packed": told})
    with pytest.raises(ModelFileError):
        read_arrays(path)
