"""What is timed, as rows: cases with the sides that take part."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from harness.cases import Case

OURS = ("nngraph", "nngraph kernels")
BY_HAND = ("by hand", "by hand kernels")
TORCH = ("PyTorch", "PyTorch fused")


def step_case(
    workload: str, net: str, optimizer: str, batch: Any, sides: tuple[str, ...], **more: Any
) -> Case:
    """A training step; its limit are its matrix products."""
    options = {"net": net, "optimizer": optimizer, "batch": batch}
    name = f"{net}, {optimizer}, batch {batch}"
    return Case(workload, name, "step", options, sides, sides[0], **more)


def dense_steps() -> list[Case]:
    """Steps of two dense networks; scikit-learn on one of each, for it is far away."""
    sides = ("limit", *OURS, *BY_HAND, *TORCH, "JAX")
    return [
        step_case(
            "dense",
            net,
            optimizer,
            batch,
            (*sides, "scikit-learn") if batch == 128 else sides,
            threads=(1, 2),
            needs_mnist=True,
            quick=net == "784-128-10" and batch == 128,
        )
        for net, optimizer, batch in product(
            ("784-128-10", "784-512-256-10"), ("sgd", "adam"), (1, 32, 128, 512)
        )
    ]


def image_steps() -> list[Case]:
    """Steps of convolutional networks."""
    torch = ("PyTorch fused", "PyTorch channels last")
    convnet = ("limit", *OURS, *BY_HAND, "textbook NumPy", *torch, "JAX")
    both: dict[str, Any] = {"threads": (1, 2)}
    return [
        step_case("convnet", "convnet", "adam", 64, convnet, needs_mnist=True, quick=True, **both),
        step_case("convnet", "unet", "adam", 16, ("limit", *OURS, *torch), quick=True, **both),
        step_case("convnet", "residual", "adam", 32, ("limit", *OURS, *torch), quick=True, **both),
    ]


def xor() -> list[Case]:
    """Four samples: a step, a step inside `fit`, and the same as single neurons."""
    plain = {"net": "xor", "optimizer": "plain sgd", "batch": "full"}
    of_step: dict[str, Any] = {**plain, "batch": 4, "bare": True}
    neurons = {"as_neurons": True}
    fitted = {**plain, "epochs": 500}
    peers = ("PyTorch fused", "JAX")
    rows: tuple[tuple[str, str, Mapping[str, Any], tuple[str, ...]], ...] = (
        ("XOR step", "step", of_step, (*OURS, *BY_HAND, *peers)),
        ("XOR step, as neurons", "step", {**of_step, **neurons}, (*OURS, peers[0])),
        ("XOR fit", "fit", fitted, (*OURS, *peers)),
        ("XOR fit, as neurons", "fit", {**fitted, **neurons}, (*OURS, peers[0])),
    )
    return [
        Case("xor", name, kind, options, sides, "nngraph", within=5e-3, quick=True)
        for name, kind, options, sides in rows
    ]


def epochs() -> list[Case]:
    """Whole epochs of MNIST: the second and the tenth; with batches of one only the second."""
    torch = ("PyTorch fused", "PyTorch channels last")
    rows = (
        ("784-128-10", 32, (2, 10), torch[:1], (1, 2), False),
        ("784-128-10", 128, (2, 10), torch[:1], (1, 2), True),
        ("784-128-10", 1, (2,), torch[:1], (1,), False),
        ("784-512-256-10", 128, (2, 10), torch[:1], (2,), False),
        ("convnet", 64, (2, 10), torch, (2,), False),
    )
    return [
        Case(
            "epochs",
            f"MNIST, {net}, adam, batch {batch}",
            "epochs",
            {"net": net, "optimizer": "adam", "batch": batch, "epochs": asked},
            (*OURS, *peers),
            "PyTorch fused",
            threads,
            within=0.02,
            heavy=True,
            needs_mnist=True,
            quick=quick,
        )
        for net, batch, asked, peers, threads, quick in rows
    ]


def accuracy() -> list[Case]:
    """Time until so much of MNIST's test images is right; small sets beside scikit-learn."""
    goals = (("784-128-10", 32, 0.97, 10), ("convnet", 64, 0.99, 15))
    return [
        Case(
            "accuracy",
            f"MNIST to {goal:.0%}, {net}, batch {batch}",
            "accuracy",
            {"net": net, "optimizer": "adam", "batch": batch, "goal": goal, "most": most},
            (*OURS, "PyTorch fused"),
            "PyTorch fused",
            (2,),
            heavy=True,
            needs_mnist=True,
        )
        for net, batch, goal, most in goals
    ] + [
        Case(
            "accuracy",
            f"{name}, 100 relu units",
            "small sets",
            {"set": name, "epochs": 400},
            ("nngraph", "scikit-learn"),
            "scikit-learn",
            heavy=True,
        )
        for name in SMALL_SETS
    ]


SMALL_SETS = {"iris": (4, 3), "wine": (13, 3), "breast_cancer": (30, 2), "digits": (64, 10)}
"""Width and classes of the packaged sets."""


