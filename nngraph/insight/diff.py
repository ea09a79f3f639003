"""In what do two networks differ? Their structure, their settings, and their weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nngraph.records import dataclass
from nngraph.spec import Document
from nngraph.spec.editing.numbers import same_bits
from nngraph.spec.resolved import resolved_yaml
from nngraph.train.learner import Learner
from nngraph.train.origin import facts_of, is_first_value

Array = NDArray[Any]
State = Literal["added", "removed", "changed"]
ORDER = "the order of edges"


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value of a spec by its name; None where there is none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """A node or an edge by its id; of one that is changed, what of it."""

    id: str
    state: State
    values: tuple[ChangedValue, ...]


@dataclass(frozen=True, slots=True)
class ChangedWeight:
    """Weights of one name and shape: how many numbers differ, and the pair that differs most, at
    `place` of the array."""

    id: str
    shape: tuple[int, ...]
    differing: int
    size: int
    place: tuple[int, ...]
    before: float
    after: float

    @property
    def largest(self) -> float:
        """The largest difference."""
        return abs(self.after - self.before)


@dataclass(frozen=True)
class Difference:
    """What has to change so that the first network becomes the second.

    `uncompared` are ids of weights that one of them gives, while the seed of the other draws them.
    """

    nodes: tuple[ChangedPart, ...]
    edges: tuple[ChangedPart, ...]
    settings: tuple[ChangedValue, ...]
    weights: tuple[ChangedWeight, ...]
    uncompared: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether they are the same."""
        return not (self.nodes or self.edges or self.settings or self.weights)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "same": self.is_none,
            "nodes": [_part_json(part) for part in self.nodes],
            "edges": [_part_json(part) for part in self.edges],
            "settings": [_value_json(value) for value in self.settings],
            "weights": [
                {
                    "id": weight.id,
                    "shape": list(weight.shape),
                    "differing": weight.differing,
                    "size": weight.size,
                    "largest": weight.largest,
                    "place": list(weight.place),
                    "before": weight.before,
                    "after": weight.after,
                }
                for weight in self.weights
            ],
            "uncompared": list(self.uncompared),
        }


def _value_json(value: ChangedValue) -> dict[str, Any]:
    return {"name": value.name, "before": value.before, "after": value.after}


def _part_json(part: ChangedPart) -> dict[str, Any]:
    values = [_value_json(value) for value in part.values]
    return {"id": part.id, "state": part.state, "values": values}


def difference(
    a: Learner, b: Learner, known: tuple[Mapping[str, Array], Mapping[str, Array]]
) -> Difference:
    """From one network to another. `known` are the weights of each that are given or trained.

    First values are compared as weights where both are known, and as settings elsewhere. Names,
    titles, descriptions and expectations are words for people and change nothing.
    """
    ids = known[0].keys() & known[1].keys()
    facts = [_facts_of(each.document, ids) for each in (a, b)]
    return Difference(
        tuple(_parts("nodes", *facts)),
        tuple(_parts("edges", *facts)),
        _settings(*facts),
        tuple(_weights(*known)),
        _known_in_one(a, b, known),
    )


def _known_in_one(
    a: Learner, b: Learner, known: tuple[Mapping[str, Array], Mapping[str, Array]]
) -> tuple[str, ...]:
    there = {weight.id for weight in b.network.lowered.weights}
    both = (w.id for w in a.network.lowered.weights if w.id in there)
    return tuple(id_ for id_ in both if (id_ in known[0]) != (id_ in known[1]))


def known_weights(learner: Learner, *, is_trained: bool) -> dict[str, Array]:
    """The weights that are given or trained; those that a seed would draw are no one's."""
    drawn = () if is_trained else learner.drawn
    weights = learner.executable.weights()
    return {id_: array for id_, array in weights.items() if id_ not in drawn}


# ---- structure and settings


Facts = Mapping[str, str]


def _facts_of(document: Document, known: Any) -> Facts:
    facts = facts_of(resolved_yaml(document))
    return {
        path: value
        for path, value in facts.items()
        if not (is_first_value(path, facts) and _weight_of(path) in known)
    }


def _weight_of(path: str) -> str:
    """The id of the weights that a first value belongs to."""
    section, id_, *rest = path.split(".")
    if section == "edges":
        return id_
    return f"{id_}.bias" if "bias" in rest else f"{id_}.{rest[-1]}"


def _settings(before: Facts, after: Facts) -> tuple[ChangedValue, ...]:
    """What belongs to no node and no edge; the order of edges where all are there in both."""
    one, other = (
        {path: value for path, value in facts.items() if not path.startswith(("nodes.", "edges."))}
        for facts in (before, after)
    )
    if set(_by_id(before, "edges")) != set(_by_id(after, "edges")):
        one.pop(ORDER, None)
        other.pop(ORDER, None)
    return _changed(one, other)


def _by_id(facts: Facts, section: str) -> dict[str, dict[str, str]]:
    """The values of each node, or of each edge."""
    found: dict[str, dict[str, str]] = {}
    for path, value in facts.items():
        where, _, rest = path.partition(".")
        if where == section:
            id_, _, key = rest.partition(".")
            found.setdefault(id_, {})[key] = value
    return found


def _parts(section: str, before: Facts, after: Facts) -> Iterator[ChangedPart]:
    ones, others = _by_id(before, section), _by_id(after, section)
    for id_ in dict.fromkeys([*ones, *others]):
        if id_ not in others:
            yield ChangedPart(id_, "removed", ())
        elif id_ not in ones:
            yield ChangedPart(id_, "added", ())
        elif values := _changed(ones[id_], others[id_]):
            yield ChangedPart(id_, "changed", values)


def _changed(before: Facts, after: Facts) -> tuple[ChangedValue, ...]:
    return tuple(
        ChangedValue(path, before.get(path), after.get(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    )


# ---- weights


def _weights(before: Mapping[str, Array], after: Mapping[str, Array]) -> Iterator[ChangedWeight]:
    for id_, one in before.items():
        other = after.get(id_)
        if other is None or other.shape != one.shape or same_bits(one, other):
            continue
        gaps = np.abs(other.astype(np.float64) - one.astype(np.float64))
        at = np.unravel_index(int(gaps.argmax()), one.shape)
        place = tuple(map(int, at))
        differing = int((one != other).sum())
        if differing:
            yield ChangedWeight(
                id_, one.shape, differing, one.size, place, float(one[place]), float(other[place])
            )
