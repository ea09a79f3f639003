"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from nngraph.errors import FileError, diagnostic
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What several commands take.

    `overrides` are the `path=value` entries of -s; `seed` is None for the spec's own; `data_root`
    is a second folder for the files that the spec names.
    """

    overrides: tuple[str, ...]
    seed: int | None
    as_json: bool
    data_root: Path | None


def _check_overrides(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Each is `path=value`; what it sets is judged with the spec, like the file itself."""
    for text in values:
        path, equals, _ = text.partition("=")
        if not path.strip() or not equals:
            message = f"'{text}' is not of the form path=value, e.g. train.epochs=5"
            raise click.BadParameter(message, ctx, param)
    return values


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-s`, `--seed`, `--data-root` and `--json`; the command gets them as one `Options`."""

    @wraps(function)
    def command(
        *args: Any,
        overrides: tuple[str, ...],
        seed: int | None,
        as_json: bool,
        data_root: Path | None,
        **more: Any,
    ) -> Any:
        check_folder(data_root)
        return function(*args, options=Options(overrides, seed, as_json, data_root), **more)

    for option in (JSON, DATA_ROOT, _SEED, _SET):
        command = option(command)
    return command


def check_folder(root: Path | None) -> None:
    """Refuse a `--data-root` that is no folder. Errors: FileError."""
    if root is not None and not root.is_dir():
        raise FileError(diagnostic("E801:data-root", folder=root))


class _AnyPath(click.Path):
    """A path that a system can take, whether something is there or not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what no path can hold."""
        if "\0" in str(value):
            self.fail("no path holds a NUL character", param, ctx)
        return super().convert(value, param, ctx)


PATH = _AnyPath(path_type=Path)
"""A file or folder, whether it is there or not."""
_SET = click.option(
    "-s",
    "--set",
    "overrides",
    metavar="path=value",
    multiple=True,
    callback=_check_overrides,
    help="Change a value of the spec, e.g. -s train.epochs=5. May be given several times.",
)
_SEED = click.option(
    "--seed", type=click.IntRange(min=0), help="Seed of the random numbers, instead of the spec's."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
INITIAL = click.option(
    "--initial", is_flag=True, help="Use the random start instead of trained weights."
)
DATA_ROOT = click.option(
    "--data-root",
    type=PATH,
    help="A second folder in which the files that the spec names may lie: data, weights, edges.",
)
