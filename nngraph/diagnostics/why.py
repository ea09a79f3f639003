"""L301 to L310: what keeps a run from learning, as `nngraph why RUN` says it."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_WHY = ("nngraph train net.yaml -o run", "nngraph why run")

_HEALTHY = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 8, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles}
train:
  {epochs: 20, batch_size: 20, optimizer: {kind: adam, learning_rate: 0.03}, metrics: [accuracy]}
"""

_SMALLER = (
    "a learning rate of a tenth (it is {rate}), `normalize: standard` on the data, "
    "`clip: {{norm: 1}}`"
)

WHY = Family(
    "Why a run does not learn",
    0,
    (
        DiagnosticRow(
            "L301",
            "saturated",
            "A sigmoid or tanh far from 0 is flat: almost no gradient comes through, and nothing "
            "in front of it learns.",
            "Scale the inputs, draw smaller weights, or learn in smaller steps.",
            texts=(
                Text(
                    "{nodes}: {share} of the values lie where the function is flat after epoch "
                    "{epoch}, {start} before the first step",
                    "a smaller learning rate, or batch_norm in front of the function",
                ),
                Text(
                    "{nodes}: {share} of the values lie where the function is flat after epoch "
                    "{epoch}, and {start} before the first step",
                    "scale the inputs (`normalize: standard`), or draw smaller weights (`init`)",
                    case="early",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 8, activation: tanh}, y: {activation: sigmoid}}
edges:
  - x -> h: {init: {kind: normal, stddev: 1000}}
  - h -> y
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles}
train:
  {epochs: 5, batch_size: 20, optimizer: {kind: adam, learning_rate: 0.03}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L302",
            "dead-units",
            "A rectifier that gives 0 for every sample passes no gradient on: its weights never "
            "change again.",
            "Learn in smaller steps, take leaky_relu, or leave `init` and `bias` to their "
            "defaults.",
            texts=(
                Text(
                    "{nodes}: {share} of the units give 0 for every sample after epoch {epoch}, "
                    "{start} before the first step",
                    "a smaller learning rate, leaky_relu, or first weights and biases by default",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 8, activation: relu, bias: -9}, y: {activation: \
sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles}
train:
  {epochs: 5, batch_size: 20, optimizer: {kind: adam, learning_rate: 0.03}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY.replace("tanh", "relu"), _WHY),
        ),
        DiagnosticRow(
            "L303",
            "exploding",
            "A step that is too long makes the next gradient larger, which makes the next step "
            "longer.",
            "Take a smaller learning rate, scale the data, clip gradients.",
            texts=(
                Text("training became non-finite: {failure}", _SMALLER),
                Text(
                    "the training loss grew from {first} (epoch {start}) to {last} (epoch {end})",
                    _SMALLER,
                    case="grew",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
loss: {kind: mean_squared_error, target: label}
data: {source: xor}
train: {epochs: 12, batch_size: full, optimizer: {kind: sgd, learning_rate: 1.2}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L304",
            "plateau",
            "The loss stays where an answer that ignores the inputs would be.",
            "See whether inputs and targets belong together; try another learning rate, another "
            "seed, a larger network.",
            texts=(
                Text(
                    "the training loss stands still: {first} after epoch {start}, {last} after "
                    "epoch {end}",
                    "another learning rate (ten times as large, and a tenth), another seed, more "
                    "units; `nngraph data describe` shows what is fed",
                ),
                Text(
                    "the training loss came to {best} at best in epochs {start} to {end}; an "
                    "answer that ignores the inputs costs {constant}",
                    "see whether the inputs say anything about the targets (`nngraph data "
                    "describe`); then another learning rate, another seed, more units",
                    case="constant",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {activation: sigmoid}}
edges: [x -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 50, batch_size: full, optimizer: {kind: adam, learning_rate: 0.1}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L305",
            "too-slow",
            "The loss falls in nearly every epoch, by very little: steps are too short.",
            "Take a larger learning rate.",
            texts=(
                Text(
                    "the training loss fell in {falls} of {epochs} epochs, but only from {first} "
                    "to {last}, and as fast at the end as at the beginning",
                    "a learning rate ten times as large (it is {rate})",
                ),
            ),
            wrong=Example(
                _HEALTHY.replace("0.03", "0.00005").replace("20, b", "10, b"),
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L306",
            "zigzag",
            "Steps so long that they jump over the valley: the loss goes up and down.",
            "Take a smaller learning rate, or a schedule that lowers it.",
            texts=(
                Text(
                    "the training loss jumped up {times} times in {epochs} epochs, once from "
                    "{before} to {after} (epoch {epoch})",
                    "a learning rate of a tenth (it is {rate}), or larger batches",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, h: {units: 8, activation: leaky_relu}, y: {}}
edges: [x -> h -> y]
loss: {kind: mean_squared_error, target: value}
data: {source: sine}
train: {epochs: 30, batch_size: 20, optimizer: {kind: adam, learning_rate: 0.6}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L307",
            "wrong-pairing",
            "The function of the output, the loss and the targets do not belong together.",
            "softmax with cross_entropy for one class of several, sigmoid with "
            "binary_cross_entropy for yes and no, no activation with mean_squared_error for "
            "numbers.",
            texts=(
                Text(
                    "the targets of '{node}' reach from {least} to {greatest}; {function} gives "
                    "{low} to {high}",
                    "leave out the activation of '{node}', or scale the target (`normalize`)",
                ),
                Text(
                    "'{node}' is a {function} over one unit, which is the same for every sample",
                    "sigmoid with binary_cross_entropy for yes and no, or one unit for each class",
                    case="one",
                ),
                Text(
                    "a squared error of '{node}' has almost no gradient where {function} is sure "
                    "and wrong",
                    "`loss: {better}`",
                    case="flat",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, h: {units: 8, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: mean_squared_error, target: value}
data: {source: sine}
train: {epochs: 5, batch_size: 20, optimizer: {kind: adam, learning_rate: 0.03}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L308",
            "out-of-balance",
            "Where nearly all rows are of one class, always naming it is nearly always right, and "
            "gradients of the others are lost among its.",
            "Weigh the classes, or look at another figure than accuracy.",
            texts=(
                Text(
                    "{share} of the training rows are of class '{name}'; the network is hardly "
                    "right more often than that",
                    "`class_weights` for the loss, `balanced_accuracy` or `f1` as the metric",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, h: {units: 4, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: binary_cross_entropy
data: {source: csv, path: rare.csv, inputs: {x: x}, targets: {y: y}}
train:
  {epochs: 30, batch_size: full, optimizer: {kind: adam, learning_rate: 0.1}, metrics: [accuracy]}
""",
                _WHY,
                files=(
                    (
                        "rare.csv",
                        "x,y\n"
                        + "".join(f"{k % 7 / 3 - 1:.2f},{int(k % 20 == 0)}\n" for k in range(100)),
                    ),
                ),
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L309",
            "vanishing",
            "Each squashing function passes on a part of the gradient; the first weights of a "
            "long chain get next to none.",
            "Take relu, add edges that skip layers, or normalise between them.",
            texts=(
                Text(
                    "the gradient of the weights of '{first}' is {ratio} of that of '{last}'",
                    "relu or a like function, edges that skip layers, or batch_norm between them",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes:
  x: {kind: input, shape: 2}
  a, b, c, d, e, f, g, h: {units: 6, activation: sigmoid}
  y: {activation: sigmoid}
edges: [x -> a -> b -> c -> d -> e -> f -> g -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: circles}
train: {epochs: 5, batch_size: 20, optimizer: {kind: sgd, learning_rate: 0.1}}
""",
                _WHY,
            ),
            right=Example(_HEALTHY, _WHY),
        ),
        DiagnosticRow(
            "L310",
            "learnt-by-heart",
            "The network fits the training rows ever better and others ever worse.",
            "Stop early, take more data, a smaller network, dropout or weight decay.",
            texts=(
                Text(
                    "the validation loss was best after epoch {epoch} ({best}) and is {last} after "
                    "epoch {end}, while the training loss fell",
                    "`early_stopping`, more data or augmentation, fewer units, dropout, "
                    "`weight_decay`",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 64, activation: relu}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: binary_cross_entropy
data: {source: csv, path: noise.csv, inputs: {x: [a, b]}, targets: {y: y}, split: {validation: 0.5}}
train: {epochs: 200, batch_size: 4, optimizer: {kind: adam, learning_rate: 0.03}}
""",
                _WHY,
                files=(
                    (
                        "noise.csv",
                        "a,b,y\n"
                        + "".join(
                            f"{k * 7 % 11 / 5 - 1},{k * 5 % 13 / 6 - 1},{k * k * k // 7 % 2}\n"
                            for k in range(60)
                        ),
                    ),
                ),
            ),
            right=Example(_HEALTHY, _WHY),
        ),
    ),
)
