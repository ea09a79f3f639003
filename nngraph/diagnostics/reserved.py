"""E190: words that are reserved for what comes."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Text

RESERVED = DiagnosticRow(
    "E190",
    "not-yet",
    "The language reserves the word, but this version cannot follow it yet.",
    "Do without it, or use a later version.",
    texts=(Text("{problem}", "leave it out until then; ids and titles may be called so"),),
    wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: lstm}
edges: [x -> y]
"""),
    right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {activation: tanh}}
edges: [x -> y]
"""),
)
"""The one row."""
