"""E600 to E700: capacity, and numbers that are not finite."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text
from nngraph.diagnostics.running import SAVE, read_weights

CAPACITY = Family(
    "It would not fit",
    6,
    (
        DiagnosticRow(
            "E600",
            "out-of-memory",
            "The computer ran out of memory.",
            "Close other programs, or use a smaller batch or network.",
            texts=(
                Text(
                    "the computer ran out of memory",
                    "use a smaller batch_size, fewer units, or close other programs",
                ),
            ),
            unprovoked="it needs a computer without memory",
        ),
        DiagnosticRow(
            "E601",
            "too-large",
            "The network needs more memory than this machine allows, or more units than an index "
            "can count. It is refused before anything is allocated.",
            "Use fewer units or a smaller batch_size; the message names the largest nodes.",
            texts=(
                Text("'{id}' has {units:,} units", "make it smaller", case="units"),
                Text(
                    "'{id}' needs {shape} numbers for one sample; no machine holds so many",
                    "use a smaller shape, fewer units, or a smaller kernel",
                    case="value",
                ),
                Text(
                    "the network needs {needs} for a step on {batch:sample}; this machine allows "
                    "{limit}",
                    "the largest: {largest}; fewer units or a smaller batch_size would fit",
                    "the largest node",
                ),
            ),
            wrong=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 1000000}, y: {units: 100000000}}
edges: [x -> y]
"""),
            right=Example("""\
nngraph: 1
nodes: {x: {kind: input, shape: 100}, y: {units: 100}}
edges: [x -> y]
"""),
        ),
        DiagnosticRow(
            "E602",
            "file-too-large",
            "What a file holds, unpacked, needs more memory than this machine allows. Sizes are "
            "read from its headers, before anything is unpacked.",
            "Use a smaller file, or an .npy file, which is read row by row.",
            texts=(
                Text(
                    "'{path}' holds {needs} when it is unpacked; this machine allows {limit}",
                    "use a smaller file, or an .npy file, which is read row by row",
                ),
                Text(
                    "all samples of the data take {needs}; this machine allows {limit}",
                    "use fewer or smaller samples",
                    case="data",
                ),
            ),
            wrong=Example(
                read_weights("w.npz", "W"),
                (SAVE,),
                script="""\
from unittest.mock import patch

from nngraph.cli.frame import run

with patch("nngraph.files.memory.machine_memory", lambda: 4):
    raise SystemExit(run(["check", "net.yaml"]))
""",
            ),
            right=Example(read_weights("w.npz", "W"), (SAVE, "nngraph check net.yaml")),
        ),
    ),
)

NON_FINITE = Family(
    "Training became non-finite",
    7,
    (
        DiagnosticRow(
            "E700",
            "non-finite",
            "A loss, a gradient or a weight became infinite or no number. The message names the "
            "first value in which this happened; the weights before it are kept.",
            "Use a smaller learning rate, scale the inputs, or clip gradients.",
            texts=(
                Text(
                    "{what} in epoch {epoch}, step {step}{where}",
                    "a smaller learning rate often helps (it is {rate:g}), and so do `normalize: "
                    "standard` on the data and `clip: {{norm: 1}}`",
                ),
                Text(
                    "the weights '{id}' became non-finite by the end of epoch {epoch}",
                    "a smaller learning rate often helps; they were not saved",
                    case="weights",
                ),
                Text(
                    "the training ends with {figures}",
                    "a smaller learning rate often helps, and so do `normalize: standard` on the "
                    "data and `clip: {{norm: 1}}`",
                    case="figures",
                ),
                Text(
                    "the weights became non-finite, in a way that does not come again",
                    "use a smaller learning rate, or `clip: {{norm: 1}}`",
                    case="not-again",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [1, 2], y: [2, 4]}}
train: {epochs: 50, batch_size: full, optimizer: {kind: sgd, learning_rate: 20}}
""",
                ("nngraph train net.yaml",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [1, 2], y: [2, 4]}}
train: {epochs: 50, batch_size: full, optimizer: {kind: sgd, learning_rate: 0.1}}
""",
                ("nngraph train net.yaml",),
            ),
        ),
    ),
)
