"""The pictures of a run: its curves and its network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nngraph.errors import FileError
from nngraph.files import write_atomically
from nngraph.insight.curves import curves_svg
from nngraph.insight.picture import picture_of
from nngraph.render import to_svg
from nngraph.train.learner import Learner
from nngraph.train.position import Epoch
from nngraph.train.run_folder import CURVES, NETWORK

MOST_NODES, MOST_EDGES = 5_000, 20_000
"""Of a network that is drawn unasked: a larger picture takes minutes, and shows nothing."""


def draw_run(folder: Path, learner: Learner, history: Sequence[Epoch]) -> str:
    """Write curves.svg and network.svg; a word on what was not possible, or ""."""
    name = learner.document.name
    curves = curves_svg([epoch.as_json() for epoch in history], title=name)
    write_atomically(folder / CURVES, curves.encode())
    nodes, edges = len(learner.document.nodes), len(learner.document.edges)
    if nodes > MOST_NODES or edges > MOST_EDGES:
        return f"no {NETWORK}: {nodes:,} nodes and {edges:,} edges are too many to draw unasked"
    picture = picture_of(learner.network, learner.executable.weights())
    try:
        drawing = to_svg(picture)
    except FileError as error:
        problem = error.diagnostics[0]
        return f"no {NETWORK}: {problem.message}; {problem.help}"
    write_atomically(folder / NETWORK, drawing.encode())
    return ""
