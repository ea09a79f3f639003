"""A search in which nothing is wrong: what is tried, in what order of goodness, from which text."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import field

from nngraph.app.preparing import prepared_data
from nngraph.app.searching import check_search, objective
from nngraph.data import DataSet
from nngraph.errors import Diagnostics, UsageError, diagnostic
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.search.axes import Space, space_of
from nngraph.search.evolution import Genome, Ground
from nngraph.spec import Document, parse_spec, tree
from nngraph.spec.search import DEFAULT_TRIALS, SearchSpec
from nngraph.train.learner import Learner

SIZES = ("neurons", "edges")  # of a bred network


@dataclass(frozen=True, eq=False)
class Plan:
    """A search. `network` and `data` are those of the spec as it stands, without any value;
    `ground` is what evolution may not change, None for other searches."""

    network: Network
    data: DataSet
    overrides: tuple[str, ...]
    search: SearchSpec
    space: Space
    figure: str
    rises: bool
    trials: int = field(default=DEFAULT_TRIALS)
    ground: Ground | None = None

    @property
    def document(self) -> Document:
        """The spec as it stands."""
        return self.network.document

    @property
    def seed(self) -> int:
        """The seed of a set's first training; others count on from it."""
        train = self.document.spec.train
        return 0 if train is None else train.seed

    @property
    def columns(self) -> tuple[str, ...]:
        """What is told of a trial: its paths, or how large a bred network is."""
        return self.space.paths if self.ground is None else SIZES

    def shown(self, texts: Mapping[str, str], genome: Genome | None) -> dict[str, str]:
        """The values of a trial by column."""
        if genome is None:
            return dict(texts)
        return dict(zip(SIZES, (str(len(genome.neurons)), str(len(genome.edges))), strict=True))

    @property
    def worst(self) -> float:
        """The figure of a training that became non-finite."""
        return float("-inf") if self.rises else float("inf")

    def median(self, figures: Sequence[float], genome: Genome | None = None) -> float:
        """The figure that counts for what was trained several times, with the cost of its edges."""
        edges = 0 if genome is None else len(genome.edges)
        cost = edges * self.search.cost_of_an_edge
        return statistics.median(figures) + (-cost if self.rises else cost)

    def document_with(self, texts: Mapping[str, str]) -> Document:
        """The spec with values of the search. Errors: SpecError."""
        base = self.document
        values = (f"{path}={text}" for path, text in texts.items())
        return parse_spec(
            base.source.text,
            base.source.name,
            base.folder,
            (*self.overrides, *values),
            base.data_root,
        )


def make_plan(document: Document, overrides: Sequence[str] = (), trials: int | None = None) -> Plan:
    """The search that a spec describes, in which nothing is wrong.

    Errors, all together and before anything is trained: SpecError at its place; UsageError without
    a search, a loss or data; DataError, FileError, CapacityError.
    """
    search = document.search
    if search is None:
        raise UsageError(diagnostic("E002:no-search", spec=document.source.name))
    if trials is not None and trials < 1:
        raise UsageError(diagnostic("E002:tune-trials", trials=trials))
    found = Diagnostics()
    network = compile_document(document.to_train())
    Learner.start(network.document).needs_loss("trained")
    data = prepared_data(network)
    with found.collecting():
        check_search(network, overrides)
    found.raise_if_any()
    figure, rises = objective(network, search)
    space = space_of(search, tree.locate(document.root, ("search",))[1])
    most = space.grid_size() if search.by.is_exhaustive else DEFAULT_TRIALS
    wanted = trials or search.trials or most
    ground = Ground.of(document) if search.by.wires else None
    return Plan(network, data, tuple(overrides), search, space, figure, rises, wanted, ground)
