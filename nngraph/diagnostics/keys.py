"""E100 to E190: keys and words of a spec."""

from __future__ import annotations

from nngraph.diagnostics.reserved import RESERVED
from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_NODES = "name the nodes, e.g. `nodes: {{x: input, y: {{}}}}`"
_KEEP_ONE = "keep one of the two"
_PADDING = (
    "valid (none), same, a number for all sides, a number per axis, or [before, after] per axis"
)

KEYS = Family(
    "Keys and words of a spec",
    3,
    (
        DiagnosticRow(
            "E100",
            "spec",
            "Something is wrong with the spec that has no code of its own.",
            "Follow the message.",
            unprovoked="every mistake of a spec has a code of its own; this one is for callers "
            "who raise a SpecError by themselves",
        ),
        DiagnosticRow(
            "E104",
            "unknown-key",
            "No such key exists here. It is not read over, as what it should say would be lost.",
            "Correct the spelling; the help lists the keys that are known.",
            texts=(
                Text("unknown key '{key}' {where}", otherwise="known keys: {known}"),
                Text(
                    "unknown key '{key}' {where}",
                    "'{key}' is a key of kind '{kind}'; known keys: {known}",
                    case="kind",
                ),
                Text(
                    "unknown key '{key}' beside 'file'",
                    "the file's columns say everything: from,to,weight,trainable",
                    case="file",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {activaton: tanh}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: tanh}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E105",
            "missing-key",
            "A key that is always needed is not there.",
            "Add it; the help shows how.",
            texts=(
                Text("the key '{key}' is missing {where}", "write `{key}: ...`"),
                Text(
                    "the key 'nngraph' is missing {where}",
                    "begin the file with `nngraph: 1`",
                    case="nngraph",
                ),
                Text("the key 'nodes' is missing at the top of the file", _NODES, case="nodes"),
                Text(
                    "the key 'edges' is missing at the top of the file",
                    "connect the nodes, e.g. `edges: [x -> y]`",
                    case="edges",
                ),
                Text(
                    "the key '{key}' is missing in this edge",
                    "write `{{from: x, to: h}}`; '{key}' is the id of a node",
                    case="end",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E106",
            "wrong-type",
            "The value is of another type: text where a number is meant, a list where one value "
            "is. In YAML `0,7`, `50%` and `1_000` are text.",
            "Write a value of the type that the message names.",
            texts=(
                Text("{value} must be {expected}, not {got}", otherwise="write e.g. {example}"),
                Text("a spec is a mapping", "start with `nngraph: 1`", case="spec"),
                Text(
                    "'{file}' is a file of data, no spec",
                    "name the spec, a .yaml file; 'nngraph new --data {file}' writes one for it",
                    case="data",
                ),
                Text("'{written}' is no number", label="write `{number}`", case="comma"),
                Text(
                    "'{written}' is no list: lists have square brackets",
                    label="write `{list}`",
                    case="tuple",
                ),
                Text("'edges' must be a list", "begin each entry with '- '", case="edges"),
                Text(
                    "'{key}' must be one node", "for several nodes write `x1, x2 -> h`", case="end"
                ),
                Text("a file is named by text", "e.g. edges.csv", case="file"),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: "3"}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 3}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E107",
            "value-not-allowed",
            "The value has the right type, but lies outside what makes sense, or contradicts a "
            "value beside it.",
            "Choose a value inside the bounds that the message names, or leave one of the two out.",
            texts=(
                Text("{value}: {problem}", "correct it, or leave it out for its default"),
                Text("{message}", "{help}", case="told"),
                Text(
                    "{value} must be {allowed}, not {got}",
                    otherwise="write e.g. {example}",
                    case="range",
                ),
                Text(
                    "{value}: {allowed}, not '{got}'",
                    "write it with such characters alone",
                    case="characters",
                ),
                Text(
                    "{value} must be a finite number, not {got}",
                    "write a number such as 0.5",
                    case="finite",
                ),
                Text(
                    "{value} must hold at least one entry",
                    "add one, or leave the key out",
                    case="empty",
                ),
                Text("there are no nodes", _NODES, case="nodes"),
                Text("{labels} labels for {units:unit}", "give one label per unit", case="labels"),
                Text(
                    "start {start} and stop {stop} leave nothing",
                    "`stop` is larger than `start`, and excluded",
                    case="slice",
                ),
                Text(
                    "'weight' and 'init' both say how the weights start",
                    _KEEP_ONE,
                    case="weight-and-init",
                ),
                Text(
                    "'{key}' beside 'share': the owner of a shared array alone sets its values",
                    "move '{key}' to the edge '{owner}'",
                    case="share",
                ),
                Text(
                    "a schedule has no effect on {optimizer}, which finds a step for each weight "
                    "by itself",
                    "leave the schedule out, or take another optimiser",
                    case="rates",
                ),
                Text(
                    "a {kind} edge needs the size of its kernel",
                    "write `{kind}: 3` for windows of 3 along each spatial axis",
                    case="kernel",
                ),
                Text(
                    "a metric without a bound expects nothing",
                    "add at_least or at_most",
                    case="bound",
                ),
                Text(
                    "the size of a pool is a whole number, 1 or more, one per axis, or global",
                    "write e.g. `size: 2`, `size: [2, 3]` or `size: global`",
                    case="pool-size",
                ),
                Text(
                    "'count_padding' is for averages; a border never is the greatest",
                    "take it out, or say `function: average`",
                    case="count-padding",
                ),
                Text("padding has one entry per spatial axis", _PADDING, case="paddings"),
                Text(
                    "padding is made of whole numbers, 0 or more",
                    "write " + _PADDING,
                    case="padding",
                ),
                Text(
                    "'nesterov' without momentum",
                    "give a momentum, e.g. `momentum: 0.9`",
                    case="nesterov",
                ),
                Text(
                    "{optimizer} compares losses along a line, so each step takes all rows",
                    "write `batch_size: full`",
                    case="search-batches",
                ),
                Text(
                    "{optimizer} needs a loss with slopes everywhere, which l1 has not at 0",
                    "take `weight_decay`, or another optimizer",
                    case="search-absolute",
                ),
                Text(
                    "{optimizer} chooses the length of its steps itself; clipping would mislead it",
                    "take `clip` out, or take another optimizer",
                    case="search-clip",
                ),
                Text(
                    "the smallest step, {smallest:g}, is longer than the largest, {largest:g}",
                    "turn the two around",
                    case="steps",
                ),
                Text(
                    "'clip' says neither 'norm' nor 'value'",
                    "e.g. `clip: {{norm: 1.0}}`",
                    case="clip",
                ),
                Text(
                    "is {number:g} the greatest length of the gradient, or of each of its numbers?",
                    "write `{{norm: {number:g}}}`, or `{{value: {number:g}}}`",
                    case="clip-number",
                ),
                Text(
                    "'every' and 'at' both say when the rate falls", _KEEP_ONE, case="every-and-at"
                ),
                Text(
                    "a step schedule without 'every' or 'at' never falls",
                    "write `{{kind: step, every: 10}}`, or `{{kind: step, at: [30, 60]}}`",
                    case="no-rhythm",
                ),
                Text(
                    "the epochs of 'at' must grow",
                    "write them in order: `at: [30, 60]`",
                    case="epochs",
                ),
                Text(
                    "a range begins below its end, not at {low} for an end at {high}",
                    "write the least value first; one value alone needs no search",
                    case="range-ends",
                ),
                Text(
                    "a logarithmic range lies above 0, and this one begins at {low:g}",
                    "begin it at a small number, e.g. 1e-6, and add `or: 0`",
                    case="log-range",
                ),
                Text(
                    "a step of {step} is wider than the range from {low} to {high}",
                    "write a smaller step",
                    case="range-step",
                ),
                Text(
                    "a search needs a 'space': which values it tries",
                    "e.g. `space: {{train.optimizer.learning_rate: {{log: [1e-4, 0.3]}}}}`",
                    case="no-space",
                ),
                Text(
                    "evolution breeds nodes and edges and takes no 'space'",
                    "leave it out, or search values with another way",
                    case="evolution-space",
                ),
                Text(
                    "'cost_of_an_edge' belongs to evolution, not to {by}",
                    "leave it out, or search by evolution",
                    case="edge-cost",
                ),
                Text(
                    "a search has one aim: 'minimize' or 'maximize'",
                    "leave one of them out",
                    case="two-aims",
                ),
                Text(
                    "one_cycle rises by itself and takes no 'warmup'",
                    "`rise` says how long it leads up",
                    case="warmup",
                ),
                Text(
                    "'k' belongs to 'top_k', not to '{metric}'",
                    "leave it out, or write `{{kind: top_k, k: 5}}`",
                    case="k",
                ),
                Text(
                    "'{metric}' is no average over classes",
                    "'average' goes with {averages}",
                    case="average",
                ),
                Text(
                    "an empty list holds no weights",
                    "write the weights, or leave `weight` out to draw them",
                    case="empty-list",
                ),
                Text(
                    "a list of {length} beside lists of {others}",
                    "all lists of one level are equally long",
                    case="ragged",
                ),
                Text(
                    "numbers and lists stand side by side here",
                    "a matrix is a list of rows: [[1, 2], [3, 4]]",
                    case="mixed",
                ),
                Text(
                    "a mask holds 0 and 1, not {value:g}",
                    "write 1 where an edge is, 0 where none is",
                    case="mask",
                ),
                Text(
                    "'low' {low:g} lies above 'high' {high:g}",
                    "turn the two around",
                    case="low-and-high",
                ),
                Text(
                    "only `targets` takes rules by name; '{name}' takes one rule, such as standard",
                    "write that rule alone: `{name}: standard`",
                    case="normalize-by-name",
                ),
                Text(
                    "a size is a number of pixels, 32, or [height, width], [24, 32]",
                    "write `size: 32`, or `size: [24, 32]`",
                    case="size",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 0}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {units: 1}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E108",
            "unknown-word",
            "There is no kind, activation, loss, source, ... of this name.",
            "Correct the spelling; the help lists the words that are known.",
            texts=(
                Text("unknown {what} '{word}'", "write {known}"),
                Text("unknown {what} '{word}'", otherwise="write {known}", case="many"),
                Text(
                    "unknown version {version!r} of the language",
                    "write `nngraph: 1`",
                    "this nngraph reads version 1",
                    case="version",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: rely}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: input, y: {activation: relu}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E114",
            "file-outside",
            "A spec reads only files inside its own folder, so that one from elsewhere cannot "
            "reach what is yours. Links are followed before this is judged.",
            "Move the file beside the spec, or name its folder with --data-root.",
            texts=(Text("{problem}", "{help}"),),
            wrong=Example("""\
nngraph: 1
nodes: {x: input, y: {}}
edges:
  - {file: ../edges.csv}
"""),
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
        RESERVED,
    ),
)
