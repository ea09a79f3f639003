"""The pictures of a run: none takes longer than the training of what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import nngraph
from nngraph.insight import drawings

SPEC = """
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 1, batch_size: full}
"""


@pytest.mark.parametrize(("nodes", "edges"), [(2, 10), (10, 1)])
def test_a_network_that_is_too_large_is_not_drawn_unasked(
    nodes: int, edges: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawings, "MOST_NODES", nodes)
    monkeypatch.setattr(drawings, "MOST_EDGES", edges)
    with pytest.warns(UserWarning, match="3 nodes and 2 edges are too many to draw unasked"):
        model = nngraph.train_run(SPEC, run=tmp_path / "run")
    assert (tmp_path / "run" / "curves.svg").exists()
    assert not (tmp_path / "run" / "network.svg").exists()
    model.render(tmp_path / "asked.svg")
    assert (tmp_path / "asked.svg").exists()
