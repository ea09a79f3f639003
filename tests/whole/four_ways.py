"""One network on some rows, computed in every way there is: each gives nodes by id.

predicted      by a program made for the nodes that are asked for
interpreted    every node by the definitions of the ops, as it predicts or as it trains
stepped        the outputs, and the loss, of a step that evaluates or trains
standalone     the outputs, and the loss, of the module that `compile -o` writes
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nngraph
from nngraph.ir import Constant, interpret
from nngraph.lower import Lowered, pack_weights
from nngraph.network import compile_document
from nngraph.run import Executable
from nngraph.spec import parse_spec

Array = np.ndarray[Any, Any]
Arrays = dict[str, Array]

ROWS = 5


def in_double(text: str) -> str:
    """The spec in double precision."""
    return text.replace("dtype: float32", "dtype: float64")


def without_chance(text: str) -> str:
    """The spec with an identity in place of what draws while training."""
    return re.sub(
        r"\{kind: (dropout|noise),[^}]*\}", "{kind: activation, function: identity}", text
    )


def with_all_outputs(text: str) -> str:
    """The spec with every node that is no input among its outputs."""
    document = parse_spec(text)
    nodes = [name for name, entry in document.nodes.items() if entry.node.kind != "input"]
    kept = re.sub(r"^outputs:.*\n", "", text, flags=re.MULTILINE)
    return f"{kept}outputs: [{', '.join(nodes)}]\n"


class Network:
    """A model whose arrays have all moved away from where they start, and rows for it."""

    def __init__(self, text: str, seed: int) -> None:
        self.text = text
        self.model = nngraph.compile(text, seed=seed)
        self._executors: dict[bool, Executable] = {}
        rng = np.random.default_rng(seed)
        self.model.weights = self._moved(rng)
        self.weights = self.model.weights
        shapes = self.lowered.shapes
        self.inputs = {n: rng.normal(size=(ROWS, *shapes[n])) for n in self.lowered.inputs}
        self.nodes = [name for name in shapes if name not in self.inputs]
        self.targets = {
            target.name: _target((ROWS, *target.shape), target.kind, rng)
            for target in self.lowered.targets
            if target.leaf is not None
        }

    @property
    def lowered(self) -> Lowered:
        """What lowering made of it, as it predicts."""
        return self.model.network.lowered

    def _moved(self, rng: np.random.Generator) -> Arrays:
        """Running variances stay positive, and constants what the programs know of them."""
        fixed = {w.id for w in self.lowered.weights if isinstance(w.leaf, Constant)}
        return {
            name: w if name in fixed else w * rng.uniform(0.5, 1.5, w.shape) + 0.1
            for name, w in self.model.weights.items()
        }

    def predicted(self, nodes: Sequence[str]) -> Arrays:
        """Exactly these nodes, asked for together."""
        found = self.model.forward(self.inputs, nodes)
        assert list(found) == list(nodes)
        return found

    def interpreted(self, *, training: bool) -> Arrays:
        """Every node, the loss and its terms."""
        lowered = self.model.network.training if training else self.lowered
        assert lowered is not None
        arrays = {**self._rows(lowered), **pack_weights(lowered, self.weights)}
        arrays["per_sample"] = np.array(1.0 / ROWS)
        program = lowered.program
        given = {leaf: arrays[leaf.id] for leaf in program.leaves if leaf.id in arrays}
        outputs = interpret(program, given).outputs
        return {name: outputs[name] for name in outputs if name in self.nodes or is_loss(name)}

    def _rows(self, lowered: Lowered) -> Arrays:
        """Rows of all inputs and targets by the id of their leaf."""
        rows = {leaf.id: self.inputs[name] for name, leaf in lowered.inputs.items()}
        leaves = {target.name: target.leaf for target in lowered.targets}
        return rows | {leaves[name].id: array for name, array in self.targets.items()}

    def stepped(self, *, training: bool, kernels: bool = False) -> Arrays:
        """The nodes that a step gives, the loss and its terms; with compiled kernels or without."""
        executor = self._executable(kernels)
        step = executor.training(ROWS) if training else executor.evaluation(ROWS)
        rows = self._rows(self.lowered)
        for slot in step.slots.values():
            slot.put(rows[slot.leaf.id])
        with executor.threads(), executor.statistics_kept():
            step.run()
        results = {**step.outputs, **step.losses}
        return {name: np.array(array) for name, array in results.items()}

    def _executable(self, kernels: bool) -> Executable:
        if kernels not in self._executors:
            compiled = compile_document(self.model.document, kernels=kernels)
            self._executors[kernels] = Executable(compiled, self.weights, workers=1)
        return self._executors[kernels]

    def standalone(self, folder: Path) -> Arrays:
        """The nodes that the module gives, and the loss."""
        path, _ = self.model.export(folder / "network.py")
        module: dict[str, Any] = {"__file__": str(path), "__name__": "network"}
        exec(compile(path.read_text(), path, "exec"), module)
        weights, x = module["load_weights"](), list(self.inputs.values())
        loss = module["loss"](weights, *x, *self.targets.values())
        return {**module["forward"](weights, *x), "loss": np.asarray(loss)}


def is_loss(name: str) -> bool:
    """The loss, or one of its terms; no node of ours is called so."""
    return name.startswith("loss")


def _target(shape: tuple[int, ...], kind: str, rng: np.random.Generator) -> Array:
    """Values that such a target may have."""
    if kind == "classes":
        return np.eye(shape[-1])[rng.integers(0, shape[-1], size=shape[:-1])]
    draws = {"signs": [-1.0, 1.0], "binary": [0.0, 1.0]}
    return rng.choice(draws[kind], size=shape) if kind in draws else rng.normal(size=shape)
