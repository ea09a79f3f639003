"""All that replay touches of the package: where a name moves there, only this file changes.

It hands out text and arrays, none of the package's own types, so that what is recorded names no
class and no module.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from nngraph.insight.standalone import standalone
from nngraph.ir import SAMPLE_WEIGHT, Node, Row
from nngraph.kernels.compiled.jit import obstacle
from nngraph.lower import initial_weights
from nngraph.network import Network, compile_document
from nngraph.run import Executable
from nngraph.spec import read_spec
from nngraph.train.origin import bit_versions

Array = np.ndarray[Any, Any]

WHOLE, CUT, ONE = 7, 39, 1
"""Rows of the three steps: too few to be cut, cut into shards of unequal length, a single row."""
SEED = 1


def why_no_kernels() -> str | None:
    """What keeps kernels from being compiled here; None where nothing does."""
    return obstacle()


@dataclass(frozen=True)
class StageRecord:
    """One stage of a compiled network: its program as text, its plan's digest, its source.

    What a person reads has no plan, and its source is the standalone module.
    """

    name: str
    program: str
    data: tuple[tuple[str, Array], ...]
    plan: str | None
    source: str


def stages(path: Path, kernels: bool) -> Iterator[StageRecord]:
    """Every stage of a spec: prediction, evaluation, training step, update, what people read."""
    compiled = compile_document(read_spec(path, ()), kernels=kernels)
    found = {
        "predict": compiled.stage(compiled.predicted(tuple(map(Node, compiled.output_nodes)))),
        "evaluate": compiled.evaluation_stage,
        "train": compiled.gradient_stage,
        "update": compiled.update_stage,
    }
    for name, stage in found.items():
        if stage is None:
            continue
        leaves = [(leaf.id, getattr(leaf, "data", None)) for leaf in stage.program.leaves]
        data = tuple((id_, np.asarray(array)) for id_, array in leaves if array is not None)
        program = str(stage.program)
        yield StageRecord(name, program, data, stage.plan.digest, stage.text)
    if not kernels:  # nothing that a person reads depends on them
        module, _ = standalone(compiled, initial_weights(compiled.lowered, SEED))
        yield StageRecord("read", str(compiled.read()), (), None, module)


def executed(path: Path, kernels: bool) -> Iterator[tuple[str, Array]]:
    """What a network computes, by name: predictions, three training steps, weights, evaluation."""
    # cut whatever can be cut, however little there is to compute
    with (
        mock.patch("nngraph.plan.shards.SHARD_FLOPS", 0.0),
        mock.patch("nngraph.plan.shards.SAMPLE_FLOPS", 0),
    ):
        compiled = compile_document(read_spec(path, ()), kernels=kernels)
    weights = initial_weights(compiled.lowered, SEED)
    executor = Executable(compiled, weights, seed=SEED, workers=1)
    with executor.threads():
        rng = generator(path.stem)
        for number, nodes in enumerate(_subsets(compiled, rng), 1):
            inputs = _inputs(compiled, WHOLE, rng)
            for node, values in executor.forward(inputs, nodes).items():
                yield f"predict, subset {number}: {node}", values
        if compiled.gradient_stage is not None:
            yield from _training(compiled, executor, rng)
        step = executor.evaluation(WHOLE)
        _feed(compiled, step.slots, WHOLE, rng)
        step.run()
        for node, values in [*step.outputs.items(), *step.losses.items()]:
            yield f"evaluate: {node}", np.asarray(values)


def _training(
    compiled: Network, executor: Executable, rng: np.random.Generator
) -> Iterator[tuple[str, Array]]:
    train = compiled.document.spec.train
    first_row = 0
    for number, rows in enumerate((WHOLE, CUT, ONE)):
        step = executor.training(rows)
        _feed(compiled, step.slots, rows, rng)
        step.run(number, first_row)
        first_row += rows
        at = f"step {number + 1}, {_in_shards(step.rows)}"
        for name, loss in step.losses.items():
            yield f"{at}: {name}", np.asarray(loss)
        if train is not None:
            executor.update(train.optimizer.learning_rate)
            continue
        for id_, gradient in executor.gradients().items():
            yield f"{at}: gradient of {id_}", gradient
    for id_, weight in executor.weights().items():
        yield f"weights after three steps: {id_}", weight
    regions = compiled.arenas.parameters.regions.values()
    for name, flat in executor.state().items():
        # sorted, for the order in which weights lie is free, and nothing lies in the gaps
        pieces = [flat[region.start : region.start + region.size] for region in regions]
        yield f"state after three steps: {name}, sorted", np.sort(np.concatenate(pieces))


def _in_shards(rows: tuple[int, ...]) -> str:
    return f"{' + '.join(map(str, rows))} row{'s' * (rows != (1,))}"


def generator(name: str) -> np.random.Generator:
    """A stream of its own for each spec, the same on every platform."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.Philox(seed))


def _subsets(compiled: Network, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """The outputs; one node from the middle; some drawn from all."""
    inputs = set(compiled.lowered.inputs)
    nodes = [node for node in compiled.lowered.shapes if node not in inputs]
    some = rng.choice(len(nodes), size=min(3, len(nodes)), replace=False)
    return [
        compiled.output_nodes,
        (nodes[(len(nodes) - 1) // 2],),
        tuple(nodes[k] for k in some),
    ]


def _inputs(compiled: Network, rows: int, rng: np.random.Generator) -> dict[str, Array]:
    shapes = compiled.lowered.shapes
    return {name: rng.normal(size=(rows, *shapes[name])) for name in compiled.lowered.inputs}


def _feed(compiled: Network, slots: Mapping[Any, Any], rows: int, rng: np.random.Generator) -> None:
    """Rows for every input, target and sample weight that a step has."""
    for name, values in _inputs(compiled, rows, rng).items():
        if Row(name) in slots:
            slots[Row(name)].put(values)
    for target in compiled.training.targets if compiled.training is not None else ():
        if target.leaf is not None and target.leaf.fed_with in slots:
            slots[target.leaf.fed_with].put(_targets((rows, *target.shape), target.kind, rng))
    if SAMPLE_WEIGHT in slots:
        slots[SAMPLE_WEIGHT].put(rng.uniform(0.5, 1.5, size=rows))


def _targets(shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Array:
    """Values that such a target may have; for classes every second row is a distribution."""
    if kind == "values":
        return rng.normal(size=shape)
    if kind == "signs":
        return rng.choice([-1.0, 1.0], size=shape)
    if kind == "binary":
        return rng.integers(0, 2, size=shape).astype(float)
    one_hot = np.eye(shape[-1])[rng.integers(0, shape[-1], size=shape[:-1])]
    spread = rng.uniform(size=shape)
    one_hot[1::2] = (spread / spread.sum(axis=-1, keepdims=True))[1::2]
    return one_hot


def environment() -> str:
    """What the bits of products and of exp depend on beside the program: a line for each."""
    blas = bit_versions().get("blas", "none")
    shown = np.show_config(mode="dicts")  # type: ignore[call-overload]
    simd = " ".join(shown["SIMD Extensions"].get("found", ()))
    libc = " ".join(platform.libc_ver()).strip()
    return (
        f"processor: {platform.machine()}, NumPy uses {simd}\n"
        f"libraries: {blas}; {libc or platform.system()}\n"
        f"numpy: {np.__version__}\n"
        f"numba: {_numba()}"
    )


def _numba() -> str:
    if obstacle() is not None:
        return "none"
    import numba
    from llvmlite import binding

    return f"{numba.__version__} for {binding.get_host_cpu_name()}"
