"""L201 to L222: worth a look, no mistake. `# nngraph: ignore L203` at its line silences one."""

from __future__ import annotations

from nngraph.diagnostics.data_lints import DATA_LINTS
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
        DiagnosticRow(
            "L207",
            "softmax-twice",
            "A softmax of numbers between 0 and 1 is nearly even, and its gradients are small.",
            "Keep the last softmax; give the other node another activation, e.g. relu.",
            texts=(
                Text(
                    "'{node}' takes a softmax of what '{first}' made with a softmax",
                    "keep one: numbers between 0 and 1 give a softmax that is nearly even, with "
                    "small gradients; a hidden layer takes e.g. relu",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3, activation: softmax}, y: {kind: activation, \
function: softmax}}
edges: [x -> h -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "L208",
            "dropout-on-output",
            "Dropout behind the last weights sets values of the output itself to 0 while training; "
            "the loss then compares zeros with the targets.",
            "Put the dropout in front of the last weights.",
            texts=(
                Text(
                    "'{dropout}' sets values of the output '{output}' to 0 while training: no "
                    "weights lie between",
                    "put it in front of the last weights",
                ),
                Text(
                    "the output '{output}' is a dropout, which sets its values to 0 while training",
                    "put it in front of the last weights",
                    case="itself",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3}, y: {kind: dropout, rate: 0.5}}
edges: [x -> h -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, d: {kind: dropout, rate: 0.5}, y: {units: 3}}
edges: [x -> d -> y]
"""),
        ),
        DiagnosticRow(
            "L209",
            "units-stay-alike",
            "Units with the same weights in front and behind get the same gradients at every step, "
            "so they compute the same for ever.",
            "Draw the weights on one side at random, or give different ones.",
            texts=(
                Text(
                    "{nodes} begin with the same weights on both sides and get the same gradients "
                    "for ever",
                    "draw the weights at random by leaving them out, or give different ones",
                ),
                Text(
                    "{count} units of '{node}' begin with the same weights on both sides and get "
                    "the same gradients for ever",
                    "draw the weights at random by leaving `init` or `weight` out, or give "
                    "different ones",
                    case="units",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {}}
edges:
  - x -> h -> y: {init: zeros}
loss: mean_squared_error
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {}}
edges: [x -> h -> y]
loss: mean_squared_error
"""),
        ),
        DiagnosticRow(
            "L210",
            "never-fires",
            "A rectifier gives 0 and has no gradient wherever its weighted sum is not above 0; "
            "with these weights it never is.",
            "Draw the weights at random, or let some sum come above 0.",
            texts=(
                Text(
                    "'{node}' is 0 whatever is fed, and never learns: with its weights the sum "
                    "cannot come above 0",
                    "draw its weights at random, or give it a weight or bias above 0",
                ),
                Text(
                    "{dead} of {units} units of '{node}' are 0 whatever is fed, and never learn: "
                    "with their weights the sum cannot come above 0 (units {numbers})",
                    "draw their weights at random, or give them a weight or bias above 0",
                    case="units",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: relu}, y: {}}
edges:
  - x -> h: {init: zeros}
  - h -> y
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: relu}, y: {}}
edges: [x -> h -> y]
"""),
        ),
        DiagnosticRow(
            "L211",
            "gradient-vanishes",
            "Each sigmoid passes on at most a quarter of a gradient; through many in a row nothing "
            "is left for the first weights.",
            "Take relu, add edges that skip layers, or normalise between them.",
            texts=(
                Text(
                    "gradients reach the weights of '{node}' through {count} functions that "
                    "squash; about {left} of them is left",
                    "take relu or a like function, add edges that skip layers, or batch_norm "
                    "between them",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  a, b, c, d, e, f, g, h: {units: 4, activation: sigmoid}
  y: {}
edges: [x -> a -> b -> c -> d -> e -> f -> g -> h -> y]
loss: mean_squared_error
"""),
            right=Example("""\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  a, b, c, d, e, f, g, h: {units: 4, activation: relu}
  y: {}
edges: [x -> a -> b -> c -> d -> e -> f -> g -> h -> y]
loss: mean_squared_error
"""),
        ),
        DiagnosticRow(
            "L212",
            "unusual-learning-rate",
            "A learning rate far from what an optimiser usually takes diverges, or learns nothing.",
            "Take a rate nearer to the default, or silence the line.",
            texts=(
                Text(
                    "a learning rate of {rate} is far above what {optimizer} usually takes, "
                    "{low} to {high}",
                    "begin with {default}",
                ),
                Text(
                    "a learning rate of {rate} is far below what {optimizer} usually takes, "
                    "{low} to {high}",
                    "begin with {default}",
                    case="small",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 1, optimizer: {kind: adam, learning_rate: 10}}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {epochs: 1, optimizer: {kind: adam, learning_rate: 0.001}}
"""),
        ),
        DiagnosticRow(
            "L213",
            "softmax-unit-by-unit",
            "Softmax gives one answer, shares that sum to 1; binary cross-entropy asks a yes or no "
            "of each unit by itself. Together they train, and mean neither.",
            "For one class of several take cross_entropy; for several yes-or-no answers, sigmoid.",
            texts=(
                Text(
                    "binary_cross_entropy judges each unit of '{node}' by itself, but softmax "
                    "makes them share one answer",
                    "for one class of several: `loss: cross_entropy`; for a yes or no of each "
                    "unit: `activation: sigmoid`",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: binary_cross_entropy
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
"""),
        ),
        *DATA_LINTS,
    ),
)
