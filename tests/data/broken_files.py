"""Broken data files, each with the code, the place and the words with which it is refused."""

import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from data_samples import binary, classes, values, x


@dataclass(frozen=True)
class Broken:
    """What is wrong; files by name; the data section; ports; code, place and words."""

    name: str
    files: dict[str, bytes]
    keys: dict[str, Any]
    code: str
    says: str
    place: tuple[int, int] | str | None = None
    ports: tuple[Any, ...] = field(default_factory=lambda: (x(2), classes(3, name="label")))


TABLE = "a,b,label\n1,2,0\n3,4,1\n5,6,2\n"


def csv(name, text, code, says, place=None, ports=None, **keys):
    content = text if isinstance(text, bytes) else text.encode()
    more = {} if ports is None else {"ports": ports}
    return Broken(
        f"csv: {name}",
        {"t.csv": content},
        {"source": "csv", "path": "t.csv", **keys},
        code,
        says,
        place,
        **more,
    )


def change(old, new):
    assert TABLE.count(old) == 1
    return TABLE.replace(old, new)


YES = (x(2), binary(name="label"))
NUMBER = (x(2), values(name="label"))
IMAGE = (x(2, 2, 1, name="image"), classes(2, name="label"))

CSV = [
    csv("an empty file", "", "E402", "'t.csv' is empty"),
    csv("only blank lines", "\n\n  \n", "E402", "'t.csv' is empty"),
    csv("a header alone", "a,b,label\n", "E402", "has a header, but no rows"),
    csv("a word among numbers", change("4", "four"), "E404", "holds the text 'four'", (3, 3)),
    csv("a decimal comma", change("3,4", '"3,5",4'), "E404", "holds the text '3,5'", (3, 1)),
    csv("a digit group", change("4", "1_000"), "E404", "holds the text '1_000'", (3, 3)),
    csv("a hexadecimal number", change("4", "0x10"), "E404", "'0x10'", (3, 3)),
    csv("a unit behind a number", change("4", "4cm"), "E404", "'4cm'", (3, 3)),
    csv("a percent sign", change("4", "50%"), "E404", "'50%'", (3, 3)),
    csv("two signs", change("4", "--4"), "E404", "'--4'", (3, 3)),
    csv("a digit of another script", change("4", "٤"), "E404", "'٤'", (3, 3)),
    csv("a missing cell", change("3,4", ",4"), "E405", "column 'a' has no value", (3, 1)),
    csv("NaN in a cell", change("4", "NaN"), "E405", "column 'b' has no value", (3, 3)),
    csv("a question mark", change("5,6", "5,?"), "E405", "column 'b' has no value", (4, 3)),
    csv("a missing label", change("5,6,2", "5,6,"), "E405", "'label' has no value", (4, 5)),
    csv(
        "a missing label under mean",
        change("5,6,2", "5,6,"),
        "E405",
        "not of targets",
        (4, 5),
        missing="mean",
    ),
    csv(
        "nothing left to keep",
        "a,b,label\n,1,0\n2,,1\n",
        "E402",
        "every row lacks a value",
        "missing",
        missing="drop",
    ),
    csv(
        "a column without any value",
        "a,b,label\n,1,0\n,2,1\n",
        "E405",
        "no value in any training row",
        missing="mean",
    ),
    csv("infinity in words", change("4", "inf"), "E404", "'inf'", (3, 3)),
    csv("a number beyond float64", change("4", "1e999"), "E406", "no finite number", (3, 3)),
    csv("a number beyond float32", change("4", "1e40"), "E406", "beyond float32, whose", (3, 3)),
    csv("a row that is short", change("3,4,1", "3,4"), "E403", "this row has 2 cells", (3, 1)),
    csv("a row that is long", change("3,4,1", "3,4,1,9"), "E403", "has 4 cells", (3, 1)),
    csv("a last row cut off", TABLE[:-4], "E403", "this row has 2 cells", (4, 1)),
    csv("a row of another delimiter", change("3,4,1", "3;4;1"), "E403", "has 1 cell,", (3, 1)),
    csv(
        "all of another delimiter",
        TABLE.replace(",", ";"),
        "E407",
        "it offers 'a;b;label'",
        "source",
        delimiter=",",
    ),
    csv("a quote that never ends", change("4", '"4'), "E401", "this line is no CSV", (4, 1)),
    csv("text behind a quote", change("4", '"4"x'), "E401", "this line is no CSV", (3, 1)),
    csv("latin-1", change("4", "ä").encode("latin-1"), "E401", "byte 0xe4 in line 3"),
    csv("utf-16", TABLE.encode("utf-16"), "E401", "is not UTF-8 text"),
    csv("a NUL in a cell", change("4", "4\0"), "E404", "holds the text '4", (3, 3)),
    csv(
        "two columns of one name",
        change("a,b", "a,a"),
        "E407",
        "two columns are called 'a'",
        (1, 3),
    ),
    csv(
        "a column that is not there",
        TABLE,
        "E407",
        "has no column 'lable'",
        "targets/label",
        targets={"label": "lable"},
    ),
    csv(
        "names fewer than columns",
        TABLE[10:],
        "E403",
        "this row has 3 cells",
        (1, 1),
        header=["a", "label"],
    ),
    csv("a label out of range", change("5,6,2", "5,6,3"), "E409", "from 0 to 2", (4, 5)),
    csv("a label below 0", change("5,6,2", "5,6,-1"), "E409", "holds -1", (4, 5)),
    csv("a label that is not whole", change("5,6,2", "5,6,1.5"), "E409", "holds 1.5", (4, 5)),
    csv("a yes-or-no label of 2", TABLE, "E409", "lies between 0 and 1, but", (4, 5), ports=YES),
    csv(
        "more names than classes",
        "a,b,label\n1,2,x\n3,4,y\n5,6,z\n7,8,w\n",
        "E409",
        "has 3 classes, but",
        "source",
    ),
    csv(
        "a name that is no label",
        "a,b,label\n1,2,no\n3,4,yes\n5,6,yse\n",
        "E409",
        "'yse' is none of the labels",
        (4, 5),
        ports=(x(2), binary(name="label", labels=("no", "yes"))),
    ),
    csv(
        "a name where a number is learnt",
        "a,b,label\n1,2,7\n3,4,8\n5,6,two\n",
        "E404",
        "holds the text 'two'",
        (4, 5),
        ports=NUMBER,
    ),
    csv(
        "more columns than the input takes",
        TABLE,
        "E408",
        r"has the shape \[3\]",
        "source",
        ports=(x(3), classes(3, name="label")),
    ),
    csv(
        "a value that never comes",
        TABLE,
        "E409",
        "never holds 9",
        "targets/label",
        targets={"label": {"column": "label", "equals": 9}},
        ports=YES,
    ),
    csv(
        "a name where the column has numbers",
        TABLE,
        "E409",
        "holds numbers, but `equals`",
        "targets/label",
        targets={"label": {"column": "label", "equals": "two"}},
        ports=YES,
    ),
    csv(
        "a weight below 0",
        change("3,4,1", "3,-4,1"),
        "E409",
        "0 or more, but",
        (3, 3),
        sample_weight="b",
        ports=(x(), classes(3, name="label")),
    ),
    csv(
        "a weight that is a word",
        change("3,4,1", "3,heavy,1"),
        "E404",
        "'heavy'",
        (3, 3),
        sample_weight="b",
        ports=(x(), classes(3, name="label")),
    ),
    csv(
        "weights that are all 0",
        "a,w,label\n1,0,0\n2,0,1\n",
        "E409",
        "every sample weight",
        sample_weight="w",
        ports=(x(), binary(name="label")),
    ),
    csv(
        "weights that are not there",
        TABLE,
        "E407",
        "has no column 'w'",
        "sample_weight",
        sample_weight="w",
    ),
    csv(
        "a test part of all rows",
        TABLE,
        "E412",
        "leave none of the 3 rows",
        "split",
        split={"test": 3},
    ),
]


