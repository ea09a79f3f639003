"""Of E002, what `tune` cannot be asked."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

SEARCH_TEXTS: tuple[Text, ...] = (
    Text(
        "a search needs Optuna, which is not installed",
        "pip install 'nngraph[search]'",
        case="no-optuna",
    ),
    Text(
        "'{spec}' has no section 'search'",
        "say what is searched: `search: {{space: {{train.optimizer.learning_rate: "
        "{{log: [1e-4, 0.3]}}}}}}`",
        case="no-search",
    ),
    Text(
        "there is nothing to search",
        "name a spec, or with --study the folder of a study that goes on",
        case="tune-what",
    ),
    Text(
        "'{study}' is a study, and its spec and what -s changed in it stay as they are",
        "for another search name another folder, or leave --study out",
        case="study-changed",
    ),
    Text(
        "the trainings of a search have the seeds of the spec",
        "-s train.seed=N changes the first of them, -s search.seed=N what is tried",
        case="tune-seed",
    ),
    Text(
        "'{study}' is a study: its report takes neither -s nor --tensorboard",
        "those of one of its trials: nngraph report {study}/runs/TRIAL",
        case="report-of-study",
    ),
    Text(
        "a search takes 1 worker or more, not {workers}",
        "--workers 1, or leave it out",
        case="tune-workers",
    ),
    Text(
        "a search takes 1 trial or more, not {trials}",
        "--trials 20, or leave it out",
        case="tune-trials",
    ),
    Text(
        "no trial of '{study}' is finished, so none is the best",
        "go on with it: nngraph tune --study {study}",
        case="no-best",
    ),
)
