"""E407 to E415: how data fit the network."""

from __future__ import annotations

from nngraph.diagnostics.data_examples import CSV, classes, line
from nngraph.diagnostics.row import DiagnosticRow, Family, Text

_CHANNELS = "write `channels: 1` or `channels: 3`"

DATA_FIT = Family(
    "Data: how they fit the network",
    4,
    (
        DiagnosticRow(
            "E407",
            "no-such-column",
            "An input or a target finds no column: none has its name, and none is named for it.",
            "Say where it comes from: `inputs: {x: COLUMN}`, `targets: {y: COLUMN}`.",
            texts=(
                Text(
                    "{source} has nothing for the {role} '{name}'; it offers {offered}",
                    "{hint}say where it comes from: `{section}: {{{name}: COLUMN}}`",
                ),
                Text(
                    "{source} has no column '{name}'; it offers {offered}", "{hint}", case="column"
                ),
                Text(
                    "two columns are called '{name}'",
                    "rename one, or give all names as a list under `header`",
                    case="twice",
                ),
            ),
            wrong=line("{source: csv, path: t.csv, inputs: {x: length}}", "size,y\n1,2\n"),
            right=line(
                "{source: csv, path: t.csv, inputs: {x: length}}", "length,width,y\n1,2,3\n"
            ),
        ),
        DiagnosticRow(
            "E408",
            "data-shape",
            "What the source brings for an input or a target has another shape than the network "
            "takes.",
            "Change `shape` or `units`, or name other columns.",
            texts=(
                Text(
                    "the {role} '{name}' has the shape {shape} ({size} per sample), but {hold} "
                    "{given} ({values})",
                    "{remedy}",
                ),
                Text(
                    "{columns} do not fit the target '{target}'",
                    "bring one class, or one value for each unit, a sample",
                    case="target",
                ),
                Text(
                    "the target '{target}' is one number, but {column} is one of {count} "
                    "classes: {names}",
                    "give it {count} units, or derive a yes-or-no target with `equals`",
                    case="classes",
                ),
                Text(
                    "a sample has one weight, but {columns} holds {values} values per sample",
                    "name a column of single numbers",
                    case="weight",
                ),
                Text(
                    "the picture '{picture}' is {there}, but the input '{input}' is {here}",
                    "--resize brings it to {here}",
                    case="picture-colour",
                ),
                Text(
                    "the picture '{picture}' is {there}, but the input '{input}' is {here}",
                    "--resize brings it to {here}; a network of convolutions alone may also be run "
                    "at the picture's own size, with {own_size}",
                    case="picture-size",
                ),
                Text(
                    "the picture '{picture}' is {there}, but '{first}' is {here}",
                    "all that are read together are alike",
                    case="picture-unlike",
                ),
                Text(
                    "'{picture}' is {size} pixels, but '{first}' is {its_size}",
                    "bring all to one size, e.g. `size: [{both}]`",
                    case="sizes",
                ),
                Text("'{picture}' is grey, but '{first}' is in colour", _CHANNELS, case="grey"),
                Text("'{picture}' is in colour, but '{first}' is grey", _CHANNELS, case="coloured"),
                Text(
                    "'{mask}' is {size} pixels, '{first}' is {its_size}",
                    "a mask has the size of its picture, '{picture}'",
                    case="mask-size",
                ),
                Text(
                    "the mask '{mask}' is in colour",
                    "save it in grey, or with a palette whose numbers are the classes",
                    case="mask-colour",
                ),
            ),
            wrong=line(
                "{source: csv, path: t.csv, inputs: {x: [a, b]}}",
                "a,b,y\n1,2,3\n",
                "x: {kind: input, shape: 3}, y: {}",
            ),
            right=line(
                "{source: csv, path: t.csv, inputs: {x: [a, b]}}",
                "a,b,y\n1,2,3\n",
                "x: {kind: input, shape: 2}, y: {}",
            ),
        ),
        DiagnosticRow(
            "E409",
            "target-values",
            "The values of a target are none that its loss can compare with: classes that are "
            "more or other than the units, a share of yes that is below 0 or above 1.",
            "Give the node one unit per class, or derive the target with `equals`.",
            texts=(
                Text(
                    "the target '{target}' takes classes, whole numbers from 0{upto}, but "
                    "{columns} holds {value:g}",
                    "classes are counted from 0; give the node one unit for each class",
                ),
                Text(
                    "the target '{target}' has {count} classes, but {columns} holds {found} names: "
                    "{names}",
                    "give the node that is compared with it {found} units, one for each name",
                    case="count",
                ),
                Text(
                    "the target '{target}' takes rows of class probabilities; one row is negative "
                    "or does not sum to 1",
                    "bring the class itself, or divide each row by its sum",
                    case="probabilities",
                ),
                Text(
                    "the target '{target}' is 0 or 1, but {hold} {value:g}",
                    "derive it: `targets: {{{target}: {{column: {column}, equals: ...}}}}`",
                    case="binary",
                ),
                Text(
                    "the target '{target}' lies between 0 and 1, but {hold} {value:g}",
                    "derive it: `targets: {{{target}: {{column: {column}, equals: ...}}}}`, or "
                    "take a loss of numbers, such as mean_squared_error",
                    case="shares",
                ),
                Text(
                    "the target '{target}' is -1 or 1 (or 0 or 1 throughout), but {hold} {value:g}",
                    "write the one class as -1, the other as 1",
                    case="signs",
                ),
                Text(
                    "the labels of '{target}' are {labels}, but the classes of {column} are "
                    "{names}",
                    "use the same names, or leave `labels` out",
                    case="labels",
                ),
                Text(
                    "'{name}' is none of the labels of '{target}': {labels}", "{help}", case="label"
                ),
                Text(
                    "'{name}' is none of the categories of {column} that the network knows: "
                    "{known}",
                    "{help}",
                    case="category",
                ),
                Text(
                    "column '{column}' never holds '{name}'; it holds {known}",
                    "{help}",
                    case="never-name",
                ),
                Text(
                    "column '{column}' never holds {number:g}",
                    "`equals` is one of the values of the column",
                    case="never",
                ),
                Text(
                    "column '{column}' holds numbers, but `equals` is a name, {equals}",
                    "write the number that means yes",
                    case="equals-name",
                ),
                Text(
                    "column '{column}' holds names, but `equals` is a number, {equals}",
                    "write the name that means yes",
                    case="equals-number",
                ),
                Text(
                    "a sample weight is 0 or more, but {columns} holds {value:g}",
                    "0 leaves a sample out, 2 counts it twice",
                    case="negative",
                ),
                Text(
                    "every sample weight in {columns} is 0",
                    "a sample that counts has a weight above 0",
                    case="zero",
                ),
            ),
            wrong=classes(CSV, "x,y\n1,a\n2,b\n"),
            right=classes(CSV, "x,y\n1,a\n2,b\n3,c\n"),
        ),
        DiagnosticRow(
            "E412",
            "split",
            "The split leaves no row to train on, or asks for a test part where the source "
            "brings its own.",
            "Ask for smaller parts.",
            texts=(
                Text(
                    "{validation:,} rows for validation and {test:,} for the test leave none of "
                    "the {rows:,} rows to train on",
                    "ask for fewer, or for shares: `split: {{validation: 0.1, test: 0.2}}`",
                ),
                Text(
                    "the source has its own test set of {rows:,} rows, which stays",
                    "leave `test` out; `validation` is taken from the training rows",
                    case="own-test",
                ),
            ),
            wrong=line(
                "{source: table, columns: {x: [1, 2], y: [2, 4]}, split: {validation: 1, test: 1}}"
            ),
            right=line(
                "{source: table, columns: {x: [1, 2, 3], y: [2, 4, 6]}, "
                "split: {validation: 1, test: 1}}"
            ),
        ),
        DiagnosticRow(
            "E414",
            "nothing-of-that-name",
            "`inputs`, `targets` or `normalize` speaks of a name that this network does not have, "
            "or would normalise classes.",
            "Use the names of inputs and targets; only measured values are normalised.",
            texts=(
                Text(
                    "'{name}' under `{section}` is no {what} of this network; possible here: "
                    "{known}",
                    "write one of these in its place, or take it out",
                ),
                Text(
                    "targets are normalised, but '{target}' is a class, not a measured value",
                    "take `targets` out of `normalize`, or name the measured ones: `normalize: "
                    "{{targets: {{price: standard}}}}`",
                    case="class",
                ),
            ),
            wrong=line("{source: csv, path: t.csv, inputs: {z: x}}", "x,y\n1,2\n"),
            right=line("{source: csv, path: t.csv, inputs: {x: x}}", "x,y\n1,2\n"),
        ),
        DiagnosticRow(
            "E415",
            "augments-no-image",
            "The augmentation moves pixels, but the network takes no image, or images of unlike "
            "size that ought to move together.",
            "Leave it out; noise and mixup take any input.",
            texts=(
                Text(
                    "'{kind}' moves pixels, but the network has no image as input",
                    "an image input has the shape [height, width, channels]; {others} take any "
                    "input",
                ),
                Text(
                    "'{kind}' moves the {first} and the {second} together, but they are {sizes}",
                    "images that move along have the same height and width",
                    case="sizes",
                ),
            ),
            wrong=line(
                "{source: csv, path: t.csv, augment: [{kind: shift, pixels: 1}]}", "x,y\n1,2\n"
            ),
            right=line(
                "{source: csv, path: t.csv, augment: [{kind: noise, stddev: 0.1}]}", "x,y\n1,2\n"
            ),
        ),
    ),
)
