"""Evolution of wiring: a genome is the file's own edges, with the weights that they had learnt.

A neuron that splits an edge is named after it, so the same split has the same id wherever it is
made: ids are what NEAT calls innovation numbers, and two genomes are aligned by them.

Source: Stanley and Miikkulainen, "Evolving Neural Networks through Augmenting Topologies",
Evolutionary Computation 10 (2002); weights are trained by gradient here, and never mutated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nngraph import streams
from nngraph.records import dataclass
from nngraph.search.axes import one_line
from nngraph.spec import Document
from nngraph.words.searches import EvolutionSearch

Edge = tuple[str, str]
LONGEST_ID = 40
CROSSES = 0.5  # of the children have two parents
ATTEMPTS = 30  # to find a place for an edge


@dataclass(frozen=True)
class Genome:
    """A network: `neurons` are the hidden ones with their activation, `edges` with their weights
    and `biases` with their values; None is drawn when the training begins."""

    neurons: Mapping[str, str]
    edges: Mapping[Edge, float | None]
    biases: Mapping[str, float | None]

    def as_json(self) -> str:
        """The genome as a line of text."""
        edges = [[source, target, weight] for (source, target), weight in self.edges.items()]
        return json.dumps([dict(self.neurons), edges, dict(self.biases)])

    @staticmethod
    def read(text: str) -> Genome:
        """What `as_json` wrote."""
        neurons, edges, biases = json.loads(text)
        return Genome(neurons, {(s, t): weight for s, t, weight in edges}, biases)

    def trained(self, weights: Mapping[str, float]) -> Genome:
        """The same wiring with the weights after a training, by their ids."""
        edges = {edge: weights.get(f"{edge[0]}->{edge[1]}", w) for edge, w in self.edges.items()}
        biases = {node: weights.get(f"{node}.bias", b) for node, b in self.biases.items()}
        return Genome(self.neurons, edges, biases)


@dataclass(frozen=True)
class Bred:
    """A genome that was trained: its number, and its loss with what its edges cost."""

    number: int
    genome: Genome
    loss: float


@dataclass(frozen=True, eq=False)
class Ground:
    """What evolution may not change: the nodes of the spec as they are written."""

    inputs: tuple[str, ...]
    others: tuple[str, ...]
    written: Mapping[str, str]

    @staticmethod
    def of(document: Document) -> Ground:
        """The nodes of a spec."""
        kinds = {id: entry.node.kind for id, entry in document.nodes.items()}
        inputs = tuple(id for id, kind in kinds.items() if kind == "input")
        others = tuple(id for id in kinds if id not in inputs)
        written = {id: one_line(entry.value) for id, entry in document.nodes.items()}
        return Ground(inputs, others, written)

    def first(self, document: Document) -> Genome:
        """The wiring of the spec."""
        edges = {(edge.source.node, edge.target.node): edge.weight for edge in document.edges}
        return Genome({}, edges, dict.fromkeys(self.others))

    def texts(self, genome: Genome) -> dict[str, str]:
        """The genome as values of the paths `nodes` and `edges` of the spec."""
        nodes = [f"{id}: {self._node(id, genome)}" for id in self.written]
        nodes += [
            f"{id}: {{activation: {activation}{_bias(genome.biases.get(id))}}}"
            for id, activation in genome.neurons.items()
        ]
        edges = [
            f"{source} -> {target}" + ("" if weight is None else f": {weight!r}")
            for (source, target), weight in genome.edges.items()
        ]
        return {"nodes": f"{{{', '.join(nodes)}}}", "edges": f"[{', '.join(edges)}]"}

    def _node(self, id: str, genome: Genome) -> str:
        written, bias = self.written[id], _bias(genome.biases.get(id))
        if not bias:
            return written
        return f"{written[:-1]}{bias}}}" if written.startswith("{") else written


def _bias(value: float | None) -> str:
    return "" if value is None else f", bias: {value!r}"


# ---- children


class _Chance:
    """Random numbers of one child, one after the other: a function of seed and number."""

    def __init__(self, seed: int, number: int) -> None:
        words = streams.key(seed, str(number), "search evolution")
        self._numbers = iter(streams.uniform(words, 4096))

    def number(self) -> float:
        """From 0 to 1."""
        return float(next(self._numbers))

    def place(self, count: int) -> int:
        """One of so many."""
        return min(int(self.number() * count), count - 1)


def child(
    ground: Ground,
    first: Genome,
    by: EvolutionSearch,
    seed: int,
    number: int,
    known: Sequence[Bred],
) -> Genome:
    """The genome of a trial: the wiring of the spec at first, then children of good ones of one
    species, mutated."""
    chance = _Chance(seed, number)
    if number == 0 or not known:
        return first
    if number < by.population:
        return _mutated(ground, first, by, chance, forced=True)
    species = _species(known, by)
    own = species[number % len(species)]
    mother = _winner(own, chance)
    genome = mother.genome
    if len(own) > 1 and chance.number() < CROSSES:
        genome = _crossed(mother, _winner(own, chance), chance)
    return _mutated(ground, genome, by, chance, forced=False)


def _species(known: Sequence[Bred], by: EvolutionSearch) -> list[list[Bred]]:
    """The best, in groups of like wiring: around the best of all, and then around whichever is
    farthest from those before. Each group keeps its best, the best first."""
    ranked = sorted(known, key=lambda one: (one.loss, one.number))
    centres = [ranked[0]]
    while len(centres) < by.species:
        far = max(ranked, key=lambda one: min(_distance(one, centre) for centre in centres))
        if min(_distance(far, centre) for centre in centres) == 0:
            break
        centres.append(far)
    groups: list[list[Bred]] = [[] for _ in centres]
    for one in ranked:
        nearest = min(range(len(centres)), key=lambda k: _distance(one, centres[k]))
        groups[nearest].append(one)
    return [group[: max(2, by.population // len(groups))] for group in groups if group]


def _distance(one: Bred, other: Bred) -> float:
    """The share of edges that only one of two has."""
    mine, theirs = set(one.genome.edges), set(other.genome.edges)
    return len(mine ^ theirs) / max(1, len(mine | theirs))


def _winner(group: Sequence[Bred], chance: _Chance) -> Bred:
    """The better of two; they stand in order."""
    return group[min(chance.place(len(group)), chance.place(len(group)))]


def _crossed(one: Bred, other: Bred, chance: _Chance) -> Genome:
    """What both have, from either; what only one has, from the better."""
    better, worse = sorted((one, other), key=lambda bred: (bred.loss, bred.number))
    edges = {
        edge: (worse.genome.edges[edge] if _from_worse(edge, worse, chance) else weight)
        for edge, weight in better.genome.edges.items()
    }
    return replace(better.genome, edges=edges)


def _from_worse(edge: Edge, worse: Bred, chance: _Chance) -> bool:
    return edge in worse.genome.edges and chance.number() < 0.5


def _mutated(
    ground: Ground, genome: Genome, by: EvolutionSearch, chance: _Chance, *, forced: bool
) -> Genome:
    """With some luck a neuron more, an edge more, an edge less; where one is forced, at least a
    neuron or an edge."""
    before = genome
    if chance.number() < by.add_neuron:
        genome = _split(genome, by, chance)
    if chance.number() < by.add_edge:
        genome = _joined(ground, genome, chance)
    if chance.number() < by.cut_edge:
        genome = _cut(ground, genome, chance)
    if forced and genome == before:
        splits = chance.number() < 0.5
        return _split(genome, by, chance) if splits else _joined(ground, genome, chance)
    return genome


def split_id(edge: Edge) -> str:
    """The id of the neuron that splits an edge: the same wherever it is split.

    >>> split_id(("a", "y")), split_id(("a", "a_y"))
    ('a_y', 'a_a_y')
    """
    id = f"{edge[0]}_{edge[1]}"
    if len(id) <= LONGEST_ID:
        return id
    return f"n_{hashlib.sha256(id.encode()).hexdigest()[:12]}"


def _split(genome: Genome, by: EvolutionSearch, chance: _Chance) -> Genome:
    """A neuron in place of an edge, which it hands on as it was."""
    free = [edge for edge in genome.edges if split_id(edge) not in genome.neurons]
    if not free:
        return genome
    source, target = edge = free[chance.place(len(free))]
    id, activation = split_id(edge), by.activations[chance.place(len(by.activations))]
    edges = {known: weight for known, weight in genome.edges.items() if known != edge}
    edges |= {(source, id): 1.0, (id, target): genome.edges[edge]}
    neurons = {**genome.neurons, id: activation}
    return Genome(neurons, edges, {**genome.biases, id: None})


def _joined(ground: Ground, genome: Genome, chance: _Chance) -> Genome:
    """One more edge, which closes no cycle."""
    targets = (*genome.neurons, *ground.others)
    sources = (*ground.inputs, *genome.neurons)
    for _ in range(ATTEMPTS):
        source, target = sources[chance.place(len(sources))], targets[chance.place(len(targets))]
        is_new = (source, target) not in genome.edges and source != target
        if is_new and not _reaches(genome, target, source):
            return replace(genome, edges={**genome.edges, (source, target): None})
    return genome


def _reaches(genome: Genome, start: str, end: str) -> bool:
    pending, seen = [start], set()
    while pending:
        node = pending.pop()
        if node == end:
            return True
        if node not in seen:
            seen.add(node)
            pending += [target for source, target in genome.edges if source == node]
    return False


def _cut(ground: Ground, genome: Genome, chance: _Chance) -> Genome:
    """An edge less, and the neurons that nothing enters or leaves any more; as before where an
    input or an output would lose its last."""
    edge = list(genome.edges)[chance.place(len(genome.edges))]
    edges = {known: weight for known, weight in genome.edges.items() if known != edge}
    neurons = dict(genome.neurons)
    while idle := [
        id
        for id in neurons
        if not any(s == id for s, _ in edges) or not any(t == id for _, t in edges)
    ]:
        neurons = {id: activation for id, activation in neurons.items() if id not in idle}
        edges = {e: w for e, w in edges.items() if e[0] not in idle and e[1] not in idle}
    kept = {source for source, _ in edges} >= set(ground.inputs)
    if not kept or not {target for _, target in edges} >= set(ground.others):
        return genome
    biases = {id: b for id, b in genome.biases.items() if id in neurons or id in ground.others}
    return Genome(neurons, edges, biases)


def learnt(weights: Mapping[str, Any]) -> dict[str, float]:
    """Weights of single edges and neurons as plain numbers, short enough to be read."""
    return {id: float(f"{np.asarray(w).reshape(-1)[0]:.6g}") for id, w in weights.items()}
