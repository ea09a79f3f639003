"""E400 to E415: the data, and how they fit the network."""

from __future__ import annotations

from nngraph.diagnostics.row import Example, Family, Row

_DESCRIBE = ("nngraph data describe net.yaml",)


def _line(data: str, table: str = "", head: str = "x: input, y: {}") -> Example:
    """A network of one weight on the rows of a table `t.csv`."""
    text = f"nngraph: 1\nnodes: {{{head}}}\nedges: [x -> y]\nloss: mean_squared_error\n"
    files = (("t.csv", table),) if table else ()
    return Example(f"{text}data: {data}\n", _DESCRIBE, files)


def _classes(data: str, table: str, units: str = "units: 3, activation: softmax") -> Example:
    """A network that tells classes, on the rows of a table `t.csv`."""
    text = f"nngraph: 1\nnodes: {{x: input, y: {{{units}}}}}\nedges: [x -> y]\n"
    loss = "cross_entropy" if "softmax" in units else "binary_cross_entropy"
    return Example(f"{text}loss: {loss}\ndata: {data}\n", _DESCRIBE, (("t.csv", table),))


_CSV = "{source: csv, path: t.csv}"

DATA = Family(
    "Data",
    4,
    (
        Row(
            "E400",
            "arrays",
            "Arrays given from Python are no rows of numbers, or differ in their number of rows.",
            "Give one row per sample, equally many for every input and target.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
""",
                (),
                script='import nngraph\n\nnngraph.compile("net.yaml").predict(7)\n',
            ),
            right=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: 2}, y: {}}
edges: [x -> y]
""",
                (),
                script='import nngraph\n\nnngraph.compile("net.yaml").predict([[7, 8]])\n',
            ),
        ),
        Row(
            "E401",
            "damaged-file",
            "A data file is damaged, or is not of the kind that its name says.",
            "Save or fetch it again; tables are CSV in UTF-8.",
            wrong=_line(_CSV, 'x,y\n1,"2\n'),
            right=_line(_CSV, 'x,y\n1,"2"\n'),
        ),
        Row(
            "E402",
            "nothing-in-it",
            "The file or folder of the data is empty.",
            "Fill it, or name another.",
            wrong=_line(_CSV, "x,y\n"),
            right=_line(_CSV, "x,y\n1,2\n"),
        ),
        Row(
            "E403",
            "ragged-row",
            "A row of a table has another number of cells than there are columns.",
            "Mend the row; a cell that contains the separator is quoted.",
            wrong=_line(_CSV, "x,y\n1,2\n3\n"),
            right=_line(_CSV, "x,y\n1,2\n3,4\n"),
        ),
        Row(
            "E404",
            "text-for-numbers",
            "An input takes numbers, but its column holds text, or mixes the two.",
            "Correct the cell, or use the column as a target of classes.",
            wrong=_line(_CSV, "x,y\n1,2\ntwo,4\n"),
            right=_line(_CSV, "x,y\n1,2\n2,4\n"),
        ),
        Row(
            "E405",
            "missing-value",
            "A cell is empty, or holds NA, nan or ?; a network cannot compute with it.",
            "Fill it in, or choose `missing: drop` or `missing: mean`.",
            wrong=_line(_CSV, "x,y\n1,2\n,4\n"),
            right=_line("{source: csv, path: t.csv, missing: drop}", "x,y\n1,2\n,4\n"),
        ),
        Row(
            "E406",
            "not-finite",
            "A value is infinite, or so large that the network's numbers cannot hold it.",
            "Correct the cell, or normalise the column.",
            wrong=_line(_CSV, "x,y\n1,2\n1e300,4\n"),
            right=_line(_CSV, "x,y\n1,2\n3,4\n"),
        ),
        Row(
            "E407",
            "no-such-column",
            "An input or a target finds no column: none has its name, and none is named for it.",
            "Say where it comes from: `inputs: {x: COLUMN}`, `targets: {y: COLUMN}`.",
            wrong=_line("{source: csv, path: t.csv, inputs: {x: length}}", "size,y\n1,2\n"),
            right=_line(
                "{source: csv, path: t.csv, inputs: {x: length}}", "length,width,y\n1,2,3\n"
            ),
        ),
        Row(
            "E408",
            "data-shape",
            "What the source brings for an input or a target has another shape than the network "
            "takes.",
            "Change `shape` or `units`, or name other columns.",
            wrong=_line(
                "{source: csv, path: t.csv, inputs: {x: [a, b]}}",
                "a,b,y\n1,2,3\n",
                "x: {kind: input, shape: 3}, y: {}",
            ),
            right=_line(
                "{source: csv, path: t.csv, inputs: {x: [a, b]}}",
                "a,b,y\n1,2,3\n",
                "x: {kind: input, shape: 2}, y: {}",
            ),
        ),
        Row(
            "E409",
            "target-values",
            "The values of a target are none that its loss can compare with: classes that are "
            "more or other than the units, a yes or no that is neither 0 nor 1.",
            "Give the node one unit per class, or derive the target with `equals`.",
            wrong=_classes(_CSV, "x,y\n1,a\n2,b\n"),
            right=_classes(_CSV, "x,y\n1,a\n2,b\n3,c\n"),
        ),
        Row(
            "E410",
            "no-idx-file",
            "One of the four MNIST files is no IDX file, or its header contradicts its size.",
            "Fetch the files again.",
            wrong=Example(
                """\
nngraph: 1
nodes: {x: {kind: input, shape: [28, 28, 1]}, y: {units: 10, activation: softmax}}
edges: [x -> y]
loss: cross_entropy
data: {source: mnist, folder: m, normalize: {kind: scale, divisor: 255}}
""",
                _DESCRIBE,
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
                _DESCRIBE,
            ),
        ),
        Row(
            "E411",
            "rows-differ",
            "Columns, arrays or files that belong together differ in their number of rows.",
            "Give one value per sample everywhere.",
            wrong=_line("{source: table, columns: {x: [1, 2, 3], y: [2, 4]}}"),
            right=_line("{source: table, columns: {x: [1, 2, 3], y: [2, 4, 6]}}"),
        ),
        Row(
            "E412",
            "split",
            "The split leaves no row to train on, or asks for a test part where the source "
            "brings its own.",
            "Ask for smaller parts.",
            wrong=_line(
                "{source: table, columns: {x: [1, 2], y: [2, 4]}, split: {validation: 1, test: 1}}"
            ),
            right=_line(
                "{source: table, columns: {x: [1, 2, 3], y: [2, 4, 6]}, "
                "split: {validation: 1, test: 1}}"
            ),
        ),
        Row(
            "E413",
            "not-numbers-or-pictures",
            "An array holds no numbers, or a folder of pictures holds something else.",
            "Save numbers, as float32, float64 or integers; take other files out of the folder.",
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
                    *_DESCRIBE,
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
                    *_DESCRIBE,
                ),
            ),
        ),
        Row(
            "E414",
            "nothing-of-that-name",
            "`inputs`, `targets` or `normalize` speaks of a name that this network does not have, "
            "or would normalise classes.",
            "Use the names of inputs and targets; only measured values are normalised.",
            wrong=_line("{source: csv, path: t.csv, inputs: {z: x}}", "x,y\n1,2\n"),
            right=_line("{source: csv, path: t.csv, inputs: {x: x}}", "x,y\n1,2\n"),
        ),
        Row(
            "E415",
            "augments-no-image",
            "The augmentation moves pixels, but the network takes no image, or images of unlike "
            "size that ought to move together.",
            "Leave it out; noise and mixup take any input.",
            wrong=_line(
                "{source: csv, path: t.csv, augment: [{kind: shift, pixels: 1}]}", "x,y\n1,2\n"
            ),
            right=_line(
                "{source: csv, path: t.csv, augment: [{kind: noise, stddev: 0.1}]}", "x,y\n1,2\n"
            ),
        ),
    ),
)
