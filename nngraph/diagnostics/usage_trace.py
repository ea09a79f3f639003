"""E002 of what follows a sample through a network, and of what explains it."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

TRACE_TEXTS: tuple[Text, ...] = (
    Text(
        "a sample is either a row of the data (--sample) or typed by hand (--given)",
        "choose one of the two",
        case="sample-or-given",
    ),
    Text(
        "the result is either LaTeX (--latex) or JSON (--json)",
        "choose one of the two",
        case="latex-or-json",
    ),
    Text(
        "a step of the optimiser takes a loss, the targets of the sample, and weights "
        "that are trained",
        "with --given name the targets too",
        case="trace-update",
    ),
    Text(
        "'{name}' names no connection: {why}",
        "write it like 'h[3]->y[0]' or 'h->y'",
        case="trace-end",
    ),
    Text(
        "no edge with weights and a gradient joins '{name}'",
        "there are {edges}",
        case="trace-edge",
    ),
    Text(
        "'{name}' has {count} connections, and there is room for {most}",
        "name units: 'h[3]->y[0]', 'h[0:4]->y'",
        case="trace-many",
    ),
    Text("no code is named '{code}'", "{hint}", case="no-code"),
    Text(
        "the result has one form: --text, --latex or --json", "choose one of them", case="one-form"
    ),
    Text(
        "'{code}' is a code, of which there is one page",
        "--latex, -s, --seed and --data-root are for networks",
        case="code-options",
    ),
)