def npz_bytes(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def npy_bytes(array, **keys):
    stream = io.BytesIO()
    np.save(stream, array, **keys)
    return stream.getvalue()


def zipped(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


X, Y = np.arange(6.0).reshape(3, 2), np.array([0, 1, 2])
GOOD_NPZ = npz_bytes(x=X, label=Y)
HUGE_HEADER = b"\x93NUMPY\x02\x00" + struct.pack("<I", 200_000) + b" " * 200_000
WRONG_HEADER = b"\x93NUMPY\x01\x00" + struct.pack("<H", 10) + b"__import__"
VAST = (
    b"\x93NUMPY\x01\x00"
    + struct.pack("<H", 118)
    + (
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000, 1000000), }".ljust(117)
        + b"\n"
    )
)


def npz(name, content, code, says, place=None, ports=None, **keys):
    more = {} if ports is None else {"ports": ports}
    return Broken(
        f"npz: {name}",
        {"a.npz": content},
        {"source": "npz", "path": "a.npz", **keys},
        code,
        says,
        place,
        **more,
    )


NPZ = [
    npz("an empty file", b"", "E401", "is damaged"),
    npz("text", b"x,y\n1,2\n", "E401", "no zip archive"),
    npz("cut off", GOOD_NPZ[:-40], "E401", "is damaged"),
    npz("a flipped byte", GOOD_NPZ[:200] + b"\xff" + GOOD_NPZ[201:], "E401", "is damaged"),
    npz("no arrays", zipped(), "E402", "holds no arrays", "path"),
    npz(
        "pickled objects",
        npz_bytes(x=np.array([{}, []], object), label=Y[:2]),
        "E401",
        "holds pickled objects",
    ),
    npz("a member that is no array", zipped(x=b"hello", label=npy_bytes(Y)), "E401", "is damaged"),
    npz("an oversized header", zipped(x=HUGE_HEADER, label=npy_bytes(Y)), "E401", "is damaged"),
    npz("code in a header", zipped(x=WRONG_HEADER, label=npy_bytes(Y)), "E401", "is damaged"),
    npz("a vast shape over no bytes", zipped(x=VAST, label=npy_bytes(Y)), "E401", "is damaged"),
    npz("complex numbers", npz_bytes(x=X * 1j, label=Y), "E413", "type complex128", "path"),
    npz("dates", npz_bytes(x=np.zeros((3, 2), "M8[D]"), label=Y), "E413", "datetime64", "path"),
    npz("a single value", npz_bytes(x=np.float64(3), label=Y), "E402", "is a single value", "path"),
    npz("no rows", npz_bytes(x=X[:0], label=Y[:0]), "E402", "has no rows", "path"),
    npz("unlike lengths", npz_bytes(x=X[:2], label=Y), "E411", "has 3 rows, but 'x' has 2"),
    npz("NaN", npz_bytes(x=np.where(X == 3, np.nan, X), label=Y), "E406", "holds nan", "path"),
    npz("infinity", npz_bytes(x=np.where(X == 3, np.inf, X), label=Y), "E406", "holds inf", "path"),
    npz(
        "an array that is not there",
        npz_bytes(z=X, label=Y),
        "E407",
        "nothing for the input 'x'",
        "source",
    ),
    npz(
        "channels first",
        npz_bytes(x=np.zeros((2, 3, 8, 8)), label=Y[:2]),
        "E408",
        "channels first",
        ports=(x(8, 8, 3), classes(3, name="label")),
    ),
    npz("labels out of range", npz_bytes(x=X, label=Y + 1), "E409", "holds 3", "path"),
    npz("labels that are not whole", npz_bytes(x=X, label=Y / 2), "E409", "holds 0.5", "path"),
    npz(
        "one-hot rows that do not sum to 1",
        npz_bytes(x=X, label=np.ones((3, 3))),
        "E409",
        "does not sum to 1",
        "path",
    ),
]


