"""E002: options, arguments and calls that ask for what cannot be."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text
from nngraph.diagnostics.usage_data import DATA_TEXTS
from nngraph.diagnostics.usage_export import EXPORT_TEXTS
from nngraph.diagnostics.usage_options import OPTION_TEXTS
from nngraph.diagnostics.usage_pictures import PICTURE_TEXTS
from nngraph.diagnostics.usage_python import PYTHON_TEXTS
from nngraph.diagnostics.usage_search import SEARCH_TEXTS
from nngraph.diagnostics.usage_trace import TRACE_TEXTS
from nngraph.diagnostics.usage_training import TRAINING_TEXTS
from nngraph.diagnostics.usage_write_back import WRITE_BACK_TEXTS

_LINE = """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y: 2]
"""

_REPORT = "'nngraph report RUN' shows answers of every kind, as tables too"

USAGE = Family(
    "Usage",
    2,
    (
        DiagnosticRow(
            "E002",
            "usage",
            "An option, an argument or a call of the Python API asks for what cannot be.",
            "Look at `nngraph COMMAND --help`.",
            texts=(
                Text(
                    "--resize is for pictures (.png, .jpg), and '{file}' is none",
                    "leave --resize out",
                    case="resize",
                ),
                Text(
                    "'{file}' cannot be resized to the input '{input}' of shape {shape}: only "
                    "[height, width], [height, width, 1] and [height, width, 3] say how large a "
                    "picture is",
                    "leave --resize out, and bring data of that shape",
                    case="resize-to",
                ),
                Text(
                    "cannot read inputs from '{file}': {suffix} is none of .csv, .npz, .npy, .png "
                    "and .jpg",
                    "save it as .csv, with the names of the columns in its first line",
                    case="inputs",
                ),
                Text(
                    "cannot read inputs from '{file}': {suffix} is none of .csv, .npz, .npy, .png "
                    "and .jpg",
                    "save the picture as .png",
                    case="other-picture",
                ),
                Text(
                    "'{file}' holds one array, but the network has the inputs {inputs}: use a .npz "
                    "or .csv file with one for each",
                    "numpy.savez(file, {inputs}=...) writes a .npz file by name",
                    case="one-array",
                ),
                Text("'{file}' takes one array, not {count}: use .npz", "name it .npz", case="npy"),
                Text(
                    "cannot write '{file}': {suffix} is none of .csv, .npz, .npy and .png",
                    "name a .csv file for tables, a .npz file for arrays",
                    case="outputs",
                ),
                Text(
                    "'{address}' is no address of a mirror",
                    "write it like https://example.org/mnist/",
                    case="mirror",
                ),
                Text(
                    "'{node}' has {channels} channels, and a picture has 1 or 3",
                    "'nngraph render --feature-maps --node {node}' draws each of them",
                    case="channels",
                ),
                Text(
                    "'{node}' has the shape {shape}, which is no picture",
                    "write its values as .csv, .npz or .npy",
                    case="no-picture",
                ),
                Text(
                    "comparing takes two runs or more",
                    "name both: nngraph compare RUN RUN",
                    case="two-runs",
                ),
                Text(
                    "the run '{run}' is named twice", "name another run beside it", case="run-twice"
                ),
                Text(
                    "the network has no convolution (conv, depthwise, conv_transpose), so no "
                    "filters to draw; without --filters the network itself is drawn",
                    "leave --filters out",
                    case="no-filters",
                ),
                Text(
                    "the network has no convolution, so no feature maps to draw; --node NODE names "
                    "another node of shape [height, width, channels]",
                    "add --node NODE, or leave --feature-maps out",
                    case="no-feature-maps",
                ),
                Text(
                    "the spec has no 'loss', so there is no truth to draw predictions beside; "
                    "'nngraph predict SPEC --input FILE -o FILE.png' writes the picture that comes "
                    "out",
                    "add a `loss`, or use 'nngraph predict'",
                    case="no-truth",
                ),
                Text(
                    "no input of the network is a picture, so no answers can be drawn beside the "
                    "truth",
                    _REPORT,
                    case="no-picture-in",
                ),
                Text(
                    "the network answers with plain numbers, so no answers can be drawn beside the "
                    "truth",
                    _REPORT,
                    case="plain-answers",
                ),
                Text(
                    "the {part} part has {rows}, numbered from 0: there is no sample {sample}; "
                    "choose --sample 0 to --sample {last}",
                    "samples are counted from 0",
                    case="sample",
                ),
                Text("'{node}' has shape {shape} and no image to draw", "{help}", case="no-image"),
                Text("there is no node '{node}'", "{help}", case="no-node"),
                Text("cannot draw a '{suffix}' file", "{help}", case="draw"),
                Text("the picture's file has no suffix", "{help}", case="no-suffix"),
                Text(
                    "this network has {units:,} units, too many to draw one by one (at most "
                    "{most})",
                    "the widest node is '{widest}' with {its_units:,}; draw the layers as boxes "
                    "instead (without --neurons)",
                    case="neurons",
                ),
                Text(
                    "{variable} is {word!r}; expected auto, never or always",
                    "auto takes them where they are installed and worth it, never and always say "
                    "so",
                    case="kernels",
                ),
                Text(
                    "{variable} is always, but {problem}",
                    "pip install 'nngraph[fast]' brings numba, which compiles them",
                    case="no-kernels",
                ),
                Text(
                    "'{spec}' names no data",
                    "add a `data` section, or name a file with --data FILE",
                    case="no-data",
                ),
                Text(
                    "'{file}': data are read from {suffixes} files",
                    "save it as one of them, with the names of the columns or arrays",
                    case="data-file",
                ),
                Text(
                    "'{spec}' has no 'loss', so it cannot be {what}",
                    "add one: `loss: cross_entropy` for classes, `loss: mean_squared_error` for "
                    "numbers",
                    case="no-loss",
                ),
                Text(
                    "the data have no part '{part}'",
                    "it has {there}; `split: {{{part}: 0.2}}` under `data` would set rows aside",
                    case="no-part",
                ),
                Text(
                    "the schedule watches '{monitor}', which this training does not compute",
                    "{near}there will be {figures}",
                    case="schedule",
                ),
                Text(
                    "early stopping watches '{monitor}', which is never computed",
                    "watch train.loss, or set `split: {{validation: 0.2}}` under `data` for "
                    "validation.loss",
                    case="early-stopping",
                ),
                Text(
                    "y is missing: the network is compared with {targets}",
                    "give both: model.fit(x, y), with one row of y for each row of x",
                    case="y-missing",
                ),
                Text(
                    "y is not wanted: the network is compared with its own input",
                    "leave y out: model.fit(x)",
                    case="y-not-wanted",
                ),
                Text(
                    "{what} must be a mapping by name: the {role}s are {names}",
                    "write {{'NAME': array, ...}}",
                    case="mapping",
                ),
                Text("{what} names '{name}', which is no {role}", "{help}", case="no-such-name"),
                Text(
                    "{what} gives nothing for the {names}",
                    "give a value for each name that is missing",
                    case="gives-nothing",
                ),
                Text(
                    "a predictor takes 1 sample or more, not {batch}",
                    "model.predictor(batch=1)",
                    case="predictor",
                ),
                *DATA_TEXTS,
                *EXPORT_TEXTS,
                *PICTURE_TEXTS,
                *TRACE_TEXTS,
                *PYTHON_TEXTS,
                *SEARCH_TEXTS,
                Text(
                    "a step takes 1 sample or more, not {batch}",
                    "--batch 32, or leave it out for the spec's own",
                    case="profile-batch",
                ),
                Text(
                    "measuring takes some time, not {seconds:g} seconds",
                    "--seconds 2",
                    case="profile-time",
                ),
                Text(
                    "no pass is named {name!r}{near}",
                    "the passes are, in order: {passes}",
                    case="pass",
                ),
                Text(
                    "'{input}' takes rows of shape {shape}, got {got}",
                    "bring one row of that shape for each sample",
                    case="rows",
                ),
                *TRAINING_TEXTS,
                Text("the network has no node {nodes}", "there are {known}", case="unknown-nodes"),
                Text(
                    "'{end}' reaches beyond the {units:unit} of '{node}'",
                    "units are counted from 0; an end is excluded",
                    case="no-unit",
                ),
                Text(
                    "no values for input {inputs}",
                    "give every input its array, by name",
                    case="missing-inputs",
                ),
                Text(
                    "the inputs have different numbers of rows",
                    "give every input one row for each sample",
                    case="rows-differ",
                ),
                *WRITE_BACK_TEXTS,
                Text(
                    "{option} takes numbers with commas between them, not '{text}'",
                    "--values 0,1 or --between=-1,1 (the lower one first)",
                    case="equiv-numbers",
                ),
                Text(
                    "--values says which numbers are tried, --between from where they are drawn: "
                    "choose one of the two",
                    "leave --values or --between out",
                    case="equiv-rows",
                ),
                Text(
                    "'{text}' pairs nothing",
                    "write names of the one network = names of the other: --match x=x1,x2",
                    case="equiv-pair",
                ),
                Text(
                    "'{match}' names what is not there: one network has {a}, the other {b}",
                    "names of one network stand left of =, those of the other right of it",
                    case="equiv-names",
                ),
                Text(
                    "the {what}s of the two networks have different names: {a} of the one, {b} of "
                    "the other",
                    "say which are which: --match {match}",
                    case="equiv-match",
                ),
                Text(
                    "the {what}s '{a}' and '{b}' do not pair up: {units:unit} and {other:unit}",
                    "both networks need equally many; --match x=x1,x2 puts several together",
                    case="equiv-units",
                ),
                Text(
                    "the input '{input}' of '{spec}' takes words, and rows of numbers are tried",
                    "compare networks whose inputs are numbers",
                    case="equiv-words",
                ),
                Text("{message}", "{help}"),
                *OPTION_TEXTS,
            ),
            wrong=Example(_LINE, ("nngraph predict net.yaml",)),
            right=Example(_LINE, ("nngraph predict net.yaml --given x=1",)),
        ),
    ),
)
