"""Lints on data: columns that give the answer away or say nothing, classes with almost no rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Port
from nngraph.data.survey import FEWEST_ROWS, is_counting
from nngraph.diagnostics.wording import count
from nngraph.errors import Diagnostic, Span, diagnostic, join_words
from nngraph.insight.own_units import (
    PLAIN,
    class_names,
    codes_of_classes,
    has_class,
    holds_shares,
    in_own_units,
    sample_classes,
)
from nngraph.network import Network
from nngraph.spec import Document
from nngraph.train.ports import ports_of
from nngraph.words.data_keys import DerivedTarget

FEW = 5  # rows of a class from which hardly anything is learnt
OFTEN = 10  # rows that the classes have on average, where that is said
SHOWN = 5  # classes in one lint


def data_lints(network: Network, data: DataSet) -> tuple[Diagnostic, ...]:
    """L220 the target among the inputs; L221 an id as an input; L222 classes with almost no
    rows."""
    ports = ports_of(network, data.labels, data.normalizers)
    inputs = [port for port in ports if port.role == "input"]
    targets = [port for port in ports if port.role == "target"]
    document = network.document
    return (
        *_given_away(document, inputs, _target_columns(document, targets, data)),
        *_ids(document, inputs, data),
        *(lint for port in targets for lint in _rare_classes(document, port, data)),
    )


def _target_columns(document: Document, targets: list[Port], data: DataSet) -> dict[str, str]:
    """Column of a single value -> the target that it is."""
    found = {}
    for port in targets:
        spec = document.spec.data
        entry = None if spec is None else spec.targets.get(port.name)
        if isinstance(entry, DerivedTarget):
            found[entry.column] = port.name
            continue
        columns = data.normalizers.columns.get(port.name, ())
        found |= {column.name: port.name for column in columns if column.is_single}
    return found


def _given_away(
    document: Document, inputs: list[Port], targets: dict[str, str]
) -> Iterator[Diagnostic]:
    for port in inputs:
        for column in port.named_columns:
            if column.name in targets:
                yield diagnostic(
                    "L220",
                    _place(document, port, column.name),
                    column=column.name,
                    target=targets[column.name],
                    input=port.name,
                )


def _ids(document: Document, inputs: list[Port], data: DataSet) -> Iterator[Diagnostic]:
    """Where an input has other columns too: a single one that counts may be a time."""
    rows = sum(part.rows for part in data.parts.values())
    if rows < FEWEST_ROWS or sum(len(port.named_columns) for port in inputs) < 2:
        return
    for port in inputs:
        values, start = _in_the_order_of_the_source(port, data), 0
        for column in port.named_columns:
            place, names = _place(document, port, column.name), column.categories
            if names is None and is_counting(values[:, start].tolist()):
                yield diagnostic("L221", place, name=column.name, input=port.name)
            if names is not None and len(names) > rows // 2:
                yield diagnostic(
                    "L221:names",
                    place,
                    name=column.name,
                    input=port.name,
                    different=f"{len(names):,}",
                    rows=count(rows, "row"),
                )
            start += column.width


def _in_the_order_of_the_source(port: Port, data: DataSet) -> NDArray[np.float64]:
    if not port.named_columns:
        return np.empty((0, 0))
    scale = data.normalizers.inputs.get(port.name, PLAIN)
    parts = data.parts.values()
    values = np.concatenate([np.asarray(part.inputs[port.name]) for part in parts])
    order = np.argsort(np.concatenate([part.row_numbers for part in parts]), kind="stable")
    return in_own_units(scale, values[order]).reshape(len(values), -1)


def _rare_classes(document: Document, port: Port, data: DataSet) -> Iterator[Diagnostic]:
    values = data.parts["train"].targets[port.name]
    if not has_class(port) or holds_shares(port, values):
        return
    codes = codes_of_classes(port, values).ravel()
    counts = np.bincount(codes, minlength=sample_classes(port))
    names = class_names(port, data, len(counts))
    rare = [k for k in np.argsort(counts, kind="stable") if counts[k] < FEW]
    if not rare or len(codes) < OFTEN * len(counts):
        return
    shown = [f"'{names[k]}' has {count(int(counts[k]), 'row')}" for k in rare[:SHOWN]]
    shown += [f"{len(rare) - SHOWN} more have fewer than {FEW}"] if len(rare) > SHOWN else []
    place = document.span("data", "targets", port.name)
    yield diagnostic(
        "L222", place, target=port.name, classes=join_words(shown), rows=f"{len(codes):,}"
    )


def _place(document: Document, port: Port, column: str) -> Span:
    """Where the spec names a column of an input, else the input, else the section."""
    spec = document.spec.data
    entry = None if spec is None else spec.inputs.get(port.name)
    if isinstance(entry, tuple) and column in entry:
        return document.span("data", "inputs", port.name, entry.index(column))
    return document.span("data", "inputs", port.name)
