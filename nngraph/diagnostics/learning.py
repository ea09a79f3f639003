"""E240 to E250: losses, and what is trained."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_FUNCTION = "{loss} needs a {needs}, but {got}"
_GOES_WITH = "a {activation} goes with `{fitting}`"
_RANGE = "{loss} takes outputs between 0 and 1, but {output} gives {range}"

LEARNING = Family(
    "Losses and training",
    3,
    (
        DiagnosticRow(
            "E240",
            "loss-and-output",
            "The loss and the output it judges do not fit: cross_entropy needs a softmax, an "
            "entropy of a yes or no needs outputs between 0 and 1.",
            "Change the activation or the loss, as the help says.",
            texts=(
                Text(_FUNCTION, "give the node `activation: {needs}`"),
                Text(
                    _FUNCTION,
                    "for a yes or no from one unit: `activation: sigmoid` with "
                    "`binary_cross_entropy`",
                    case="one-unit",
                ),
                Text(
                    _FUNCTION,
                    "one of several classes: `activation: {needs}`; several yes-or-no answers: "
                    "`binary_cross_entropy`",
                    case="by-unit",
                ),
                Text(_FUNCTION, _GOES_WITH, case="goes-with"),
                Text(_RANGE, "give the node `activation: sigmoid`", case="range"),
                Text(
                    _RANGE,
                    "give the node `activation: sigmoid`, or use `mean_squared_error`",
                    case="signed-range",
                ),
                Text(_RANGE, _GOES_WITH, case="range-goes-with"),
                Text(
                    "{loss} takes outputs that reach -1 and 1, but {output} gives {range}",
                    "leave the activation out, or use `binary_cross_entropy`",
                    case="margin",
                ),
                Text(
                    "{loss} takes scores that differ by more than 1, but {output} gives {range}",
                    "leave the activation out, or use `cross_entropy`",
                    case="class-margin",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: sigmoid}}
edges: [x -> y]
loss: cross_entropy
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
"""),
        ),
        DiagnosticRow(
            "E241",
            "target-shape",
            "An output and what it is compared with hold different numbers of values.",
            "Give the output as many units as its target has values, or each its own target.",
            texts=(
                Text(
                    "'{node}' has shape {shape}, its target '{target}' {its_shape}",
                    "an output and its target hold equally many values",
                ),
                Text(
                    "two losses compare with '{target}', but '{first}' has shape {first_shape} and "
                    "'{second}' {second_shape}",
                    "give each its own target",
                    case="two-losses",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3}}
edges: [x -> y]
loss: {kind: mean_squared_error, target: x}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 4}}
edges: [x -> y]
loss: {kind: mean_squared_error, target: x}
"""),
        ),
        DiagnosticRow(
            "E242",
            "loss-of-which-output",
            "A loss judges one whole node, and this one names none where there is not exactly one "
            "output.",
            "Name it: `{kind: ..., node: y}`.",
            texts=(
                Text(
                    "which of {count} outputs does {loss} judge?",
                    "name it: `{{kind: {loss}, node: {node}}}`",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 2}}
edges: [x -> y]
outputs: ["y[0]", "y[1]"]
loss: mean_squared_error
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 2}}
edges: [x -> y]
outputs: ["y[0]", "y[1]"]
loss: {kind: mean_squared_error, node: y}
"""),
        ),
        DiagnosticRow(
            "E243",
            "no-derivative",
            "The derivative of step and sign is zero everywhere, so that a weight in front of "
            "them would never change.",
            "Use sigmoid or tanh while training, or fix the weights with `trainable: false`.",
            texts=(
                Text(
                    "'{node}' cannot be trained through: the derivative of {function} is zero "
                    "everywhere, so '{weight}' would never change",
                    "use `{softer}` while training, or fix the weights in front with `trainable: "
                    "false`",
                    "between a trained weight and the loss",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3, activation: step}, y: {}}
edges: [x -> h -> y]
loss: mean_squared_error
train: {epochs: 1}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, h: {units: 3, activation: sigmoid}, y: {}}
edges: [x -> h -> y]
loss: mean_squared_error
train: {epochs: 1}
"""),
        ),
        DiagnosticRow(
            "E244",
            "class-weights",
            "Weights of classes do not fit the classes, or an option of a loss has no meaning for "
            "this output.",
            "Give one weight for each class; the help names the option that is meant.",
            texts=(
                Text(
                    "'{option}' has no meaning here: '{node}' says {says}",
                    "`{other}` weighs {weighs}",
                ),
                Text(
                    "{weights} for the {classes} classes of '{node}'",
                    "give one weight for each unit, in their order",
                    case="count",
                ),
                Text(
                    "'{name}' is no class of '{target}'; its classes are {names}",
                    "use these names, or the numbers of the classes",
                    case="class",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, class_weights: [1, 2]}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {units: 3, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, class_weights: [1, 2, 1]}
"""),
        ),
        DiagnosticRow(
            "E246",
            "metric-does-not-fit",
            "A metric has no target to compare with, or cannot be told of such an output.",
            "Choose another metric, or say which `node` and `target` it compares.",
            texts=(
                Text(
                    "a metric compares an output with a target, but there is no loss",
                    "add a `loss`, or leave the metric out",
                    case="no-loss",
                ),
                Text(
                    "the metric's node '{node}' does not exist",
                    otherwise="name an output of the network, or leave `node` out",
                    case="node",
                ),
                Text(
                    "no loss has a target '{target}'; there is {known}",
                    otherwise="name a target of a loss, or leave `target` out",
                    case="target",
                ),
                Text(
                    "which target is '{node}' compared with? No loss judges it",
                    "name it with `target`",
                    case="which-target",
                ),
                Text(
                    "the metric's node '{node}' is no output, and no loss judges it",
                    "add it: `outputs: [..., {node}]`",
                    case="no-output",
                ),
                Text(
                    "{metric} cannot compare '{node}' of shape {shape} with the target '{target}' "
                    "of shape {its_shape}",
                    "name the node that has the shape of the target",
                    case="shapes",
                ),
                Text(
                    "{metric} is a figure of classes, but the target '{target}' of '{node}' holds "
                    "plain numbers",
                    "take mean_squared_error, mean_absolute_error or r2",
                    case="numbers",
                ),
                Text(
                    "top_k needs several classes, but '{node}' says yes or no",
                    "use accuracy, precision, recall or f1",
                    case="yes-or-no",
                ),
                Text(
                    "the class is always among the {k} largest of the {units} units of '{node}'",
                    "take a smaller one, e.g. `{{kind: top_k, k: 2}}`",
                    case="top-k",
                ),
                Text(
                    "perplexity is told of probabilities, but '{node}' has the activation "
                    "'{activation}'",
                    "softmax, log_softmax and sigmoid give probabilities",
                    case="perplexity",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {}}
edges: [x -> y]
train: {epochs: 1, metrics: [accuracy]}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 4}, y: {activation: sigmoid}}
edges: [x -> y]
loss: binary_cross_entropy
train: {epochs: 1, metrics: [accuracy]}
"""),
        ),
        DiagnosticRow(
            "E247",
            "watches-no-figure",
            "Early stopping, or a schedule, watches a figure that this training does not compute.",
            "Watch one of those that the help lists; figures of a validation part need "
            "`split: {validation: 0.2}`.",
            texts=(
                Text(
                    "early stopping watches '{monitor}', which this training does not compute",
                    "{help}",
                ),
                Text(
                    "the schedule watches '{monitor}', which this training does not compute",
                    "{help}",
                    case="schedule",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 1, early_stopping: {monitor: validation.loss}}
""",
                ("nngraph check net.yaml",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 1, early_stopping: {monitor: train.loss}}
