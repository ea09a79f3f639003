"""E120 to E128: how edges are written."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_END_FORMS = "write `id`, `id[i]` or `id[i:j]`"

ARROWS = Family(
    "How edges are written",
    3,
    (
        DiagnosticRow(
            "E120",
            "no-arrow",
            "An entry of `edges` is an arrow, or a mapping with `from` and `to`; this is neither.",
            "Write `x -> h`, or `{from: x, to: h, ...}`.",
            texts=(
                Text("'{text}' has no arrow", label="an edge is written like {example}"),
                Text(
                    "'{text}' has no arrow: in brackets a comma begins another entry",
                    'several sources are put in quotes, `edges: ["a, b -> y"]`, or each entry in '
                    "a line of its own: `- a, b -> y`",
                    case="comma",
                ),
                Text("an empty entry", "write `x -> h`", case="empty"),
                Text(
                    "this entry has no arrow and no `from` and `to`",
                    "write `x -> h`, or `{{from: x, to: h, ...}}`",
                    case="keys",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E121",
            "another-arrow",
            "The arrow comes from another alphabet or another language; edges know one only.",
            "Write `->`.",
            texts=(
                Text("'{arrow}' is not the arrow of an edge", label="write `->`"),
                Text(
                    "'{arrow}' is not the arrow of an edge",
                    label="turn the ends around and write `->`",
                    case="left",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x → y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E122",
            "missing-space",
            "In YAML a value follows ': ', with the space; without it the text goes on.",
            "Write `x -> h: 0.7`.",
            texts=(
                Text("a space is missing after the ':'", label="write `{ends}: {value}`"),
                Text("nothing follows the ':'", label="write `{ends}`", case="nothing"),
                Text(
                    "a ': ' is missing before the weight {weight}",
                    label="write `{end}: {weight}`",
                    case="weight",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y:0.7
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: 0.7
"""),
        ),
        DiagnosticRow(
            "E123",
            "beside-the-arrow",
            "Options of an edge stand in the value of its arrow, not beside or below it, and an "
            "entry holds one arrow.",
            "Write `- x -> h: {trainable: false}`.",
            texts=(
                Text(
                    "'{key}' stands beside the arrow, not in its value",
                    "write `- {arrow}: {{{inner}{key}: ...}}`",
                ),
                Text("two edges in one entry", "begin each entry with '- '", case="two"),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: 0.7
    trainable: false
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: {weight: 0.7, trainable: false}
"""),
        ),
        DiagnosticRow(
            "E124",
            "brackets-in-brackets",
            "Inside { } or [ ] a text with brackets of its own ends too early, and a space inside "
            "a range of units makes YAML see a key and a value.",
            'Put it in quotes, `outputs: ["h[0]"]`, and write `h[0:3]` without a space.',
            texts=(
                Text(
                    "'{text}' has brackets of its own",
                    label='inside {{ }} or [ ] quote it: "{tight}"',
                ),
                Text(
                    "a space inside the bracket of a range of units",
                    label="write `{start}:{stop}`",
                    case="space",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {units: 3}}
edges: [x -> h]
outputs: [h[0]]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {units: 3}}
edges: [x -> h]
outputs: ["h[0]"]
"""),
        ),
        DiagnosticRow(
            "E125",
            "folded-line",
            "An edge is written on one line. YAML joins a line that is indented further to the "
            "one above it, which is rarely meant here.",
            "Join the two lines, or begin the second with '- '.",
            texts=(
                Text(
                    "an edge is written on one line, this one goes on in the next",
                    "join the lines, or start the next one with '- ' in the column of '{first}'",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges:
  - x -> h
    -> y
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges:
  - x -> h -> y
"""),
        ),
        DiagnosticRow(
            "E126",
            "no-end",
            "An end of an arrow is a node, one of its units, `h[2]`, or a range of them, `h[0:3]` "
            "(counted from 0, the end excluded).",
            "Write it in one of these forms.",
            texts=(
                Text("{problem}", "{help}"),
                Text("{problem}", _END_FORMS, case="id"),
                Text(
                    "a node is missing in '{text}'",
                    "an arrow has ends on both sides, and ',' stands between two of them",
                    case="missing",
                ),
                Text(
                    "'{text}' holds no unit: {first} to {last}, end excluded",
                    "units are counted from 0 and the end is excluded, so `h[0:2]` is the "
                    "first two",
                    case="no-unit",
                ),
                Text(
                    "a space before the bracket of '{text}'",
                    "write `{name}[{rest}`",
                    case="space-before",
                ),
                Text("the bracket of '{text}' is never closed", "add the `]`", case="unclosed"),
                Text("'{rest}' follows the bracket", _END_FORMS, case="behind"),
                Text(
                    "a space inside the bracket of '{text}'",
                    "write `{tight}]`",
                    case="space-inside",
                ),
                Text(
                    "units are counted from 0, not from the end",
                    "write the number of the unit, e.g. `h[2]`",
                    case="from-the-end",
                ),
                Text(
                    "both ends of a range of units are written",
                    "e.g. `h[0:3]` for the units 0, 1 and 2",
                    case="half-a-range",
                ),
                Text("no unit between the brackets", "e.g. `h[0]` or `h[0:3]`", case="empty"),
                Text(
                    "'{inner}' is no unit and no range of units",
                    "e.g. `h[0]` or `h[0:3]`",
                    case="no-number",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {}}
edges:
  - x[-1] -> y
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 3}, y: {}}
edges:
  - x[2] -> y
"""),
        ),
        DiagnosticRow(
            "E127",
            "for-one-edge-only",
            "An id names one edge, and a list or a file holds the weights of one; the entry makes "
            "several.",
            "Write an entry of its own for each edge.",
            texts=(
                Text(
                    "{what} for one edge, but {entry} makes {count}",
                    "write an entry of its own for each edge",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {units: 2}, y: {units: 2}}
edges:
  - x -> h, y: {weight: [[1, 2]]}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {units: 2}, y: {units: 2}}
edges:
  - x -> h: {weight: [[1, 2]]}
  - x -> y: {weight: [[1, 2]]}
"""),
        ),
        DiagnosticRow(
            "E128",
            "list-as-ends",
            "Several ends of an arrow are a comma list without brackets.",
            "Write `x1, x2 -> h`.",
            texts=(
                Text("a list is no edge", label="write `{names} -> ...`", case="entry"),
                Text("a list is no edge", label="write `x -> h`", case="empty"),
                Text(
                    "the ends of an edge are written without brackets",
                    label="write `{names} -> ...`",
                    case="ends",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: {}}
edges:
  - [a, b] -> y
"""),
            right=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: {}}
edges:
  - a, b -> y
"""),
        ),
    ),
)
