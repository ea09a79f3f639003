"""Mistakes that beginners make, as they stand in the text files beside this one.

A case is `== what was done [base]`, then lines of what is done to the base: `edit: old => new`,
`file: name << text`, `bytes: name << hex`, `picture: name mode size`, `arrays: name key ...`,
`damage: name` and `edit-after:` (both behind the first command), `run: command` (by default
`nngraph check net.yaml`) or `python: call`. `\\n` and `\\t` stand for what they say. Then what is
expected of the message: `-- code place`, `-- cause`, `-- next step`, each a part of its text.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import nngraph
from nngraph.cli.frame import run as run_command

HERE = Path(__file__).parent
FILES = ("writing", "network", "data", "commands", "python")

PETS = """\
nngraph: 1
name: pets
nodes:
  x: {kind: input, shape: 2}
  h: {units: 4, activation: relu}
  y: {units: 3, activation: softmax}
edges:
  - x -> h
  - h -> y
loss: {kind: cross_entropy, target: pet}
data:
  source: csv
  path: pets.csv
  inputs: {x: [weight, height]}
  targets: {pet: pet}
train:
  epochs: 2
  batch_size: 4
  optimizer: {kind: adam, learning_rate: 0.01}
"""

IMAGE = """\
nngraph: 1
name: photos
nodes:
  image: {kind: input, shape: [8, 8, 1]}
  c: {units: 4, activation: relu}
  p: {kind: pool, size: 2}
  y: {units: 2, activation: softmax}
edges:
  - image -> c: {conv: 3}
  - c -> p
  - p -> y
loss: {kind: cross_entropy, target: label}
data: {source: images, folder: photos}
train: {epochs: 1, batch_size: 2}
"""

LINE = """\
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [0, 1, 2, 3], y: [1, 3, 5, 7]}}
train:
  epochs: 5
  batch_size: full
  optimizer: {kind: sgd, learning_rate: 0.1}
"""

BASES = {"pets": PETS, "image": IMAGE, "line": LINE, "empty": ""}
CSV = "weight,height,pet\n4,25,cat\n9,40,dog\n1,10,emu\n5,27,cat\n8,45,dog\n2,12,emu\n"
X, Y = [[4, 25], [9, 40], [1, 10]], ["cat", "dog", "emu"]
TRAINED = "nngraph train net.yaml -o run"  # the run of the base, made once


@dataclass(frozen=True)
class Mistake:
    """What a beginner does, and what is to be said of it."""

    claim: str
    base: str
    steps: tuple[tuple[str, str], ...]
    code: str = ""
    place: str = ""
    cause: str = ""
    step: str = ""


def mistakes(*names: str) -> list[Mistake]:
    """The cases of the named files, by default of all."""
    return [case for name in names or FILES for case in _read(HERE / f"{name}.txt")]


def _read(path: Path) -> Iterator[Mistake]:
    for block in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = block.rstrip("\n").split("\n")
        matched = re.fullmatch(r"(.*) \[(\w+)\]", head)
        assert matched is not None, head
        told = [line[3:] for line in lines if line.startswith("-- ")]
        steps = [line.partition(": ") for line in lines if line and not line.startswith("-- ")]
        code, _, place = told[0].partition(" ") if told else ("", "", "")
        yield Mistake(
            matched[1],
            matched[2],
            tuple((kind, _meant(text)) for kind, _, text in steps),
            code,
            place,
            *told[1:],
        )


def _meant(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


def lay_out(folder: Path, base: str = "pets") -> None:
    """The files of a base."""
    (folder / "net.yaml").write_text(BASES[base], encoding="utf-8")
    (folder / "pets.csv").write_text(CSV, encoding="utf-8")
    for name in ("cat", "dog"):
        for number in range(3):
            _picture(folder / "photos" / name / f"{number}.png", "L", 8)


def _picture(path: Path, mode: str, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (size, size)).save(path)


def trained(folder: Path) -> Path:
    """The run of the base `pets`, trained there: to be copied."""
    lay_out(folder)
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        assert run_command(shlex.split(TRAINED)[1:]) == 0
    return folder / "run"


def play(mistake: Mistake, folder: Path, run: Path) -> str:
    """Do it in a folder, and give what is said of it; `run` is what `trained` made."""
    lay_out(folder, mistake.base)
    commands = [text for kind, text in mistake.steps if kind in ("run", "python")]
    said = ""
    with contextlib.chdir(folder):
        for kind, text in mistake.steps:
            if kind == "run" and text == TRAINED and text != commands[-1]:
                shutil.copytree(run, folder / "run")
            elif kind in ("run", "python"):
                said = _told(kind, text)
            else:
                _prepare(folder, kind, text)
        said = said if commands else _told("run", "nngraph check net.yaml")
    return said.replace(str(folder), "FOLDER")


def _prepare(folder: Path, kind: str, text: str) -> None:
    name, _, content = text.partition(" << ")
    name, path = name.strip(), folder / name.strip()
    if kind in ("edit", "edit-after"):
        old, _, new = text.partition(" => ")
        old, spec = old, (folder / "net.yaml").read_text(encoding="utf-8")
        assert old in spec, f"{old!r} is not in the base"
        (folder / "net.yaml").write_text(spec.replace(old, new, 1), encoding="utf-8")
    elif kind == "file":
        path.write_text(content, encoding="utf-8")
    elif kind == "bytes":
        path.write_bytes(bytes.fromhex(content.strip()))
    elif kind == "damage":
        path.write_bytes(path.read_bytes()[:-40] + bytes(40))
    elif kind == "picture":
        file, mode, size = text.split()
        _picture(folder / file, mode.upper(), int(size))
    else:
        file, *keys = text.split()
        np.savez(folder / file, **{key: np.zeros((4, 2)) for key in keys})  # type: ignore[arg-type]


def _told(kind: str, text: str) -> str:
    """What a command says on standard error, or what a call raises."""
    if kind == "run":
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            run_command(shlex.split(text)[1:])
        return said.getvalue()
    space: dict[str, Any] = {"nngraph": nngraph, "np": np, "X": X, "Y": Y}
    try:
        if "model" in text:
            space["model"] = nngraph.compile("net.yaml")
        exec(text, space)
    except Exception as error:
        return f"{type(error).__qualname__}: {error}"
    return ""
