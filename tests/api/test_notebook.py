"""A small notebook, executed as Jupyter does, where nbclient and a kernel are installed."""

from __future__ import annotations

import json
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed: no notebook was run")
nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: no notebook was run")
pytest.importorskip("ipykernel", reason="ipykernel is not installed: no notebook was run")

SPEC = """
nngraph: 1
name: line
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 3, batch_size: full}
"""

CELLS = (
    f"import nngraph\nmodel = nngraph.compile({SPEC!r})",
    "model.summary()",
    "model.fit([0, 1, 2, 3], [1, 3, 5, 7])",
    "model.formulas()",
    "model.trace(given={'x': 1.0})",
    "model.layers",
    "model.fit(epocs=3)",
)


@pytest.fixture(scope="module")
def outputs() -> list[list[Any]]:
    """What each cell shows, after the other."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = nbclient.NotebookClient(book, timeout=120, kernel_name="python3", allow_errors=True)
    return [cell.outputs for cell in client.execute().cells]


def test_results_are_shown_as_text_tables_and_curves(outputs: list[list[Any]]) -> None:
    none, summary, history, formulas, trace = outputs[:5]
    assert none == []
    assert "<table>" in summary[0].data["text/html"]
    assert "<svg" in history[0].data["text/html"]
    assert history[0].data["text/plain"].startswith("<nngraph.History: 3 epochs")
    assert "delta_y = " in formulas[0].data["text/plain"]
    assert "z_y" in trace[0].data["text/plain"]
    assert "Trace(" not in trace[0].data["text/plain"]


def test_nothing_is_written_to_standard_error(outputs: list[list[Any]]) -> None:
    assert [output for cell in outputs for output in cell if output.get("name") == "stderr"] == []


@pytest.mark.parametrize(("cell", "name"), [(5, "AttributeError"), (6, "UsageError")])
def test_an_error_shows_the_cell_and_none_of_our_frames(
    outputs: list[list[Any]], cell: int, name: str
) -> None:
    (error,) = outputs[cell]
    assert error.output_type == "error"
    shown = "\n".join(error.traceback)
    assert "in this cell, line 1" in shown
    assert f"{name}: " in shown
    assert "nngraph/" not in json.dumps(shown)
    assert len(shown.split("\n")) < 8
