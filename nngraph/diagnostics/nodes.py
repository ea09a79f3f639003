"""E225 to E229: what nodes take, and how windows move over images."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_NO_IMAGE = (
    "{what} needs an image [height, width, channels] or a sequence [length, channels], but "
    "'{source}' {has}"
)
_PER_AXIS = "write one number for all axes, or one for each"

NODES = Family(
    "What nodes take; windows over images",
    3,
    (
        DiagnosticRow(
            "E225",
            "edge-where-it-cannot-lead",
            "Edges with weights lead into neurons that sum; into other nodes only identity and "
            "scale edges do, and only whole.",
            "Use `identity` or `scale`, or a neurons node.",
            texts=(
                Text(
                    "the {kind} edge '{edge}' leads into '{node}', whose aggregate is not the sum",
                    "a window can only be summed; for its greatest value use a node of kind pool",
                    case="sum",
                ),
                Text(
                    "a {kind} edge leads into '{node}', a node of kind {its_kind}",
                    "edges with weights lead into neurons; into other nodes use identity or scale",
                ),
                Text(
                    "'{edge}' has a {key}, but an edge into '{node}', a node of kind {kind}, is an "
                    "identity",
                    "write `kind: scale` for one weight per unit, or leave the weights out",
                    "an identity edge has no weights",
                    case="weights",
                ),
                Text(
                    "'{end}': only neurons take an edge into some of their units",
                    "write `{node}` alone",
                    "'{node}' is a node of kind {kind}",
                    case="units",
                ),
            ),
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
        DiagnosticRow(
            "E227",
            "cannot-rearrange",
            "A node that rearranges or combines (reshape, transpose, slice, pad, concat, add, "
            "subtract, multiply) is asked for what these shapes do not allow.",
            "Compare both shapes in the message; axis 0 is the first after the batch.",
            texts=(
                Text(
                    "'{id}' cannot {does} {first} and {second}{where}",
                    "give both the same shape, e.g. equally many `units`; only a vector of "
                    "channels spreads over an image",
                    "brings {second}",
                ),
                Text(
                    "'{id}' cannot {does} {first} and {second}{where}",
                    "all extents but that of the axis must agree",
                    "brings {second}",
                    case="concat",
                ),
                Text(
                    "'{id}' cannot make {shape} of {values:value}",
                    "a reshape keeps the number of values",
                    case="reshape",
                ),
                Text(
                    "'{id}' takes {start} to {stop} of an axis of length {length}",
                    "indices are counted from 0 and the end is excluded",
                    "the axis ends at {length}",
                    case="slice",
                ),
                Text(
                    "'{id}' works along axis {axis}, but '{source}' {has}",
                    "axis 0 is the first after the batch, -1 the last",
                    case="axis",
                ),
                Text(
                    "'{id}' puts the axes {axes} in order, but '{source}' has {rank} of them",
                    "{remedy}",
                    case="order",
                ),
            ),
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
        DiagnosticRow(
            "E228",
            "one-edge-only",
            "A node of this kind takes one edge, a difference two; what another number of them "
            "should mean is not defined.",
            "Join them before, with a node of kind concat or add.",
            texts=(
                Text(
                    "'{id}' is a node of kind {kind} and takes one edge, not {count}",
                    "join them before, with a node of kind concat or add",
                    "the second edge",
                ),
                Text(
                    "'{id}' is a difference and takes two edges, not {count}",
                    "the second is taken from the first; add together before what belongs together",
                    case="two",
                ),
            ),
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
        DiagnosticRow(
            "E229",
            "window-does-not-fit",
            "A convolution or a pool needs an image or a sequence in which its window fits, with "
            "channels, groups and padding that agree; other aggregates than the sum need a "
            "connection into each unit.",
            "Follow the message: a smaller window, `padding: same`, fewer pools before it, or a "
            "shape [height, width, channels].",
            texts=(
                Text(
                    _NO_IMAGE,
                    "images are [height, width, channels], sequences [length, channels]",
                    case="no-image",
                ),
                Text(
                    _NO_IMAGE,
                    "give the channels an axis of their own, e.g. `shape: [28, 28, 1]`",
                    case="no-channels",
                ),
                Text(
                    _NO_IMAGE,
                    "was `conv` forgotten there? `- {image} -> {target}: {{conv: 3}}`",
                    case="flattened",
                ),
                Text(
                    "the {kind} of no connections: no edge reaches {units:unit} of '{node}' "
                    "(number {which})",
                    "connect these units, or leave fewer connections out with `mask`",
                    "needs at least one connection per unit to take the {kind}",
                    case="unconnected",
                ),
                Text(
                    "{window} does not fit {extents} from '{source}'{padded}",
                    "use a smaller window, `padding: same`, or fewer pools before it",
                ),
                Text(
                    "'{key}' of '{id}' has {count} entries, but an image has two spatial axes",
                    _PER_AXIS,
                    case="axes-of-image",
                ),
                Text(
                    "'{key}' of '{id}' has {count} entries, but a sequence has one spatial axis",
                    _PER_AXIS
                    + "; an image has its channels as the last axis, e.g. `shape: [28, 28, 1]`",
                    case="axes-of-sequence",
                ),
                Text(
                    "{groups} groups do not divide {units} of '{node}'",
                    "the number of groups divides the channels of the source and the units",
                    case="groups",
                ),
                Text(
                    "'{node}' has {units:unit}, which is no multiple of the {channels:channel} of "
                    "'{source}'",
                    "a depthwise edge makes the same number of units from each channel",
                    case="multiple",
                ),
                Text(
                    "the padding of '{edge}' cuts off all of its result, {result} from '{source}'",
                    "the padding of a conv_transpose is what is cut off each side",
                    case="cut-off",
                ),
                Text(
                    "a window of '{id}' would lie in the border alone",
                    "the padding is less than the size of the window",
                    case="border",
                ),
                Text(
                    "the size of the kernel of '{edge}' is not known",
                    "write it, e.g. `{kind}: 3`",
                    case="kernel",
                ),
            ),
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
    ),
)
