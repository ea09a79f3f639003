"""A compiled network with its weights and what the data taught it: the thing that is trained."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import numpy as np

from nngraph.data import DataSet, Normalizers, Part, Values
from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.lower.losses import weighs_samples
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.run import Executable
from nngraph.spec import Document
from nngraph.spec.arrows import end_named
from nngraph.spec.model import TrainSpec
from nngraph.train.class_weights import class_weights, with_class_weights
from nngraph.train.evaluation import ROWS_PER_STEP, Evaluation
from nngraph.train.feed import Array, Feed, Rows
from nngraph.train.loop import Settings
from nngraph.train.metrics import MetricPlan
from nngraph.train.ports import Labels, input_ports, metric_plans, supervised
from nngraph.words.metrics import MetricSpec


@dataclass
class Learner:
    """A network, its weights in memory, fitted normalisers, class names by target.

    `labels` are those found in the data; those of the spec stand on its nodes.
    """

    network: Network
    executable: Executable
    seed: int
    normalizers: Normalizers = field(default_factory=Normalizers)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def start(cls, document: Document, seed: int | None = None) -> Learner:
        """A network with its first weights: those given, the others drawn from the seed.

        Errors: SpecError, CapacityError.
        """
        network = compile_document(document)
        chosen = _seed_of(document) if seed is None else seed
        return cls(network, Executable.start(network, chosen), chosen)

    @property
    def document(self) -> Document:
        """The spec that was read."""
        return self.network.document

    @property
    def drawn(self) -> tuple[str, ...]:
        """The weights that the spec does not give, by id."""
        return tuple(w.id for w in self.network.lowered.weights if w.given is None)

    def labels_of(self, name: str) -> tuple[str, ...] | None:
        """Names of the units of a node, or of some of them ("h[0:2]"): its own, or those of the
        classes that it is compared with."""
        end = end_named(name)
        node = end.node
        own: tuple[str, ...] | None = getattr(self.document.nodes[node].node, "labels", None)
        if own is not None:
            return own[end.units]
        for supervised_node, target in supervised(self.network):
            if supervised_node == node and target.name in self.labels:
                return self.labels[target.name]
        return None

    @property
    def unit_names(self) -> dict[str, tuple[str, ...]]:
        """A name for each unit of the nodes that have names: their labels, the columns and
        categories that an input was made of, the classes that an output is compared with."""
        nodes, shapes = self.document.nodes, self.network.lowered.shapes
        found = {id_: getattr(nodes[id_].node, "labels", None) for id_ in self.network.graph.order}
        found |= {node: self.labels_of(node) for node, _ in supervised(self.network)}
        ports = input_ports(self.network, self.normalizers)
        found |= {port.name: port.value_names for port in ports if port.named_columns}
        return {
            node: names
            for node, names in found.items()
            if names is not None and len(names) == math.prod(shapes[node])
        }

    def with_training(self) -> Learner:
        """The same network with the defaults of `train` where the spec has no such section.

        Errors: SpecError where it has no loss or cannot be trained.
        """
        self.needs_loss("trained")
        document = self.document.to_train(self.seed)
        if document is self.document:
            return self
        return self._compiled_again(document)

    def weighing(self, targets: Mapping[str, Values], labels: Labels) -> Learner:
        """The same network with the weights of classes that only the data tell.

        Errors: SpecError for names that no class has.
        """
        written = [getattr(term, "class_weights", None) for term in self.document.spec.loss]
        if all(weights is None or isinstance(weights, tuple) for weights in written):
            return self
        weights = class_weights(self.network, targets, labels)
        return self._compiled_again(with_class_weights(self.document, weights))

    def with_sample_weights(self) -> Learner:
        """The same network with a loss in which samples can count unlike each other."""
        if weighs_samples(self.document):
            return self
        return self._compiled_again(replace(self.document, weighs_samples=True))

    def _compiled_again(self, document: Document) -> Learner:
        """A network of the same weights, and with the optimiser where it stands."""
        network, before = compile_document(document), self.executable
        executable = Executable(network, before.weights(), seed=self.seed)
        if state := before.state():
            executable.set_state(state)
            executable.step = before.step
        return replace(self, network=network, executable=executable)

    def needs_loss(self, what: str) -> None:
        """Refuse to do `what` ("trained") without a loss. Errors: UsageError."""
        if self.document.spec.loss:
            return
        raise UsageError(diagnostic("E002:no-loss", spec=self.document.source.name, what=what))

    def settings(self, rows: int) -> Settings:
        """How the spec says to train, on so many rows."""
        train = self.document.spec.train or TrainSpec()
        return Settings(
            epochs=train.epochs,
            batch_size=train.rows_per_step(rows),
            learning_rate=train.optimizer.learning_rate,
            seed=self.seed,
            shuffle=train.shuffle,
            metrics=metric_plans(self.network),
            schedule=train.schedule,
            early_stopping=train.early_stopping,
        )

    def evaluate(self, rows: Rows) -> dict[str, float]:
        """Loss and metrics of some rows, in evaluation mode.

        Errors: UsageError without a loss; SpecError for metrics that cannot be told.
        """
        self.needs_loss("evaluated")
        return self._figures(rows, metric_plans(self.network))

    def score(self, rows: Rows) -> float:
        """The share of right answers where targets are classes, or yes and no, R^2 of numbers; of
        several targets the mean."""
        plans = [
            plan
            for node, target in supervised(self.network)
            for metric in ("r2" if target.kind == "values" else "accuracy",)
            for plan in metric_plans(self.network, [MetricSpec(kind=metric, node=node)])
        ]
        figures = self._figures(rows, tuple(plans))
        return sum(figures[plan.name] for plan in plans) / len(plans)

    def _figures(self, rows: Rows, plans: Sequence[MetricPlan]) -> dict[str, float]:
        with self.executable.threads():
            return Evaluation(self.executable, rows, plans, size=self.rows_per_step()).run()

    def outputs(
        self, inputs: Mapping[str, Array], nodes: Sequence[str] | None = None
    ) -> dict[str, Array]:
        """Values of nodes, or of units of them ("h[1]"), by name for scaled inputs [n, *shape]; by
        default of the nodes that are outputs."""
        ends = {name: end_named(name) for name in (self.output_nodes if nodes is None else nodes)}
        wanted = tuple(dict.fromkeys(end.node for end in ends.values()))
        with self.executable.threads():
            found = self.executable.forward(inputs, wanted)
        return {name: found[end.node][..., end.units] for name, end in ends.items()}

    def gradients(self, rows: Rows) -> dict[str, Array]:
        """dL/dW and dL/db by weight id for all rows at once, as a training step computes them.

        Running statistics stay where they are: asking changes nothing.
        """
        every = np.arange(rows.count)
        with self.executable.threads(), self.executable.statistics_kept():
            step = self.executable.training(rows.count)
            Feed(rows, step).load(step, every)
            step.run(self.executable.step)
            return self.executable.gradients()

    @property
    def output_names(self) -> tuple[str, ...]:
        """The outputs by name: a node's id, or units of one, "h[1]"."""
        return tuple(dict.fromkeys(map(str, self.network.graph.outputs)))

    @property
    def output_nodes(self) -> tuple[str, ...]:
        """The nodes named by `outputs`, each once."""
        return tuple(dict.fromkeys(end.node for end in self.network.graph.outputs))

    def rows_per_step(self) -> int:
        """Rows of an evaluation step: at least those of a training step."""
        train = self.document.spec.train
        size = train.batch_size if train is not None else 1
        return ROWS_PER_STEP if size == "full" else max(ROWS_PER_STEP, size)


def rows_of(part: Part) -> Rows:
    """A part of a data set as rows of the network."""
    return Rows.of(part.inputs, part.targets, part.augmentation, part.weights)


def part_of(data: DataSet, name: str) -> Part:
    """One part of a data set. Errors: UsageError where it has no rows."""
    if name in data.parts:
        return data.parts[name]
    there = join_words([f"'{part}'" for part in data.parts]) or "nothing"
    raise UsageError(diagnostic("E002:no-part", part=name, there=there))


def _seed_of(document: Document) -> int:
    """The seed of a spec: that of `train`, 0 where it has none."""
    return document.spec.train.seed if document.spec.train is not None else 0
