"""E400 to E413: files of data, and the values in them."""

from __future__ import annotations

from nngraph.diagnostics.data_arrays import ARRAYS
from nngraph.diagnostics.data_examples import CSV, DESCRIBE, line
from nngraph.diagnostics.row import DiagnosticRow, Example, Family, Text

_FETCH_AGAIN = "fetch the file again"
_SEPARATED = "cells are separated by {delimiter!r}; a cell that contains one is quoted"
_DROP = "choose `missing: drop`, or fill it in"

DATA = Family(
    "Data: files and values",
    4,
    (
        ARRAYS,
        DiagnosticRow(
            "E401",
            "damaged-file",
            "A data file is damaged, or is not of the kind that its name says.",
            "Save or fetch it again; tables are CSV in UTF-8.",
            texts=(
                Text("{problem}", "{help}", case="array"),
                Text(
                    "'{file}' is an archive or a spreadsheet, not a text with commas",
                    "save it as CSV: 'Save as ...' of the spreadsheet",
                    case="zip",
                ),
                Text(
                    "'{file}' is not UTF-8 text: byte {byte:#04x} in line {line}",
                    "save the file with the encoding UTF-8",
                    case="encoding",
                ),
                Text(
                    "this line is no CSV: {reason}",
                    "close the quotes, and save the file as CSV in UTF-8",
                    case="csv",
                ),
                Text("'{file}' is a damaged gzip file: {reason}", _FETCH_AGAIN, case="gzip"),
                Text("cannot read the picture '{file}': {reason}", "{help}", case="picture"),
            ),
            wrong=line(CSV, 'x,y\n1,"2\n'),
            right=line(CSV, 'x,y\n1,"2"\n'),
        ),
        DiagnosticRow(
            "E402",
            "nothing-in-it",
            "The file or folder of the data is empty.",
            "Fill it, or name another.",
            texts=(
                Text("'{file}' is empty", "write a header and one line for each sample"),
                Text(
                    "'{file}' has a header, but no rows",
                    "write one line for each sample below it",
                    case="rows",
                ),
                Text(
                    "'{file}' holds no arrays",
                    "numpy.savez(file, x=inputs, y=targets) writes some",
                    case="arrays",
                ),
                Text(
                    "array '{array}' of '{file}' is a single value; the first axis counts the "
                    "samples",
                    "save it with one row for each sample",
                    case="single-value",
                ),
                Text(
                    "array '{array}' of '{file}' has no rows; the first axis counts the samples",
                    "save it with one row for each sample",
                    case="no-rows",
                ),
                Text(
                    "every row lacks a value in one of the columns used, so none is left",
                    "choose `missing: mean`, or use fewer columns",
                    case="dropped",
                ),
                Text(
                    "the folder '{folder}' holds no folders of classes",
                    "name the folder that holds one folder for each class, e.g. `folder: {above}`; "
                    "with `masks` pictures may lie side by side",
                    case="classes",
                ),
                Text(
                    "the folder '{folder}' holds no pictures",
                    "put .png or .jpg files there",
                    case="pictures",
                ),
            ),
            wrong=line(CSV, "x,y\n"),
            right=line(CSV, "x,y\n1,2\n"),
        ),
        DiagnosticRow(
            "E403",
            "ragged-row",
            "A row of a table has another number of cells than there are columns.",
            "Mend the row; a cell that contains the separator is quoted.",
            texts=(
                Text("this row has {cells:cell}, but the file has {columns:column}", _SEPARATED),
                Text(
                    "this row has {cells:cell}, but the header names {columns:column}",
                    _SEPARATED,
                    case="header",
                ),
            ),
            wrong=line(CSV, "x,y\n1,2\n3\n"),
            right=line(CSV, "x,y\n1,2\n3,4\n"),
        ),
        DiagnosticRow(
            "E404",
            "text-for-numbers",
            "An input takes numbers, but its column holds text, or mixes the two.",
            "Correct the cell, or use the column as a target of classes.",
            texts=(
                Text(
                    "the {role} '{name}' takes numbers, but {column} holds the text '{text}'",
                    "write finite numbers, with a point for decimals, such as 0.5; names are for "
                    "targets of classes, and for columns that hold nothing else",
                ),
                Text(
                    "column '{column}' mixes {form} and {other}",
                    "keep to one of the two",
                    case="mixed",
                ),
                Text(
                    "column '{column}' holds {count:,} different names; as categories of an input "
                    "{most:,} at most are read",
                    "leave the column out where it only numbers the rows, or group its values",
                    case="categories",
                ),
            ),
            wrong=line(CSV, "x,y\n1,2\ntwo,4\n"),
            right=line(CSV, "x,y\n1,2\n2,4\n"),
        ),
        DiagnosticRow(
            "E405",
            "missing-value",
            "A cell is empty, or holds NA, nan or ?; a network cannot compute with it.",
            "Fill it in, or choose `missing: drop` or `missing: mean`.",
            texts=(
                Text(
                    "column '{column}' has no value here{more}",
                    "fill it in, or choose `missing: drop` or `missing: mean`",
                ),
                Text("column '{column}' has no value here", _DROP, case="drop"),
                Text(
                    "column '{column}' has no value here; means are put in place of missing "
                    "inputs, not of targets",
                    _DROP,
                    case="target",
                ),
                Text(
                    "column '{column}' has no value in any training row",
                    "fill some in, or leave the column out",
                    case="training",
                ),
            ),
            wrong=line(CSV, "x,y\n1,2\n,4\n"),
            right=line("{source: csv, path: t.csv, missing: drop}", "x,y\n1,2\n,4\n"),
        ),
        DiagnosticRow(
            "E406",
            "not-finite",
            "A value is infinite, or so large that the network's numbers cannot hold it.",
            "Correct the cell, or normalise the column.",
            texts=(
                Text(
                    "{column} holds {value}, which is no finite number",
                    "put a number in its place, or leave the row out",
                ),
                Text(
                    "column '{column}' holds {value}, beyond {dtype}, whose largest number is "
                    "{largest}",
                    "normalize the input, or write `dtype: float64`",
                    case="dtype",
                ),
                Text(
                    "column '{column}' holds {value}, which lies, scaled, beyond {dtype}, whose "
                    "largest number is {largest}",
                    "scale it otherwise, or write `dtype: float64`",
                    case="scaled",
                ),
                Text(
                    "'{name}' holds {value}{row}, which lies{scaled} beyond {dtype}, whose largest "
                    "number is {largest}",
                    "write `dtype: float64`, or give smaller values",
                    case="array",
                ),
                Text(
                    "{values} cannot be scaled: the values are so large that their {rule} is "
                    "beyond all numbers",
                    "use smaller units, e.g. thousands",
                    case="spread",
                ),
                Text(
                    "{columns} holds the weight {value}, beyond {dtype}, whose largest number is "
                    "{largest}",
                    "write smaller weights: they only count beside each other",
                    case="weight",
                ),
            ),
            wrong=line(CSV, "x,y\n1,2\n1e300,4\n"),
            right=line(CSV, "x,y\n1,2\n3,4\n"),
        ),
        DiagnosticRow(
            "E410",
            "no-idx-file",
            "One of the four MNIST files is no IDX file, or its header contradicts its size.",
            "Fetch the files again.",
            texts=(
                Text(
                    "'{file}' does not begin like an IDX file of {axes} axes: magic number {magic} "
                    "instead of {expected}",
                    "fetch the files again, 'nngraph data fetch mnist', or correct `folder`",
                ),
                Text(
                    "'{file}' states the shape {shape}, which cannot be read",
                    "fetch the files again: 'nngraph data fetch mnist'",
                    case="shape",
                ),
                Text(
                    "'{file}' states the shape {shape}, {bytes:,} bytes, but holds {there}",
                    _FETCH_AGAIN,
                    case="bytes",
                ),
                Text(
                    "the training images of '{folder}' are {train_size}, the test images "
                    "{test_size}",
                    "fetch the files again: 'nngraph data fetch mnist'",
                    case="sizes",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
data: {source: mnist, folder: m, normalize: {kind: scale, divisor: 255}}
""",
                DESCRIBE,
                (
                    ("m/train-images-idx3-ubyte", "no images"),
                    ("m/train-labels-idx1-ubyte", "no labels"),
                    ("m/t10k-images-idx3-ubyte", "no images"),
                    ("m/t10k-labels-idx1-ubyte", "no labels"),
                ),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: [8, 8, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
data: {source: digits, targets: {y: label}, normalize: {kind: scale, divisor: 16}}
""",
                DESCRIBE,
            ),
        ),
        DiagnosticRow(
            "E411",
            "rows-differ",
            "Columns, arrays or files that belong together differ in their number of rows.",
            "Give one value per sample everywhere.",
            texts=(
                Text(
                    "'{name}' has {rows:,} rows, but '{first}' has {its_rows:,}",
                    "bring one row for each sample in both",
                ),
                Text(
                    "'{name}' has {rows:,} rows, but '{first}' has {its_rows:,}",
                    "every array has one row per sample",
                    case="arrays",
                ),
                Text(
                    "column '{name}' has {values} values, but '{first}' has {its_values}",
                    "every column has one value per sample",
                    case="columns",
                ),
                Text(
                    "the inputs differ in their number of rows: {rows}",
                    "bring one row for each sample in each",
                    case="inputs",
                ),
                Text(
                    "'{picture}' has no mask: there is no '{mask}'",
                    "save the mask under the name of its picture, or take the picture out",
                    case="mask",
                ),
                Text(
                    "'{folder}' has {images} {part} images, but {labels} labels",
                    "fetch the files again: 'nngraph data fetch mnist'",
                    case="mnist",
                ),
            ),
            wrong=line("{source: table, columns: {x: [1, 2, 3], y: [2, 4]}}"),
            right=line("{source: table, columns: {x: [1, 2, 3], y: [2, 4, 6]}}"),
        ),
        DiagnosticRow(
            "E413",
            "not-numbers-or-pictures",
            "An array holds no numbers, or a folder of pictures holds something else.",
            "Save numbers, as float32, float64 or integers; take other files out of the folder.",
            texts=(
                Text("'{path}' does not belong here", "{help}"),
                Text("'{path}' is a folder, not a picture", "{help}", case="folder"),
                Text(
                    "array '{array}' of '{file}' holds values of type {dtype}, not numbers",
                    "save it as float32, float64 or integers",
                    case="dtype",
                ),
            ),
            wrong=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: npz, path: t.npz}
""",
                (
                    "python -c 'import numpy; numpy.savez(\"t.npz\", x=[1j], y=[2.0])'",
                    *DESCRIBE,
                ),
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: input, y: {}}
edges: [x -> y]
loss: mean_squared_error
data: {source: npz, path: t.npz}
""",
                (
                    "python -c 'import numpy; numpy.savez(\"t.npz\", x=[1.0], y=[2.0])'",
                    *DESCRIBE,
                ),
            ),
        ),
    ),
)
