"""E220 to E231: shapes, weights, and what nodes make of what they are brought."""

from __future__ import annotations

from nngraph.diagnostics.row import Example, Family, Row

SHAPES = Family(
    "Shapes and weights",
    3,
    (
        Row(
            "E220",
            "shapes-differ",
            "The edges into a node bring shapes that cannot be added, or one that the node cannot "
            "take.",
            "Bring equal shapes; a dense edge goes from any width to any other and flattens.",
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
        Row(
            "E221",
            "weight-shape",
            "The weights that are given have another shape than the edge. They are stored "
            "[in, out], a row for each unit of the source; books that write W x hold the "
            "transpose.",
            "Write them in the shape that the message names.",
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
        Row(
            "E222",
            "no-such-unit",
            "An edge names units that the node does not have.",
            "Count from 0; the end of a range is excluded. A scalar is named without brackets.",
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
        Row(
            "E223",
            "share-does-not-fit",
            "Two edges or nodes share one array, but need different shapes, or the one named has "
            "no array.",
            "Share between equal shapes; `{edge: ID, transpose: true}` uses the transpose.",
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
        Row(
            "E224",
            "bias-length",
            "A bias has one number per unit.",
            "Give as many numbers as there are units, or a single one for all.",
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
        Row(
            "E225",
            "edge-where-it-cannot-lead",
            "Edges with weights lead into neurons that sum; into other nodes only identity and "
            "scale edges do, and only whole.",
            "Use `identity` or `scale`, or a neurons node.",
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: add}
edges:
  - {from: x, to: y, kind: dense}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: add}
edges:
  - {from: x, to: y, kind: scale}
"""),
        ),
        Row(
            "E226",
            "softmax-of-one",
            "A softmax shares 1 among several units; of a single unit it is 1 whatever comes in.",
            "Use sigmoid for a yes or no, or give the node one unit per class.",
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
        Row(
            "E227",
            "cannot-rearrange",
            "A node that rearranges or combines (reshape, transpose, slice, pad, concat, add, "
            "subtract, multiply) is asked for what these shapes do not allow.",
            "Compare both shapes in the message; axis 0 is the first after the batch.",
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {kind: reshape, shape: [3, 2]}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {kind: reshape, shape: [2, 2]}}
edges: [x -> y]
"""),
        ),
        Row(
            "E228",
            "one-edge-only",
            "A node of this kind takes one edge; what several should mean is not defined.",
            "Join them before, with a node of kind concat or add.",
            wrong=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: flatten}
edges: ["a, b -> y"]
"""),
            right=Example("""\
nngraph: 1
nodes: {a: input, b: input, both: concat, y: flatten}
edges: ["a, b -> both", both -> y]
"""),
        ),
        Row(
            "E229",
            "window-does-not-fit",
            "A convolution or a pool needs an image or a sequence in which its window fits, with "
            "channels, groups and padding that agree; other aggregates than the sum need a "
            "connection into each unit.",
            "Follow the message: a smaller window, `padding: same`, fewer pools before it, or a "
            "shape [height, width, channels].",
            wrong=Example("""\
nngraph: 1
nodes: {image: {kind: input, shape: [4, 4, 1]}, y: {units: 2}}
edges:
  - image -> y: {conv: 5}
"""),
            right=Example("""\
nngraph: 1
nodes: {image: {kind: input, shape: [4, 4, 1]}, y: {units: 2}}
edges:
  - image -> y: {conv: 5, padding: same}
"""),
        ),
        Row(
            "E230",
            "mask-or-normalisation",
            "A mask has the shape of its weights and holds 0 and 1; a normalisation over a single "
            "value makes every value 0.",
            "Write a mask of that shape; train with a larger batch, or normalise more than one "
            "unit.",
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
        Row(
            "E231",
            "no-numbers-in-file",
            "The array in a file of weights holds text, or values that are not finite.",
            "Save finite numbers.",
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
    ),
)
