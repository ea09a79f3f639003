"""L201 to L206: worth a look, no mistake. `# nngraph: ignore L203` at its line silences one."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

LINTS = Family(
    "Lints: worth a look",
    0,
    (
        DiagnosticRow(
            "L201",
            "leads-nowhere",
            "What the node computes is used by nobody.",
            "List it under `outputs`, connect it, or remove it.",
            texts=(
                Text(
                    "the node '{id}' leads nowhere",
                    "list it under `outputs`, connect it, or remove it",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: ["x -> h, y"]
outputs: [y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, h: {}, y: {}}
edges: ["x -> h, y"]
outputs: [h, y]
"""),
        ),
        DiagnosticRow(
            "L203",
            "not-scaled",
            "Pictures with values up to 255 go into the network as they are; weights start in "
            "sizes that suit values around 1, so learning is slow or fails.",
            "Add `normalize: {kind: scale, divisor: 255}`.",
            texts=(
                Text(
                    "'{name}' takes {source} as they are, with values from 0 to {greatest}",
                    "write `normalize: {{kind: scale, divisor: {greatest}}}` beside the source, or "
                    "silence this line with `# nngraph: ignore L203`",
                    "not scaled",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: [8, 8, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: digits}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: [8, 8, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: digits, normalize: {kind: scale, divisor: 16}}
"""),
        ),
        DiagnosticRow(
            "L204",
            "rprop-on-batches",
            "rprop follows the signs of gradients, which change by chance from one small batch to "
            "the next.",
            "Write `batch_size: full`, or take another optimiser.",
            texts=(
                Text(
                    "{optimizer} follows the signs of gradients, which change by chance from one "
                    "batch of {size} to the next",
                    "write `batch_size: full`, or take another optimiser, e.g. rmsprop",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 1, batch_size: 32, optimizer: rprop}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 1, batch_size: full, optimizer: rprop}
"""),
        ),
        DiagnosticRow(
            "L205",
            "bias-without-effect",
            "A normalisation over the batch subtracts the mean, and with it any bias in front.",
            "Write `bias: false`; the normalisation has a shift of its own.",
            texts=(
                Text(
                    "the bias of '{node}' has no effect: '{norm}' subtracts the mean",
                    "write `bias: false`; '{norm}' has a shift of its own",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}, n: batch_norm, y: {}}
edges: [x -> h -> n -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3, bias: false}, n: batch_norm, y: {}}
edges: [x -> h -> n -> y]
"""),
        ),
        DiagnosticRow(
            "L206",
            "read-as-sequence",
            "An input of two axes is a sequence [length, channels] to a convolution; a picture "
            "has three.",
            "Write `shape: [28, 28, 1]` for a picture with one channel.",
            texts=(
                Text(
                    "'{id}' of shape [{length}, {channels}] is read as a sequence of {length} "
                    "steps with {channels} channels",
                    "a picture with one channel is `shape: [{length}, {channels}, 1]`; if a "
                    "sequence is meant, silence this line with `# nngraph: ignore L206`",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28]}, y: {units: 4}}
edges:
  - x -> y: {conv: 3}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28, 1]}, y: {units: 4}}
edges:
  - x -> y: {conv: 3}
"""),
        ),
    ),
)
