"""One set of values trained: the data are read once, and a network that stays the same is compiled
once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace

from nngraph.app.fit import fit, rows_of_data, settings_for
from nngraph.app.preparing import prepared_data
from nngraph.data import DataSet, Port
from nngraph.errors import NonFiniteError
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.run import Executable
from nngraph.search.evolution import learnt
from nngraph.search.plan import Plan
from nngraph.spec import Document
from nngraph.train.learner import Learner, part_of, rows_of
from nngraph.train.ports import ports_of
from nngraph.train.position import Epoch
from nngraph.words.schedules import FigureSchedule

MOST_KEPT = 16  # networks, and data sets, at a time

Structure = tuple[tuple[str, str], ...]
"""The values that a network depends on, by path."""


class Stopped(Exception):
    """A training that looks bad beside the others is not worth its end."""


@dataclass(eq=False)
class Trainer:
    """Trains one spec with many sets of values, as one worker does."""

    plan: Plan
    learnt: dict[str, float] = field(default_factory=dict)
    """The weights of the last training of a bred network, by id."""
    _networks: dict[Structure, Network] = field(default_factory=dict)
    _data: list[tuple[Structure, tuple[Port, ...], DataSet]] = field(default_factory=list)

    def figures(
        self,
        texts: Mapping[str, str],
        tell: Callable[[int, float], bool] | None = None,
        hear: Callable[[int, Epoch], None] = lambda repeat, epoch: None,
    ) -> list[float]:
        """The figure of each repeat of a set of values; that of one which became non-finite is the
        worst there is.

        `tell` hears the figure after each epoch of the first training, and says whether to stop;
        `hear` hears of each epoch of all.

        Errors: Stopped; those of a compilation for values that do not go together.
        """
        document = self.plan.document_with(texts)
        self.learnt = {}
        network = self._network(texts, document)
        data = self._data_for(texts, network)
        seed = self.plan.seed if document.spec.train is None else document.spec.train.seed
        found = []
        for repeat in range(self.plan.search.repeats):

            def on_epochs(epochs: Sequence[Epoch], repeat: int = repeat) -> None:
                hear(repeat, epochs[-1])
                if tell is None or repeat > 0:
                    return
                for epoch in epochs:
                    value = self._figure_of(epoch)
                    if value is not None and tell(epoch.number, value):
                        raise Stopped

            learner = Learner(network, Executable.start(network, seed + repeat), seed + repeat)
            found.append(self._trained(learner, data, on_epochs, watched=tell is not None))
        return found

    def _trained(
        self,
        learner: Learner,
        data: DataSet,
        hear: Callable[[Sequence[Epoch]], None],
        *,
        watched: bool,
    ) -> float:
        part, _, name = self.plan.figure.partition(".")
        rows, validation = rows_of_data(learner, data)
        settings = settings_for(learner, rows.count)
        follows = isinstance(settings.schedule, FigureSchedule)
        if not (watched or follows or settings.early_stopping is not None):
            settings, validation = replace(settings, metrics=()), None  # nobody looks at them
        try:
            fit(learner, settings, rows, validation, hear, looked_at=watched)
            if self.plan.ground is not None:
                self.learnt = learnt(learner.executable.weights())
            return learner.evaluate(rows_of(part_of(data, part)))[name]
        except NonFiniteError:
            return self.plan.worst

    def _figure_of(self, epoch: Epoch) -> float | None:
        part, _, name = self.plan.figure.partition(".")
        return {"train": epoch.train, "validation": epoch.validation}[part].get(name)

    def _network(self, texts: Mapping[str, str], document: Document) -> Network:
        """The network of these values, compiled once for all that differ in `train` alone."""
        structure = _of(texts, lambda section: section != "train")
        known = self._networks.get(structure)
        if known is None:
            known = compile_document(document.to_train())
            _make_room(self._networks)
            self._networks[structure] = known
            return known
        network = known.retrained(document.to_train())
        if "train.batch_size" in texts:
            network.check_memory(network.planned_batch)
        return network

    def _data_for(self, texts: Mapping[str, str], network: Network) -> DataSet:
        """The data, read once for all networks that ask for the same arrays."""
        key, ports = _of(texts, lambda section: section == "data"), ports_of(network)
        if not key and ports == ports_of(self.plan.network):
            return self.plan.data
        for other, others, data in self._data:
            if (other, others) == (key, ports):
                return data
        data = prepared_data(network)
        self._data = [*self._data[-MOST_KEPT + 1 :], (key, ports, data)]
        return data


def _of(texts: Mapping[str, str], chosen: Callable[[str], bool]) -> Structure:
    """The values of the paths into the chosen sections."""
    return tuple((path, text) for path, text in texts.items() if chosen(path.partition(".")[0]))


def _make_room(kept: dict[Structure, Network]) -> None:
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
