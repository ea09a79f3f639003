"""What each neuron of a network with two inputs says all over the plane, drawn in its circle."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, apply_normalizers
from nngraph.errors import NNGraphError
from nngraph.insight.answers import unscaled_input
from nngraph.render import Picture
from nngraph.render.pixels import Bytes, signed_pixels
from nngraph.render.words import number
from nngraph.spec.activations import ACTIVATION_ROWS
from nngraph.spec.nodes import named_function
from nngraph.train.learner import Learner
from nngraph.train.ports import input_ports
from nngraph.words.row import UNIT

Array = NDArray[Any]
Ranges = tuple[tuple[float, float], tuple[float, float]]

GRID = 48  # places along each side of a map
MOST_UNITS = 64
ROOM = 0.1  # beyond the outermost samples, as a share of their range
PLAIN = (-1.0, 1.0)


def with_maps(picture: Picture, learner: Learner, load: Callable[[], DataSet]) -> Picture:
    """The picture with a map for each unit, where its inputs are two numbers in all.

    Across goes the first number, up the second, over the range of the training rows that `load`
    gives, else of what the spec's expectations give, else from -1 to 1. White is 0, or 0.5 of a
    function from 0 to 1; blue is above, orange below, each unit on a scale of its own.
    """
    network = learner.network
    inputs = [(name, picture_node.units) for picture_node in picture.nodes
              if (name := picture_node.id) in network.lowered.inputs]  # fmt: skip
    units = sum(node.units for node in picture.nodes)
    if sum(count for _, count in inputs) != 2 or units > MOST_UNITS:
        return picture
    across, up = _ranges(learner, inputs, load)
    grid = np.meshgrid(np.linspace(*across, GRID), np.linspace(*up, GRID)[::-1])
    places = np.stack([axis.ravel() for axis in grid], axis=1)
    given, start = {}, 0
    for name, count in inputs:
        shape = network.lowered.shapes[name]
        given[name] = places[:, start : start + count].reshape(len(places), *shape)
        start += count
    scaled = apply_normalizers(learner.normalizers, given, network.dtype)
    nodes = [node.id for node in picture.nodes if node.id not in given]
    values = {**scaled, **learner.outputs(scaled, nodes)}
    drawn = tuple(
        replace(node, maps=_maps(values[node.id], _middle(learner, node.id)))
        for node in picture.nodes
    )
    ports = {port.name: port for port in input_ports(network, learner.normalizers)}
    names = [name for node, _ in inputs for name in ports[node].value_names]
    return replace(picture, nodes=drawn, note=_note(names, across, up))


def _ranges(learner: Learner, inputs: list[tuple[str, int]], load: Callable[[], DataSet]) -> Ranges:
    """From where to where the two numbers reach."""
    places = _training_rows(learner, inputs, load)
    if places is None:
        places = _expected_rows(learner, inputs)
    if places is None:
        return PLAIN, PLAIN
    low, high = places.min(axis=0), places.max(axis=0)
    room = ROOM * np.where(high > low, high - low, 1.0)
    (left, down), (right, top) = (low - room).tolist(), (high + room).tolist()
    return (left, right), (down, top)


def _training_rows(
    learner: Learner, inputs: list[tuple[str, int]], load: Callable[[], DataSet]
) -> Array | None:
    try:
        part = load().parts["train"]
    except NNGraphError:  # there are none, or they cannot be read
        return None
    columns = [
        unscaled_input(learner, name, part.inputs[name][:]).reshape(part.rows, count)
        for name, count in inputs
    ]
    return np.concatenate(columns, axis=1)


def _expected_rows(learner: Learner, inputs: list[tuple[str, int]]) -> Array | None:
    rows = []
    for entry in learner.document.spec.expect:
        given = getattr(entry, "given", {})
        with contextlib.suppress(KeyError, ValueError, TypeError):  # names of categories
            rows.append([float(v) for name, _ in inputs for v in np.ravel(given[name])])
    return np.array(rows) if rows and all(len(row) == 2 for row in rows) else None


def _middle(learner: Learner, node: str) -> float:
    """The value that is drawn white."""
    function = named_function(learner.document.nodes[node].node)
    row = ACTIVATION_ROWS.get(function)
    return 0.5 if row is not None and row.range == UNIT else 0.0


def _maps(values: Array, middle: float) -> tuple[Bytes, ...]:
    by_unit = values.astype(np.float64).reshape(GRID, GRID, -1) - middle
    strongest = np.abs(np.nan_to_num(by_unit)).max(axis=(0, 1))
    return tuple(signed_pixels(by_unit[..., k], strongest[k]) for k in range(by_unit.shape[2]))


def _note(names: list[str], across: tuple[float, float], up: tuple[float, float]) -> str:
    ranges = zip(names, (across, up), strict=True)
    told = [f"{name} from {number(low)} to {number(high)}" for name, (low, high) in ranges]
    return f"in the circles: what each says, {told[0]} across, {told[1]} up"
