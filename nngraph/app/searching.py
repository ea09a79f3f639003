"""Is everything in order with the section `search`? Asked before the first trial.

Each value that a path may take is put into the spec and compiled, with its own place in the file.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nngraph.app.preparing import check_without_data, prepared_data
from nngraph.errors import (
    Diagnostic,
    Diagnostics,
    NNGraphError,
    Note,
    Span,
    SpecError,
    join_words,
    suggest,
)
from nngraph.network import Network, compile_document
from nngraph.records import dataclass
from nngraph.spec import Document, parse_spec, tree
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.overrides import Override
from nngraph.spec.search import RANGES, SearchSpec
from nngraph.train.data_files import HERE, DataPlace, data_spec
from nngraph.train.monitors import watched
from nngraph.train.ports import figure_names, metric_plans, ports_of
from nngraph.words.searches import EvolutionSearch

NOT_SEARCHED = ("search", "nngraph", "name", "description", "expect")
MOST_TOGETHER = 60  # sets of other values with which one is tried that fails alone


@dataclass(frozen=True, eq=False)
class Candidate:
    """A value of a path of the search, where it stands in the file."""

    path: tuple[tree.Scalar, ...]
    value: tree.Tree

    @property
    def change(self) -> Override:
        """The same as `-s` says it."""
        return Override(self.path, self.value)


# ---- the figure


def objective(network: Network, search: SearchSpec, place: DataPlace = HERE) -> tuple[str, bool]:
    """The figure of a search, and whether it is to become large.

    Errors: SpecError for one that the training does not give, or one of the test part.
    """
    document = network.document
    validates = data_spec(document, place).split.validation > 0
    figures = figure_names(metric_plans(network), network.output_nodes, validates)
    key, wanted = search.aim
    figure = watched(wanted, figures)
    if figure is not None:
        return figure, key == "maximize"
    assert wanted is not None
    found = Diagnostics()
    part = wanted.partition(".")[0]
    near = "" if part == "test" else suggest(wanted, figures)
    listed = join_words([f"'{name}'" for name in figures])
    help = f"there will be {listed}"
    case = "E260:test" if part == "test" else "E260"
    found.tell(case, document.span("search", key), label=near, figure=wanted, help=help)
    found.raise_if_any()
    raise AssertionError("an error that was told is raised")


# ---- paths and values


def check_search(network: Network, overrides: Sequence[str] = (), place: DataPlace = HERE) -> None:
    """Refuse a search in which a path leads nowhere, or a value can never be trained.

    `network` is that of the spec without any of its values. Errors: SpecError and others that a
    compilation raises, all of them together, each at its place in the section.
    """
    document, found = network.document, Diagnostics(SpecError)
    assert document.search is not None
    with found.collecting():
        objective(network, document.search, place)
    if document.search.by.wires:
        _check_wiring(document, found)
        found.raise_if_any()
        return
    paths = list(_paths(document))
    _check_paths(paths, found)
    if not found.errors:
        _check_values(network, paths, tuple(overrides), place, found)
    found.raise_if_any()


def _check_wiring(document: Document, found: Diagnostics) -> None:
    """Evolution wires single neurons, with functions through which they can be trained."""
    by = document.search.by if document.search is not None else None
    for id, entry in document.nodes.items():
        node = entry.node
        size = getattr(node, "units", 1) if node.kind != "input" else getattr(node, "shape", ())
        if node.kind not in ("input", "neurons") or size not in (1, ()):
            found.tell("E264", entry.span, id=id)
    for index, word in enumerate(by.activations if isinstance(by, EvolutionSearch) else ()):
        place = document.span("search", "by", "activations", index)
        row = ACTIVATION_ROWS.get(word)
        if row is None:
            near = suggest(word, ACTIVATION_ROWS)
            found.tell("E264:activation", place, label=near, word=word)
        elif not row.trainable:
            found.tell("E264:untrainable", place, word=word)


Path = tuple[tree.Scalar, ...]


def _paths(document: Document) -> Iterator[tuple[Path, list[Candidate]]]:
    """Each path with the values that are tried: all choices, or the ends of a range."""
    section = tree.locate(document.root, ("search", "space"))[1]
    assert isinstance(section, tree.Mapping)
    for key, values in section.entries.values():
        path = _steps(key)
        yield path, [Candidate(path, value) for value in _tried(values)]


def _steps(key: tree.Scalar) -> Path:
    """The steps of a path, each at its place."""
    steps, at = [], 0
    for word in key.text.split("."):
        text = word.strip()
        begin = at + len(word) - len(word.lstrip())
        span = key.part(begin, begin + len(text))
        steps.append(tree.Scalar(text, True, key.source, span.start, span.end))
        at += len(word) + 1
    return tuple(steps)


def _tried(values: tree.Tree) -> list[tree.Tree]:
    if isinstance(values, tree.Sequence):
        return values.items
    assert isinstance(values, tree.Mapping)
    ends = next(values.entries[r.word()][1] for r in RANGES if tree.child(values, r.word()))
    assert isinstance(ends, tree.Sequence)
    special = values.get("or")
    return [*ends.items, *([] if special is None else [special])]


def _name(path: Path) -> str:
    return ".".join(step.text for step in path)


def _span(path: Path) -> Span:
    return Span(path[0].source, path[0].start, path[-1].end)


def _check_paths(paths: Sequence[tuple[Path, list[Candidate]]], found: Diagnostics) -> None:
    """What is wrong whatever the values are."""
    for path, candidates in paths:
        if path[0].text in NOT_SEARCHED:
            found.tell("E262", _span(path), path=_name(path))
        _check_twice(candidates, found)
    for (one, _), (other, _) in itertools.permutations(paths, 2):
        outer, inner = [s.text for s in one], [s.text for s in other]
        if inner[: len(outer)] != outer:
            continue
        notes = (Note(_span(one), "the outer one"),)
        if len(inner) > len(outer):
            found.tell("E261", _span(other), notes=notes, inner=_name(other), outer=_name(one))
        elif one[0].start < other[0].start:
            found.tell("E261:twice", _span(other), notes=notes, inner=_name(other))


def _check_twice(candidates: Sequence[Candidate], found: Diagnostics) -> None:
    seen: list[tuple[object, Candidate]] = []
    for candidate in candidates:
        value = tree.plain_value(candidate.value)
        same = next((c for v, c in seen if v == value and type(v) is type(value)), None)
        if same is not None:
            shown = candidate.value.span
            text = shown.source.text[shown.start : shown.end]
            note = Note(same.value.span, "here for the first time")
            found.tell("E263", shown, notes=(note,), choice=text)
        seen.append((value, candidate))


def _check_values(
    network: Network,
    paths: Sequence[tuple[Path, list[Candidate]]],
    overrides: tuple[str, ...],
    place: DataPlace,
    found: Diagnostics,
) -> None:
    trying = _Trying(network, overrides, place)
    for path, candidates in paths:
        others = [each for other, each in paths if other is not path]
        for candidate in candidates:
            problem = trying.problem([candidate])
            if problem is not None and not trying.fits_with_others(candidate, others):
                found.keep(_at(problem, candidate))


@dataclass(frozen=True, eq=False)
class _Trying:
    """Puts values into a spec and looks whether that can be trained."""

    network: Network
    overrides: tuple[str, ...]
    place: DataPlace

    def problem(self, candidates: Sequence[Candidate]) -> NNGraphError | None:
        """What is wrong with the spec with these values, None where nothing is."""
        base = self.network.document
        try:
            document = parse_spec(
                base.source.text,
                base.source.name,
                base.folder,
                self.overrides,
                base.data_root,
                [candidate.change for candidate in candidates],
            )
            network = compile_document(document)
            self._examine(network, candidates)
        except NNGraphError as problem:
            return problem
        return None

    def _examine(self, network: Network, candidates: Sequence[Candidate]) -> None:
        """The data are read again only where the values may change what is read."""
        reads = any(candidate.path[0].text == "data" for candidate in candidates)
        if reads or ports_of(network) != ports_of(self.network):
            prepared_data(network, self.place)
        else:
            check_without_data(network)

    def fits_with_others(self, candidate: Candidate, others: Sequence[Sequence[Candidate]]) -> bool:
        """Whether a value that cannot be trained alone can be with values of other paths."""
        alone = [[each] for other in others for each in other]
        chance = random.Random(0)  # all of them may be too many
        together = [[chance.choice(other) for other in others] for _ in range(MOST_TOGETHER)]
        tried = alone + (together if len(others) > 1 else [])
        return any(self.problem([candidate, *more]) is None for more in tried)


def _at(problem: NNGraphError, candidate: Candidate) -> NNGraphError:
    """The same error at the place of the value, where it was found elsewhere."""
    told = (_moved(each, candidate) for each in problem.diagnostics)
    return type(problem)(*told, hidden=problem.hidden)


def _moved(told: Diagnostic, candidate: Candidate) -> Diagnostic:
    value, path = candidate.value.span, _span(candidate.path)
    if told.span is not None and any(_holds(place, told.span) for place in (value, path)):
        return told
    notes = told.notes if told.span is None else (Note(told.span, "there"), *told.notes)
    return replace(told, span=value, label="", notes=notes)


def _holds(outer: Span, inner: Span) -> bool:
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end
