"""E900 to E910: bugs of nngraph, and checks that say no."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_LINE = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y: 2]
"""

BUGS = Family(
    "Bugs in nngraph",
    9,
    (
        DiagnosticRow(
            "E900",
            "bug",
            "nngraph itself is wrong. It is never the fault of your spec.",
            "Please report it, with the lines shown and the spec.",
            unprovoked="a bug that is known is mended",
        ),
        DiagnosticRow(
            "E901",
            "broken-invariant",
            "A program, a plan or a source breaks a rule that the compiler keeps; a verifier "
            "found it before it could give wrong numbers.",
            "Please report it, with the lines shown and the spec.",
            unprovoked="a bug that is known is mended",
        ),
    ),
)

CHECKS = Family(
    "A check said no",
    10,
    (
        DiagnosticRow(
            "E910",
            "check-failed",
            "An expectation written in the spec does not hold.",
            "Compare what was expected with what came.",
            texts=(
                Text(
                    "expected {expected}, got {got}",
                    "look at the network: 'nngraph trace' follows one sample through it",
                ),
            ),
            wrong=Example(
                _LINE + "expect:\n  - {given: {x: 1}, output: {y: 3}}\n",
                ("nngraph test net.yaml",),
            ),
            right=Example(
                _LINE + "expect:\n  - {given: {x: 1}, output: {y: 2}}\n",
                ("nngraph test net.yaml",),
            ),
        ),
    ),
)