def npy(name, content, code, says, place=None):
    return Broken(
        f"npy: {name}",
        {"a.npy": content},
        {"source": "npy", "path": "a.npy"},
        code,
        says,
        place,
        (x(2), values()),
    )


GOOD_NPY = npy_bytes(np.arange(12.0).reshape(4, 3))
NPY = [
    npy("an empty file", b"", "E401", "'a.npy' is empty"),
    npy("text", b"1,2,3\n", "E401", "does not begin like a .npy file"),
    npy("cut off", GOOD_NPY[:-8], "E401", "cut off before the end"),
    npy("cut off in its header", GOOD_NPY[:40], "E401", "is damaged"),
    npy("more than its array", GOOD_NPY + b"\0", "E401", "there is more in it"),
    npy(
        "pickled objects",
        npy_bytes(np.array([{}, 1], object), allow_pickle=True),
        "E401",
        "holds pickled objects",
    ),
    npy("an oversized header", HUGE_HEADER, "E401", "header is longer than 10,000 bytes"),
    npy("code in its header", WRONG_HEADER, "E401", "is damaged"),
    npy("a vast shape over no bytes", VAST, "E401", "is damaged"),
    npy("an unknown version", GOOD_NPY[:6] + b"\x09" + GOOD_NPY[7:], "E401", "is damaged"),
    npy("complex numbers", npy_bytes(np.ones((2, 3), complex)), "E413", "type complex128", "path"),
    npy("NaN", npy_bytes(np.full((4, 3), np.nan)), "E406", "holds nan", "path"),
    npy("no rows", npy_bytes(np.ones((0, 3))), "E402", "has no rows", "path"),
]