""",
                ("nngraph train net.yaml",),
            ),
        ),
        DiagnosticRow(
            "E248",
            "search-meets-chance",
            "A line search compares losses of one and the same function, with weights that move "
            "alike; what is drawn anew at each pass, or scales single steps, would mislead it.",
            "Take it out, or take another optimizer.",
            texts=(
                Text(
                    "'{id}' ({kind}) draws anew at each pass, and {optimizer} compares losses of "
                    "one function",
                    "leave the node out, or take another optimizer, such as adam",
                ),
                Text(
                    "the rows are varied anew in each epoch, and {optimizer} compares losses of "
                    "one function",
                    "take `augment` out, or take another optimizer, such as adam",
                    case="augment",
                ),
                Text(
                    "{optimizer} moves all weights together, but those of '{id}' have a "
                    "learning_rate_scale of {scale:g}",
                    "take it out (`trainable: false` holds weights), or take another optimizer",
                    case="scale",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, d: {kind: dropout, rate: 0.5}, y: {}}
edges: [x -> d -> y]
loss: mean_squared_error
train: {batch_size: full, optimizer: lbfgs}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
loss: mean_squared_error
train: {batch_size: full, optimizer: lbfgs}
"""),
        ),
        DiagnosticRow(
            "E250",
            "name-of-a-figure",
            "Every network has figures of this name, so no node or edge can bear it here.",
            "Choose another id.",
            texts=(
                Text(
                    "'{id}' cannot be an id here: it is the name of a figure that every network "
                    "has",
                    "choose another, e.g. `my_{id}`",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, loss: {}}
edges: [x -> loss]
loss: mean_squared_error
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
"""),
        ),
    ),
)
