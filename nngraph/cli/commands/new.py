"""`nngraph new TEMPLATE [FILE]` and `nngraph new --data FILE`: write a commented starter file."""

from __future__ import annotations

import json
import re
import shlex
from importlib import resources
from pathlib import Path

import click

from nngraph.cli.options import PATH
from nngraph.cli.output import chatter
from nngraph.errors import FileError, UsageError, diagnostic, join_words, suggest
from nngraph.files import write_atomically

TABLES = (".csv", ".tsv", ".txt")
TEMPLATES = ("perceptron", "xor", "mlp", "classifier", "regression")


@click.command("new", short_help="Write a commented starter file.")
@click.argument("template", required=False)
@click.argument("file", type=PATH, required=False)
@click.option(
    "--data",
    type=PATH,
    metavar="CSV",
    help="Write a spec that fits this table instead: .csv, .tsv.",
)
@click.option("--target", help="With --data: the column to learn, by default it is guessed.")
def command(template: str | None, file: Path | None, data: Path | None, target: str | None) -> None:
    """Write a commented starter file to begin from.

    TEMPLATE is one of perceptron, xor, mlp, classifier, regression. FILE is TEMPLATE.yaml in the
    current folder unless you name another. The network is named after the file, and its runs after
    the network: runs/FILE-001. A file that exists is never overwritten.

    With --data TABLE.csv the spec fits that table: which columns are numbers or names, what is
    missing, which classes there are. FILE is TABLE.yaml then; what was guessed stands in comments.
    """
    if data is not None:
        _from_table(data, file if template is None else Path(template), target)
        return
    if template is None or target is not None:
        raise UsageError(diagnostic("E002:new-what" if target is None else "E002:new-target-alone"))
    template_text(template)  # before anything is said of the file
    path = file if file is not None else Path(f"{template}.yaml")
    if path.is_dir():
        path = path / f"{template}.yaml"
    _refuse_to_overwrite(path)
    write_atomically(path, _starter(template, path).encode())
    chatter(f"wrote {path}; next: nngraph train {path}")


def _from_table(data: Path, file: Path | None, target: str | None) -> None:
    if data.suffix.lower() not in TABLES:
        suffix = repr(data.suffix) if data.suffix else "a file without an extension"
        raise UsageError(diagnostic("E002:new-file", file=data.name, suffix=suffix))
    from nngraph.app.starter import starter
    from nngraph.data.survey import survey_csv

    path = _spec_beside(data) if file is None else file
    if path.is_dir():
        path = path / f"{data.stem}.yaml"
    _refuse_to_overwrite(path, f"--data {data}")
    name = _network_name(path.stem) or "network"
    write_atomically(path, starter(survey_csv(data), path, name, target).encode())
    chatter(f"wrote {path}; next: nngraph train {shlex.quote(str(path))}")


def _spec_beside(data: Path) -> Path:
    """In the current folder, where a spec there may name the table, else beside the table."""
    is_below = data.resolve().is_relative_to(Path.cwd().resolve())
    return Path(f"{data.stem}.yaml") if is_below else data.parent / f"{data.stem}.yaml"


def template_text(name: str) -> str:
    """The text of a template. Errors: UsageError when there is none of that name."""
    if name not in TEMPLATES:
        known = f"there are {join_words(TEMPLATES)}"
        near = suggest(name, TEMPLATES)
        help = f"{near} {known}" if near else known
        raise UsageError(diagnostic("E002:template", name=name, help=help))
    folder = resources.files("nngraph.cli") / "templates"
    return (folder / f"{name}.yaml").read_text(encoding="utf-8")


def _starter(template: str, path: Path) -> str:
    """The text of a template as that of a file, whose name it bears."""
    text = template_text(template).replace(" FILE", f" {path.name}")
    name = _network_name(path.stem) or template
    return text.replace(f"\nname: {template}\n", f"\nname: {name}\n", 1)


def _network_name(stem: str) -> str:
    """The stem as a `name:` of a spec, where it holds characters that a name may have.

    >>> _network_name("my"), _network_name("my first net"), _network_name("007")
    ('my', 'my-first-net', '"007"')
    """
    from nngraph.spec.tree import resolve

    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", stem).strip("_.-")[:64]
    return name if resolve(name) == name or not name else json.dumps(name)


def _refuse_to_overwrite(path: Path, what: str = "TEMPLATE") -> None:
    if path.exists() or path.is_symlink():
        raise FileError(diagnostic("E806:exists", path=path, stem=path.stem, what=what))
