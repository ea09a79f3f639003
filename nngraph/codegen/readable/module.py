"""The readable module as a whole: table of names, weights, `forward`, `loss`, `gradients`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np

from nngraph.codegen.readable.function import Expression, FunctionWriter, is_per_sample
from nngraph.codegen.readable.helpers import HELPERS
from nngraph.codegen.readable.kernels import source_of
from nngraph.codegen.readable.layout import INDENT, WIDTH, lined_up, returned
from nngraph.codegen.readable.names import Names, literal
from nngraph.codegen.readable.spelling import expanded_for_reading
from nngraph.codegen.readable.stretches import Stretches
from nngraph.codegen.readable.templates import PRODUCT
from nngraph.errors import InternalError
from nngraph.ir import (
    Array,
    Constant,
    Gradient,
    Input,
    Leaf,
    Loss,
    Node,
    Param,
    Program,
    Role,
    Value,
)
from nngraph.lower import Weight
from nngraph.records import dataclass
from nngraph.spec.arrows import End, end_named

LOAD_WEIGHTS = '''
def load_weights(path=None):
    """All weights by name, from the file beside this one."""
    path = path or Path(__file__).with_suffix(".npz")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
'''

PACK = '''
def pack(weights, shapes):
    """Single weights end to end in one array."""
    return np.concatenate([weights[name].ravel() for name in shapes])


def unpack(array, shapes):
    """The single weights of an array by name."""
    sizes = [math.prod(shape) for shape in shapes.values()]
    pieces = np.split(array.ravel(), np.cumsum(sizes)[:-1])
    return {
        name: piece.reshape(shape)
        for (name, shape), piece in zip(shapes.items(), pieces, strict=True)
    }
'''

BACKWARD = f"\n{INDENT}# backward: delta_j = dL/da_j, dL/dW_ij = delta_j z_i, dL/db_j = delta_j"


@dataclass(frozen=True)
class Standalone:
    """The module's text, and the arrays that its weights file holds beside the weights."""

    text: str
    constants: Mapping[str, Array]


def standalone_module(
    program: Program,
    *,
    inputs: Mapping[str, Input],
    targets: Mapping[str, Input],
    weights: Sequence[Weight],
    outputs: Sequence[str],
) -> Standalone:
    """Write a program as a module that needs nothing but NumPy.

    `program` is the network as it predicts (no dropout), after the passes of the stage READ. Its
    outputs are every node's value, the loss, and the gradients. `inputs` and `targets` are its
    leaves by node id and target name; `outputs` are the nodes, or units ("h[1]"), that `forward`
    returns.
    """
    program, activations = expanded_for_reading(program)
    own = {leaf.id: leaf for leaf in program.leaves if isinstance(leaf, Param | Constant)}
    found = [  # a neuron that was written out has its weights in leaves of their own
        replace(weight, leaf=own[weight.id], part=None) if weight.id in own else weight
        for weight in weights
    ]
    names = Names(program, inputs, targets, found, activations)
    return _ModuleWriter(program, names, outputs).written()


