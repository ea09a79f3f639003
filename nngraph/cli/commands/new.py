"""`nngraph new TEMPLATE [FILE]`: write a commented starter file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import click

from nngraph.cli.options import PATH
from nngraph.cli.output import chatter
from nngraph.errors import FileError, UsageError, diagnostic, join_words, suggest
from nngraph.files import write_atomically

TEMPLATES = ("perceptron", "xor", "mlp", "classifier", "regression")


@click.command("new", short_help="Write a commented starter file.")
@click.argument("template")
@click.argument("file", type=PATH, required=False)
def command(template: str, file: Path | None) -> None:
    """Write a commented starter file to begin from.

    TEMPLATE is one of perceptron, xor, mlp, classifier, regression. FILE is TEMPLATE.yaml in the
    current folder unless you name another. A file that exists is never overwritten.
    """
    text = template_text(template)
    path = file if file is not None else Path(f"{template}.yaml")
    if path.is_dir():
        path = path / f"{template}.yaml"
    _refuse_to_overwrite(path)
    write_atomically(path, text.replace(" FILE", f" {path.name}").encode())
    chatter(f"wrote {path}; next: nngraph train {path}")


def template_text(name: str) -> str:
    """The text of a template. Errors: UsageError when there is none of that name."""
    if name not in TEMPLATES:
        known = f"there are {join_words(TEMPLATES)}"
        near = suggest(name, TEMPLATES)
        help = f"{near} {known}" if near else known
        raise UsageError(diagnostic("E002:template", name=name, help=help))
    folder = resources.files("nngraph.cli") / "templates"
    return (folder / f"{name}.yaml").read_text(encoding="utf-8")


def _refuse_to_overwrite(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise FileError(diagnostic("E806:exists", path=path, stem=path.stem))
