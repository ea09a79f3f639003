"""Runs side by side: what differs in their specs, and what it led to."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from nngraph.data.dataset import PARTS
from nngraph.errors import FileError, UsageError, diagnostic
from nngraph.records import dataclass
from nngraph.spec import Document, parse_spec
from nngraph.train.journal import read_history, read_summary
from nngraph.train.load_run import check_manifest
from nngraph.train.run_folder import RESOLVED, is_run, read_bound, runs_in_words
from nngraph.words.metrics import is_rising

LONGEST_VALUE = 40  # characters of a spec's value in a table
FACTS = ("parameters", "epochs", "steps", "seconds")


@dataclass(frozen=True, slots=True)
class SpecValue:
    """A value of a spec as a short text; `ends` are the nodes of an edge."""

    text: str
    is_default: bool = False
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunFacts:
    """What a run folder says without computing anything.

    `keys` are the values of its spec by dotted path, `figures` the final ones like `test.accuracy`.
    """

    label: str
    folder: Path
    keys: Mapping[str, SpecValue]
    figures: Mapping[str, float]
    facts: Mapping[str, float]
    history: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Compared:
    """One line of a comparison: a name, a value per run, and which of them are the best."""

    name: str
    values: tuple[Any, ...]
    best: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Comparison:
    """Runs with the keys of their specs that differ, their figures, and further facts."""

    runs: tuple[RunFacts, ...]
    differing: tuple[Compared, ...]
    figures: tuple[Compared, ...]
    facts: tuple[Compared, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data, one object per run."""
        return {
            "runs": [
                {
                    "run": str(run.folder),
                    "differing": {line.name: line.values[k] for line in self.differing},
                    "figures": {line.name: line.values[k] for line in self.figures},
                    **{line.name: line.values[k] for line in self.facts},
                }
                for k, run in enumerate(self.runs)
            ],
            "best": {
                line.name: [str(self.runs[k].folder) for k in sorted(line.best)]
                for line in self.figures
                if line.best
            },
        }


def compare_runs(folders: Sequence[Path]) -> Comparison:
    """Compare run folders.

    Errors: UsageError for fewer than two or a run named twice; FileError for what is no run.
    """
    if len(folders) < 2:
        raise UsageError(diagnostic("E002:two-runs"))
    real = [os.path.realpath(folder) for folder in folders]
    for place, folder in enumerate(real):
        if folder in real[:place]:
            raise UsageError(diagnostic("E002:run-twice", run=folders[place]))
    labels = _labels(folders)
    runs = tuple(_read(f, label) for f, label in zip(folders, labels, strict=True))
    return Comparison(runs, _differing(runs), _figures(runs), _facts(runs))


def _labels(folders: Sequence[Path]) -> list[str]:
    """Names of the folders where they tell them apart, else the paths as given."""
    names = [folder.resolve().name for folder in folders]
    return names if len(set(names)) == len(names) else [str(folder) for folder in folders]


def _read(folder: Path, label: str) -> RunFacts:
    if not folder.is_dir():
        if not folder.exists():
            raise FileError(diagnostic("E801:run", run=folder, runs=runs_in_words(folder)))
        raise FileError(diagnostic("E801:file-for-run", run=folder))
    if not is_run(folder):
        raise FileError(diagnostic("E801:no-run", run=folder))
    check_manifest(folder)
    path = folder / RESOLVED
    summary = read_summary(folder)
    figures = {
        f"{part}.{name}": float(value)
        for part in PARTS
        if isinstance(found := summary.get(part), dict)
        for name, value in found.items()
        if isinstance(value, int | float)
    }
    facts = {k: v for k in FACTS if isinstance(v := summary.get(k), int | float)}
    document = parse_spec(read_bound(folder, RESOLVED), str(path), folder)
    return RunFacts(label, folder, _compared_keys(document), figures, facts, read_history(folder))


