"""Do two networks compute the same function? On all rows of some values, or on drawn ones.

A network is a function of its input units and has output units; pairs say which units of the one
are which of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.errors import UsageError, diagnostic, join_words
from nngraph.records import dataclass
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.arrows import end_named
from nngraph.spec.nodes import function_of
from nngraph.train.held import Predictors
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports

Array = NDArray[Any]
ROWS_AT_MOST = 2**20  # that are tried where all are
ROWS_AT_ONCE, NUMBERS_AT_ONCE = 2**15, 2**22

Sizes = Mapping[str, int]
"""Names of inputs or outputs with their numbers of units."""


# ---- which is which


@dataclass(frozen=True)
class Pair:
    """Inputs (or outputs) of the one network that are those of the other, unit by unit."""

    a: tuple[str, ...]
    b: tuple[str, ...]


def pairs_of(a: Sizes, b: Sizes, matches: Sequence[Pair], what: str) -> tuple[Pair, ...]:
    """All names of both sides in pairs: as matched, of one name, or the only one left of each.

    A match may name either side first. `what` is "input" or "output".

    Errors: UsageError for a name that is left over, and for sizes that differ.
    """
    pairs = [pair for match in matches if (pair := _turned(match, a, b)) is not None]
    used = ({n for pair in pairs for n in pair.a}, {n for pair in pairs for n in pair.b})
    same = [name for name in a if name in b and name not in used[0] | used[1]]
    pairs += [Pair((name,), (name,)) for name in same]
    left = [n for n in a if n not in used[0] and n not in same]
    right = [n for n in b if n not in used[1] and n not in same]
    if len(left) == len(right) == 1:
        pairs.append(Pair((left[0],), (right[0],)))
    elif left or right:
        raise UsageError(_left_over(left, right, a, b, what))
    for pair in pairs:
        units = sum(a[name] for name in pair.a), sum(b[name] for name in pair.b)
        if units[0] != units[1]:
            one, other = ",".join(pair.a), ",".join(pair.b)
            key = "E002:equiv-units"
            told = diagnostic(key, what=what, a=one, b=other, units=units[0], other=units[1])
            raise UsageError(told)
    return tuple(pairs)


def _turned(match: Pair, a: Sizes, b: Sizes) -> Pair | None:
    if all(name in a for name in match.a) and all(name in b for name in match.b):
        return match
    if all(name in b for name in match.a) and all(name in a for name in match.b):
        return Pair(match.b, match.a)
    return None


def _left_over(left: Sequence[str], right: Sequence[str], a: Sizes, b: Sizes, what: str) -> Any:
    fits = left and right and sum(a[n] for n in left) == sum(b[n] for n in right)
    names = sorted((left, right), key=len) if fits else (["NAME"], ["NAME"])
    match = f"{','.join(names[0])}={','.join(names[1])}"
    sides = [_listed(names, sizes) for names, sizes in ((left, a), (right, b))]
    return diagnostic("E002:equiv-match", what=what, a=sides[0], b=sides[1], match=match)


def _listed(names: Sequence[str], sizes: Sizes) -> str:
    words = [f"'{name}'" if sizes[name] == 1 else f"'{name}' [{sizes[name]}]" for name in names]
    return join_words(words) or "nothing"


# ---- the rows that are tried


@dataclass(frozen=True)
class Tried:
    """Which rows are compared: every one of some values, or drawn ones.

    Drawn rows take their numbers from `values`, or evenly from `between`, by `seed`.
    """

    values: tuple[float, ...] | None = None
    between: tuple[float, float] = (-3.0, 3.0)
    samples: int = 10_000
    seed: int = 0

    def is_exhaustive(self, units: int) -> bool:
        """Whether all rows of so many units are tried."""
        return self.values is not None and len(self.values) ** units <= ROWS_AT_MOST

    def rows(self, units: int) -> int:
        """How many are tried."""
        if self.values is not None and self.is_exhaustive(units):
            return int(len(self.values) ** units)
        return self.samples

    def sentence(self, units: int) -> str:
        """What was tried, in words."""
        rows = self.rows(units)
        counted = f"{rows:,} row{'s' * (rows != 1)}"
        if self.values is None:
            low, high = self.between
            return f"on {counted} drawn evenly from {low:g} to {high:g} (seed {self.seed})"
        values = join_words([f"{value:g}" for value in self.values])
        if self.is_exhaustive(units):
            return f"on all {counted} of the values {values}"
        return f"on {counted} drawn of the values {values} (seed {self.seed})"

    def blocks(self, units: int) -> Iterator[Array]:
        """The rows [n, units], some at a time."""
        random = np.random.default_rng(self.seed)
        size = max(1, min(ROWS_AT_ONCE, NUMBERS_AT_ONCE // max(1, units)))
        for start in range(0, self.rows(units), size):
            count = min(size, self.rows(units) - start)
            if self.values is None:
                yield random.uniform(*self.between, (count, units))
            elif self.is_exhaustive(units):
                yield _counted(np.asarray(self.values), start, count, units)
            else:
                yield random.choice(np.asarray(self.values), (count, units))


def _counted(values: Array, start: int, count: int, units: int) -> Array:
    """Rows `start` and on of all, the last unit changing fastest."""
    digits = np.unravel_index(np.arange(start, start + count), (len(values),) * units)
    return np.stack([values[digit] for digit in digits], axis=1)


# ---- the comparison


@dataclass(frozen=True, eq=False)
class Counterexample:
    """A row on which the two differ: inputs by the names of the first, outputs of both by name."""

    inputs: Mapping[str, Any]
    a: Mapping[str, Any]
    b: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Equivalence:
    """What came of comparing two networks.

    `largest` is the largest difference of two outputs; `decisions` says that what was compared are
    decisions, and `differing` counts the rows on which the two differ.
    """

    rows: int
    exhaustive: bool
    tried: str
    within: float
    decisions: bool
    largest: float
    differing: int
    counterexample: Counterexample | None

    @property
    def holds(self) -> bool:
        """Whether no row was found on which the two differ."""
        return self.differing == 0

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        found = self.counterexample
        return {
            "holds": self.holds,
            "rows": self.rows,
            "exhaustive": self.exhaustive,
            "tried": self.tried,
            "compared": "decisions" if self.decisions else "outputs",
            "within": None if self.decisions else self.within,
            "largest_difference": self.largest,
            "differing_rows": self.differing,
            "counterexample": None
            if found is None
            else {"inputs": dict(found.inputs), "a": dict(found.a), "b": dict(found.b)},
        }


def compare_functions(
    a: Learner,
    b: Learner,
    *,
    tried: Tried,
    matches: Sequence[Pair] = (),
    within: float = 1e-5,
    decisions: bool = False,
) -> Equivalence:
    """Compare the outputs of two networks, or with `decisions` what they decide.

    A decision is the class of a softmax, whether a bounded output is above its middle, and the
    nearest whole number of any other.

    Errors: UsageError for inputs or outputs that do not pair up, and for inputs that are words.
    """
    sides = (_Side.of(a), _Side.of(b))
    _check_matches(matches, sides)
    inputs = pairs_of(sides[0].inputs, sides[1].inputs, matches, "input")
    outputs = pairs_of(sides[0].outputs, sides[1].outputs, matches, "output")
    units = sum(sides[0].inputs[name] for pair in inputs for name in pair.a)
    order = [[n for p in inputs for n in p.a], [n for p in inputs for n in p.b]]
    found = _Found()
    for rows in tried.blocks(units):
        answers = [side.answers(rows, names) for side, names in zip(sides, order, strict=True)]
        for side, answer in zip(sides, answers, strict=True):
            answer.decided = side.decisions(answer.values) if decisions else answer.values
        found.take(rows, answers, outputs, 0.0 if decisions else within)
    return Equivalence(
        tried.rows(units),
        tried.is_exhaustive(units),
        tried.sentence(units),
        within,
        decisions,
        found.largest,
        found.differing,
        None if found.worst is None else _counterexample(found.worst, sides, order[0]),
    )


def _check_matches(matches: Sequence[Pair], sides: Sequence[_Side]) -> None:
    for match in matches:
        sizes = [(side.inputs, side.outputs) for side in sides]
        known = any(_turned(match, a, b) for a, b in zip(*sizes, strict=True))
        if not known:
            text = f"{','.join(match.a)}={','.join(match.b)}"
            names = [join_words([f"'{n}'" for part in side for n in part]) for side in sizes]
            told = diagnostic("E002:equiv-names", match=text, a=names[0], b=names[1])
            raise UsageError(told)


@dataclass
class _Answer:
    """Outputs [n, units] by name, and what is compared of them."""

    values: dict[str, Array]
    decided: dict[str, Array]


@dataclass(frozen=True, eq=False)
class _Side:
    """A network as a function of its units."""

    learner: Learner
    ways: Predictors
    inputs: Sizes
    outputs: Sizes
    shapes: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, learner: Learner) -> _Side:
        ports = input_ports(learner.network, learner.normalizers)
        for port in ports:
            if port.categories:
                name = learner.document.name
                raise UsageError(diagnostic("E002:equiv-words", input=port.name, spec=name))
        shapes = learner.network.lowered.shapes
        outputs = {}
        for name in learner.output_names:
            end = end_named(name)
            size = int(np.prod(shapes[end.node], dtype=int))
            if end.start is not None and end.stop is not None:
                size = size // shapes[end.node][-1] * (end.stop - end.start)
            outputs[name] = size
        return cls(
            learner,
            Predictors(),
            {port.name: port.size for port in ports},
            outputs,
            {port.name: port.shape for port in ports},
        )

    def answers(self, rows: Array, names: Sequence[str]) -> _Answer:
        """The outputs for rows whose units are those of the inputs in this order."""
        given = {n: part.reshape(len(rows), *self.shapes[n]) for n, part in self.split(rows, names)}
        found = self.ways.now(self.learner).predict(given)
        values = {name: found[name].reshape(len(rows), -1) for name in self.outputs}
        return _Answer(values, values)

    def split(self, rows: Array, names: Sequence[str]) -> Iterator[tuple[str, Array]]:
        """The units of each input."""
        at = 0
        for name in names:
            yield name, rows[:, at : at + self.inputs[name]]
            at += self.inputs[name]

    def decisions(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """What outputs [n, units] decide."""
        return {name: self._decision(name, array) for name, array in values.items()}

    def _decision(self, name: str, values: Array) -> Array:
        node = end_named(name).node
        function = function_of(self.learner.document.nodes[node].node)
        row = None if function is None else ACTIVATION_ROWS[function.kind]
        if row is not None and row.over_last_axis:
            return np.asarray(values.argmax(axis=1)).reshape(-1, 1)
        middles = {t.node: t.middle for t in self.learner.network.lowered.targets}
        middle = middles.get(node)
        if middle is None and row is not None and np.isfinite(row.range).all():
            middle = sum(row.range) / 2
        return np.rint(values) if middle is None else values > middle


class _Found:
    """The largest difference so far, and where."""

    def __init__(self) -> None:
        self.largest, self.differing = 0.0, 0
        self.worst: tuple[Array, Mapping[str, Array], Mapping[str, Array]] | None = None
        self._worst = 0.0

    def take(
        self, rows: Array, answers: Sequence[_Answer], outputs: Sequence[Pair], within: float
    ) -> None:
        """Compare the answers to some rows."""
        differences = np.zeros(len(rows))
        for pair in outputs:
            one, other = (
                np.concatenate([answer.decided[n] for n in names], axis=1).astype(np.float64)
                for answer, names in zip(answers, (pair.a, pair.b), strict=True)
            )
            differences = np.maximum(differences, _difference(one, other))
        differ = differences > within
        self.differing += int(differ.sum())
        self.largest = max(self.largest, float(differences.max(initial=0.0)))
        if differ.any() and differences.max() > self._worst:
            at = int(differences.argmax())
            self._worst = float(differences[at])
            first, second = ({n: v[at] for n, v in each.values.items()} for each in answers)
            self.worst = rows[at], first, second


def _difference(one: Array, other: Array) -> Array:
    """The largest difference in each row; what is no number differs from all numbers alone."""
    with np.errstate(invalid="ignore"):
        gaps = np.abs(one - other)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    gaps = np.where(same, 0.0, np.where(np.isnan(gaps), np.inf, gaps))
    largest: Array = np.max(gaps, axis=1, initial=0.0)
    return largest


def _counterexample(
    worst: tuple[Array, Mapping[str, Array], Mapping[str, Array]],
    sides: Sequence[_Side],
    names: Sequence[str],
) -> Counterexample:
    row, a, b = worst
    inputs = {name: _plain(part[0]) for name, part in sides[0].split(row[None], names)}
    return Counterexample(
        inputs, {n: _plain(v) for n, v in a.items()}, {n: _plain(v) for n, v in b.items()}
    )


def _plain(values: Array) -> Any:
    """A number, or a list of them."""
    return values.tolist()[0] if values.size == 1 else values.tolist()
