"""What is aimed at, as rows, and whether it was met in these rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from harness.results import Row, Spread, ratio_of
from harness.units import number

NUMPY, KERNELS = "nngraph", "nngraph kernels"
NET, LARGE = "784-128-10", "784-512-256-10"
AS_BY_HAND = 1.05  # a target that the program by hand misses too is met within this of it
BY_HAND = {NUMPY: "by hand", KERNELS: "by hand kernels"}


@dataclass(frozen=True)
class Number:
    """A figure of a side in a case."""

    case: str
    figure: str
    side: str

    def values(self, rows: Sequence[Row]) -> list[float] | None:
        """One a round."""
        for row in rows:
            if (row.case, row.figure) == (self.case, self.figure) and self.side in row.values:
                return row.values[self.side]
        return None


@dataclass(frozen=True)
class Target:
    """A number, or its ratio to another one, is at most `bound`; `stock` where another holds with
    the processor's own BLAS kernels."""

    text: str
    number: Number
    over: Number | None
    bound: float
    stock: float | None = None
    threads: int | None = None

    def bound_for(self, blas: str) -> float:
        """The bound with these BLAS kernels."""
        return self.stock if self.stock is not None and blas == "stock" else self.bound


@dataclass(frozen=True)
class Verdict:
    """What came of a target."""

    text: str
    threads: int
    blas: str
    bound: str
    measured: str
    verdict: Literal["met", "missed", "met, as by hand"]


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Of all targets whose numbers are there."""
    found = []
    for blas, threads in dict.fromkeys((row.blas, row.threads) for row in rows):
        these = [row for row in rows if (row.blas, row.threads) == (blas, threads)]
        for target in targets():
            if target.threads not in (None, threads):
                continue
            if (spread := measured(target, these)) is not None:
                found.append(verdict(target, spread, these, threads, blas))
    return found


def measured(target: Target, rows: Sequence[Row]) -> Spread | None:
    """The number or the ratio, None where it was not measured."""
    values = target.number.values(rows)
    if values is None or target.over is None:
        return None if values is None else Spread.of(values)
    over = target.over.values(rows)
    return None if over is None else ratio_of(values, over)


def verdict(
    target: Target, spread: Spread, rows: Sequence[Row], threads: int, blas: str
) -> Verdict:
    """Met or missed; a target that the program by hand misses is met near to it."""
    bound = target.bound_for(blas)
    by_hand = as_by_hand(target, rows)
    word: Literal["met", "missed", "met, as by hand"] = "met"
    if spread.median > bound:
        word = "met, as by hand" if by_hand is not None and by_hand <= AS_BY_HAND else "missed"
    figure = "ratio" if target.over is not None else target.number.figure
    values = (spread.median, spread.low, spread.high, bound)
    median, low, high, most = (number(value, figure) for value in values)
    text = median if spread.rounds == 1 else f"{median} ({low} to {high})"
    return Verdict(target.text, threads, blas, most, text, word)


def as_by_hand(target: Target, rows: Sequence[Row]) -> float | None:
    """The number over that of the program by hand, if that is there."""
    number = target.number
    if number.side not in BY_HAND:
        return None
    by_hand = Number(number.case, number.figure, BY_HAND[number.side])
    values, other = number.values(rows), by_hand.values(rows)
    if values is None or other is None:
        return None
    ratio = ratio_of(values, other)
    return None if ratio is None else ratio.median


# ---- the rows


def targets() -> list[Target]:
    """All of them."""
    groups = (dense(), convnet(), epochs(), xor(), neurons(), predictions(), commands(), rest())
    return [target for group in groups for target in group]


def compared(
    case: str,
    figure: str,
    side: str,
    over: str,
    bound: float,
    stock: float | None = None,
    **more: int,
) -> Target:
    """A ratio of two sides in one case."""
    numbers = (Number(case, figure, side), Number(case, figure, over))
    return Target(f"{case}, {figure}: {side} / {over}", *numbers, bound, stock, **more)


def absolute(case: str, figure: str, side: str, bound: float) -> Target:
    """A number itself, in seconds or MiB."""
    return Target(f"{case}, {figure}: {side}", Number(case, figure, side), None, bound)


def between(case: str, other: str, figure: str, side: str, bound: float) -> Target:
    """A ratio of two cases of one side."""
    numbers = (Number(case, figure, side), Number(other, figure, side))
    return Target(f"{case} / {other}, {figure}: {side}", *numbers, bound)


def dense() -> list[Target]:
    """Steps of dense networks."""
    found = []
    for net, optimizer, batch in product((NET, LARGE), ("sgd", "adam"), (1, 32, 128, 512)):
        case = f"{net}, {optimizer}, batch {batch}"
        if batch >= 128:
            most = 1.3 if optimizer == "sgd" else 1.5
            found.append(compared(case, "step", NUMPY, "limit", most, threads=1))
            found.append(compared(case, "step", KERNELS, "limit", 1.10, 1.20, threads=1))
        if batch >= 32:
            found.append(compared(case, "step", KERNELS, "PyTorch fused", 1.0))
            if (net, optimizer, batch) != (LARGE, "adam", 32):
                found.append(compared(case, "step", NUMPY, "PyTorch fused", 1.0))
    return found


def convnet() -> list[Target]:
    """Steps of the convolutional network."""
    case = "convnet, adam, batch 64"
    return [
        compared(case, "step", NUMPY, "limit", 1.3, 1.45),
        compared(case, "step", NUMPY, "PyTorch fused", 1 / 1.6),
        compared(case, "step", KERNELS, "limit", 1.05),
        compared(case, "step", KERNELS, "PyTorch fused", 1.0),
        compared(case, "step", KERNELS, "PyTorch channels last", 1.0),
    ]


def epochs() -> list[Target]:
    """Whole epochs after the first."""
    found = []
    for name, kernels in (
        (f"MNIST, {NET}, adam, batch 32", 1.8),
        ("MNIST, convnet, adam, batch 64", 1.9),
    ):
        for figure in ("epoch 2", "epoch 10"):
            found.append(compared(name, figure, KERNELS, "PyTorch fused", 1 / kernels))
            found.append(compared(name, figure, NUMPY, "PyTorch fused", 1 / 1.4))
    one = f"MNIST, {NET}, adam, batch 1"
    return [*found, *(compared(one, "epoch 2", s, "PyTorch fused", 1.0) for s in BY_HAND)]


def xor() -> list[Target]:
    """Four samples; a program written by hand asks for no loss."""
    fit = "step inside fit"
    return [
        absolute("XOR step", "bare step", NUMPY, 8e-6),
        absolute("XOR fit", fit, NUMPY, 18e-6),
        absolute("XOR fit", fit, KERNELS, 1e-6),
        *(between("XOR step, as neurons", "XOR step", "step", side, 1.2) for side in BY_HAND),
        *(between("XOR fit, as neurons", "XOR fit", fit, side, 1.2) for side in BY_HAND),
    ]


def neurons() -> list[Target]:
    """Graphs of single neurons."""
    found = []
    for name, most in (("graph-1e3", 2.0), ("graph-1e4", 1.2), ("graph-1e5", 1.2)):
        case = f"{name}, batch 128"
        forward, both = (Number(case, f, KERNELS) for f in ("forward", "forward and backward"))
        found.append(compared(case, "forward", KERNELS, "CSR product", most))
        found.append(compared(case, "forward", NUMPY, "CSR product", 6.0))
        found.append(Target(f"{case}: forward and backward / forward", both, forward, 3.5))
        found.append(compared(case, "forward", KERNELS, "neat-python", 1 / 200))
    mlp = f"{NET}, sgd, batch 128"
    return [
        *found,
        compared("chain-20000, batch 1", "forward", KERNELS, "neat-python", 1.0),
        *(between(f"{mlp}, as neurons", mlp, "step", side, 1.2) for side in BY_HAND),
    ]


def predictions() -> list[Target]:
    """One sample through the public ways, with kernels or without."""
    found = []
    for side in BY_HAND:
        asked, held = f"{NET}, Model.predict", f"{NET}, held predictor"
        found += [
            compared(asked, "one sample", side, "PyTorch", 0.7),
            compared(asked, "one sample", side, "ONNX Runtime", 1.5),
            compared(held, "one sample", side, "ONNX Runtime", 1.1),
            compared("convnet, Model.predict", "one sample", side, "PyTorch", 0.5),
        ]
    return found


def commands() -> list[Target]:
    """Cold starts."""
    side, train = "nngraph command", "YAML to trained XOR"
    return [
        absolute("nngraph --help (PyTorch: import torch)", "time", side, 0.15),
        compared("check of XOR", "time", side, "import numpy", 4.0),
        compared(train, "time", side, "import numpy", 6.0),
        absolute(train, "peak MiB", side, 70),
    ]


def rest() -> list[Target]:
    """Front end, loop, memory and size."""
    read, compiled = "parsed and ordered", "compiled after parsing"
    peak = "peak over imports, MiB"
    loops = ("batch 128, 60,000 rows", "batch 512, 60,000 rows")
    steps = (f"steps, {NET}, batch 128", "steps, convnet, batch 64")
    trainings = (*steps, f"fit of MNIST, {NET}, batch 128")
    return [
        absolute("1e5 edges, YAML", read, NUMPY, 0.4),
        absolute("1e5 edges, side files", read, NUMPY, 0.4),
        absolute("1e6 edges, YAML", read, NUMPY, 4.0),
        absolute("1e6 edges, side files", read, NUMPY, 0.8),
        absolute("1,000 layers", compiled, NUMPY, 3.0),
        absolute("10,000 scalar nodes", compiled, NUMPY, 1.0),
        *(absolute(case, "ratio", side, 1.1) for case in loops for side in BY_HAND),
        *(compared(c, peak, s, "PyTorch fused", 1.0) for c in trainings for s in BY_HAND),
        absolute("core", "on disk, MiB", NUMPY, 150),
    ]
