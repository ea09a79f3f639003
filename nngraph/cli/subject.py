"""What a command works on: a spec, or the run folder of a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options
from nngraph.errors import Diagnostic, UsageError, join_words

if TYPE_CHECKING:
    from nngraph.api import Model

SUBJECT = click.argument("subject", metavar="SPEC|RUN", type=PATH)


def open_model(subject: Path, options: Options) -> Model:
    """The model of a spec, with its first weights, or of a run, as it was trained.

    Errors: SpecError, FileError, ModelFileError, CapacityError; UsageError for a seed beside a run.
    """
    from nngraph import api

    if not subject.is_dir():
        spec, root = _spec_file(subject), options.data_root
        return api.compile(spec, options.overrides, seed=options.seed, data_root=root)
    if options.seed is not None:
        message = "--seed decides first weights and order; a run has been trained already"
        advice = f"'nngraph train {subject}/spec.yaml --seed {options.seed}' trains it anew"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    return api.load(subject, options.overrides, data_root=options.data_root)


def open_with_weights(subject: Path, options: Options, *, initial: bool) -> Model:
    """As `open_model`, for commands that use weights: random ones only where `initial` asks.

    Errors: as `open_model`; UsageError for a spec whose weights are not all given.
    """
    model = open_model(subject, options)
    if initial and subject.is_dir():
        raise UsageError("--initial is for a spec; a run has trained weights")
    if model.drawn and not model.is_trained and not initial:
        raise UsageError(_untrained(subject, model.drawn))
    return model


def _untrained(subject: Path, drawn: tuple[str, ...]) -> Diagnostic:
    shown = [f"'{id_}'" for id_ in drawn[:3]]
    if len(drawn) > 3:
        shown.append(f"{len(drawn) - 3} more")
    return Diagnostic(
        UsageError.default_code,
        f"'{subject}' does not give all weights ({join_words(shown)}), and a spec is not trained",
        help=f"train it and name the run folder ('nngraph train {subject}'), "
        "or use --initial for the random start",
    )


def _spec_file(subject: Path) -> Path:
    """The file; one inside a run folder is pointed out, for the folder is meant."""
    inside_a_run = (subject.parent / "resolved.yaml").exists()
    if subject.suffix in (".safetensors", ".json", ".jsonl", ".svg") and inside_a_run:
        advice = f"name its folder: {subject.parent}"
        message = f"'{subject}' is a file of a run"
        raise UsageError(Diagnostic(UsageError.default_code, message, help=advice))
    return subject