def idx(array):
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(np.uint8).tobytes()


MNIST_FILES = {
    "train-images-idx3-ubyte": idx(np.zeros((4, 2, 2))),
    "train-labels-idx1-ubyte": idx(np.arange(4) % 2),
    "t10k-images-idx3-ubyte": idx(np.zeros((2, 2, 2))),
    "t10k-labels-idx1-ubyte": idx(np.arange(2)),
}


def mnist(name, file, content, code, says):
    files = {f"m/{k}": v for k, v in MNIST_FILES.items() if k != file.removesuffix(".gz")}
    if content is not None:
        files[f"m/{file}"] = content
    keys = {"source": "mnist", "folder": "m"}
    return Broken(f"mnist: {name}", files, keys, code, says, None, IMAGE)


IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
GOOD_IMAGES = MNIST_FILES[IMAGES]
MNIST = [
    mnist("an empty file", IMAGES, b"", "E410", "magic number missing"),
    mnist("a wrong magic number", IMAGES, b"\1" + GOOD_IMAGES[1:], "E410", "01000803 instead of"),
    mnist("labels for images", IMAGES, MNIST_FILES[LABELS], "E410", "00000801 instead of 00000803"),
    mnist("images for labels", LABELS, GOOD_IMAGES, "E410", "00000803 instead of 00000801"),
    mnist("values of another type", IMAGES, b"\0\0\x0d" + GOOD_IMAGES[3:], "E410", "00000d03"),
    mnist("cut off", IMAGES, GOOD_IMAGES[:-1], "E410", "16 bytes, but holds only 15"),
    mnist("too long", IMAGES, GOOD_IMAGES + b"\0", "E410", "but holds more"),
    mnist("a vast shape", IMAGES, b"\0\0\x08\x03" + b"\xff" * 12, "E410", "cannot be read"),
    mnist(
        "a truncated gz",
        f"{IMAGES}.gz",
        gzip.compress(GOOD_IMAGES)[:-9],
        "E401",
        "is a damaged gzip file",
    ),
    mnist("a gz that is none", f"{IMAGES}.gz", GOOD_IMAGES, "E401", "is a damaged gzip file"),
    mnist(
        "fewer labels than images",
        LABELS,
        idx(np.arange(3) % 2),
        "E411",
        "4 train images, but 3 labels",
    ),
    mnist("images of two sizes", IMAGES, idx(np.zeros((4, 3, 3))), "E410", "training images"),
    mnist("a label out of range", LABELS, idx(np.array([0, 1, 2, 1])), "E409", "holds 2"),
]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(height=2, width=2, channels=1, bits=8, colour=None, level=9):
    colour = {1: 0, 3: 2}[channels] if colour is None else colour
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    rows = (b"\0" + bytes([level]) * (width * channels)) * height
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


