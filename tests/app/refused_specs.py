"""Specs that `train` refuses before its first step, each with its files and the codes it gets."""

from __future__ import annotations

import gzip
import io
import struct
from dataclasses import dataclass, field

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Refused:
    """What is wrong, the spec's lines below its nodes, files by name, codes, and the line (of the
    spec, or "FILE:LINE") of the first mistake."""

    name: str
    spec: str
    codes: tuple[str, ...]
    line: int | str | None
    files: dict[str, bytes | str] = field(default_factory=dict)


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{name: np.asarray(array) for name, array in arrays.items()})
    return file.getvalue()


def png(height: int, width: int, shade: int = 9) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width, height), shade).save(file, "PNG")
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def dense(data: str, train: str = "{epochs: 1}", edge: str = "x -> y", more: str = "") -> str:
    return f"""\
nngraph: 1
nodes: {{x: {{kind: input, shape: 2}}, y: {{activation: sigmoid}}}}
edges: [{edge}]
loss: binary_cross_entropy
data: {data}
train: {train}
{more}"""


def classes(data: str, shape: str = "[2, 2, 1]") -> str:
    return f"""\
nngraph: 1
nodes: {{image: {{kind: input, shape: {shape}}}, label: {{units: 2, activation: softmax}}}}
edges: [image -> label]
loss: cross_entropy
data: {data}
train: {{epochs: 1}}
"""


CSV = "{source: csv, path: t.csv, inputs: {x: [a, b]}, targets: {y: t}%s}"
ROWS = "a,b,t\n0,1,1\n1,0,1\n1,1,0\n0,0,0\n"
XOR = "{source: xor, targets: {y: label}%s}"


def csv(
    name: str, text: bytes | str, codes: str, line: int | str | None, more: str = ""
) -> Refused:
    return Refused(f"csv: {name}", dense(CSV % more), tuple(codes.split()), line, {"t.csv": text})


def weight(name: str, option: str, codes: str, line: int | str, **files: bytes | str) -> Refused:
    stored = {name.replace("_", "."): content for name, content in files.items()}
    return Refused(name, dense(XOR % "", edge=option), tuple(codes.split()), line, stored)


TABLES = (
    Refused("csv: no such file", dense(CSV % ""), ("E801",), 5),
    Refused("csv: out of the folder", dense(CSV.replace("t.csv", "../t.csv") % ""), ("E805",), 5),
    csv("a column that is not there", ROWS.replace("b", "c", 1), "E407", 5),
    csv("two that are not there", ROWS.replace("a,b", "c,d", 1), "E407 E407", 5),
    csv("a word among numbers", ROWS.replace("1,0,1", "1,no,1"), "E404", "t.csv:3"),
    csv("words in two columns", "a,b,t\n0,1,1\nu,0,1\n1,v,0\n", "E404 E404", "t.csv:3"),
    csv("an empty cell", ROWS.replace("1,0,1", "1,,1"), "E405", "t.csv:3"),
    csv("a number beyond all", ROWS.replace("1,0,1", "1e999,0,1"), "E406", "t.csv:3"),
    csv("a number beyond float32", ROWS.replace("1,0,1", "1e39,0,1"), "E406", "t.csv:3"),
    csv("a row too short", ROWS.replace("1,0,1", "1,0"), "E403", "t.csv:3"),
    csv("a quote without end", ROWS.replace("1,0,1", '1,"0,1'), "E401", "t.csv:5"),
    csv("no utf-8", ROWS.replace("b", "\xe4", 1).encode("latin-1"), "E401", 5),
    csv("nothing in it", "", "E402", 5),
    csv("a column twice", ROWS.replace("b", "a", 1), "E407", "t.csv:1"),
    csv("a target that is no class", ROWS.replace("1,0,1", "1,0,7"), "E409", "t.csv:3"),
    csv("dropped to the last row", "a,b,t\n,1,0\n1,,1\n", "E402", 5, ", missing: drop"),
    csv(
        "a weight below zero",
        ROWS.replace("1,0,1", "1,0,-1"),
        "E409 E409",
        "t.csv:3",
        ", sample_weight: t",
    ),
    csv("no column of weights", ROWS, "E407", 5, ", sample_weight: w"),
    Refused(
        "npz: no such array",
        dense("{source: npz, path: a.npz, inputs: {x: p}}"),
        ("E407", "E407"),
        5,
        {"a.npz": npz(q=np.ones((2, 2)))},
    ),
    Refused(
        "npz: damaged",
        dense("{source: npz, path: a.npz}"),
        ("E401",),
        5,
        {"a.npz": npz(x=np.ones((2, 2)))[:60]},
    ),
    Refused(
        "npy: another length", dense("{source: npy, files: {x: x.npy, y: y.npy}}"), ("E801",), 5
    ),
    Refused(
        "table: columns of unlike length",
        dense("{source: table, columns: {x: [[0, 1], [1, 0]], y: [1]}}"),
        ("E411",),
        5,
    ),
)

