"""Samples of two numbers as points in a plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nngraph.data import DataSet, Normalizer, Port
from nngraph.insight.own_units import (
    PLAIN,
    class_names,
    codes_of_classes,
    has_class,
    in_own_units,
    sample_classes,
)
from nngraph.render.colours import SERIES, series
from nngraph.render.markup import Markup
from nngraph.render.plot import Chart, Dots, LegendEntry, Plot, axis_of, chart_svg
from nngraph.render.words import clip_text

SIDE, MOST_POINTS = 420.0, 2000


def plane_svg(data: DataSet, ports: Sequence[Port], title: str) -> Markup | None:
    """Samples of two numbers as points, coloured by class; None where they are no such samples."""
    part = data.parts["train"]
    inputs = [port for port in ports if port.role == "input"]
    targets = [port for port in ports if port.role == "target"]
    shown = min(part.rows, MOST_POINTS)
    learnt = data.normalizers
    columns = [_raw(learnt.inputs, p, part.inputs[p.name][:shown]) for p in inputs]
    columns += [
        _raw(learnt.targets, p, part.targets[p.name][:shown])
        for p in targets
        if p.kind == "values" and sum(c.shape[1] for c in columns) == 1
    ]
    points = np.concatenate(columns, axis=1)
    if points.shape[1] != 2:
        return None
    names = [name for port in inputs for name in port.value_names]
    names += [p.name for p in targets]
    codes, labels = _classes(data, targets)
    kinds = [series(f"class{k}", k) for k in range(min(len(SERIES), max(1, len(labels))))]
    places = codes[: len(points)] % len(SERIES)
    marks = tuple(
        Dots(list(map(tuple, points[places == k].tolist())), kind, 2.5, 0.75)
        for k, kind in enumerate(kinds)
    )
    keys = tuple(
        LegendEntry(clip_text(n, 30), k, is_area=True) for n, k in zip(labels, kinds, strict=False)
    )
    across, up = (axis_of(points[:, k].tolist(), clip_text(names[k], 30)) for k in (0, 1))
    plot = Plot(across, up, marks, lines="both")
    return chart_svg(Chart(title, (plot,), legend=keys, width=SIDE, height=SIDE))


def _raw(scales: Mapping[str, Normalizer], port: Port, values: NDArray[Any]) -> NDArray[np.float64]:
    return in_own_units(scales.get(port.name, PLAIN), values).reshape(len(values), -1)


def _classes(data: DataSet, targets: Sequence[Port]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The class of each sample and the names of the classes, none where there are no classes."""
    part = data.parts["train"]
    for port in targets:
        if has_class(port):
            codes = codes_of_classes(port, part.targets[port.name]).ravel()
            return codes, class_names(port, data, sample_classes(port))
    return np.zeros(part.rows, np.int64), ()
