"""E002 of options of the command line, and of the files that they name."""

from __future__ import annotations

from nngraph.diagnostics.row import Text

_GIVEN = (
    "write it like --given 'x1=0, x2=1' or --given 'x=[0.5, -1]', or by the names of columns: "
    "--given 'height=25, city=Bern'"
)

OPTION_TEXTS: tuple[Text, ...] = (
    Text(
        "a comparison is written as .html or .svg, not as '{file}'",
        "-o compare.html",
        case="comparison-file",
    ),
    Text(
        "cannot write '{path}': pictures of samples are .svg or .png files",
        "-o samples.svg",
        case="samples-file",
    ),
    Text("'{path}': points are drawn as .svg", "-o points.svg", case="points-file"),
    Text(
        "'{path}': pictures are drawn of images [height, width, channels] and of two numbers",
        "without -o the samples are shown as text",
        case="samples",
    ),
    Text("{what} are written as .svg or .png: {shown}", "-o sheet.svg", case="sheet-file"),
    Text(
        "'{file}' is one picture, but there is {nodes}: choose with --node",
        "name one node: --node NODE, or write a .npz file",
        case="several-nodes",
    ),
    Text(
        "'{file}' is one picture, but there are {samples:,} samples: write them as "
        ".npz, or name one picture with --input",
        "-o FILE.npz holds them all",
        case="several-samples",
    ),
    Text("'{path}': a module's file ends in .py", "-o net.py", case="module-file"),
    Text(
        "'{name}' cannot be imported: a module has a name like net_1.py",
        "use letters, digits and _ in the name of the file, a letter first",
        case="module-name",
    ),
    Text(
        "a report is an HTML file, and '{file}' has another ending",
        "name it so: -o {better}",
        case="report-file",
    ),
    Text(
        "'{path}' is no .svg file, and --show-schedule draws nothing else",
        "name one, e.g. `-o schedule.svg`",
        case="schedule-file",
    ),
    Text("no figure '{figure}'; there is {figures}", "name one of these", case="figure"),
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
        "leave --seed out",
        case="seed",
    ),
    Text(
        "--initial is for a spec; a run has trained weights",
        "leave --initial out",
        case="initial",
    ),
    Text(
        "'{spec}' does not give all weights ({weights}), and a spec is not trained",
        "train it and name the run folder ('nngraph train {spec}'), or use --initial "
        "for the random start",
        case="untrained",
    ),
    Text("'{file}' is a file of a run", "name its folder: {run}", case="file-of-run"),
    Text(
        "-o, --print and --print-after are three things: choose one",
        "leave the others out",
        case="three-things",
    ),
    Text(
        "--augmented: the data section has no `augment`",
        "add one, e.g. `augment: [{{kind: flip, axis: horizontal}}]`, or leave --augmented out",
        case="augmented",
    ),
    Text(
        "'{name}' is no data set that can be fetched; there is {known}",
        "other data are files: `{{source: csv, path: FILE}}`",
        case="no-set",
    ),
    Text(
        "--part is for the spec's own data; --data uses all rows of its file",
        "leave --part out, or --data",
        case="part-and-data",
    ),
    Text("no template '{name}'", "{help}", case="template"),
    Text(
        "nothing says what to predict for: name the data either with --input FILE or with "
        "--given 'x=1'",
        "a row or two typed by hand, --given 'x=[0.5, -1]', or a file of many",
        case="input-or-given",
    ),
    Text(
        "'{file}' holds data, and a run is asked for here",
        "name the run first: nngraph predict RUN --input {file}",
        case="data-for-run",
    ),
    Text(
        "--resize is for the picture of --input FILE",
        "name one with --input FILE",
        case="resize-input",
    ),
    Text(
        "--stretch is for a picture: write it with -o FILE.png",
        "add -o FILE.png, or leave --stretch out",
        case="stretch",
    ),
    Text("choose one of {options}", "leave the others out", case="choose-one"),
    Text(
        "--input and --node belong to --feature-maps: add it",
        "nngraph render RUN --feature-maps --node NODE",
        case="input-and-node",
    ),
    Text(
        "--sample belongs to --feature-maps or --predictions: add one",
        "nngraph render RUN --feature-maps --sample 0",
        case="sample-of-what",
    ),
    Text(
        "--initial belongs to --filters, --feature-maps or --predictions: add one",
        "nngraph render SPEC --filters --initial",
        case="initial-of-what",
    ),
    Text(
        "name one picture, with --sample N or with --input FILE",
        "leave one of the two out",
        case="one-picture",
    ),
    Text(
        "'{file}' is a file; a report tells of a run folder",
        "train it first: nngraph train {file}",
        case="report-of-file",
    ),
    Text(
        "--warm-start says what to take of a run: add --resume RUN",
        "nngraph train SPEC --resume RUN --warm-start",
        case="warm-start",
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
    Text(
        "y or validation without x: give both, or neither",
        "model.fit(x, y), or model.fit() for the data of the spec",
        case="y-without-x",
    ),
)
"""What is said of them."""
