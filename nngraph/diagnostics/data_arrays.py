"""E400: arrays that are given from Python."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Text

ARRAYS = DiagnosticRow(
    "E400",
    "arrays",
    "Arrays given from Python are no rows of numbers, or differ in their number of rows.",
    "Give one row per sample, equally many for every input and target.",
    texts=(
        Text(
            "'{name}' is no regular array: its rows differ in length",
            "give every sample the same number of values: [[1, 2], [3, 4]]",
            case="ragged",
        ),
        Text(
            "'{name}' is a single value; give one row per sample, e.g. [[0, 1]]",
            "put brackets around it",
            case="single-value",
        ),
        Text("'{name}' has no rows", "give one sample or more: [[0, 1]]", case="no-rows"),
        Text(
            "'{name}' holds no numbers: its dtype is {dtype}",
            "turn it into numbers or names first, e.g. numpy.asarray(x, float)",
            case="dtype",
        ),
        Text(
            "the arrays differ in their number of rows: {rows}",
            "every input and target has one row for each sample",
            case="rows",
        ),
        Text("{place}: {why}", "write such values as the input takes", case="given"),
        Text(
            "sample_weight has shape {shape}; give one number for each of {rows} rows",
            "sample_weight=[1, 1, 2] weighs three rows",
            case="weights",
        ),
        Text(
            "sample_weight holds no numbers: its dtype is {dtype}",
            "give one number for each row",
            case="weights-kind",
        ),
        Text(
            "sample_weight[{row}] is {value}; weights are finite, and 0 or more",
            "0 leaves a row out, 2 counts it twice",
            case="weights-number",
        ),
        Text(
            "all of sample_weight is 0, so no row counts",
            "give the rows that count a number above 0",
            case="weights-zero",
        ),
    ),
    wrong=Example(
        """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
""",
        (),
        script='import nngraph\n\nnngraph.compile("net.yaml").predict(7)\n',
    ),
    right=Example(
        """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
""",
        (),
        script='import nngraph\n\nnngraph.compile("net.yaml").predict([[7, 8]])\n',
    ),
)
"""The one row."""
