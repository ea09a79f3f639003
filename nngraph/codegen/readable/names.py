"""Names as in the books: z and a of a node, W and b of what leads into it, delta_j = dL/da_j."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from nngraph import ops
from nngraph.errors import InternalError
from nngraph.ir import (
    SAMPLE_WEIGHT,
    Gradient,
    Input,
    Instr,
    Leaf,
    Loss,
    Node,
    Op,
    Program,
    Role,
    Value,
)
from nngraph.lower import Weight
from nngraph.records import dataclass


def is_activation(op: Op) -> bool:
    """Whether an op's operand is a pre-activation where its result is the output of a node."""
    return isinstance(op, ops.ExactLoss) or ops.row_of(op) is not None


@dataclass(frozen=True, slots=True)
class NameRow:
    """A line of the table of names: name, id, what it is, shape."""

    name: str
    id: str
    what: str
    shape: str


@dataclass
class Names:
    """The name of every value that deserves one, and the table that explains them."""

    program: Program
    inputs: Mapping[str, Input]
    targets: Mapping[str, Input]
    weights: Sequence[Weight]
    activations: Mapping[Value, Value]
    of: dict[Value, str] = field(default_factory=dict)
    parameters: dict[Value, str] = field(default_factory=dict)
    weight_names: dict[str, str] = field(default_factory=dict)
    node_number: dict[str, int] = field(default_factory=dict)
    table: list[NameRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.made: dict[Value, Instr] = {o: i for i in self.program.body for o in i.outs}
        self.outputs: dict[Role, Value] = dict(self.program.outputs)
        self.nodes = [role for role in self.outputs if isinstance(role, Node)]
        self._name_nodes()
        self._name_targets()
        self._name_sample_weights()
        self._name_weights()
        self._name_pre_activations()
        self._name_gradients()

    # ---- forward

    def _name_nodes(self) -> None:
        ids: dict[Value, list[str]] = {}
        for node in self.nodes:
            ids.setdefault(self.outputs[node], []).append(node.id)
        for value, same in ids.items():
            number = len(set(self.node_number.values()))
            self.node_number |= dict.fromkeys(same, number)
            self.of[value] = f"z_{number}"
            what = "input" if isinstance(value, Input) else "node"
            shape = sample_shape(value)
            self.table.append(NameRow(f"z_{number}", ", ".join(map(harmless, same)), what, shape))
        for id_, leaf in self.inputs.items():
            if leaf in self.program.leaves:
                number = self.node_number[id_]
                self.parameters[leaf] = "x" if len(self.inputs) == 1 else f"x_{number}"

    def _name_targets(self) -> None:
        own = {n: leaf for n, leaf in self.targets.items() if leaf in self.program.leaves}
        for number, (name, leaf) in enumerate(own.items(), 1):
            self.of[leaf] = self.parameters[leaf] = "t" if len(own) == 1 else f"t_{number}"
            self.table.append(NameRow(self.of[leaf], harmless(name), "target", sample_shape(leaf)))

    @property
    def sample_weights(self) -> list[Input]:
        """How much each sample counts in the loss, where samples differ in that."""
        inputs = [leaf for leaf in self.program.leaves if isinstance(leaf, Input)]
        return [leaf for leaf in inputs if leaf.fed_with == SAMPLE_WEIGHT]

    def _name_sample_weights(self) -> None:
        for leaf in self.sample_weights:
            self.of[leaf] = self.parameters[leaf] = name = str(SAMPLE_WEIGHT)
            self.table.append(NameRow(name, "", "what each sample counts", sample_shape(leaf)))

    def _name_weights(self) -> None:
        counts = Counter((w.letter, w.node) for w in self.weights)
        used: Counter[tuple[str, str]] = Counter()
        for weight in self.weights:
            key = (weight.letter, weight.node)
            used[key] += 1
            name = f"{weight.letter}_{self.node_number[weight.node]}"
            if counts[key] > 1:
                name += f"_{used[key]}"
            self.weight_names[weight.id] = name
            what = {"W": "weight", "b": "bias", "alpha": "slope"}[weight.letter]
            shape = f"[{', '.join(map(str, weight.shape))}]"
            self.table.append(NameRow(name, harmless(weight.id), what, shape))
            if weight.part is None:
                self.of[weight.leaf] = name

    def _name_pre_activations(self) -> None:
        for value, name in list(self.of.items()):
            a = self.activations.get(value)
            if a is not None and a not in self.of and a in self.made:
                self.of[a] = name.replace("z_", "a_")

    # ---- gradients

    def _name_gradients(self) -> None:
        forward = self.values_for([*self.nodes, *([Loss()] if self.has_loss else [])])
        for letter in ("b", "W", "alpha"):  # a bias shows its delta best
            for weight in self.weights:
                gradient = self.outputs.get(Gradient(weight.leaf))
                if gradient is None or weight.letter != letter or weight.part is not None:
                    continue
                if gradient in self.made and gradient not in self.of:
                    self.of[gradient] = f"d{self.of[weight.leaf]}"
                self._name_delta(weight, gradient, forward)

    def _name_delta(self, weight: Weight, gradient: Value, forward: set[Value]) -> None:
        delta, name = self._delta_of(gradient, forward), f"delta_{self.node_number[weight.node]}"
        if delta is not None and delta not in self.of and name not in self.of.values():
            self.of[delta] = name

    @property
    def has_loss(self) -> bool:
        """Whether there is something to learn."""
        return Loss() in self.outputs

    def values_for(self, outputs: Iterable[Role]) -> set[Value]:
        """All values that some outputs need."""
        needed = {self.outputs[role] for role in outputs}
        for instr in reversed(self.program.body):
            if any(out in needed for out in instr.outs):
                needed.update(instr.args)
        return needed

    def _delta_of(self, gradient: Value, forward: set[Value]) -> Value | None:
        """The cotangent of a pre-activation: the factor of a gradient that is not forward."""
        value = gradient
        while (instr := self.made.get(value)) is not None:
            if isinstance(instr.op, ops.MatMul | ops.Multiply):
                backward = [arg for arg in instr.args if not self._is_forward(arg, forward)]
                return backward[0] if len(backward) == 1 else None
            if isinstance(instr.op, ops.SumRows):
                return instr.args[0]
            if not isinstance(instr.op, ops.SumTo | ops.Reshape):
                return None
            value = instr.args[0]
        return None

    def _is_forward(self, value: Value, forward: set[Value]) -> bool:
        instr = self.made.get(value)
        if instr is not None and isinstance(instr.op, ops.Transpose | ops.Reshape):
            value = instr.args[0]
        return value in forward or isinstance(value, Leaf)


def sample_shape(value: Value) -> str:
    """A shape with the batch as n: `[n, 3]`."""
    return f"[{', '.join('n' if d == 'N' else str(d) for d in value.type.shape)}]"


def harmless(id: str) -> str:
    """An id of the language, which holds nothing that could end a string literal.

    Errors: InternalError for any other text.
    """
    if re.fullmatch(r"[A-Za-z0-9_.:>\[\]\-]+", id) is None:
        raise InternalError(f"{id!r} is no id of the language")
    return id


def literal(id: str) -> str:
    """An id as a string literal."""
    return f'"{harmless(id)}"'