def _compared_keys(document: Document) -> dict[str, SpecValue]:
    """Every value of a spec by dotted path; titles, which are only names, are left out."""
    spec = document.spec
    found: dict[str, SpecValue] = {}
    for key in ("dtype", "loss", "data", "train"):
        _flatten(key, getattr(spec, key), found)
    if spec.outputs is not None:
        found["outputs"] = SpecValue(_clipped(", ".join(map(str, spec.outputs))))
    for id_, entry in document.nodes.items():
        found[f"nodes.{id_}"] = SpecValue(entry.node.kind)
        _flatten(f"nodes.{id_}", entry.node, found)
    for edge in document.edges:
        ends = edge.source.node, edge.target.node
        found[f"edges.{edge.id}"] = SpecValue(f"{edge.source} -> {edge.target}", ends=ends)
        _flatten(f"edges.{edge.id}", edge.options, found)
    return {path: key for path, key in found.items() if not path.endswith(".title")}


def _flatten(
    path: str, value: Any, found: dict[str, SpecValue], *, is_default: bool = False
) -> None:
    if isinstance(value, BaseModel):
        for name, about in type(value).model_fields.items():
            inner = getattr(value, name)
            if name != "kind" or path not in found:  # a node's kind stands at the node
                _flatten(f"{path}.{name}", inner, found, is_default=inner == about.default)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _flatten(f"{path}.{name}", inner, found)
    elif isinstance(value, tuple) and any(isinstance(inner, BaseModel) for inner in value):
        for number, inner in enumerate(value):
            _flatten(f"{path}.{number}", inner, found)
    elif value is not None:
        found[path] = SpecValue(_text(value), is_default)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return _clipped(", ".join(_text(inner) for inner in value[:LONGEST_VALUE]))
    return _clipped(f"{value:g}" if isinstance(value, float) else str(value))


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _differing(runs: Sequence[RunFacts]) -> tuple[Compared, ...]:
    paths = dict.fromkeys(path for run in runs for path in run.keys)
    lines = []
    for path in paths:
        keys = [run.keys.get(path) for run in runs]
        texts = tuple(None if key is None else key.text for key in keys)
        if len(set(texts)) > 1 and not _goes_without_saying(path, keys, runs):
            lines.append(Compared(path, texts))
    return tuple(lines)


def _goes_without_saying(
    path: str, keys: Sequence[SpecValue | None], runs: Sequence[RunFacts]
) -> bool:
    """Of what some runs do not have: defaults, all keys of a node or edge but itself, and edges of
    nodes that are missing themselves."""
    there = [key for key in keys if key is not None]
    if len(there) == len(keys) or len({key.text for key in there}) > 1:
        return False
    ends = {end for key in there for end in key.ends}
    if any(f"nodes.{end}" not in run.keys for run in runs for end in ends):
        return True
    owner = ".".join(path.split(".")[:2])
    owned = path != owner and owner in {f"nodes.{n}" for n in _missing(runs, "nodes")}
    return owned or all(key.is_default for key in there) or _is_of_missing_edge(path, runs)


def _missing(runs: Sequence[RunFacts], section: str) -> frozenset[str]:
    """Ids of nodes or edges that not all runs have."""
    prefix = f"{section}."
    ids = [frozenset(p.split(".")[1] for p in run.keys if p.startswith(prefix)) for run in runs]
    everywhere = frozenset[str].intersection(*ids)
    return frozenset[str]().union(*ids) - everywhere


def _is_of_missing_edge(path: str, runs: Sequence[RunFacts]) -> bool:
    if not path.startswith("edges."):
        return False
    id_ = path.split(".")[1]
    return path != f"edges.{id_}" and id_ in _missing(runs, "edges")


def _figures(runs: Sequence[RunFacts]) -> tuple[Compared, ...]:
    found = dict.fromkeys(name for run in runs for name in run.figures)
    names = sorted(found, key=lambda name: PARTS[::-1].index(name.partition(".")[0]))
    return tuple(_with_best(name, [run.figures.get(name) for run in runs]) for name in names)


def _with_best(name: str, values: Sequence[float | None]) -> Compared:
    known = [value for value in values if value is not None and math.isfinite(value)]
    if len(known) < 2 or min(known) == max(known):
        return Compared(name, tuple(values))
    best = max(known) if is_rising(name) else min(known)
    return Compared(name, tuple(values), frozenset(k for k, v in enumerate(values) if v == best))


def _facts(runs: Sequence[RunFacts]) -> tuple[Compared, ...]:
    return tuple(Compared(name, tuple(run.facts.get(name) for run in runs)) for name in FACTS)
