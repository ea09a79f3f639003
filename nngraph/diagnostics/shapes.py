"""E220 to E231: shapes and weights."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_SHARED = "'{sharer}' needs weights of shape {shape}, but the array of '{owner}' is {there}"

SHAPES = Family(
    "Shapes and weights",
    3,
    (
        DiagnosticRow(
            "E220",
            "shapes-differ",
            "The edges into a node bring shapes that cannot be added, or one that the node cannot "
            "take.",
            "Bring equal shapes; a dense edge goes from any width to any other and flattens.",
            texts=(
                Text(
                    "the edges into '{node}' give different shapes: '{one}' gives {there}, "
                    "'{other}' gives {here}",
                    "all edges into a neurons node give equal shapes; a dense edge flattens",
                    "gives {here}",
                ),
                Text(
                    "the {kind} edge '{edge}' brings {shape} to {units:unit} of '{node}'",
                    "{a_kind} edge keeps the shape; use a dense edge to go from one width to "
                    "another",
                    case="width",
                ),
                Text(
                    "'{id}' cannot take what its edges bring: {reason}",
                    "look at the shapes with 'nngraph compile', or add a node that brings them "
                    "together",
                    case="node",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}}
edges:
  - x -> h: identity
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}}
edges:
  - x -> h
"""),
        ),
        DiagnosticRow(
            "E221",
            "weight-shape",
            "The weights that are given have another shape than the edge. They are stored "
            "[in, out], a row for each unit of the source; books that write W x hold the "
            "transpose.",
            "Write them in the shape that the message names.",
            texts=(
                Text(
                    "'{edge}' needs weights of shape {shape} ({reads}), got {got}",
                    "{remedy}",
                    "{got}",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 3}}
edges:
  - x -> y: [[1, 2], [3, 4], [5, 6]]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 3}}
edges:
  - x -> y: [[1, 3, 5], [2, 4, 6]]
"""),
        ),
        DiagnosticRow(
            "E222",
            "no-such-unit",
            "An edge names units that the node does not have.",
            "Count from 0; the end of a range is excluded. A scalar is named without brackets.",
            texts=(
                Text(
                    "'{end}' reaches beyond {units:unit}",
                    "units are counted from 0, so the last one is {last}; an end is excluded",
                    "there is no unit {unit}",
                ),
                Text("'{end}' takes units of a scalar", "write `{node}` alone", case="scalar"),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges:
  - x[2:6] -> y
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges:
  - x[2:4] -> y
"""),
        ),
        DiagnosticRow(
            "E223",
            "share-does-not-fit",
            "Two edges or nodes share one array, but need different shapes, or the one named has "
            "no array.",
            "Share between equal shapes; `{edge: ID, transpose: true}` uses the transpose.",
            texts=(
                Text(_SHARED, "only arrays of equal shape can be shared"),
                Text(
                    _SHARED,
                    "a transpose would mend it: `share: {{edge: {owner}, transpose: true}}`",
                    case="transpose",
                ),
                Text(_SHARED, "leave `transpose` out", case="transposed"),
                Text(
                    "'{owner}' is an identity edge and has no weights to share",
                    "share a dense or scale edge",
                    case="identity",
                ),
                Text(
                    "'{id}' has {units:unit} and cannot share with '{owner}', which has "
                    "{its_units}",
                    "only nodes with equally many units can share",
                    case="units",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 4}}
edges:
  - x -> h
  - h -> y: {share: x->h}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {units: 4}}
edges:
  - x -> h
  - h -> y: {share: {edge: x->h, transpose: true}}
"""),
        ),
        DiagnosticRow(
            "E224",
            "bias-length",
            "A bias has one number per unit.",
            "Give as many numbers as there are units, or a single one for all.",
            texts=(
                Text(
                    "'{node}' has {units:unit}, but its {word} has {got}",
                    "give one number per unit ({units}), or a single number for all",
                    "this is {got}",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 3, bias: [1, 2]}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 3, bias: [1, 2, 0]}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E226",
            "softmax-of-one",
            "A softmax shares 1 among several units; of a single unit it is 1 whatever comes in.",
            "Use sigmoid for a yes or no, or give the node one unit per class.",
            texts=(
                Text(
                    "{kind} over {over}: '{id}' would always be {constant}",
                    "for a yes or no from one unit use `activation: sigmoid`; for classes give the "
                    "node one unit per class",
                    "needs two units or more",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {activation: softmax}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E230",
            "mask-or-normalisation",
            "A mask has the shape of its weights and holds 0 and 1; a normalisation over a single "
            "value makes every value 0.",
            "Write a mask of that shape; train with a larger batch, or normalise more than one "
            "unit.",
            texts=(
                Text(
                    "'{edge}' needs mask of shape {shape} ({reads}), got {got}",
                    "{remedy}",
                    "this is {got}",
                ),
                Text(
                    "a mask holds 0 and 1 only",
                    "write 1 where an edge is, 0 where none is",
                    case="values",
                ),
                Text(
                    "'{id}' normalises over a batch of one sample, which makes every value 0",
                    "train with a larger `batch_size`, or use `layer_norm`",
                    case="batch",
                ),
                Text(
                    "'{id}' normalises over one value, which makes it 0",
                    "layer_norm works along the last axis, here of {shape}; 2 units or more make "
                    "sense",
                    case="layer",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 3}}
edges:
  - {from: x, to: y, mask: [[1, 0], [0, 1]]}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {units: 3}}
edges:
  - {from: x, to: y, mask: [[1, 0, 1], [0, 1, 1]]}
"""),
        ),
        DiagnosticRow(
            "E231",
            "no-numbers-in-file",
            "The array in a file of weights holds text, or values that are not finite.",
            "Save finite numbers.",
            texts=(
                Text(
                    "the array in '{file}' has values that are not finite",
                    "save it anew without inf and nan",
                ),
                Text(
                    "'{file}' holds no numbers: its dtype is {dtype}",
                    "save it as float32 or float64",
                    case="dtype",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: {weight: {file: w.npz, key: W}}
""",
                (
                    'python -c \'import numpy; numpy.savez("w.npz", W=[[float("nan")]])\'',
                    "nngraph check net.yaml",
                ),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: {weight: {file: w.npz, key: W}}
""",
                (
                    "python -c 'import numpy; numpy.savez(\"w.npz\", W=[[0.5]])'",
                    "nngraph check net.yaml",
                ),
            ),
        ),
        DiagnosticRow(
            "E232",
            "number-beyond-dtype",
            "A number is larger than the network's type can hold: it would be infinite there.",
            "Write a smaller number, or `dtype: float64`.",
            texts=(
                Text(
                    "{number} lies beyond {dtype}, whose largest number is {largest}",
                    "write `dtype: float64`, or a smaller number",
                ),
                Text(
                    "the array in '{file}' holds {number}, beyond {dtype}, whose largest number is "
                    "{largest}",
                    "write `dtype: float64`, or save smaller numbers",
                    case="file",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: 1e39
"""),
            right=Example("""\
nngraph: 1
dtype: float64
nodes: {x: input, y: {}}
edges:
  - x -> y: 1e39
"""),
        ),
    ),
)
