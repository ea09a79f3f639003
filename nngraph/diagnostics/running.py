"""E500 to E506: files of weights and runs."""

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


def read_weights(file: str, key: str) -> str:
    """A spec whose weights lie in a file."""
    weight = f"{{weight: {{file: {file}, key: {key}}}}}"
    return f"nngraph: 1\nnodes: {{x: input, y: {{}}}}\nedges:\n  - x -> y: {weight}\n"


SAVE = "python -c 'import numpy; numpy.savez(\"w.npz\", W=[[0.5]])'"
"""A command that writes such a file."""

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
                Text(
                    "'{file}' does not fit '{spec}': {why}",
                    "take the weights of this network, or train it anew",
                    case="misfit",
                ),
                Text(
                    "the checkpoint of '{run}' does not fit: {why}",
                    "go on with an older checkpoint, or train anew",
                    case="checkpoint",
                ),
                Text(
                    "it is of format {format}, this nngraph reads {reads}",
                    "use the nngraph that wrote it, or train anew",
                    case="format",
                ),
                Text(
                    "a running figure in it is of another kind than this nngraph's",
                    "use the nngraph that wrote it, or train anew",
                    case="figure",
                ),
                Text(
                    "it holds {held} figures, the training has {wanted}",
                    "put the metrics back as they were",
                    case="figures",
                ),
                Text(
                    "no weights for {ids}",
                    "give every id its array: {{**model.weights, 'h.bias': b}}",
                    case="missing",
                ),
                Text(
                    "weights for {ids}, which the network does not have",
                    "leave them out; model.weights shows the ids that there are",
                    case="unknown",
                ),
                Text(
                    "'{id}' has shape {network} in the network, {weights} in the weights",
                    "bring an array of the network's shape; W is stored [in, out]",
                    case="shape",
                ),
                Text(
                    "'{id}' holds {number}, beyond {dtype}, whose largest number is {largest}",
                    "write `dtype: float64` in the spec of the network",
                    case="beyond",
                ),
                Text(
                    "the network has no place for '{id}'",
                    "take the weights of this network",
                    case="no-place",
                ),
                Text(
                    "optimiser state {names} does not fit the network",
                    "use the optimiser that the run was trained with, or --warm-start",
                    case="state",
                ),
                Text(
                    "optimiser state '{name}' has another size",
                    "use the network that the run was trained with, or --warm-start",
                    case="state-size",
                ),
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
                Text("'{path}' is empty", "copy it again, or save it anew", case="empty"),
                Text(
                    "'{path}' does not begin like a .npy file",
                    "save it with numpy.save(file, array)",
                    case="no-npy",
                ),
                Text(
                    "'{path}' is damaged: there is more in it than its array",
                    "copy it again, or save it anew",
                    case="longer",
                ),
                Text("'{path}' is damaged: {reason}", "copy it again, or save it anew"),
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
                    "take an older checkpoint, or train anew with a smaller learning rate",
                    case="not-finite",
                ),
            ),
            wrong=Example(read_weights("w.npz", "W"), files=(("w.npz", "no archive"),)),
            right=Example(read_weights("w.npz", "W"), (SAVE, "nngraph check net.yaml")),
        ),
        DiagnosticRow(
            "E502",
            "no-such-array",
            "The file has no array of this name, or several and none is named.",
            "Name one of those that the message lists, with `key`.",
            texts=(
                Text("'{path}' has no array '{key}'; it holds {there}", "{help}"),
                Text(
                    "'{path}' needs a key that names one array; it holds {there}",
                    "write `{{file: FILE, key: NAME}}`",
                    case="no-key",
                ),
            ),
            wrong=Example(read_weights("w.npz", "V"), (SAVE, "nngraph check net.yaml")),
            right=Example(read_weights("w.npz", "W"), (SAVE, "nngraph check net.yaml")),
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
            wrong=Example(read_weights("w.txt", "W"), files=(("w.txt", "0.5\n"),)),
            right=Example(read_weights("w.npz", "W"), (SAVE, "nngraph check net.yaml")),
        ),
        DiagnosticRow(
            "E504",
            "checkpoint",
            "A checkpoint is damaged, or of another format.",
            "Where an older one is whole, a resume takes that by itself; else train anew.",
            texts=(
                Text(
                    "the checkpoint '{path}' cannot be used: {why}",
                    "take it from a copy of the run, or go on from an older checkpoint",
                ),
            ),
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
                Text(
                    "trained otherwise, too: {difference}", "put it back as it was", case="further"
                ),
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
                    "train it anew to have one",
                    case="unbound",
                ),
                Text(
                    "'{run}' finds other data than those that it was trained on: {where} has the "
                    "same name, but other values",
                    "put those data back, or name them with --data FILE",
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
