"""E002: calls of the Python interface that ask for what cannot be."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

PYTHON_TEXTS = (
    Text(
        "the inputs of the spec take {inputs} numbers a row, and X has {features} columns",
        "leave `shape` of the only input out, or give X as many columns",
        case="columns",
    ),
    Text(
        "an estimator predicts one output, and the spec has {outputs}",
        "name one under `outputs`",
        case="one-output",
    ),
    Text(
        "{function}() has no argument '{argument}'",
        "{help}",
        case="argument",
    ),
    Text(
        "the history has no column '{name}'",
        "{near}there are {names}{missing}",
        case="history-column",
    ),
    Text(
        "'{path}': the curves of a history are drawn as .svg",
        "history.plot('curves.svg')",
        case="history-plot",
    ),
    Text(
        "the spec has no 'loss', so nothing says what a good score is",
        "add one, e.g. `loss: cross_entropy`, or compare what model.predict(x) gives yourself",
        case="score",
    ),
    Text(
        "the units of {nodes} have no names, so no labels can be told",
        "name them at the node, e.g. `labels: [cat, dog]`, or train on a target of names; "
        "model.predict(x) gives the numbers",
        case="labels",
    ),
    Text(
        "a spec is a path, a text or a mapping, and this is of type {got}",
        "nngraph.compile('net.yaml'), or nngraph.compile({{'nngraph': 1, 'nodes': ..., "
        "'edges': [...]}})",
        case="spec",
    ),
    Text(
        "a spec on one line is taken for the path of a file",
        "begin the text with a line break, or give a mapping",
        case="spec-line",
    ),
    Text(
        "overrides are a list of texts, and this is of type {got}",
        "write them as -s has them: nngraph.compile(spec, ['train.epochs=5'])",
        case="overrides",
    ),
    Text(
        "{argument} is {allowed}, not {got}",
        "{argument}={example}, or leave it out for what the spec says",
        case="argument-value",
    ),
    Text(
        "{place} is {got}, and a spec holds text, numbers, true, false, lists and mappings",
        "write its name, as the YAML file would: 'relu', 'adam', [28, 28]",
        case="spec-value",
    ),
    Text(
        "a key of {place} is {got}, and keys of a spec are text",
        "put it in quotes",
        case="spec-key",
    ),
)
"""What is said of them."""
