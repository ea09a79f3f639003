"""Legal program -> source text of one function, in a closed grammar.

The text is a function of the program's structure alone: names are minted, numbers, arrays and
functions enter through the namespace, no text of a spec ever reaches it.

    def step():
        matmul(v0, v1, out=v5)
        maximum(v5, c0, out=v6)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, TypeAlias

from nngraph.codegen.grammar import verify_source
from nngraph.errors import InternalError
from nngraph.ir import Argument, Call, Fill, Instr, Ones, Operand, Program, Scalar, Value


@dataclass(frozen=True, slots=True)
class Several:
    """A tuple of arrays: the results of a call that writes more than one."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """An array or number beside the operands, in the layout of the value `like`."""

    argument: Fill | Ones | Scalar
    like: Value


@dataclass(frozen=True, slots=True)
class Fixed:
    """The value of a fixed keyword; of its type, for 0 and false are equal to Python."""

    value: Any
    type: type


@dataclass(frozen=True, slots=True)
class Function:
    """A NumPy function or kernel."""

    function: Callable[..., Any]


Binding: TypeAlias = Value | Several | Extra | Fixed | Function


@dataclass(frozen=True)
class Source:
    """The text, its code object, and what each name in it stands for."""

    text: str
    code: CodeType
    names: Mapping[str, Binding]


def generate(program: Program) -> Source:
    """Write a legal program as source; verified against the grammar before it is compiled.

    Errors: InternalError for an instruction that is no call, view or container.
    """
    writer = _Writer()
    for value in program.leaves:
        writer.mint_value(value)
    lines = [line for instr in program.body for line in writer.statement(instr)]
    text = "\n".join(["def step():", *(f"    {line}" for line in lines or ["return ()"])]) + "\n"
    verify_source(text, writer.names)
    module = compile(text, "<nngraph step>", "exec", dont_inherit=True)
    code = next(c for c in module.co_consts if isinstance(c, CodeType))
    return Source(text, code, writer.names)


@dataclass
class _Writer:
    names: dict[str, Binding] = field(default_factory=dict)
    values: dict[Value, str] = field(default_factory=dict)
    others: dict[Binding, str] = field(default_factory=dict)
    minted: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def statement(self, instr: Instr) -> list[str]:
        """The call of an instruction; views and containers cost nothing at run time."""
        types = [a.type for a in instr.args]
        for out in instr.outs:
            self.mint_value(out)
        call = instr.op.call(*types)
        if instr.op.view(*types) is not None or instr.op.container(*types) is not None:
            return []
        if call is None:
            raise InternalError(f"{instr.op} is no call, view or container: legalise first")
        arguments = call.arguments
        if arguments is None:
            arguments = tuple(Operand(n) for n in range(len(instr.args)))
        parts = [self.argument(a, instr) for a in arguments]
        parts.append(f"out={self.result(instr)}")
        parts += [
            f"{key}={self.other(Fixed(value, type(value)), 'k')}" for key, value in call.keywords
        ]
        return [f"{self.function(call)}({', '.join(parts)})"]

    def mint_value(self, value: Value) -> None:
        """Give a value its number; the name enters the namespace when it is used."""
        self.values[value] = f"v{self.count}"
        self.count += 1

    def value(self, value: Value) -> str:
        name = self.values[value]
        self.names[name] = value
        return name

    def result(self, instr: Instr) -> str:
        if len(instr.outs) == 1:
            return self.value(instr.outs[0])
        return self.other(Several(instr.outs), "t")

    def argument(self, argument: Argument, instr: Instr) -> str:
        if isinstance(argument, Operand):
            return self.value(instr.args[argument.index])
        return self.other(Extra(argument, instr.args[argument.like]), "c")

    def function(self, call: Call) -> str:
        return self.other(Function(call.function), _identifier(call.name))

    def other(self, binding: Binding, prefix: str) -> str:
        """The name of a binding that is no value; equal ones share a name."""
        if binding not in self.others:
            taken = self.minted[prefix]
            self.minted[prefix] += 1
            plain = isinstance(binding, Function) and taken == 0
            name = prefix if plain else f"{prefix}_{taken}"
            self.others[binding] = name
            self.names[name] = binding
        return self.others[binding]


def _identifier(name: str) -> str:
    """A name from the compiler's own vocabulary as an identifier."""
    return re.sub(r"\W", "_", name)
