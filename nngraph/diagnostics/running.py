"""E500 to E700: files of weights and runs, capacity, and numbers that are not finite."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_XOR = """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, h: {units: 3, activation: tanh}, y: {activation: sigmoid}}
edges: [x -> h -> y]
loss: {kind: binary_cross_entropy, target: label}
data: {source: xor}
train: {epochs: 2, batch_size: full}
"""
_TRAIN = "nngraph train net.yaml -o run"
_FROM_A_COPY = "take it from a copy of the run; 'nngraph verify' looks at all its files"


def _read_weights(file: str, key: str) -> str:
    weight = f"{{weight: {{file: {file}, key: {key}}}}}"
    return f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges:\n  - x -> y: {weight}\n"


_SAVE = "python -c 'import numpy; numpy.savez(\"w.npz\", W=[[0.5]])'"

_SAVE_AGAIN = "save the array again with numpy.save"

MODEL_FILES = Family(
    "Files of weights, runs and checkpoints",
    5,
    (
        DiagnosticRow(
            "E500",
            "weights-of-another-network",
            "Weights or a checkpoint are those of another network: names or shapes differ.",
            "Use them with the spec that they were trained with.",
            texts=(
                Text("'{file}' does not fit '{spec}': {why}", case="misfit"),
                Text("the checkpoint of '{run}' does not fit: {why}", case="checkpoint"),
                Text("it is of format {format}, this nngraph reads {reads}", case="format"),
                Text(
                    "a running figure in it is of another kind than this nngraph's", case="figure"
                ),
                Text("it holds {held} figures, the training has {wanted}", case="figures"),
                Text("no weights for {ids}", case="missing"),
                Text("weights for {ids}, which the network does not have", case="unknown"),
                Text(
                    "'{id}' has shape {network} in the network, {weights} in the weights",
                    case="shape",
                ),
                Text(
                    "'{id}' holds {number}, beyond {dtype}, whose largest number is {largest}",
                    "write `dtype: float64` in the spec of the network",
                    case="beyond",
                ),
                Text("the network has no place for '{id}'", case="no-place"),
                Text("optimiser state {names} does not fit the network", case="state"),
                Text("optimiser state '{name}' has another size", case="state-size"),
            ),
            wrong=Example(
                _XOR,
                (
                    _TRAIN,
                    "nngraph predict run --given x=[0,1] -s nodes.h.units=4",
                ),
            ),
            right=Example(_XOR, (_TRAIN, "nngraph predict run --given x=[0,1]")),
        ),
        DiagnosticRow(
            "E501",
            "damaged",
            "A file of arrays or of a run is damaged, or holds pickled objects, which may carry "
            "code and are never read.",
            "Save it again, or take it from a copy.",
            texts=(
                Text("'{path}' is empty", case="empty"),
                Text("'{path}' does not begin like a .npy file", case="no-npy"),
                Text("'{path}' is damaged: there is more in it than its array", case="longer"),
                Text("'{path}' is damaged: {reason}"),
                Text(
                    "'{path}' is damaged: it holds '{name}' twice",
                    "readers differ in which of the two they take; save it again",
                    case="twice",
                ),
                Text(
                    "'{path}' is damaged: what its directory says of '{name}' is not what is there",
                    _SAVE_AGAIN,
                    case="directory",
                ),
                Text(
                    "'{path}' holds pickled objects, which may carry code and are never read",
                    "save plain arrays of numbers, without objects",
                    case="pickled",
                ),
                Text(
                    "'{path}' is damaged: it is cut off before the end of its array",
                    _SAVE_AGAIN,
                    case="cut-off",
                ),
                Text(
                    "'{path}' is damaged: its header is longer than {most:,} bytes",
                    _SAVE_AGAIN,
                    case="header",
                ),
                Text("'{path}' is damaged: {reason}", _SAVE_AGAIN, case="array"),
                Text(
                    "'{path}' is damaged: '{id}' holds values that are no finite numbers",
                    case="not-finite",
                ),
            ),
            wrong=Example(_read_weights("w.npz", "W"), files=(("w.npz", "no archive"),)),
            right=Example(_read_weights("w.npz", "W"), (_SAVE, "nngraph check net.yaml")),
        ),
        DiagnosticRow(
            "E502",
            "no-such-array",
            "The file has no array of this name, or several and none is named.",
            "Name one of those that the message lists, with `key`.",
            texts=(
                Text("'{path}' has no array '{key}'; it holds {there}", "{help}"),
                Text("'{path}' needs a key that names one array; it holds {there}", case="no-key"),
            ),
            wrong=Example(_read_weights("w.npz", "V"), (_SAVE, "nngraph check net.yaml")),
            right=Example(_read_weights("w.npz", "W"), (_SAVE, "nngraph check net.yaml")),
        ),
        DiagnosticRow(
            "E503",
            "no-array-file",
            "Arrays are read from .npz, .npy and .safetensors alone; others may carry code.",
            "Save them in one of these.",
            texts=(
                Text(
                    "'{path}': arrays are not read from {kind}", "use a .npz or .safetensors file"
                ),
            ),
            wrong=Example(_read_weights("w.txt", "W"), files=(("w.txt", "0.5\n"),)),
            right=Example(_read_weights("w.npz", "W"), (_SAVE, "nngraph check net.yaml")),
        ),
        DiagnosticRow(
            "E504",
            "checkpoint",
            "A checkpoint is damaged, or of another format.",
            "Where an older one is whole, a resume takes that by itself; else train anew.",
            texts=(Text("the checkpoint '{path}' cannot be used: {why}"),),
            wrong=Example(
                _XOR,
                (
                    _TRAIN,
                    "for f in run/checkpoints/*; do echo damaged > $f; done",
                    "nngraph train --resume run -s train.epochs=4",
                ),
            ),
            right=Example(
                _XOR,
                (
                    _TRAIN,
                    "nngraph train --resume run -s train.epochs=4",
                ),
            ),
        ),
        DiagnosticRow(
            "E505",
            "trained-otherwise",
            "A run goes on only as it began: same network, data, optimiser and seed. Otherwise it "
            "would not end at the bits of a run that was never stopped.",
            "Go on as it was, or begin a new run with its weights: --warm-start.",
            texts=(
                Text(
                    "'{run}' was trained otherwise, so it cannot go on: {difference}",
                    "go on as it was, or begin a new run with its weights alone: add --warm-start",
                ),
                Text("trained otherwise, too: {difference}", case="further"),
                Text(
                    "'{spec}' has been changed since the run began, so no weights are written into "
                    "it: {difference}",
                    "take back the change, or train the spec as it is now; the spec that the run "
                    "began with is the run's spec.yaml",
                    case="write-back",
                ),
                Text(
                    "'{spec}' was changed while weights were about to be written into it",
                    "nothing was written; do it again",
                    case="meanwhile",
                ),
                Text(
                    "no weights of '{run}' fit this network: it has {has}",
                    "the network wants {wants}",
                    case="weights",
                ),
            ),
            wrong=Example(
                _XOR,
                (
                    _TRAIN,
                    "nngraph train --resume run -s nodes.h.activation=relu -s train.epochs=4",
                ),
            ),
            right=Example(_XOR, (_TRAIN, "nngraph train --resume run -s train.epochs=4")),
        ),
        DiagnosticRow(
            "E506",
            "does-not-hold",
            "A file of a run is not the one that the run wrote: a byte of it has changed, or it is "
            "that of another run. `manifest.json` in the run folder names each file "
            "that decides an answer with its SHA-256, and itself.",
            "Take the file from a copy of the run; `nngraph verify RUN` looks at all of them.",
            texts=(
                Text(
                    "'{path}' does not hold: its content is not what {manifest} says",
                    _FROM_A_COPY,
                ),
                Text(
                    "'{path}' does not belong to this run: {manifest} does not name it",
                    "remove it, or take the whole run from a copy",
                    case="unnamed",
                ),
                Text(
                    "'{path}' does not hold: it is damaged or was changed by hand",
                    _FROM_A_COPY,
                    case="manifest",
                ),
                Text(
                    "trained again, the run ends with another '{id}'",
                    "its pictures cannot be drawn: on another machine, or with another version, "
                    "bits may differ",
                    case="not-again",
                ),
                Text(
                    "'{run}' has no manifest.json, an older nngraph wrote it: nothing tells "
                    "whether its files are those that it wrote",
                    case="unbound",
                ),
                Text(
                    "'{run}' finds other data than those that it was trained on: {where} has the "
                    "same name, but other values",
                    case="other-data",
                ),
                Text(
                    "'{path}' is of format {has}, this nngraph reads {reads}: a newer one wrote it",
                    "read the run with the nngraph that wrote it, or a newer one",
                    case="newer",
                ),
            ),
            wrong=Example(
                _XOR,
                (
                    _TRAIN,
                    "cp run/spec.yaml run/data.json",
                    "nngraph predict run --given 'x=[0, 1]'",
                ),
            ),
            right=Example(_XOR, (_TRAIN, "nngraph predict run --given 'x=[0, 1]'")),
        ),
    ),
)

CAPACITY = Family(
    "It would not fit",
    6,
    (
        DiagnosticRow(
            "E600",
            "out-of-memory",
            "The computer ran out of memory.",
            "Close other programs, or use a smaller batch or network.",
            texts=(Text("the computer ran out of memory"),),
            unprovoked="it needs a computer without memory",
        ),
        DiagnosticRow(
            "E601",
            "too-large",
            "The network needs more memory than this machine allows, or more units than an index "
            "can count. It is refused before anything is allocated.",
            "Use fewer units or a smaller batch_size; the message names the largest nodes.",
            texts=(
                Text("'{id}' has {units:,} units", case="units"),
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
                _read_weights("w.npz", "W"),
                (_SAVE,),
                script="""\
from unittest.mock import patch

from nngraph.cli.frame import run

with patch("nngraph.files.memory.machine_memory", lambda: 4):
    raise SystemExit(run(["check", "net.yaml"]))
""",
            ),
            right=Example(_read_weights("w.npz", "W"), (_SAVE, "nngraph check net.yaml")),
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