SECTIONS = (
    Refused(
        "monitor without its part",
        dense(XOR % "", "{early_stopping: {monitor: validation.loss}}"),
        ("E247",),
        6,
    ),
    Refused(
        "monitor misspelt", dense(XOR % "", "{early_stopping: {monitor: train.los}}"), ("E247",), 6
    ),
    Refused(
        "monitor of the test part",
        dense(XOR % "", "{early_stopping: {monitor: test.loss}}"),
        ("E247",),
        6,
    ),
    Refused(
        "monitor of a schedule",
        dense(XOR % "", "{schedule: {kind: plateau, monitor: validation.loss}}"),
        ("E247",),
        6,
    ),
    Refused(
        "two monitors and a name",
        dense(
            XOR % ", normalize: {w: none}",
            "{early_stopping: {monitor: a}, schedule: {kind: plateau, monitor: b}}",
        ),
        ("E414", "E247", "E247"),
        5,
    ),
    Refused(
        "a metric of classes for yes or no",
        dense(XOR % "", "{metrics: [top_k]}"),
        ("E246",),
        6,
    ),
    Refused(
        "an unknown name in normalize", dense(XOR % ", normalize: {z: standard}"), ("E414",), 5
    ),
    Refused("an unknown name in inputs", dense(XOR % ", inputs: {z: x}"), ("E414",), 5),
    Refused(
        "an unknown name in targets",
        dense("{source: xor, targets: {z: label}}"),
        ("E414",),
        5,
    ),
    Refused("a scaled class", dense(XOR % ", normalize: {targets: standard}"), ("E414",), 5),
    Refused("a split of all rows", dense(XOR % ", split: {test: 4}"), ("E412",), 5),
    Refused(
        "images moved where there are none",
        dense(XOR % ", augment: [{kind: flip, axis: horizontal}]"),
        ("E415",),
        5,
    ),
    Refused(
        "no train section, and no slope",
        dense(XOR % "")
        .replace("activation: sigmoid", "activation: step")
        .replace("binary_cross_entropy", "mean_squared_error")
        .replace("train: {epochs: 1}\n", ""),
        ("E243",),
        2,
    ),
)

SIDE_FILES = (
    weight("no file of weights", "{from: x, to: y, weight: {file: w.npz}}", "E801", 3),
    weight(
        "no array of weights",
        "{from: x, to: y, weight: {file: w.npz, key: V}}",
        "E502",
        3,
        w_npz=npz(W=np.ones((2, 1))),
    ),
    weight(
        "weights of another shape",
        "{from: x, to: y, weight: {file: w.npz}}",
        "E221",
        3,
        w_npz=npz(W=np.ones((3, 1))),
    ),
    weight(
        "weights that are no numbers",
        "{from: x, to: y, weight: {file: w.npz}}",
        "E231",
        3,
        w_npz=npz(W=[[np.nan], [1.0]]),
    ),
    weight("damaged weights", "{from: x, to: y, weight: {file: w.npz}}", "E501", 3, w_npz=b"PK"),
    weight(
        "a mask of halves",
        "{from: x, to: y, mask: {file: m.npz}}",
        "E230",
        3,
        m_npz=npz(m=[[0.5], [1.0]]),
    ),
    weight("no file of edges", "{file: e.csv}", "E801", 3),
    weight(
        "an edge without a number",
        "{file: e.csv}",
        "E141",
        "e.csv:2",
        e_csv="from,to,weight\nx[0],y,heavy\n",
    ),
)

FOLDER = "{source: images, folder: p}"
GOOD = {"p/cat/1.png": png(2, 2), "p/dog/1.png": png(2, 2)}
DIGITS = np.zeros((3, 2, 2), np.uint8)
LABELS = np.array([0, 1, 0], np.uint8)
MNIST = {
    "m/train-images-idx3-ubyte": idx(DIGITS),
    "m/train-labels-idx1-ubyte.gz": gzip.compress(idx(LABELS)),
    "m/t10k-images-idx3-ubyte": idx(DIGITS),
    "m/t10k-labels-idx1-ubyte": idx(LABELS),
}


def folder(name: str, codes: str, data: str = FOLDER, **changes: bytes) -> Refused:
    return Refused(f"images: {name}", classes(data), tuple(codes.split()), 5, {**GOOD, **changes})


def mnist(name: str, codes: str, more: str = "", **changes: bytes | None) -> Refused:
    files = {k: v for k, v in {**MNIST, **changes}.items() if v is not None}
    data = f"{{source: mnist, folder: m{more}}}"
    return Refused(f"mnist: {name}", classes(data), tuple(codes.split()), 5, files)


PICTURES = (
    Refused("images: no folder", classes(FOLDER), ("E801",), 5),
    folder("a stray file", "E413", **{"p/notes.txt": b"n"}),
    folder("a stray file in a class", "E413", **{"p/cat/notes.txt": b"n"}),
    folder(
        "stray files everywhere",
        "E413 E413 E413",
        **{"p/a.txt": b"", "p/b.txt": b"", "p/dog/c.txt": b""},
    ),
    folder(
        "two damaged pictures", "E401 E401", **{"p/cat/2.png": b"no", "p/dog/2.png": png(2, 2)[:40]}
    ),
    folder("another size", "E408", **{"p/dog/2.png": png(3, 2)}),
    folder("a third class", "E409", **{"p/eel/1.png": png(2, 2)}),
    mnist("a missing file", "E801", **{"m/t10k-labels-idx1-ubyte": None}),
    mnist("a damaged file", "E410", **{"m/t10k-labels-idx1-ubyte": idx(LABELS)[:-1]}),
    mnist("unlike counts", "E411", **{"m/t10k-labels-idx1-ubyte": idx(LABELS[:2])}),
    mnist("a second test set", "E412", ", split: {test: 1}"),
)

REFUSED = (*TABLES, *SECTIONS, *SIDE_FILES, *PICTURES)
