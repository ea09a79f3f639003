"""The house keeps its rooms: imports go one way, packages only hand names on, no file is a god."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "nngraph"

# From left to right as drawn in the design: a room may import what stands to the right of it.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"cli", "sklearn"}),
    frozenset({"api"}),
    frozenset({"search"}),
    frozenset({"app"}),
    frozenset({"insight"}),
    frozenset({"train", "interop", "render"}),
    frozenset({"data", "run"}),
    frozenset({"network"}),
    frozenset({"pipeline"}),
    frozenset({"codegen"}),
    frozenset({"plan"}),
    frozenset({"lower", "passes"}),
    frozenset({"targets"}),
    frozenset({"ops", "graph"}),
    frozenset({"ir", "spec", "kernels"}),
    frozenset({"words"}),
    frozenset({"formula"}),
    frozenset({"streams", "files"}),
    frozenset({"errors"}),
    frozenset({"diagnostics"}),
    frozenset({"records"}),
)
LEVEL = {room: k for k, rooms in enumerate(LEVELS) for room in rooms}
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    """Rooms of nngraph that a module imports, wherever in it."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            names = [module]
            if module == "nngraph":
                names = [f"nngraph.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("nngraph.")}
    return rooms


def test_every_room_has_its_place():
    rooms = {room_of(path) for path in MODULES} - {"__init__", "__main__"}
    assert rooms <= set(LEVEL), rooms - set(LEVEL)


def test_imports_go_to_the_right():
    wrong = [
        f"{path.relative_to(PACKAGE)}: {room} must not import {other}"
        for path in MODULES
        if (room := room_of(path)) not in ("__init__", "__main__")
        for other in sorted(imports_of(path) - {room, "__version__"})
        if LEVEL[other] <= LEVEL[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_record_is_made_by_the_one_decorator():
    """The library's compiles six methods a class at every start."""
    from_library = re.compile(
        r"^(from dataclasses import .*\bdataclass\b|import dataclasses)", re.M
    )
    found = [path.name for path in MODULES if from_library.search(path.read_text())]
    assert found == ["records.py"], "write: from nngraph.records import dataclass"


def test_no_file_is_a_god():
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert {path for path, length in lengths.items() if length > LONGEST} == set()


def test_packages_only_hand_names_on():
    allowed = ast.Import | ast.ImportFrom | ast.Assign | ast.Expr | ast.AnnAssign
    doing = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} does something"
        for path in MODULES
        if path.name == "__init__.py" and path.parent != PACKAGE  # the root loads lazily
        for node in ast.parse(path.read_text()).body
        if not isinstance(node, allowed)
    ]
    assert not doing, "\n".join(doing)


def test_importing_the_package_imports_no_heavy_library():
    script = (
        "import sys, nngraph\n"
        "print([m for m in ('numpy', 'networkx', 'pydantic', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_check_imports_no_training_and_no_drawing():
    script = (
        "import sys\n"
        "from nngraph.cli import run\n"
        "assert run(['check', 'specs/xor-trained.yaml']) == 0\n"
        "print('|', *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    imported = set(done.stdout.partition("|")[2].split())
    assert "nngraph.data.load" in imported  # the list is there
    libraries = {"networkx", "PIL", "safetensors", "numba", "rich", "graphviz", "threadpoolctl"}
    libraries |= {"numpy.ma"}  # np.unique of values alone imports it
    assert imported & libraries == set()
    modules = {"run", "render", "api", "train.loop", "train.feed", "train.run_folder", "app.train"}
    modules |= {"data.augment", "data.warping", "data.fetch", "insight.report"}
    assert imported & {f"nngraph.{name}" for name in modules} == set()
