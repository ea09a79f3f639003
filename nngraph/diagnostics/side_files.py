"""E130 to E141: values from the command line, nodes and edges from side files."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_PATH_VALUE = "write path=value, e.g. train.epochs=5"
_FIRST_LINE = "the first line is `{columns}`"

SIDE_FILES = Family(
    "Overrides and side files",
    3,
    (
        DiagnosticRow(
            "E130",
            "override-sets-nothing",
            "`-s path=value` sets one value of the spec; the path leads nowhere, or no value "
            "follows.",
            "Write the keys from the top, with dots between: `-s train.epochs=5`.",
            texts=(
                Text("'{text}' sets nothing", _PATH_VALUE),
                Text("no value for '{path}'", _PATH_VALUE, case="no-value"),
                Text("an empty step in '{path}'", _PATH_VALUE, case="empty-step"),
                Text(
                    "there is nothing inside '{path}' to set", "set '{path}' itself", case="inside"
                ),
                Text(
                    "there is nothing inside '{path}' to set",
                    "a list is entered by position, counted from 0",
                    case="list",
                ),
                Text(
                    "there is no entry {index}; this list has {length}, counted from 0",
                    "the last one is {length} - 1",
                    case="entry",
                ),
            ),
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
        DiagnosticRow(
            "E131",
            "override-of-no-edge",
            "An override names an edge that is not there.",
            "Name it by its id, `from->to` without spaces, or by its position, `edges.0`.",
            texts=(
                Text(
                    "no edge '{edge}'",
                    "an edge is named by its id, `from->to`, or by its entry's position from 0",
                ),
            ),
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
        DiagnosticRow(
            "E132",
            "override-of-no-node",
            "An override names a node that is not there. Overrides change nodes and never make "
            "one.",
            "Correct the spelling, or add the node to the spec, with an edge.",
            texts=(Text("no node '{id}'", otherwise="{help}"),),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, hidden: {}, y: {}}
edges: [x -> hidden -> y]
""",
                ("nngraph check net.yaml -s nodes.hiden.units=9",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, hidden: {}, y: {}}
edges: [x -> hidden -> y]
""",
                ("nngraph check net.yaml -s nodes.hidden.units=9",),
            ),
        ),
        DiagnosticRow(
            "E140",
            "side-file-header",
            "The first line of a side file names its columns: from,to,weight[,trainable] for "
            "edges, id,activation,bias,aggregate for nodes.",
            "Write that line, with commas between.",
            texts=(
                Text("the file is empty", label="write `{columns}`", case="empty"),
                Text(
                    "the columns are not separated by commas",
                    label="write `{columns}`",
                    case="commas",
                ),
                Text("unknown column '{column}'", _FIRST_LINE, case="unknown"),
                Text("the column '{column}' stands here twice", _FIRST_LINE, case="twice"),
                Text("the column {missing} is missing", _FIRST_LINE, case="missing"),
                Text("the columns {missing} are missing", _FIRST_LINE, case="several-missing"),
            ),
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
        DiagnosticRow(
            "E141",
            "side-file-row",
            "A row of a side file has too many or too few cells, or one that is no number, no "
            "node, neither true nor false.",
            "Mend the row at the place shown.",
            texts=(
                Text(
                    "{cells:cell} in this row, {columns:column} in the header",
                    "the columns are {names}",
                ),
                Text("{problem}", "{help}", case="end"),
                Text(
                    "a cell that begins with a brace is a mapping: {problem}",
                    'write it as in YAML, in quotes: `"{{kind: leaky_relu, alpha: 0.1}}"`',
                    case="mapping",
                ),
                Text(
                    "the weight must be a finite number, not {got}",
                    "write a number such as 0.5",
                    case="finite",
                ),
                Text(
                    "the weight must be a number, not {got}",
                    "write a number such as 0.5, with a point for decimals",
                    case="number",
                ),
                Text(
                    "'trainable' must be true or false, not '{got}'",
                    "write true or false",
                    case="trainable",
                ),
            ),
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
