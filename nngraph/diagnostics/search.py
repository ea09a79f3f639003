"""E260 to E265: what is wrong with a search, found before its first trial."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_SPEC = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 2, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 2, metrics: [accuracy]}
search:
  by: random
"""

SEARCH = Family(
    "Searches",
    3,
    (
        DiagnosticRow(
            "E260",
            "search-for-no-figure",
            "A search makes a figure small or large that its trainings do not give, or one of the "
            "test part. That part is kept from the search, which would otherwise fit it: its "
            "figures are computed once, for the best.",
            "Choose one of the figures that the help lists; those of a validation part need "
            "`split: {validation: 0.2}`.",
            texts=(
                Text("this training does not give '{figure}'", "{help}"),
                Text(
                    "a search must not choose by '{figure}': the test part is kept from it",
                    "{help}; figures of the test part are computed once, for the best",
                    case="test",
                ),
            ),
            wrong=Example(_SPEC + "  minimize: test.loss\n  space: {nodes.h.units: [1, 2]}\n"),
            right=Example(_SPEC + "  minimize: train.loss\n  space: {nodes.h.units: [1, 2]}\n"),
        ),
        DiagnosticRow(
            "E261",
            "paths-overlap",
            "One path of a search leads into the value of another, so the two would undo each "
            "other.",
            "Leave one of them out, or put the inner value into the choices of the outer path: "
            "`[{kind: sgd, momentum: 0.9}, adam]`.",
            texts=(
                Text(
                    "'{inner}' lies inside '{outer}', which is searched too",
                    "leave one of them out, or write the choices of '{outer}' as mappings",
                ),
                Text("'{inner}' is searched twice", "take one of the two out", case="twice"),
            ),
            wrong=Example(
                _SPEC + "  space: {train.optimizer: [sgd, adam], "
                "train.optimizer.learning_rate: [0.1, 0.2]}\n"
            ),
            right=Example(_SPEC + "  space: {train.optimizer: [{kind: sgd, momentum: 0.9}, adam]}"),
        ),
        DiagnosticRow(
            "E262",
            "not-to-be-searched",
            "A path of a search leads to something that no training depends on, or to the search "
            "itself.",
            "Search values of nodes, edges, loss, data or train.",
            texts=(
                Text(
                    "'{path}' is nothing to search",
                    "choose a path that begins with nodes, edges, outputs, loss, data, train or "
                    "dtype",
                ),
            ),
            wrong=Example(_SPEC + "  space: {search.trials: [1, 2]}\n"),
            right=Example(_SPEC + "  space: {train.batch_size: [1, 2]}\n"),
        ),
        DiagnosticRow(
            "E263",
            "choice-twice",
            "A list of choices holds one of them twice, so it would be tried twice.",
            "Leave one out; `repeats` trains each set of values several times.",
            texts=(Text("'{choice}' is there twice", "`repeats: 3` trains each choice 3 times"),),
            wrong=Example(_SPEC + "  space: {nodes.h.units: [1, 2, 1]}\n"),
            right=Example(_SPEC + "  repeats: 2\n  space: {nodes.h.units: [1, 2]}\n"),
        ),
        DiagnosticRow(
            "E264",
            "not-to-be-bred",
            "Evolution wires single neurons: a layer or an image has no place among them, and a "
            "function without a derivative none in what is trained.",
            "Write inputs as scalars, `a, b: input`, and neurons with one unit.",
            texts=(
                Text(
                    "evolution wires single neurons, and '{id}' is none",
                    "write it as scalar inputs (`a, b: input`) or as neurons of one unit",
                ),
                Text(
                    "no activation '{word}'",
                    otherwise="'nngraph schema' lists them all",
                    case="activation",
                ),
                Text(
                    "the derivative of {word} is zero everywhere, so nothing learns through it",
                    "choose tanh, relu or another that has one",
                    case="untrainable",
                ),
            ),
            wrong=Example(_SPEC.replace("by: random", "by: evolution")),
            right=Example(
                """\
nngraph: 1
nodes: {a: input, b: input, y: {activation: sigmoid}}
edges: ["a, b -> y"]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor, inputs: {a: x1, b: x2}}
train: {epochs: 2}
search: {by: evolution}
"""
            ),
        ),
    ),
)
