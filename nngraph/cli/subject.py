"""What a command works on: a spec, or the run folder of a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nngraph.cli.options import PATH, Options
from nngraph.cli.output import chatter
from nngraph.errors import Diagnostic, FileError, UsageError, diagnostic, join_words

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
        raise UsageError(diagnostic("E002:seed-anew", run=subject, seed=options.seed))
    return api.load(subject, options.overrides, data_root=options.data_root)


def open_with_weights(subject: Path, options: Options, *, initial: bool) -> Model:
    """As `open_model`, for commands that use weights: random ones only where `initial` asks.

    Errors: as `open_model`; UsageError for a spec whose weights are not all given.
    """
    model = open_model(subject, options)
    if initial and subject.is_dir():
        raise UsageError(diagnostic("E002:initial"))
    if model.drawn and not model.is_trained:
        if not initial:
            raise UsageError(_untrained(subject, model.drawn))
        chatter(f"untrained: the answers are those of the random start ('nngraph train {subject}')")
    return model


def _untrained(subject: Path, drawn: tuple[str, ...]) -> Diagnostic:
    shown = [f"'{id_}'" for id_ in drawn[:3]]
    if len(drawn) > 3:
        shown.append(f"{len(drawn) - 3} more")
    return diagnostic("E002:untrained", spec=subject, weights=join_words(shown))


def _spec_file(subject: Path) -> Path:
    """The file; one inside a run folder is pointed out, for the folder is meant."""
    from nngraph.train.run_folder import missing_run

    if not subject.exists() and _looks_like_a_run(subject):
        raise FileError(missing_run(subject))
    inside_a_run = (subject.parent / "resolved.yaml").exists()
    if subject.suffix in (".safetensors", ".json", ".jsonl", ".svg") and inside_a_run:
        raise UsageError(diagnostic("E002:file-of-run", file=subject, run=subject.parent))
    return subject


def _looks_like_a_run(subject: Path) -> bool:
    """Whether a path that leads nowhere names a run rather than a file with a spec."""
    from nngraph.train.run_folder import RUNS, runs_in

    if subject.parent.name == RUNS:
        return True
    there_are_runs = bool(runs_in(subject.parent) or runs_in(Path(RUNS)))
    return there_are_runs and not subject.suffix and not Path(f"{subject}.yaml").exists()
