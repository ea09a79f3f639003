"""E002: options, arguments and calls that ask for what cannot be."""

from __future__ import annotations

from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text
from nngraph.diagnostics.usage_data import DATA_TEXTS
from nngraph.diagnostics.usage_export import EXPORT_TEXTS
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

_GIVEN = (
    "write it like --given 'x1=0, x2=1' or --given 'x=[0.5, -1]', or by the names of columns: "
    "--given 'height=25, city=Bern'"
)
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
                Text("--resize is for pictures (.png, .jpg), and '{file}' is none", case="resize"),
                Text(
                    "'{file}' cannot be resized to the input '{input}' of shape {shape}: only "
                    "[height, width], [height, width, 1] and [height, width, 3] say how large a "
                    "picture is",
                    case="resize-to",
                ),
                Text(
                    "cannot read inputs from '{file}': {suffix} is none of .csv, .npz, .npy, .png "
                    "and .jpg",
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
                    case="one-array",
                ),
                Text("'{file}' takes one array, not {count}: use .npz", case="npy"),
                Text(
                    "cannot write '{file}': {suffix} is none of .csv, .npz, .npy and .png",
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
                Text("comparing takes two runs or more", case="two-runs"),
                Text("the run '{run}' is named twice", case="run-twice"),
                Text(
                    "the network has no convolution (conv, depthwise, conv_transpose), so no "
                    "filters to draw; without --filters the network itself is drawn",
                    case="no-filters",
                ),
                Text(
                    "the network has no convolution, so no feature maps to draw; --node NODE names "
                    "another node of shape [height, width, channels]",
                    case="no-feature-maps",
                ),
                Text(
                    "the spec has no 'loss', so there is no truth to draw predictions beside; "
                    "'nngraph predict SPEC --input FILE -o FILE.png' writes the picture that comes "
                    "out",
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
                Text("'{file}': data are read from {suffixes} files", case="data-file"),
                Text(
                    "'{spec}' has no 'loss', so it cannot be {what}",
                    "add one, e.g. `loss: mean_squared_error`",
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
                    case="early-stopping",
                ),
                Text("y is missing: the network is compared with {targets}", case="y-missing"),
                Text(
                    "y is not wanted: the network is compared with its own input",
                    case="y-not-wanted",
                ),
                Text("{what} must be a mapping by name: the {role}s are {names}", case="mapping"),
                Text("{what} names '{name}', which is no {role}", "{help}", case="no-such-name"),
                Text("{what} gives nothing for the {names}", case="gives-nothing"),
                Text("a predictor takes 1 sample or more, not {batch}", case="predictor"),
                *DATA_TEXTS,
                *EXPORT_TEXTS,
                *PICTURE_TEXTS,
                *TRACE_TEXTS,
                *PYTHON_TEXTS,
                *SEARCH_TEXTS,
                Text("a step takes 1 sample or more, not {batch}", case="profile-batch"),
                Text("measuring takes some time, not {seconds:g} seconds", case="profile-time"),
                Text(
                    "no pass is named {name!r}{near}",
                    "the passes are, in order: {passes}",
                    case="pass",
                ),
                Text("'{input}' takes rows of shape {shape}, got {got}", case="rows"),
                *TRAINING_TEXTS,
                Text("the network has no node {nodes}", case="unknown-nodes"),
                Text("'{end}' reaches beyond the {units:unit} of '{node}'", case="no-unit"),
                Text("no values for input {inputs}", case="missing-inputs"),
                Text("the inputs have different numbers of rows", case="rows-differ"),
                *WRITE_BACK_TEXTS,
                Text(
                    "{option} takes numbers with commas between them, not '{text}'",
                    "--values 0,1 or --between=-1,1 (the lower one first)",
                    case="equiv-numbers",
                ),
                Text(
                    "--values says which numbers are tried, --between from where they are drawn: "
                    "choose one of the two",
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
                    case="equiv-words",
                ),
                Text("{message}", "{help}"),
                Text(
                    "a comparison is written as .html or .svg, not as '{file}'",
                    "-o compare.html",
                    case="comparison-file",
                ),
                Text(
                    "cannot write '{path}': pictures of samples are .svg or .png files",
                    case="samples-file",
                ),
                Text("'{path}': points are drawn as .svg", case="points-file"),
                Text(
                    "'{path}': pictures are drawn of images [height, width, channels] and of two "
                    "numbers",
                    "without -o the samples are shown as text",
                    case="samples",
                ),
                Text("{what} are written as .svg or .png: {shown}", case="sheet-file"),
                Text(
                    "'{file}' is one picture, but there is {nodes}: choose with --node",
                    case="several-nodes",
                ),
                Text(
                    "'{file}' is one picture, but there are {samples:,} samples: write them as "
                    ".npz, or name one picture with --input",
                    case="several-samples",
                ),
                Text("'{path}': a module's file ends in .py", case="module-file"),
                Text(
                    "'{name}' cannot be imported: a module has a name like net_1.py",
                    case="module-name",
                ),
                Text(
                    "a report is an HTML file, and '{file}' has another ending",
                    "-o {better}",
                    case="report-file",
                ),
                Text(
                    "'{path}' is no .svg file, and --show-schedule draws nothing else",
                    "name one, e.g. `-o schedule.svg`",
                    case="schedule-file",
                ),
                Text("no figure '{figure}'; there is {figures}", case="figure"),
                Text("'{text}' is not of the form name=value", _GIVEN, case="given"),
                Text("'{name}' is given twice", _GIVEN, case="given-twice"),
                Text("the value of '{name}' cannot be read: {why}", _GIVEN, case="given-value"),
                Text("'{name}' takes numbers, got {got}", _GIVEN, case="given-number"),
                Text(
                    "--seed decides first weights and order; a run has been trained already",
                    "'nngraph train {run}/spec.yaml --seed {seed}' trains it anew",
                    case="seed-anew",
                ),
                Text(
                    "--seed decides first weights and order; a run has been trained already",
                    case="seed",
                ),
                Text("--initial is for a spec; a run has trained weights", case="initial"),
                Text(
                    "'{spec}' does not give all weights ({weights}), and a spec is not trained",
                    "train it and name the run folder ('nngraph train {spec}'), or use --initial "
                    "for the random start",
                    case="untrained",
                ),
                Text("'{file}' is a file of a run", "name its folder: {run}", case="file-of-run"),
                Text(
                    "-o, --print and --print-after are three things: choose one",
                    case="three-things",
                ),
                Text("--augmented: the data section has no `augment`", case="augmented"),
                Text(
                    "'{name}' is no data set that can be fetched; there is {known}", case="no-set"
                ),
                Text(
                    "--part is for the spec's own data; --data uses all rows of its file",
                    case="part-and-data",
                ),
                Text("no template '{name}'", "{help}", case="template"),
                Text(
                    "name the data either with --input FILE or with --given 'x=1'",
                    case="input-or-given",
                ),
                Text("--resize is for the picture of --input FILE", case="resize-input"),
                Text("--stretch is for a picture: write it with -o FILE.png", case="stretch"),
                Text("choose one of {options}", case="choose-one"),
                Text("--input and --node belong to --feature-maps: add it", case="input-and-node"),
                Text(
                    "--sample belongs to --feature-maps or --predictions: add one",
                    case="sample-of-what",
                ),
                Text(
                    "--initial belongs to --filters, --feature-maps or --predictions: add one",
                    case="initial-of-what",
                ),
                Text("name one picture, with --sample N or with --input FILE", case="one-picture"),
                Text(
                    "'{file}' is a file; a report tells of a run folder",
                    "train it first: nngraph train {file}",
                    case="report-of-file",
                ),
                Text(
                    "--warm-start says what to take of a run: add --resume RUN", case="warm-start"
                ),
                Text(
                    "-o names a new folder, but the run goes on in its own, '{run}'",
                    "leave -o out; with --warm-start a new run begins",
                    case="resume-elsewhere",
                ),
                Text(
                    "name the spec to train",
                    "to go on with a run: nngraph train --resume RUN",
                    case="train-what",
                ),
                Text(
                    "'{folder}' is a folder; training starts from a spec",
                    "to go on with a run: nngraph train --resume {folder}",
                    case="train-folder",
                ),
                Text(
                    "'{folder}' is a folder; training starts from a spec",
                    "to go on with a run: nngraph train --resume {folder}; to train it anew: "
                    "nngraph train {folder}/spec.yaml",
                    case="train-run",
                ),
                Text(
                    "'{run}' was trained for {done} already; it cannot end after {asked}",
                    "ask for more: nngraph train --resume {run} -s train.epochs={more}; its "
                    "weights can be used as they are, and a new run can end where you like",
                    case="fewer-epochs",
                ),
                Text(
                    "'{run}' is finished, and this trains it no further: {changes}",
                    "to train it further: {command}",
                    case="nothing-left",
                ),
                Text("y or validation without x: give both, or neither", case="y-without-x"),
            ),
            wrong=Example(_LINE, ("nngraph predict net.yaml",)),
            right=Example(_LINE, ("nngraph predict net.yaml --given x=1",)),
        ),
    ),
)
