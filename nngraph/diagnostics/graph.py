"""E201 to E212: who is connected with whom, and what names mean."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_NO_NODE = Text("there is no node '{name}'", otherwise="{help}")
_ONE_OF_TWO = "remove one of the two, or give one an `id` of its own if both are meant"
_CONNECT = "connect it, e.g. `... -> {id}`, or remove it"
_RENAME = "rename one of them"

GRAPH = Family(
    "Nodes, edges and the graph",
    3,
    (
        DiagnosticRow(
            "E201",
            "unknown-node",
            "An edge begins or ends at a node that is not listed.",
            "Correct the spelling, or add the node under `nodes`.",
            texts=(_NO_NODE,),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, hidden: {}, y: {}}
edges: [x -> hiden, hidden -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, hidden: {}, y: {}}
edges: [x -> hidden, hidden -> y]
"""),
        ),
        DiagnosticRow(
            "E202",
            "edge-into-input",
            "Data enter at an input, so no edge may lead into it.",
            "Turn the edge around, or give the node another kind.",
            texts=(
                Text(
                    "an edge into the input '{input}'",
                    "turn it around: `{target} -> {source}`, or give the node another kind",
                    "data enter here; nothing else may",
                ),
                Text(
                    "an edge into the constant '{input}'",
                    "turn it around: `{target} -> {source}`, or give the node another kind",
                    "it is always the same",
                    case="constant",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y, y -> x]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E203",
            "repeated-edge",
            "Two edges connect the same units: nearly always a slip, as one weight would do.",
            "Remove one, or give one an `id` of its own if both are meant.",
            texts=(
                Text("the edge '{edge}' is given twice", _ONE_OF_TWO, "second"),
                Text(
                    "the edges '{first}' and '{edge}' connect the same units",
                    _ONE_OF_TWO,
                    "second",
                    case="units",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y, x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y, {from: x, to: y, id: second}]
"""),
        ),
        DiagnosticRow(
            "E204",
            "cycle",
            "Data flow one way, from inputs to outputs; in a cycle each node would wait for the "
            "next.",
            "Remove one of the edges that are shown.",
            texts=(
                Text(
                    "a cycle: {cycle}",
                    "data flow one way only, from inputs to outputs: remove one of these edges",
                    "this edge closes it",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: [x -> h -> y, y -> h]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: [x -> h -> y, x -> y]
"""),
        ),
        DiagnosticRow(
            "E205",
            "unreached-node",
            "No data reach the node, so it has no value.",
            "Connect it with an input or a constant, or remove it.",
            texts=(
                Text("no input reaches '{id}'", _CONNECT, "no edge leads into it"),
                Text("no edge mentions the node '{id}'", _CONNECT, case="alone"),
                Text(
                    "the network has no input: nothing brings data to '{id}'",
                    "data enter at a node of kind input, e.g. `x: {{kind: input, shape: 4}}`",
                    case="no-input",
                ),
                Text(
                    "the network has constants, such as '{id}', but no input",
                    "data enter at a node of kind input: `x: input`",
                    case="constants",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: [x -> y, h -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: [x -> y, x -> h, h -> y]
"""),
        ),
        DiagnosticRow(
            "E206",
            "unread-input",
            "Nothing reads the input: what is fed there changes nothing.",
            "Connect it, or remove it.",
            texts=(
                Text(
                    "nothing reads the input '{id}'", "connect it, e.g. `{id} -> ...`, or remove it"
                ),
                Text(
                    "nothing reads the constant '{id}'",
                    "connect it, e.g. `{id} -> ...`, or remove it",
                    case="constant",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, u: input, y: {}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, u: input, y: {}}
edges: ["x, u -> y"]
"""),
        ),
        DiagnosticRow(
            "E207",
            "names-collide",
            "Nodes, edges with an id and targets share one space of names, as figures, files and "
            "overrides name them; here two bear the same.",
            "Rename one of them.",
            texts=(
                Text("the edge '{edge}' is named like a node", _RENAME, case="edge"),
                Text("two edges have the id '{edge}'", _RENAME, case="edges"),
                Text("the target '{target}' is named like an edge", _RENAME, case="target"),
                Text(
                    "the target '{target}' is named like a node that is no input",
                    _RENAME,
                    case="node",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: {id: y}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - x -> y: {id: slope}
"""),
        ),
        DiagnosticRow(
            "E208",
            "share-of-nothing",
            "`share` names an edge or a node that is not there.",
            "Name an edge by its `id`, or else `from->to` without spaces.",
            texts=(
                Text(
                    "there is no edge '{edge}' to share",
                    "an edge is named by its `id`, or else `from->to` without spaces",
                    case="edge",
                ),
                Text(
                    "there is no node '{node}' to share", "name a node that has a bias", case="node"
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: {}}
edges:
  - a -> y
  - b -> y: {share: a->z}
"""),
            right=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: {}}
edges:
  - a -> y
  - b -> y: {share: a->y}
"""),
        ),
        DiagnosticRow(
            "E209",
            "nothing-to-share",
            "What `share` names has no weights of its own: it is an identity, a node without "
            "parameters, one that shares itself, or the very same.",
            "Name the owner of the weights.",
            texts=(
                Text(
                    "the edge '{edge}' shares its own weights",
                    "name the edge that owns the weights",
                    case="itself",
                ),
                Text(
                    "the edge '{edge}' has no weights of its own, it shares those of '{owner}'",
                    "write `share: {owner}`",
                    case="shares",
                ),
                Text(
                    "the edge '{edge}' is an identity and has no weights",
                    "name an edge with weights, or leave `share` out",
                    case="identity",
                ),
                Text(
                    "the node '{node}' shares its own parameters",
                    "name the node that owns the parameters",
                    case="node-itself",
                ),
                Text(
                    "the node '{node}' has no parameters of its own, it shares those of '{owner}'",
                    "write `share: {owner}`",
                    case="node-shares",
                ),
                Text(
                    "'{node}' is of kind '{kind}': no scale and shift to share",
                    "share with a batch_norm or layer_norm node",
                    case="no-scale",
                ),
                Text(
                    "'{node}' is of kind '{kind}': no bias or slopes to share",
                    "share with a node of neurons",
                    case="no-bias",
                ),
                Text(
                    "the node '{node}' is of kind '{kind}': no parameters",
                    "share with a node that has some",
                    case="no-parameters",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {a: input, y: {}}
edges:
  - a -> y: {share: a->y}
"""),
            right=Example("""\
nngraph: 1
nodes: {a: input, b: input, y: {}}
edges:
  - a -> y
  - b -> y: {share: a->y}
"""),
        ),
        DiagnosticRow(
            "E210",
            "bad-output",
            "`outputs` lists a node that is not there, or one twice.",
            "Name each node, or unit of neurons, once.",
            texts=(
                _NO_NODE,
                Text(
                    "the output '{output}' is listed twice", "take one of the two out", case="twice"
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
outputs: [z]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
outputs: [y]
"""),
        ),
        DiagnosticRow(
            "E211",
            "loss-of-which-node",
            "A loss judges one node: it names one that is not there, or there are several outputs "
            "and it names none.",
            "Add `node: ...` to the loss.",
            texts=(
                _NO_NODE,
                Text(
                    "the network has {count} outputs, {outputs}: which one is judged?",
                    "add `node: {first}`",
                    case="which",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}, z: {}}
edges: [x -> y, x -> z]
loss: mean_squared_error
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}, z: {}}
edges: [x -> y, x -> z]
loss: {kind: mean_squared_error, node: y}
"""),
        ),
        DiagnosticRow(
            "E212",
            "unknown-name-in-expect",
            "`expect` or a metric names a node that is not there, or gives a value to one that is "
            "no input.",
            "Correct the spelling; values are given to inputs.",
            texts=(
                _NO_NODE,
                Text(
                    "there is no input '{name}'",
                    otherwise="the inputs are {inputs}",
                    case="no-input",
                ),
                Text(
                    "'{name}' is no input, so nothing can be given to it",
                    otherwise="the inputs are {inputs}",
                    case="given",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y: 1]
expect:
  - {given: {x: 1}, output: {z: 1}}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y: 1]
expect:
  - {given: {x: 1}, output: {y: 1}}
"""),
        ),
    ),
)
