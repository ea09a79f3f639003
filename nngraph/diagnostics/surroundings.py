"""E800 to E910: files and environment, bugs, and checks that say no."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_LINE = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y: 2]
"""
_MNIST = """\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: mnist, folder: m}
"""
_TABLE = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: csv, path: PATH}
"""
_ROWS = (("t.csv", "x,y\n1,2\n"),)
_LEARN = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: table, columns: {x: [1, 2], y: [2, 4]}}
train: {epochs: 1}
"""

_INSIDE = "write a path inside {folders}, or give --data-root FOLDER"

FILES = Family(
    "Files and environment",
    8,
    (
        DiagnosticRow(
            "E800",
            "system",
            "The operating system refused something that has no code of its own.",
            "The message is the system's own.",
            texts=(
                Text(
                    "{where}{reason}",
                    "look whether the file is there and may be read, and whether the disk is full",
                ),
            ),
            unprovoked="what can be foreseen has a code of its own",
        ),
        DiagnosticRow(
            "E801",
            "not-there",
            "There is no such file, folder or run.",
            "Correct the path; the help names what lies nearby.",
            texts=(
                Text("there is no file '{path}'", "{nearby}"),
                Text("no run folder '{run}'", "{runs}", case="run-folder"),
                Text("no run '{run}'", "{runs}", case="run"),
                Text(
                    "there is no study in '{folder}'",
                    "'nngraph tune SPEC' begins one",
                    case="study",
                ),
                Text(
                    "'{run}' is a file, no run folder",
                    "name a run folder, such as runs/xor-001; of a spec 'nngraph train' makes one",
                    case="file-for-run",
                ),
                Text(
                    "'{run}' is no run folder",
                    "a run is what 'nngraph train' writes, e.g. runs/xor-001",
                    case="no-run",
                ),
                Text(
                    "'{run}' has no checkpoint",
                    "it was saved before its first step, or is no run of 'nngraph train'",
                    case="checkpoint",
                ),
                Text(
                    "'{run}' was stopped before its training began; nothing was learnt in it",
                    "type the command that began it once more, with -o {run}",
                    case="not-begun",
                ),
                Text(
                    "'{run}' has no checkpoint yet, and this is not how it began: its first "
                    "weights were of another run, or spec or data were others",
                    "type the command that began it once more, with -o {run}",
                    case="other-beginning",
                ),
                Text(
                    "'{run}' has no {file}",
                    "its training did not end; go on with it: nngraph train --resume {run}",
                    case="weights",
                ),
                Text(
                    "'{run}' has no {file}, which its {manifest} names",
                    "take it from a copy of the run; 'nngraph verify' looks at all its files",
                    case="of-run",
                ),
                Text(
                    "'{run}' has no {file}, with which it was written",
                    "take it from a copy of the run",
                    case="no-manifest",
                ),
                Text(
                    "{message}",
                    "{nearby}data of a run that was moved are found with --data-root FOLDER",
                    case="data-of-run",
                ),
                Text(
                    "there is no folder '{folder}' (--data-root)",
                    "name a folder that is there",
                    case="data-root",
                ),
                Text(
                    "the folder '{folder}' does not exist",
                    "look for its name; paths are relative to the folder of the spec",
                    case="folder",
                ),
                Text(
                    "the folder '{folder}' is a file",
                    "name the folder that it lies in",
                    case="file-for-folder",
                ),
                Text(
                    "there is no folder '{folder}'",
                    "it holds the four MNIST files; `folder` says where they are",
                    case="mnist",
                ),
                Text(
                    "the folder '{folder}' lacks the {what}: neither '{file}' nor '{file}.gz' is "
                    "there",
                    "'nngraph data fetch mnist' brings all four",
                    case="mnist-file",
                ),
            ),
            wrong=Example(_LINE, ("nngraph check nat.yaml",)),
            right=Example(_LINE, ("nngraph check net.yaml",)),
        ),
        DiagnosticRow(
            "E802",
            "unreadable",
            "It is there and cannot be read: a folder in place of a file, rights, text that is "
            "not UTF-8, a path that cannot be one.",
            "Correct the path or the rights; save text as UTF-8.",
            texts=(
                Text(
                    "cannot read '{path}': {reason}",
                    "look whether it may be read: its rights, and the disk",
                ),
                Text("'{path}' is a folder, not a file", "name a file in it", case="folder"),
                Text(
                    "'{path}' is a pipe, a socket or a device, not a file",
                    "save what it gives in a file first",
                    case="no-file",
                ),
                Text(
                    "'{path}' is not UTF-8 text: byte {byte:#04x} in line {line}",
                    "save the file with the encoding UTF-8",
                    case="encoding",
                ),
                Text(
                    "'{name}' is no usable path: {reason}",
                    "write a path of ordinary letters",
                    case="path",
                ),
                Text(
                    "cannot read the folder '{folder}': {reason}",
                    "look whether it may be read: its rights, and the disk",
                    case="listing",
                ),
            ),
            wrong=Example(commands=("mkdir net", "nngraph check net")),
            right=Example(_LINE, ("nngraph check net.yaml",)),
        ),
        DiagnosticRow(
            "E803",
            "unwritable",
            "The file or folder cannot be written: rights, a full disk, a file where a folder is "
            "meant.",
            "Name another place with -o.",
            texts=(
                Text("cannot write '{path}': {reason}", "{why}"),
                Text(
                    "cannot lock '{folder}': {reason}",
                    "look whether the folder may be written, or name another one",
                    case="lock",
                ),
                Text(
                    "cannot write to {stream}: {reason}",
                    "look whether the disk is full",
                    case="stream",
                ),
                Text(
                    "cannot make the folder '{folder}': {reason}",
                    "name another folder with -o",
                    case="folder",
                ),
            ),
            wrong=Example(_LEARN, ("nngraph train net.yaml -o net.yaml/run",)),
            right=Example(_LEARN, ("nngraph train net.yaml -o run",)),
        ),
        DiagnosticRow(
            "E804",
            "in-use",
            "Another run is writing into this folder; two would spoil each other's files.",
            "Wait until it ends, or name another folder with -o.",
            texts=(
                Text(
                    "another run{owner} is writing into '{folder}'",
                    "wait until it ends, or choose another folder with -o",
                ),
                Text(
                    "another run has gone on with '{folder}' in this moment",
                    "type the command once more",
                    case="meanwhile",
                ),
            ),
            wrong=Example(
                _LEARN,
                ("nngraph train net.yaml -o run",),
                script="""\
from pathlib import Path

from nngraph.cli.frame import run
from nngraph.files import FolderLock

with FolderLock(Path("run")):
    raise SystemExit(run(["train", "--resume", "run", "-s", "train.epochs=2"]))
""",
            ),
            right=Example(
                _LEARN,
                (
                    "nngraph train net.yaml -o run",
                    "nngraph train --resume run -s train.epochs=2",
                ),
            ),
        ),
        DiagnosticRow(
            "E805",
            "data-outside",
            "A spec names a data file outside its own folder; one from elsewhere must not reach "
            "what is yours.",
            "Move the file beside the spec, or name its folder with --data-root.",
            texts=(
                Text(
                    "'{name}' leads out of the folder of the spec; a spec reads only files inside "
                    "its own folder",
                    _INSIDE,
                ),
                Text(
                    "'{name}' is an absolute path; a spec reads only files inside its own folder",
                    _INSIDE,
                    case="absolute",
                ),
                Text(
                    "'{path}' is a link that leads out of the folder",
                    "put the file itself there, or give --data-root FOLDER",
                    case="link",
                ),
            ),
            wrong=Example(
                _TABLE.replace("PATH", "../t.csv"), ("nngraph data describe net.yaml",), _ROWS
            ),
            right=Example(
                _TABLE.replace("PATH", "t.csv"), ("nngraph data describe net.yaml",), _ROWS
            ),
        ),
        DiagnosticRow(
            "E806",
            "in-the-way",
            "Something is in the way: a folder that is not empty, or a file of that name. Nothing "
            "is "
            "ever overwritten.",
            "Name another place.",
            texts=(
                Text("'{path}' is a file, not a folder", "name another folder"),
                Text(
                    "'{folder}' is not empty",
                    "name a folder that is not there yet; without -o 'nngraph train' counts up",
                    case="not-empty",
                ),
                Text(
                    "'{folder}' holds a run already",
                    "to go on with it: nngraph train --resume {folder}; for a new run name another "
                    "folder with -o, or leave -o out: runs are then counted up",
                    case="run",
                ),
                Text(
                    "'{folder}' holds {most:,} runs of '{name}'",
                    "remove some, or name another folder with -o",
                    case="runs",
                ),
                Text(
                    "'{folder}' holds a study of another spec",
                    "to go on with it leave the spec out: nngraph tune --study {folder}; for a "
                    "new study name another folder",
                    case="study",
                ),
                Text(
                    "'{path}' exists already",
                    "name another file: nngraph new {what} {stem}-2.yaml",
                    case="exists",
                ),
                Text(
                    "'{file}' lies outside '{folder}', and a spec names files of its own folder",
                    "write it beside the table: nngraph new --data {file} {beside}",
                    case="new-outside",
                ),
            ),
            wrong=Example(_LEARN, ("nngraph train net.yaml -o .",)),
            right=Example(_LEARN, ("nngraph train net.yaml -o run",)),
        ),
        DiagnosticRow(
            "E807",
            "too-large-or-not-fetched",
            "A file is larger than what is read, or a published data set is not on this computer.",
            "Fetch the set once with `nngraph data fetch mnist`, or name its folder.",
            texts=(
                Text(
                    "MNIST is not on this computer: {reason}",
                    "fetch it once with `nngraph data fetch mnist`, or say with `folder` where its "
                    "four files are",
                    case="mnist",
                ),
                Text(
                    "'{path}' is larger than the {most:,} bytes that are read",
                    "split it, or take fewer rows",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: mnist}
""",
                ("nngraph data describe net.yaml",),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: [8, 8, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: {kind: cross_entropy, target: label}
data: {source: digits}
""",
                ("nngraph data describe net.yaml",),
            ),
        ),
        DiagnosticRow(
            "E808",
            "cannot-fetch",
            "A data set could not be fetched, or is not byte for byte the published one.",
            "Look at the network connection, or name another mirror with --mirror.",
            texts=(
                Text(
                    "cannot fetch '{file}': {problems}",
                    "look at the network connection, or name another mirror with --mirror; what "
                    "was fetched before is kept",
                ),
            ),
            wrong=Example(commands=("nngraph data fetch mnist --mirror http://127.0.0.1:9/ -o m",)),
            right=Example(commands=("nngraph data fetch --help",)),
        ),
        DiagnosticRow(
            "E810",
            "no-graphviz",
            "Networks are laid out by Graphviz, and there is none.",
            "Install Graphviz, or `pip install 'nngraph[diagrams]'`; .dot and .mmd need none.",
            texts=(
                Text(
                    "Graphviz is needed to draw {format}, but {cause}",
                    "install Graphviz with your system's package manager, or run pip install "
                    "'nngraph[diagrams]'; 'dot' and 'mermaid' output need neither",
                ),
            ),
            unprovoked="it depends on what is installed",
        ),
    ),
)
