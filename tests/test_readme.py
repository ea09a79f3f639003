"""Every fenced block of the README does what it says, as printed: one folder, one terminal."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nngraph
import nngraph.cli

ROOT = Path(__file__).parent.parent
FENCED = re.compile(r"^(?:<!-- command: (\w+) -->\n)?( *)```(\w*)\n(.*?)^\2```$", re.M | re.S)
SHELL = {"|", "||", "&&", ";", ">", "<"}  # words that a shell alone understands
PLACE = re.compile(r"^ *--> (\S+):(\d+):\d+$", re.M)

NODES_OF_THE_EDGES = """\
nngraph: 1
nodes:
  x, a: {kind: input, shape: 3}
  x1, x2: {kind: input, shape: 1}
  image: {kind: input, shape: [8, 8, 1]}
  hidden, h1, h2, code: {units: 3}
  conv1: {units: 4}
  y: {units: 1}
  picture: {units: 64}
  sum: {kind: add}
"""
EDGES_BESIDE_THEM = "  - x -> sum\n  - image -> code\n"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, and the name under which .ci/run knows it, or ""."""

    line: int
    command: str
    language: str
    text: str


def blocks(text: str) -> list[Block]:
    return [
        Block(
            text.count("\n", 0, found.start(4)),
            found[1] or "",
            found[3],
            textwrap.dedent(found[4]),
        )
        for found in FENCED.finditer(text)
    ]


@dataclass
class Reader:
    """Who goes through the README in a clone, with what the blocks before have left."""

    folder: Path
    environment: dict[str, str]
    names: dict[str, Any] = field(default_factory=dict)
    has_found_nngraph: bool = False

    def follow(self, block: Block) -> None:
        """Do what a block says, in the way of its language."""
        ways = {"sh": self.sh, "python": self.python, "yaml": self.yaml, "text": self.error}
        assert block.language in ways, f"README.md:{block.line}: nobody runs '{block.language}'"
        ways[block.language](block)

    def sh(self, block: Block) -> None:
        """As typed into the one terminal, whose PATH lasts."""
        if block.command:
            (names,) = re.findall(r"^for name in (.*); do$", (ROOT / ".ci/run").read_text(), re.M)
            assert block.command in names.split(), f".ci/run does not run '{block.command}'"
            return
        for number, line in enumerate(block.text.splitlines(), block.line + 1):
            words = shlex.split(os.path.expandvars(line), comments=True)
            if self.has_found_nngraph and words[0] == "nngraph" and not SHELL & set(words):
                code, said = nngraph.cli.run(words[1:]), ""  # a process takes a second to start
            else:
                code, said = self.typed(line)
                self.has_found_nngraph |= words[0] == "nngraph"
            assert code == 0, f"README.md:{number}: {line}\n{said}"

    def typed(self, line: str) -> tuple[int, str]:
        """Exit code and output of a line in the terminal."""
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", line + '\nprintf %s "$PATH" > .path'],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            self.environment["PATH"] = (self.folder / ".path").read_text()
        return done.returncode, done.stdout

    def python(self, block: Block) -> None:
        exec(compile("\n" * block.line + block.text, "README.md", "exec"), self.names)

    def yaml(self, block: Block) -> None:
        """A whole spec keeps its promises; edges alone join nodes that they fit."""
        if block.text.startswith("edges:"):
            path = Path("edges.yaml")
            path.write_text(NODES_OF_THE_EDGES + block.text + EDGES_BESIDE_THEM)
            assert nngraph.check(path).errors == ()
            return
        path = Path("xor.yaml")
        path.write_text(block.text)
        assert nngraph.check(path).errors == ()
        outcomes = nngraph.train_run(path, run="xor").test()
        assert [outcome.status for outcome in outcomes] == ["passed"]

    def error(self, block: Block) -> None:
        """What comes of the file that is named when one line reads as it is shown."""
        place = PLACE.search(block.text)
        assert place is not None, f"README.md:{block.line}: no place"
        path, number = Path(place[1]), int(place[2])
        shown = re.search(rf"^ *{number} \| (.*)$", block.text, re.M)
        assert shown is not None
        right = path.read_text()
        lines = right.splitlines()
        assert get_close_matches(shown[1], [lines[number - 1]], cutoff=0.9)
        lines[number - 1] = shown[1]
        path.write_text("\n".join(lines))
        done = subprocess.run(
            [sys.executable, "-m", "nngraph", "check", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        path.write_text(right)
        assert (done.returncode, done.stderr.strip()) == (3, block.text.strip())


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone as far as a reader uses it, with the environment of the first command."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    command = programs / "nngraph"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m nngraph "$@"\n')
    command.chmod(0o755)
    (programs / "activate").write_text('PATH="$PWD/.venv/bin:$PATH"\n')
    return tmp_path


@pytest.fixture
def photos(clone: Path) -> None:
    """photo.png and photo.jpg, a bright disc, which the reader has."""
    rows, columns = np.mgrid[:90, :120]
    disc = (rows - 45) ** 2 + (columns - 60) ** 2 < 900
    picture = Image.fromarray(np.where(disc, 220, 30).astype(np.uint8))
    picture.save(clone / "photo.png")
    picture.convert("RGB").save(clone / "photo.jpg")


@pytest.fixture
def mnist(clone: Path) -> Path:
    """A folder with the four files of MNIST, of as many digits as a test has time for."""
    generator = np.random.default_rng(0)
    folder = clone / "the-mnist-files"
    folder.mkdir()
    for part, count in (("train", 300), ("t10k", 100)):
        images, labels = generator.integers(0, 256, (count, 28, 28)), np.arange(count) % 10
        for kind, values in (("images-idx3", images), ("labels-idx1", labels)):
            sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
            head = bytes([0, 0, 8, values.ndim]) + sizes
            (folder / f"{part}-{kind}-ubyte").write_bytes(head + values.astype(np.uint8).tobytes())
    return folder


@pytest.fixture
def reader(clone: Path, photos: None, mnist: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """In the clone, with a terminal that knows no nngraph yet."""
    monkeypatch.chdir(clone)
    own = {
        "NNGRAPH_MNIST": str(mnist),
        "NNGRAPH_KERNELS": "never",  # compiling them takes longer than all the blocks
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    paths = os.environ["PATH"].split(os.pathsep)
    without = [path for path in paths if not (Path(path) / "nngraph").exists()]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(without),
        "PYTHONPATH": str(ROOT),
    }
    return Reader(clone, environment)


@pytest.mark.filterwarnings("ignore:train.epochs was 20, it is 40")
def test_every_block_of_the_readme_runs_as_printed(
    reader: Reader, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text()
    found = blocks(text)
    assert len(found) == len(re.findall(r"^ *```\w+$", text, re.M))
    assert {block.command for block in found} == {"", "demo", "test"}
    for block in found:
        reader.follow(block)
    assert capsys.readouterr().out.count("Epoch(number=") == 20
    model = reader.names["model"]
    assert model.run == Path("runs/short")
    assert len(model.history) == 40
    written = {path.name for path in reader.folder.iterdir()}
    assert {"compare.html", "report.html", "iris_net.py", "iris_net.npz", "runs"} <= written