def neuron_graphs() -> list[Case]:
    """Single neurons: 1,000 to 100,000 edges, a chain, and a dense network written as neurons."""
    rows = (
        ("graph-1e3", 128, True),
        ("graph-1e4", 128, True),
        ("graph-1e5", 128, False),
        ("chain-20000", 1, False),
    )
    graphs = [
        Case(
            "neurons",
            f"{name}, batch {batch}",
            "graph",
            {"graph": name, "batch": batch},
            ("CSR product", *OURS, "neat-python"),
            "CSR product",
            quick=quick,
        )
        for name, batch, quick in rows
    ]
    options = {"net": "784-128-10", "optimizer": "sgd", "batch": 128, "as_neurons": True}
    name = "784-128-10, sgd, batch 128, as neurons"
    sides = (*OURS, "PyTorch fused")
    mlp = Case("neurons", name, "step", options, sides, "nngraph", needs_mnist=True, heavy=True)
    kinds = {"kinds": True, "batch": 128}
    every = Case("neurons", "each kind of edge", "neuron kinds", kinds, OURS, "nngraph", heavy=True)
    return [*graphs, mlp, every]


def predictions() -> list[Case]:
    """One sample through the public ways."""
    peers = ("PyTorch", "ONNX Runtime")
    return [
        Case(
            "predict",
            f"{net}, {'held predictor' if held else 'Model.predict'}",
            "predict",
            {"net": net, "held": held},
            (*OURS, *peers),
            "PyTorch",
            needs_mnist=True,
            quick=True,
        )
        for net, held in product(("784-128-10", "convnet"), (False, True))
    ]


def commands() -> list[Case]:
    """From a cold start."""
    return [
        Case(
            "start",
            name,
            "command",
            {"what": what},
            ("import numpy", "nngraph command", *peers),
            "import numpy",
            threads=(2,),
            quick=True,
        )
        for name, what, peers in (
            ("nngraph --help (PyTorch: import torch)", "start", ("PyTorch command",)),
            ("check of XOR", "check", ()),
            ("YAML to trained XOR", "train", ("PyTorch command",)),
        )
    ]


def front_end() -> list[Case]:
    """Reading and compiling of generated specs; the limit of a large YAML are its events."""
    both, alone = ("limit", "nngraph"), ("nngraph",)
    rows: tuple[tuple[str, Mapping[str, Any], tuple[str, ...]], ...] = (
        ("1e5 edges, YAML", {"graph": "graph-1e5", "file": "graph-1e5.yaml"}, both),
        ("1e5 edges, side files", {"graph": "graph-1e5", "file": "graph-1e5-files.yaml"}, alone),
        ("1e6 edges, YAML", {"graph": "graph-1e6", "file": "graph-1e6.yaml"}, both),
        ("1e6 edges, side files", {"graph": "graph-1e6", "file": "graph-1e6-files.yaml"}, alone),
    )
    read = [_front(name, {**options, "compiled": False}, sides) for name, options, sides in rows]
    layers = {"layers": 1000, "file": "layers-1000.yaml", "compiled": True}
    scalars = {"graph": "scalars-10000", "file": "scalars-10000.yaml", "compiled": True}
    compiled = [("1,000 layers", layers), ("10,000 scalar nodes", scalars)]
    return [*read, *(_front(name, options, alone, quick=True) for name, options in compiled)]


def _front(
    name: str, options: Mapping[str, Any], sides: tuple[str, ...], *, quick: bool = False
) -> Case:
    return Case(
        "front", name, "front", options, sides, sides[0], fresh=True, heavy=True, quick=quick
    )


def loops() -> list[Case]:
    """What gathering batches, and varying pictures, costs over the same steps in place."""
    rows = ((32, 20_000, False), (128, 60_000, False), (512, 60_000, False), (128, 20_000, True))
    return [
        Case(
            "loop",
            f"batch {batch}, {count:,} rows{', augmented' if augment else ''}",
            "loop",
            {
                "net": "784-128-10",
                "optimizer": "adam",
                "batch": batch,
                "rows": count,
                "augment": augment,
            },
            OURS,
            "nngraph",
            (1, 2),
            heavy=True,
            needs_mnist=True,
            quick=batch == 128 and not augment,
        )
        for batch, count, augment in rows
    ]


def memory() -> list[Case]:
    """Peak memory over what importing takes."""
    rows = (("784-128-10", "step", 128), ("convnet", "step", 64), ("784-128-10", "fit", 128))
    return [
        Case(
            "memory",
            f"{'fit of MNIST' if what == 'fit' else 'steps'}, {net}, batch {batch}",
            "memory",
            {"net": net, "optimizer": "adam", "batch": batch, "what": what},
            (*OURS, "PyTorch fused"),
            "PyTorch fused",
            fresh=True,
            heavy=True,
            needs_mnist=True,
            quick=what == "fit",
        )
        for net, what, batch in rows
    ]


def install() -> list[Case]:
    """Bytes on disk of nngraph and what it needs."""
    return [Case("install", "core", "install", {}, ("nngraph",), "nngraph", heavy=True, quick=True)]


def all_cases() -> list[Case]:
    """Everything, in the order in which it is run."""
    families = (dense_steps, image_steps, xor, epochs, neuron_graphs, predictions, commands)
    more = (front_end, loops, memory, accuracy, install)
    return [case for family in (*families, *more) for case in family()]
