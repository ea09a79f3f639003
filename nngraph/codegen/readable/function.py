"""One function of a readable module: instructions become statements, short ones are nested."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from nngraph import ops
from nngraph.codegen.readable.layout import assignment
from nngraph.codegen.readable.names import Names
from nngraph.codegen.readable.rows import row_for
from nngraph.codegen.readable.stretches import Stretches
from nngraph.codegen.readable.templates import (
    ATOM,
    POWER,
    PRODUCT,
    Template,
    border_template,
    number_template,
    shape_template,
    view_template,
)
from nngraph.errors import InternalError
from nngraph.ir import (
    PER_SAMPLE,
    Call,
    Fill,
    Input,
    Instr,
    Leaf,
    Ones,
    Operand,
    Prepared,
    ScalarArgument,
    Value,
)
from nngraph.kernels.neuron_scalars import StatesByNumber
from nngraph.records import dataclass

NESTED_AT_MOST = 44  # characters of an expression inside another one
LINE_AT_MOST = 80  # characters of a statement's expression


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression and how tightly it binds."""

    text: str
    level: int = ATOM

    def inside(self, need: int) -> str:
        """The expression as an operand."""
        return self.text if self.level >= need else f"({self.text})"


@dataclass
class FunctionWriter:
    """Writes the statements that compute some values, and notes what they lean on."""

    names: Names
    leaf_text: Callable[[Leaf], Expression]
    helpers: dict[str, None] = field(default_factory=dict)
    kernels: dict[Callable[..., Any], None] = field(default_factory=dict)
    stretches: Stretches = field(default_factory=Stretches)
    lines: list[str] = field(default_factory=list)
    leaves: dict[Leaf, None] = field(default_factory=dict)

    def write(self, wanted: Sequence[Value], marks: Mapping[Value, str] | None = None) -> None:
        """Statements for all that `wanted` needs. `marks`: comments before values."""
        self.texts: dict[Value, Expression] = {}
        self.nested: dict[Value, None] = {}
        self.uses = Counter(wanted)
        named = set(wanted)
        steps: list[tuple[Instr, Value, Template]] = []
        for instr in reversed(self.names.program.body):
            if not any(out in self.uses for out in instr.outs):
                continue
            for out, template in zip(instr.outs, self._templates(instr), strict=True):
                if out in self.uses:
                    self.uses.update(instr.args[k] for k in template.operands)
                    named.update(instr.args[k] for k in template.named)
                    steps.append((instr, out, template))
        pending = dict(marks or {})
        for instr, out, template in reversed(steps):
            if out in pending:
                self.lines.append(pending.pop(out))
            self._statement(instr, out, template, named=out in named)

    def value(self, value: Value, need: int = 0) -> str:
        """A value that was written, as an operand."""
        return self._text(value).inside(need)

    def _text(self, value: Value) -> Expression:
        if isinstance(value, Leaf):
            self.leaves[value] = None
            return self.leaf_text(value)
        return self.texts[value]

    def _statement(self, instr: Instr, out: Value, template: Template, *, named: bool) -> None:
        text = self._composed(instr, template)
        while len(text.text) > LINE_AT_MOST and self._name_longest(instr):
            text = self._composed(instr, template)
        for helper in template.helpers:
            self.helpers[helper] = None
        name = self.names.of.get(out)
        short = len(text.text) <= NESTED_AT_MOST
        if name is None and not named and self.uses[out] == 1 and short:
            self.texts[out] = text
            self.nested[out] = None
            return
        self._assign(out, text)

    def _assign(self, value: Value, text: Expression) -> None:
        if value not in self.names.of:
            temporaries = sum(name.startswith("u_") for name in self.names.of.values())
            self.names.of[value] = f"u_{temporaries + 1}"
        name = self.names.of[value]
        self.lines += assignment(name, text.text)
        self.texts[value] = Expression(name)
        self.nested.pop(value, None)

    def _name_longest(self, instr: Instr) -> bool:
        """Give the longest nested operand a name of its own; False where none is nested."""
        nested = [arg for arg in instr.args if arg in self.nested]
        if not nested:
            return False
        longest = max(nested, key=lambda arg: len(self.texts[arg].text))
        self._assign(longest, self.texts[longest])
        return True

    def _composed(self, instr: Instr, template: Template) -> Expression:
        special = self._by_batch(instr)
        if special is not None:
            return special
        operands = {
            k: self._text(instr.args[k]).inside(template.need(k)) for k in template.operands
        }
        text = template.filled(operands)
        if template.level == POWER:  # formatters write x**2, but (x + y) ** 2
            text = re.sub(r"(?<![\w.)\]])(\w+) \*\* ", r"\1**", text)
        return Expression(text, template.level)

    def _by_batch(self, instr: Instr) -> Expression | None:
        """x times 1 / n is x / n, and k times 1 / n is k / n."""
        match instr.op:
            case ops.Multiply():
                for x, other in (instr.args, instr.args[::-1]):
                    if is_per_sample(other):
                        return Expression(f"{self._text(x).inside(PRODUCT)} / n", PRODUCT)
            case ops.ScaleBy(factor=factor) if is_per_sample(instr.args[0]):
                top, slash, bottom = number_template(factor).partition(" / ")
                return Expression(f"{top} / ({bottom} * n)" if slash else f"{top} / n", PRODUCT)
        return None

    # ---- ops without a row

    def _templates(self, instr: Instr) -> tuple[Template, ...]:
        row = row_for(instr.op)
        if row is not None:
            return row(instr.op, instr.types)
        view, container = instr.view, instr.container
        call, template = instr.call, None
        if view is not None:
            template = view_template(view)
        elif container is not None:
            template = border_template(container, instr.outs[0].type)
        elif call is not None and len(instr.outs) == 1:
            template = self._call(call, instr)
        if template is None:
            raise InternalError(f"{instr.op} has no form that a person could read")
        return (template,)

    def _call(self, call: Call, instr: Instr) -> Template:
        """NumPy's function, or a kernel that writes a new array."""
        arguments = call.arguments
        if arguments is None:
            arguments = tuple(Operand(k) for k in range(len(instr.args)))
        parts = [_argument(argument) for argument in arguments]
        name = call.name
        if not name.startswith("np."):
            name = self._kernel(call.function)
            out = instr.outs[0].type
            parts.append(f"out=np.empty({shape_template(out.shape)}, np.{_numpy(out.dtype)})")
        parts += [f"{key}={self._keyword(value)}" for key, value in call.keywords]
        return Template(f"{name}({', '.join(parts)})")

    def _kernel(self, function: Any) -> str:
        """What is called: a function, or what a class makes of its arguments."""
        if isinstance(function, StatesByNumber):  # the same for few samples, only quicker
            function = function.by_level
        if not isinstance(function, Prepared):
            self.kernels[function] = None
            return str(function.__name__)
        self.kernels[type(function)] = None
        return self.stretches.made(type(function).__name__, map(self._keyword, function.made_of))

    def _keyword(self, value: object) -> str:
        if (name := self.stretches.name(value)) is not None:
            return name
        # braces of the text would be taken for places of operands
        return repr(value).replace("{", "{{").replace("}", "}}")


def _argument(argument: Operand | Fill | Ones | ScalarArgument) -> str:
    match argument:
        case Operand(index):
            return f"{{{index}}}"
        case Ones(like):
            return f"np.ones(len({{{like}}}))"
        case Fill(value) | ScalarArgument(value):
            return number_template(value)


def _numpy(dtype: str) -> str:
    return "bool_" if dtype == "bool" else dtype


def is_per_sample(value: Value) -> bool:
    """Whether a value is the leaf that holds 1 / n."""
    return isinstance(value, Input) and value.fed_with == PER_SAMPLE
