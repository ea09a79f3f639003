"""No copy of a run with one fault in one file is taken for the run.

A fault is refused as a file that does not hold, by its name; what is not refused (two equal bytes
that were swapped) gives the very same content and answers.
"""

from __future__ import annotations

import dataclasses
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nngraph
from nngraph.errors import ModelFileError
from nngraph.files import read_manifest
from nngraph.insight.report import read_story
from nngraph.train.checkpoint import read_checkpoint_of
from nngraph.train.journal import read_history, read_summary
from nngraph.train.load_run import open_run, read_weights, weights_path
from nngraph.train.run_folder import read_bound
from nngraph.train.statistics import read_statistics

SPEC = """
nngraph: 1
name: net
nodes: {x: {kind: input, shape: 2}, h: {units: 4, activation: tanh}, y: {activation: sigmoid}}
edges:
  - x -> h: {mask: {file: mask.npz}}
  - h -> y
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles, samples: 30, normalize: standard, split: {validation: 10}}
train:
  epochs: 5
  batch_size: 5
  metrics: [accuracy]
  early_stopping: {monitor: validation.loss, patience: 4}
  checkpoint: {every: 5, keep: 2}
"""
CHECKPOINT = "checkpoints/step-000000020.safetensors"
FILES = (
    "best.safetensors",
    CHECKPOINT,
    "data.json",
    "given.safetensors",
    "manifest.json",
    "metrics.jsonl",
    "resolved.yaml",
    "spec.yaml",
    "statistics.jsonl",
    "summary.json",
)
Fault = Callable[[bytes, random.Random], bytes]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "net.yaml").write_text(SPEC)
    np.savez(folder / "mask.npz", M=[[1, 0, 1, 1], [1, 1, 0, 1]])
    nngraph.train_run(folder / "net.yaml", run=folder / "run")
    assert read_summary(folder / "run")["weights"] == "best"
    names = {file.name for file in nngraph.verify(folder / "run").files}
    # weights that are not used, and an older checkpoint of the same form
    rest = {"weights.safetensors", "checkpoints/step-000000000.safetensors"}
    assert names == {*FILES} | rest
    return folder / "run"


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


# ---- faults


def changed_byte(content: bytes, generator: random.Random) -> bytes:
    place = generator.randrange(len(content))
    return spliced(content, place, place + 1, bytes([generator.randrange(256)]))


def flipped_bit(content: bytes, generator: random.Random) -> bytes:
    place = generator.randrange(len(content))
    return spliced(content, place, place + 1, bytes([content[place] ^ 1 << generator.randrange(8)]))


def cut_off(content: bytes, generator: random.Random) -> bytes:
    return content[: generator.randrange(len(content))]


def swapped_bytes(content: bytes, generator: random.Random) -> bytes:
    first, second = (generator.randrange(len(content)) for _ in range(2))
    changed = bytearray(content)
    changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


def inserted_byte(content: bytes, generator: random.Random) -> bytes:
    place = generator.randrange(len(content) + 1)
    return spliced(content, place, place, bytes([generator.randrange(256)]))


def removed_byte(content: bytes, generator: random.Random) -> bytes:
    place = generator.randrange(len(content))
    return spliced(content, place, place + 1, b"")


def other_digit(content: bytes, generator: random.Random) -> bytes:
    """The likeliest to be read as something else: a digit of a number in a text."""
    digits = [place for place, byte in enumerate(content) if chr(byte) in "0123456789"]
    if not digits:
        return changed_byte(content, generator)
    place = generator.choice(digits)
    return spliced(content, place, place + 1, generator.choice("0123456789").encode())


def zeroed_block(content: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(content))
    stop = min(len(content), start + generator.randrange(1, 513))
    return spliced(content, start, stop, bytes(stop - start))


def doubled_block(content: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(content))
    block = content[start : start + generator.randrange(1, 65)]
    return spliced(content, start, start, block)


