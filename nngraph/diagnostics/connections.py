"""E120 to E141: how edges are written, overrides on the command line, side files."""

from __future__ import annotations

from nngraph.diagnostics.row import Example, Family, Row

CONNECTIONS = Family(
    "How edges are written; overrides and side files",
    3,
    (
        Row(
            "E120",
            "no-arrow",
            "An entry of `edges` is an arrow, or a mapping with `from` and `to`; this is neither.",
            "Write `x -> h`, or `{from: x, to: h, ...}`.",
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
        Row(
            "E121",
            "another-arrow",
            "The arrow comes from another alphabet or another language; edges know one only.",
            "Write `->`.",
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
        Row(
            "E122",
            "missing-space",
            "In YAML a value follows ': ', with the space; without it the text goes on.",
            "Write `x -> h: 0.7`.",
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
        Row(
            "E123",
            "beside-the-arrow",
            "Options of an edge stand in the value of its arrow, not beside or below it, and an "
            "entry holds one arrow.",
            "Write `- x -> h: {trainable: false}`.",
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
        Row(
            "E124",
            "brackets-in-brackets",
            "Inside { } or [ ] a text with brackets of its own ends too early, and a space inside "
            "a range of units makes YAML see a key and a value.",
            'Put it in quotes, `outputs: ["h[0]"]`, and write `h[0:3]` without a space.',
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
        Row(
            "E125",
            "folded-line",
            "An edge is written on one line. YAML joins a line that is indented further to the "
            "one above it, which is rarely meant here.",
            "Join the two lines, or begin the second with '- '.",
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
        Row(
            "E126",
            "no-end",
            "An end of an arrow is a node, one of its units, `h[2]`, or a range of them, `h[0:3]` "
            "(counted from 0, the end excluded).",
            "Write it in one of these forms.",
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
        Row(
            "E127",
            "for-one-edge-only",
            "An id names one edge, and a list or a file holds the weights of one; the entry makes "
            "several.",
            "Write an entry of its own for each edge.",
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
        Row(
            "E128",
            "list-as-ends",
            "Several ends of an arrow are a comma list without brackets.",
            "Write `x1, x2 -> h`.",
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
        Row(
            "E130",
            "override-sets-nothing",
            "`-s path=value` sets one value of the spec; the path leads nowhere, or no value "
            "follows.",
            "Write the keys from the top, with dots between: `-s train.epochs=5`.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
""",
                ("nngraph check net.yaml -s edges.3.weight=1",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
""",
                ("nngraph check net.yaml -s edges.0.weight=1",),
            ),
        ),
        Row(
            "E131",
            "override-of-no-edge",
            "An override names an edge that is not there.",
            "Name it by its id, `from->to` without spaces, or by its position, `edges.0`.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
""",
                ("nngraph check net.yaml -s 'edges.x->h.weight=1'",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
""",
                ("nngraph check net.yaml -s 'edges.x->y.weight=1'",),
            ),
        ),
        Row(
            "E140",
            "side-file-header",
            "The first line of a side file names its columns: from,to,weight[,trainable] for "
            "edges, id,activation,bias,aggregate for nodes.",
            "Write that line, with commas between.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: edges.csv}
""",
                files=(("edges.csv", "from;to;weight\nx;y;0.5\n"),),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: edges.csv}
""",
                files=(("edges.csv", "from,to,weight\nx,y,0.5\n"),),
            ),
        ),
        Row(
            "E141",
            "side-file-row",
            "A row of a side file has too many or too few cells, or one that is no number, no "
            "node, neither true nor false.",
            "Mend the row at the place shown.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: edges.csv}
""",
                files=(("edges.csv", "from,to,weight\nx,y,half\n"),),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: edges.csv}
""",
                files=(("edges.csv", "from,to,weight\nx,y,0.5\n"),),
            ),
        ),
    ),
)
