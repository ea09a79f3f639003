"""How a model comes to be: a spec is compiled, a run is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.api.model import Model
from nngraph.app.opening import document_of, place_from
from nngraph.train import HERE, Network, load_run


def compile(
    spec: str | Path,
    overrides: Sequence[str] = (),
    *,
    seed: int | None = None,
    data_root: str | Path | None = None,
) -> Model:
    """Compile a spec into a model with its first weights.

    `spec` is the path of a file, or the text itself (text has a line break, a path has none).
    `overrides` are like -s of the command line: `["train.epochs=5"]`. Weights that the spec does
    not give are drawn from `seed`, by default that of its `train` section. `data_root` is a second
    folder in which the data files that the spec names may lie.

    Errors: SpecError, with all mistakes and their places; CapacityError; FileError for a file that
    is missing.

    >>> compile("nngraph: 1\\nnodes: {x: input, y: {}}\\nedges: [x -> y]").parameters
    2
    """
    network = Network.start(document_of(spec, overrides), seed)
    return Model(network, place=place_from(HERE, root=data_root))


def load(
    run: str | Path, overrides: Sequence[str] = (), *, data_root: str | Path | None = None
) -> Model:
    """The trained model of a run folder, as `nngraph train` or `Model.save` wrote it.

    Errors: FileError for a missing folder or file; ModelFileError for a damaged one.
    """
    network, place = load_run(Path(run), overrides)
    return Model(network, place=place_from(place, root=data_root), is_trained=True)
