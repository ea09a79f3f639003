"""What attackers try: each row says what lies in the folder and which command meets it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hostile_files as made

Maker = made.Maker


@dataclass(frozen=True)
class Attack:
    """Files that are made in a folder, by name, and a command that is run there.

    In `files` a text is a file of that text; RUN in the folder is a trained run, with `with_run`.
    """

    name: str
    command: tuple[str, ...]
    files: dict[str, Maker | str] = field(default_factory=dict)
    with_run: bool = False

    def make(self, folder: Path) -> None:
        for name, maker in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file():
                path.unlink()
            if isinstance(maker, str):
                made.holding(maker)(path)
            else:
                maker(path)


HEAD = "nngraph: 1\nnodes: {x: {kind: input, shape: 2}, y: {}}\n"
PLAIN = HEAD + "edges: [x -> y]\n"
LEARN = PLAIN + "loss: mean_squared_error\ntrain: {epochs: 1}\n"
IMAGE = (
    "nngraph: 1\nnodes: {x: {kind: input, shape: [2, 2, 1]}, y: {units: 10, activation: softmax}}\n"
    "edges: [x -> y]\nloss: {kind: cross_entropy, target: label}\n"
)
CHECK = ("check", "net.yaml")
PREDICT = ("predict", "RUN", "--input")


def data(keys: str, spec: str = LEARN) -> str:
    return f"{spec}data: {{{keys}}}\n"


WEIGHTS = HEAD + "edges: [{from: x, to: y, weight: {file: FILE, key: x}}]\n"
READERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    # what reads: the command, the file, the spec that names it
    "spec": (CHECK, "net.yaml", ""),
    "csv": (CHECK, "t.csv", data("source: csv, path: t.csv")),
    "npz": (CHECK, "t.npz", data("source: npz, path: t.npz, targets: {y: x}")),
    "npy": (CHECK, "t.npy", data("source: npy, path: t.npy")),
    "png": (CHECK, "p/a/1.png", data("source: images, folder: p", IMAGE)),
    "idx": (CHECK, "m/train-images-idx3-ubyte", data("source: mnist, folder: m", IMAGE)),
    "edges": (CHECK, "e.csv", HEAD + "edges: [{file: e.csv}]\n"),
    "nodes": (CHECK, "n.csv", PLAIN + "nodes_file: n.csv\n"),
    "weights npz": (CHECK, "w.npz", WEIGHTS.replace("FILE", "w.npz")),
    "weights safetensors": (CHECK, "w.safetensors", WEIGHTS.replace("FILE", "w.safetensors")),
    "predict csv": ((*PREDICT, "t.csv"), "t.csv", ""),
    "predict npz": ((*PREDICT, "t.npz"), "t.npz", ""),
    "predict npy": ((*PREDICT, "t.npy"), "t.npy", ""),
    "predict png": ((*PREDICT, "t.png"), "t.png", ""),
    "run weights": (("predict", "RUN", "--given", "x=[0,1]"), "RUN/weights.safetensors", ""),
    "run data": (("predict", "RUN", "--given", "x=[0,1]"), "RUN/data.json", ""),
    "run manifest": (("predict", "RUN", "--given", "x=[0,1]"), "RUN/manifest.json", ""),
    "run spec": (("predict", "RUN", "--given", "x=[0,1]"), "RUN/resolved.yaml", ""),
    "run summary": (("report", "RUN", "-o", "r.html"), "RUN/summary.json", ""),
    "run metrics": (("train", "--resume", "RUN", "-s", "train.epochs=3"), "RUN/metrics.jsonl", ""),
}


def reading(reader: str, kind: str, maker: Maker) -> Attack:
    command, name, spec = READERS[reader]
    files: dict[str, Maker | str] = {"net.yaml": spec} if spec else {}
    if reader == "idx":
        files["m/train-labels-idx1-ubyte"] = made.holding(made.idx(0x801, 2, values=bytes(2)))
        for part, magic, shape in (("images-idx3", 0x803, (2, 2, 2)), ("labels-idx1", 0x801, (2,))):
            size = 8 if part[0] == "i" else 2
            content = made.idx(magic, *shape, values=bytes(size))
            files[f"m/t10k-{part}-ubyte"] = made.holding(content)
    return Attack(f"{reader}: {kind}", command, {**files, name: maker}, "RUN" in command)


def of_files() -> Iterator[Attack]:
    for reader in READERS:
        for kind, maker in made.NO_FILES.items():
            if hasattr(os, "mkfifo"):
                yield reading(reader, kind, maker)
    for readers, contents in (
        (("npy", "predict npy"), made.NPY),
        (("npz", "predict npz", "weights npz"), made.NPZ),
        (("weights safetensors", "run weights"), made.SAFETENSORS),
        (("png", "predict png"), made.PICTURES),
        (("idx",), made.IDX),
        (("run data", "run summary", "run manifest", "run metrics"), made.JSON),
    ):
        for reader in readers:
            for kind, content in contents.items():
                attack = reading(reader, kind, made.holding(content))
                if reader == "run data":  # of an old version: a manifest would be read first
                    attack.files["RUN/manifest.json"] = made.NO_FILES["nothing"]
                yield attack


def of_text(n: int = 10_000) -> Iterator[Attack]:
    """Broken specs that are long, deep or many."""
    texts = {
        "brackets": "[" * n,
        "dashes in depth": "- " * n,
        "units in a list": "a: [" + "h[0] " * n,
        "letters and a bracket": "a: [" + "a" * n + "][",
        "a chain": PLAIN.replace("[x -> y]", "\n- x" + " -> y" * n),
        "a chain of nobody": PLAIN.replace("[x -> y]", "\n- x" + " -> z" * n),
        "dashes": PLAIN.replace("[x -> y]", "\n- x " + "-" * n + " y"),
        "equals signs": PLAIN.replace("[x -> y]", "\n- x " + "=" * n + " y"),
        "long dashes": PLAIN.replace("[x -> y]", "\n- x " + "\u2014" * n + " y"),
        "colons": PLAIN.replace("[x -> y]", "\n- 'x -> y[" + ":" * n + "]'"),
        "colons outside": PLAIN.replace("[x -> y]", "\n- x -> y" + ":" * n + "z"),
        "commas": PLAIN.replace("[x -> y]", "\n- 'x -> " + "y," * n + "'"),
        "comma lists": PLAIN.replace("[x -> y]", "\n- '" + "x, " * n + "x -> " + "y, " * n + "y'"),
        "a long name": PLAIN.replace("[x -> y]", "\n- x -> " + "y" * n),
        "a minus before a name": PLAIN.replace("[x -> y]", "-x -> y"),
        "the same key": PLAIN + "a: 1\n" * n,
        "unknown keys": PLAIN + "".join(f"k{k}: 1\n" for k in range(n // 10)),
        "unknown nodes": PLAIN.replace("[x -> y]", "".join(f"\n- x -> z{k}" for k in range(2_000))),
        "unknown options": PLAIN.replace("[x -> y]", "\n- x -> y: {wieght: 1}" * 2_000),
        "the same edge": PLAIN.replace("[x -> y]", "\n- x -> y" * 2_000),
        "a text without end": "'" + "a" * n,
        "line breaks": "\n" * n,
        "returns": "\r" * n + "a: [",
        "tabs": "\t" * n,
        "percent signs": "%" * n,
        "directives": "%TAG !a! tag:a,2000:\n" * 2_000 + "---\na: 1",
        "aliases": "a0: &a0 [1]\n"
        + "".join(f"a{k}: &a{k} [*a{k - 1}, 1]\n" for k in range(1, 9))
        + "b: [" + "*a8, " * n + "]",
        "an alias of itself": PLAIN + "expect: &a [*a]",
        "a tag": "!!python/object/apply:os.system ['true']",
        "two documents": PLAIN + "---\n" + PLAIN,
        "nulls": PLAIN + "expect:\n" + "- \n" * n,
        "commas for points": PLAIN + "train: {epochs: " + "1," * n + "}",
        "digits": PLAIN + "train: {epochs: " + "7" * n + "}",
        "a NUL": PLAIN.replace("input", "in\0put"),
        "not UTF-8": PLAIN.replace("input", "in\udcffput"),
        "2**96 numbers": PLAIN.replace("shape: 2", "shape: [4294967296, 4294967296, 4294967296]"),
        "10**22 units": PLAIN.replace("y: {}", "y: {units: 9999999999999999999999}"),
        "10**11 units": PLAIN.replace("y: {}", "y: {units: 99999999999}"),
        "a kernel of 10**12": IMAGE.replace("x -> y", "x -> y: {conv: 1000000000000}"),
        "minus units": PLAIN.replace("y: {}", "y: {units: -1}"),
        "no number": PLAIN.replace("x -> y", "x -> y: .nan"),
        "infinity": PLAIN.replace("x -> y", "x -> y: .inf"),
        "beyond float32": PLAIN.replace("x -> y", "x -> y: 1e300"),
        "a file outside": WEIGHTS.replace("FILE", "../../../etc/passwd"),
        "an absolute file": WEIGHTS.replace("FILE", "/etc/passwd"),
        "a file of another host": WEIGHTS.replace("FILE", "//host/share/w.npz"),
        "a NUL in a file's name": WEIGHTS.replace("FILE", '"w\\0.npz"'),
        "a file's name of 5,000 letters": WEIGHTS.replace("FILE", "w" * 5_000 + ".npz"),
        "a mapping for edges": PLAIN.replace("[x -> y]", "{-x -> y: 1}"),
        "nothing": "",
        "a list": "- 1",
        "a number": "1",
    }  # fmt: skip
    for kind, text in texts.items():
        yield Attack(f"text: {kind}", CHECK, {"net.yaml": text})
    for kind in ("unknown options", "a chain", "the same key"):
        yield Attack(f"json: {kind}", (*CHECK, "--json"), {"net.yaml": texts[kind]})
    yield Attack("many specs", ("check", *[f"{k}.yaml" for k in range(40)]), {
        f"{k}.yaml": texts["a number"] for k in range(40)
    })  # fmt: skip


MARKS = {
    "escape": "\x1b[31m",
    "C1": "\x9b31m",
    "next line": "\x85",
    "delete": "\x7f",
    "bell": "\x07",
    "override": "\u202e",
    "isolate": "\u2066",
    "separator": "\u2028",
    "return": "\r",
    "surrogate": "\udc9b",
}
DESCRIBE = ("data", "describe", "net.yaml")
CSV = data("source: csv, path: t.csv")
EDGES = HEAD + "edges: [{file: e.csv}]\n"


def of_characters() -> Iterator[Attack]:
    """Control characters wherever a name may stand."""
    for kind, mark in MARKS.items():
        word = '"' + "".join(f"\\u{ord(c):04x}" for c in mark) + '"'
        name = f"a{mark}b"
        files: dict[str, dict[str, Maker | str]] = {
            "key": {"net.yaml": f"{PLAIN}{word}: 1\n"},
            "node": {"net.yaml": PLAIN.replace("y: {}", f"y: {{}}, {word}: {{}}")},
            "word": {"net.yaml": PLAIN.replace("y: {}", f"y: {{activation: {word}}}")},
            "file": {"net.yaml": WEIGHTS.replace("FILE", word)},
            "cell": {"net.yaml": EDGES, "e.csv": f"from,to,weight\nx,{name},1\n"},
        }
        for place, made_files in files.items():
            yield Attack(f"{kind} in a {place}", CHECK, made_files)
        tables = {"column": f"a,{name},{name}\n1,2,3\n", "class": f"a,b,c\n1,2,{name}\n1,3,d\n"}
        for place, table in tables.items():
            yield Attack(f"{kind} in a {place}", DESCRIBE, {"net.yaml": CSV, "t.csv": table})
        yield Attack(f"{kind} in an argument", ("check", name))
        yield Attack(f"{kind} in a command", (name,))
        yield Attack(f"{kind} in an option", ("check", f"--{name}"))
        yield Attack(f"{kind} in an override", (*CHECK, "-s", f"{name}=1"), {"net.yaml": PLAIN})
        given = ("predict", "RUN", "--given", f"{name}=1")
        yield Attack(f"{kind} in a given sample", given, with_run=True)


def of_arguments() -> Iterator[Attack]:
    """What is no file where a command wants one."""
    loop = {"net.yaml": PLAIN, "loop": made.link_to("loop"), "pipe": made.NO_FILES["a pipe"]}
    for name in ("loop", "pipe", "a\0b", "n" * 5_000, "net.yaml/x", ".", "/dev/zero", ""):
        shown = name[:10] or "nothing"
        for words in (
            ("check", name),
            ("evaluate", name),
            ("report", name),
            ("compare", name, name),
            ("render", name, "-o", "out.svg"),
            ("predict", "RUN", "--input", f"{name}.csv"),
            ("evaluate", "RUN", "--data", name),
            ("check", "net.yaml", "--data-root", name),
            ("train", "--resume", name),
            ("verify", name),
        ):
            named = [word for word in words if word != name]
            attack = Attack(f"{' '.join(named)}: {shown!a}", words, dict(loop), "RUN" in words)
            yield attack
    for given in ("x=" + "[" * 10_000, "x=1e400", "x=" + "1" * 10_000, "=", ",,,", "x=[.nan, 1]"):
        yield Attack(f"given {given[:12]}", ("predict", "RUN", "--given", given), with_run=True)
    for value in (
        "a" * 10_000,
        "train.epochs=" + "[" * 10_000,
        "nodes.y.units=1" + "0" * 300,
        "=" * 99,
    ):
        yield Attack(f"override {value[:20]}", (*CHECK, "-s", value), {"net.yaml": PLAIN})


ATTACKS: tuple[Attack, ...] = (*of_files(), *of_text(), *of_characters(), *of_arguments())
