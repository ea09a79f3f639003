"""From a data section to arrays: open, match, encode, split, scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nngraph.data.assembling import Field, assemble, missing_cells, with_augmentation
from nngraph.data.augment_plan import check_augmentation, plan_augmentation
from nngraph.data.columns import DataPlaces, Table
from nngraph.data.dataset import DataSet, DType, Port, check_split, split_rows
from nngraph.data.encoding import categories_of, encode_target, input_values
from nngraph.data.matching import Match, match_port
from nngraph.data.sources.opening import open_source
from nngraph.data.weighting import match_weights, read_sample_weights
from nngraph.errors import DataError, Diagnostics, Span, diagnostic, join_words, suggest
from nngraph.words.data_keys import LOCATIONS
from nngraph.words.sources import DataSpec

Rows = NDArray[np.int64]


def load_data_set(
    spec: DataSpec,
    ports: Sequence[Port],
    folder: Path,
    *,
    data_root: Path | None = None,
    span: Callable[..., Span] | None = None,
    key_span: Callable[..., Span] | None = None,
    dtype: DType = "float32",
) -> DataSet:
    """The arrays that a network's ports ask for, split and scaled as the data section says.

    `folder` is the spec's; files lie inside it or `data_root`. `span` and
    `key_span` are the document's. Work is done in float64 and stored as `dtype`.

    Errors: DataError (exit 4) for damaged or unfitting data, all ports' errors together; FileError
    (exit 8) for a missing file; CapacityError (exit 6) for what memory does not hold.
    """
    places, found = DataPlaces(span, key_span), Diagnostics(DataError)
    lie = next((key for key in LOCATIONS if getattr(spec, key, None) is not None), "source")
    with found.collecting():
        check_data_section(spec, ports, span=span, key_span=key_span)
    with found.collecting(), places.standing_in(lie):
        table = open_source(spec, folder, data_root, places)
        matches, weighted = _match_everything(spec, ports, table, places)
    found.raise_if_any()
    everything = matches if weighted is None else [*matches, weighted]
    rows, given = _kept_rows(spec, everything, places), matches[0].rows
    if len(rows) < given:
        matches = [match.take(rows) for match in matches]
        weighted = None if weighted is None else weighted.take(rows)
    with found.collecting():
        check_split(len(rows), spec.split, table.own_test_rows, places)
    with found.collecting():
        weights = None if weighted is None else read_sample_weights(weighted, dtype)
    with found.collecting(), places.standing_in(lie):
        fields = _read_all(spec, matches)
    found.raise_if_any()
    classes = next((field.classes for field in fields if field.classes is not None), None)
    parts = split_rows(len(rows), spec.split, classes, table.own_test_rows, places)
    missing = missing_cells(everything)
    with places.standing_in(lie):
        data = assemble(spec, fields, parts, rows, dtype, table, weights, missing)
    data = replace(
        data,
        dropped=given - len(rows),
        shapes={m.port.name: m.shape for m in matches if m.port.role == "input"},
    )
    if not spec.augment:
        return data
    return with_augmentation(data, plan_augmentation(spec, ports, data.normalizers, places))


def check_data_section(
    spec: DataSpec,
    ports: Sequence[Port],
    *,
    span: Callable[..., Span] | None = None,
    key_span: Callable[..., Span] | None = None,
) -> None:
    """Refuse what is wrong with a data section whatever the data are: names under `inputs`,
    `targets` and `normalize` that the network does not have, and images moved where there are none.

    Errors: DataError.
    """
    places, found = DataPlaces(span, key_span), Diagnostics(DataError)
    with found.collecting():
        _check_names(spec, ports, places)
    if spec.augment:
        with found.collecting():
            check_augmentation(spec, ports, places)
    found.raise_if_any()


def _match_everything(
    spec: DataSpec, ports: Sequence[Port], table: Table, places: DataPlaces
) -> tuple[list[Match], Match | None]:
    """One match per port, and that of the samples' weights, of equal lengths."""
    found = Diagnostics(DataError)
    weighted: Match | None = None
    if spec.sample_weight is not None:
        with found.collecting():
            weighted = match_weights(spec.sample_weight, table, places)
    names = () if weighted is None else weighted.names
    with found.collecting():
        matches = _match_all(spec, ports, table, places, names)
    found.raise_if_any()
    _check_lengths(matches if weighted is None else [*matches, weighted])
    return matches, weighted