@dataclass
class _ModuleWriter:
    program: Program
    names: Names
    outputs: Sequence[str]
    helpers: dict[str, None] = field(default_factory=dict)
    kernels: dict[Callable[..., Any], None] = field(default_factory=dict)
    stretches: Stretches = field(default_factory=Stretches)
    tables: dict[Leaf, str] = field(default_factory=dict)
    arrays: dict[Leaf, str] = field(default_factory=dict)
    constants: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weight_of: dict[Leaf, Weight] = {
            w.leaf: w for w in self.names.weights if w.part is None
        }
        self.packed: dict[Leaf, list[Weight]] = {}
        for weight in self.names.weights:
            if weight.part is not None:
                self.packed.setdefault(weight.leaf, []).append(weight)
        for number, leaf in enumerate(self.packed, 1):
            self.names.of[leaf] = f"w_{number}"
            self.packed[leaf].sort(key=lambda w: w.part.start if w.part is not None else 0)
        for role, value in self.program.outputs:
            if isinstance(role, Gradient) and role.leaf in self.packed:
                self.names.of.setdefault(value, f"d{self.names.of[role.leaf]}")
        floats = (t.dtype for t in (leaf.type for leaf in self.program.leaves))
        self.float = next((d for d in floats if d.startswith("float")), "float64")

    # ---- the text

    def written(self) -> Standalone:
        """All of it."""
        values: dict[Role, Value] = dict(self.program.outputs)
        functions = [self._forward(values)]
        if self.names.has_loss:
            functions.append(self._loss(values[Loss()]))
        if any(isinstance(role, Gradient) for role in values):
            functions.append(self._gradients(values))
        self.kernels |= dict.fromkeys(self.stretches.kernels())
        self.constants |= self.stretches.constants()
        parts = [self._header(), *self._definitions(), LOAD_WEIGHTS.strip("\n"), *functions]
        return Standalone("\n\n\n".join(parts) + "\n", self.constants)

    def _header(self) -> str:
        rows = [(r.name, r.id, r.what, r.shape) for r in self.names.table]
        lines = [
            '"""A neural network in plain NumPy, written by nngraph.',
            "",
            *(INDENT + line for line in self._usage()),
            "",
            "Everything is computed for n samples at once, one in each row: z is what a node",
            "gives, a what its activation is applied to, u anything else in between.",
            "",
            *(INDENT + line for line in lined_up([("name", "stands for", "kind", "shape"), *rows])),
            '"""',
            "",
        ]
        imports = [*(["import math"] if self.packed else []), "from pathlib import Path"]
        kernel_imports = [text for text in self._kernel_texts() if _is_import(text)]
        return "\n".join(
            [
                *lines,
                *(["from __future__ import annotations", ""] if self.kernels else []),
                *sorted({*imports, *(t for t in kernel_imports if "numpy" not in t)}, key=_by_kind),
                "",
                "import numpy as np",
                *(t for t in kernel_imports if t.startswith("from numpy")),
                *self._module_constants(),
            ]
        )

    def _usage(self) -> list[str]:
        arguments = ", ".join(["weights", *self._parameters(self.names.inputs.values())])
        return ["weights = load_weights()", f"outputs = forward({arguments})"]

    def _module_constants(self) -> list[str]:
        lines: list[str] = []
        for leaf, name in self.tables.items():
            lines += ["", f"{name} = {{"]
            lines += [f"{INDENT}{literal(w.id)}: {w.shape}," for w in self.packed[leaf]]
            lines.append("}")
        if self.arrays:
            lines.append("")
        return [*lines, *self.arrays.values()]

    def _definitions(self) -> list[str]:
        kernels = _grouped([text for text in self._kernel_texts() if not _is_import(text)])
        helpers = [HELPERS[name].strip("\n") for name in HELPERS if name in self.helpers]
        helpers += self.stretches.definitions()
        return [*kernels, *helpers, *([PACK.strip("\n")] if self.tables else [])]

    def _kernel_texts(self) -> list[str]:
        known: dict[str, str] = {}
        for function in self.kernels:
            source_of(function, known)
        return [text for name, text in known.items() if name != "np"]

    # ---- the functions

    def _forward(self, values: Mapping[Role, Value]) -> str:
        ends = {name: end_named(name) for name in self.outputs}
        wanted = {name: values[Node(end.node)] for name, end in ends.items()}
        writer = self._writer()
        writer.write(list(dict.fromkeys(wanted.values())))
        end = returned(
            [(literal(name), writer.value(v) + _cut(ends[name])) for name, v in wanted.items()]
        )
        title = "Outputs by node, for inputs with one sample in each row."
        return self._function("forward", self.names.inputs.values(), title, writer, end)

    def _loss(self, loss: Value) -> str:
        writer = self._writer()
        self.names.of.setdefault(loss, "total")
        writer.write([loss])
        last = writer.lines.pop() if writer.lines[-1].startswith(f"{INDENT}total = ") else ""
        end = [f"{INDENT}return {last.partition(' = ')[2] or writer.value(loss)}"]
        title = "The loss of all samples, a number."
        return self._function("loss", self._all_inputs(), title, writer, end)

    def _gradients(self, values: Mapping[Role, Value]) -> str:
        wanted = {r.leaf: v for r, v in values.items() if isinstance(r, Gradient)}
        writer = self._writer()
        writer.write(list(dict.fromkeys(wanted.values())), self._backward_mark())
        plain: list[tuple[str, str]] = []
        unpacked: list[str] = []
        for leaf, value in wanted.items():
            if leaf in self.packed:
                unpacked.append(f"unpack({writer.value(value)}, {self._table(leaf)})")
            else:
                plain.append((literal(self.weight_of[leaf].id), writer.value(value)))
        end = returned(plain, unpacked)
        title = "dL/dW and dL/db of every trained array, by its name in the weights file."
        return self._function("gradients", self._all_inputs(), title, writer, end)

    def _backward_mark(self) -> dict[Value, str]:
        """The comment where values begin that no output of the forward pass needs."""
        roles = [role for role, _ in self.program.outputs if not isinstance(role, Gradient)]
        forward = self.names.values_for(roles)
        made = (out for instr in self.program.body for out in instr.outs)
        return {next(out for out in made if out not in forward): BACKWARD}

    def _writer(self) -> FunctionWriter:
        return FunctionWriter(
            self.names, self._leaf_text, self.helpers, self.kernels, self.stretches
        )

    def _all_inputs(self) -> list[Leaf]:
        names = self.names
        return [*names.inputs.values(), *names.targets.values(), *names.sample_weights]

    def _parameters(self, leaves: Iterable[Leaf]) -> list[str]:
        return [self.names.parameters[leaf] for leaf in leaves if leaf in self.names.parameters]

    def _function(
        self, name: str, inputs: Iterable[Leaf], title: str, writer: FunctionWriter, end: list[str]
    ) -> str:
        inputs = list(inputs)
        parameters = self._parameters(inputs)
        lines = [
            f"def {name}({', '.join(['weights', *parameters])}):",
            f'{INDENT}"""{title}"""',
        ]
        read = [leaf for leaf in self.program.leaves if leaf in writer.leaves]
        for leaf in read:
            lines += self._loaded(leaf)
        lines += self.stretches.loaded(writer.lines)
        if any(re.search(r"\bn\b", line) for line in (*writer.lines, *end)):
            first = next(leaf for leaf in inputs if leaf in self.names.parameters)
            known = self.names.of[first] if first in read else self.names.parameters[first]
            lines.append(f"{INDENT}n = len({known})")
        body = writer.lines
        if body and not body[0].startswith("\n"):
            lines.append("")
        return "\n".join([*lines, *body, *([""] if len(end) > 1 else []), *end])

    # ---- leaves

    def _leaf_text(self, leaf: Leaf) -> Expression:
        if is_per_sample(leaf):
            return Expression("1 / n", PRODUCT)
        if leaf not in self.names.of:
            if not isinstance(leaf, Constant) or leaf.data is None:
                raise InternalError(f"leaf {leaf.id!r} has no place in a readable module")
            stem = leaf.id.rpartition(":")[2] if leaf.id.endswith((":mask", ":mean")) else "c"
            taken = sum(name.startswith(f"{stem}_") for name in self.names.of.values())
            self.names.of[leaf] = f"{stem}_{taken + 1}"
        return Expression(self.names.of[leaf])

    def _loaded(self, leaf: Leaf) -> list[str]:
        """How a leaf enters a function."""
        if is_per_sample(leaf):
            return []
        name = self.names.of[leaf]
        if leaf in self.weight_of:
            return [f"{INDENT}{name} = weights[{literal(self.weight_of[leaf].id)}]"]
        if leaf in self.packed:
            shape = leaf.type.sample_shape
            view = "" if len(shape) == 1 else f".reshape{shape}"
            return [f"{INDENT}{name} = pack(weights, {self._table(leaf)}){view}"]
        if leaf in self.names.parameters:
            given = self.names.parameters[leaf]
            return [f"{INDENT}{name} = np.asarray({given}, np.{self.float})"]
        return self._constant(leaf, name)

    def _table(self, leaf: Leaf) -> str:
        return self.tables.setdefault(leaf, f"SHAPES_{len(self.tables) + 1}")

    def _constant(self, leaf: Leaf, name: str) -> list[str]:
        """A short array stands in the text, a long one in the weights file."""
        assert isinstance(leaf, Constant)
        assert leaf.data is not None
        dtype = "bool_" if leaf.type.dtype == "bool" else leaf.type.dtype
        line = f"{name} = np.array({np.asarray(leaf.data).tolist()}, np.{dtype})"
        line = line.replace("inf", "np.inf")
        if len(line) <= WIDTH and "nan" not in line:
            self.arrays[leaf] = line
            return []
        self.constants[f"constant:{name}"] = np.asarray(leaf.data)
        return [f'{INDENT}{name} = weights["constant:{name}"]']


def _cut(end: End) -> str:
    """What takes the units of an end from its node's rows."""
    return "" if end.stop is None else f"[..., {end.start}:{end.stop}]"


def _grouped(texts: Sequence[str]) -> list[str]:
    """Constants that follow each other together, functions apart; the order stays."""
    grouped: list[str] = []
    previous = "def "
    for text in texts:
        if text.startswith("def ") or previous.startswith("def "):
            grouped.append(text)
        else:
            grouped[-1] += f"\n{text}"
        previous = text
    return grouped


def _is_import(text: str) -> bool:
    return text.startswith(("import ", "from "))


def _by_kind(line: str) -> tuple[bool, str]:
    """Plain imports first, as formatters sort them."""
    return line.startswith("from "), line