def removed_line(content: bytes, generator: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    del lines[generator.randrange(len(lines))]
    return b"".join(lines)


FAULTS: tuple[Fault, ...] = (
    changed_byte,
    flipped_bit,
    cut_off,
    swapped_bytes,
    inserted_byte,
    removed_byte,
    other_digit,
    zeroed_block,
    doubled_block,
    removed_line,
)


def spliced(content: bytes, start: int, stop: int, piece: bytes) -> bytes:
    return content[:start] + piece + content[stop:]


# ---- readers


def everything(run: Path) -> Any:
    """All that a report tells, the answers of the network, and the newest checkpoint."""
    story = read_story(run)
    x = np.linspace(-1, 1, 12).reshape(6, 2)
    answers = story.learner.outputs({"x": x})["y"].tobytes()
    told = (story.spec_text, story.summary, story.history, story.statistics)
    return answers, told, checkpoint_of(run)


def spec_of(run: Path) -> Any:
    document, stored = open_run(run)
    arrays = {name: array.tobytes() for name, array in document.arrays.items()}
    return (
        document.source.text,
        arrays,
        repr(dataclasses.replace(stored, normalizers=None)),
        repr(stored.normalizers.to_json()),
    )


def weights_of(run: Path) -> Any:
    return {id_: array.tobytes() for id_, array in read_weights(weights_path(run)).items()}


def checkpoint_of(run: Path) -> Any:
    found = read_checkpoint_of(run, run / CHECKPOINT)
    return found.step, {id_: array.tobytes() for id_, array in found.weights.items()}


READERS: dict[str, Callable[[Path], Any]] = {
    "best.safetensors": weights_of,
    CHECKPOINT: checkpoint_of,
    "data.json": spec_of,
    "given.safetensors": spec_of,
    "manifest.json": read_manifest,
    "metrics.jsonl": read_history,
    "resolved.yaml": spec_of,
    "spec.yaml": lambda run: read_bound(run, "spec.yaml"),
    "statistics.jsonl": read_statistics,
    "summary.json": read_summary,
}
"""What reads a file, without the rest: thousands of faults are tried in seconds."""


def outcome(run: Path, name: str, fault: bytes, read: Callable[[Path], Any], before: Any) -> str:
    """What comes of a file with other content: refused, the same, or silent."""
    (run / name).write_bytes(fault)
    try:
        found = read(run)
    except ModelFileError as error:
        is_named = any(name in diagnostic.message for diagnostic in error.diagnostics)
        return "refused" if is_named else f"refused without its name: {error}"
    return "the same" if found == before else "silent"


def try_faults(
    run: Path, name: str, read: Callable[[Path], Any], count: int, seed: int
) -> Counter[str]:
    generator = random.Random(f"{name} {seed}")
    content, before = (run / name).read_bytes(), read(run)
    outcomes: Counter[str] = Counter()
    for number in range(count):
        fault = FAULTS[number % len(FAULTS)](content, generator)
        found = outcome(run, name, fault, read, before)
        if found == "the same":
            assert fault == content, f"{FAULTS[number % len(FAULTS)].__name__} was not seen"
        outcomes[found] += 1
    (run / name).write_bytes(content)
    assert read(run) == before
    return outcomes


@pytest.mark.parametrize("name", FILES)
def test_a_fault_in_any_file_is_refused_by_its_name_where_all_are_read(
    run: Path, name: str
) -> None:
    found = try_faults(run, name, everything, 15, seed=1)
    assert set(found) <= {"refused", "the same"}, found
    assert found["refused"] >= 12


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_none_of_5000_faults_in_a_file_is_silent(run: Path, name: str) -> None:
    found = try_faults(run, name, READERS[name], 5000, seed=2)
    print(f"{name}: {dict(found)}")
    assert set(found) <= {"refused", "the same"}, found
    assert found["refused"] >= 4500


def test_a_file_of_another_run_of_the_same_shape_is_refused(run: Path) -> None:
    other = run.parent / "other"
    spec = run.parent / "net.yaml"
    spec.write_text(SPEC)
    np.savez(run.parent / "mask.npz", M=[[1, 1, 1, 0], [1, 0, 1, 1]])
    nngraph.train_run(spec, ["train.seed=5"], run=other)
    for name in FILES:
        if name == "manifest.json" or (other / name).read_bytes() == (run / name).read_bytes():
            continue
        content, before = (run / name).read_bytes(), everything(run)
        found = outcome(run, name, (other / name).read_bytes(), everything, before)
        assert found == "refused", name
        (run / name).write_bytes(content)


def test_weights_that_are_not_used_are_looked_at_by_verify_alone(run: Path) -> None:
    before = everything(run)
    (run / "weights.safetensors").write_bytes(b"")
    assert everything(run) == before
    assert not nngraph.verify(run).holds