def _check_names(spec: DataSpec, ports: Sequence[Port], places: DataPlaces) -> None:
    inputs = [port.name for port in ports if port.role == "input"]
    targets = [port.name for port in ports if port.role == "target"]
    rules = list(spec.normalize) if isinstance(spec.normalize, dict) else []
    found = Diagnostics(DataError)
    _check_section("inputs", list(spec.inputs), inputs, places, found)
    _check_section("normalize", rules, [*inputs, "targets"], places, found)
    if targets:  # a network that is only run reads none
        named = list(spec.normalized_targets)
        _check_section("normalize.targets", named, targets, places, found)
        _check_section("targets", list(spec.targets), targets, places, found)
    found.raise_if_any()


def _check_section(
    section: str, names: list[str], known: list[str], places: DataPlaces, found: Diagnostics
) -> None:
    what = "target of a loss" if section.endswith("targets") else "input node"
    for name in names:
        if name not in known:
            found.tell(
                "E414",
                places.key_at(*section.split("."), name),
                label=suggest(name, known),
                name=name,
                section=section,
                what=what,
                known=join_words([repr(k) for k in known], "or") or "nothing",
            )


def _match_all(
    spec: DataSpec,
    ports: Sequence[Port],
    table: Table,
    places: DataPlaces,
    weights: Sequence[str] = (),
) -> list[Match]:
    """One match per port, targets first: their columns, and the weights, are no inputs of the own
    pair."""
    found = Diagnostics(DataError)
    matches: dict[str, Match] = {}
    taken: list[str] = list(weights)
    for role, entries in (("target", spec.targets), ("input", spec.inputs)):
        of_role = [port for port in ports if port.role == role]
        for port in of_role:
            entry = entries.get(port.name)
            alone = len(of_role) == 1
            if role == "input" and alone and entry is None and found.errors:
                continue  # what is its own is known when the columns of targets are
            with found.collecting():
                match = match_port(port, entry, table, places, alone=alone, taken=taken)
                matches[f"{role} {port.name}"] = match
                taken += match.names if role == "target" else ()
    found.raise_if_any()
    return [matches[f"{port.role} {port.name}"] for port in ports]


def _check_lengths(matches: Sequence[Match]) -> None:
    first = matches[0]
    for match in matches:
        for column in match.columns:
            if column.rows != first.rows:
                match.fail(
                    "E411:arrays",
                    name=column.name,
                    rows=column.rows,
                    first=first.names[0],
                    its_rows=first.rows,
                )


def _kept_rows(spec: DataSpec, matches: Sequence[Match], places: DataPlaces) -> Rows:
    """The rows that `missing: drop` leaves, by number; without it, all."""
    missing = np.zeros(matches[0].rows, np.bool_)
    if spec.missing_values == "drop":
        for match in matches:
            for column in match.columns:
                missing |= column.is_missing
    if missing.all():
        raise DataError(diagnostic("E402:dropped", places.at("missing")))
    return np.flatnonzero(~missing)


def _read_all(spec: DataSpec, matches: Sequence[Match]) -> list[Field]:
    found = Diagnostics(DataError)
    fields: list[Field] = []
    for match in matches:
        with found.collecting():
            fields.append(_read(spec, match))
    found.raise_if_any()
    return fields


def _read(spec: DataSpec, match: Match) -> Field:
    if match.port.role == "input":
        means = spec.missing_values == "mean"
        values, known = input_values(match, means), categories_of(match)
        return Field(match, values, categories=known, takes_means=means)
    target = encode_target(match)
    return Field(match, target.values, target.labels, target.classes)