PICTURES = {"p/cat/1.png": png(), "p/cat/2.png": png(), "p/dog/1.png": png()}


def images(name, files, code, says, place=None, ports=IMAGE, **keys):
    whole = {k: v for k, v in (PICTURES | files).items() if v is not None}
    return Broken(
        f"images: {name}",
        whole,
        {"source": "images", "folder": "p", **keys},
        code,
        says,
        place,
        ports,
    )


MASKED = {"masks": "m", "folder": "q"}
PAIRS = {"q/1.png": png(), "q/2.png": png(), "m/1.png": png(level=0), "m/2.png": png(level=255)}
MASK = (x(2, 2, 1, name="image"), binary(2, 2, name="mask"))
IMAGE_FOLDERS = [
    images(
        "no folders of classes",
        dict.fromkeys(PICTURES) | {"p/.hidden": b""},
        "E402",
        "holds no folders of classes",
        "folder",
    ),
    images(
        "a picture beside the classes",
        {"p/1.png": png()},
        "E413",
        "'p/1.png' does not belong",
        "folder",
    ),
    images(
        "a class without pictures",
        {"p/owl/.keep": b""},
        "E402",
        "'p/owl' holds no pictures",
        "folder",
    ),
    images(
        "a text among pictures", {"p/cat/notes.txt": b"hi"}, "E413", "'p/cat/notes.txt'", "folder"
    ),
    images(
        "a folder among pictures",
        {"p/cat/more/1.png": png()},
        "E413",
        "is a folder, not a",
        "folder",
    ),
    images("an empty picture", {"p/cat/2.png": b""}, "E401", "'p/cat/2.png': the file is empty"),
    images("a picture cut off", {"p/cat/2.png": png()[:-20]}, "E401", "cut off or damaged"),
    images(
        "a flipped bit", {"p/cat/2.png": png().replace(b"IHDR\0", b"IHDR\1")}, "E401", "checksum"
    ),
    images("a jpeg called png", {"p/cat/2.png": b"\xff\xd8\xff\xe0"}, "E401", "no PNG file"),
    images("16 bits a channel", {"p/cat/2.png": png(bits=16)}, "E401", "it has 16 bits"),
    images(
        "a picture of another size",
        {"p/cat/2.png": png(3, 2)},
        "E408",
        r"'p/cat/2.png' is 3 x 2 pixels, but 'p/cat/1.png' is 2 x 2",
        "folder",
    ),
    images(
        "a picture in colour",
        {"p/dog/1.png": png(channels=3)},
        "E408",
        "'p/dog/1.png' is in colour, but 'p/cat/1.png' is grey",
        "folder",
    ),
    images(
        "another size than the input",
        {},
        "E408",
        r"has the shape \[4, 4, 1\]",
        "source",
        (x(4, 4, 1, name="image"), classes(2, name="label")),
    ),
    images("a class more than units", {"p/owl/1.png": png()}, "E409", "holds 3 names", "source"),
    images(
        "a picture without a mask",
        PAIRS | {"q/3.png": png()},
        "E411",
        "there is no 'm/3.png'",
        "folder",
        MASK,
        **MASKED,
    ),
    images(
        "a mask of another size",
        PAIRS | {"m/2.png": png(3, 3)},
        "E408",
        "'m/2.png' is 3 x 3 pixels",
        "folder",
        MASK,
        **MASKED,
    ),
    images(
        "a mask in colour",
        PAIRS | {"m/2.png": png(channels=3)},
        "E408",
        "the mask 'm/2.png' is in colour",
        "folder",
        MASK,
        **MASKED,
    ),
    images(
        "a mask with a third level",
        PAIRS | {"m/2.png": png(level=100)},
        "E409",
        "lies between 0 and 1, but each mask holds 100",
        "source",
        MASK,
        **MASKED,
    ),
]

BROKEN = [*CSV, *NPZ, *NPY, *MNIST, *IMAGE_FOLDERS]
