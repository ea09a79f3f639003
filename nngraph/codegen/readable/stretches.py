"""Long stretches of single neurons in a readable module: their wiring, and their functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import field, fields, is_dataclass
from typing import Any

import numpy as np

from nngraph.codegen.readable.layout import INDENT, WIDTH
from nngraph.ir import Array
from nngraph.kernels.neurons import NeuronFunction
from nngraph.kernels.rows import RowCall, RowFunction
from nngraph.kernels.wiring import Wiring
from nngraph.records import dataclass

ARRAYS = ("sources", "slots", "offsets", "biases", "slopes", "segments")

WIRED = '''
def wired(weights, name, columns, size, functions):
    """The wiring of single neurons, from the index arrays in the weights file."""
    names = ("sources", "slots", "offsets", "biases", "slopes", "segments")
    *parts, segments = (weights[f"constant:{name}.{part}"] for part in names)
    return Wiring(columns, size, functions, *parts, tuple(map(tuple, segments.tolist())))
'''


@dataclass
class Stretches:
    """The records that functions of a module name, and what these lean on."""

    wirings: dict[Wiring, str] = field(default_factory=dict)
    functions: dict[tuple[NeuronFunction, ...], str] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)

    def made(self, name: str, arguments: Iterable[str]) -> str:
        """What an instance of a class is called in the module."""
        text = f"{name}({', '.join(arguments)})"
        return self.instances.setdefault(text, f"stretch_{len(self.instances) + 1}")

    def name(self, value: object) -> str | None:
        """What a keyword is called in the module; None where it is written as it stands."""
        if isinstance(value, Wiring):
            return self.wirings.setdefault(value, f"wiring_{len(self.wirings) + 1}")
        if isinstance(value, tuple) and value and isinstance(value[0], NeuronFunction):
            return self.functions.setdefault(value, f"FUNCTIONS_{len(self.functions) + 1}")
        return None

    def kernels(self) -> Iterable[Callable[..., Any]]:
        """Classes and functions whose text the module needs."""
        if not self.wirings:
            return
        yield Wiring
        yield from (NeuronFunction, RowFunction, RowCall)
        for functions in self.functions:
            for function in functions:
                for rows in (function.forward, function.back):
                    for call in rows.calls:
                        if not isinstance(call.function, np.ufunc):
                            yield call.function

    def loaded(self, lines: Iterable[str]) -> list[str]:
        """How the wirings and instances that occur in a function enter it."""
        text = "\n".join(lines)
        made = [(n, whole) for whole, n in self.instances.items() if _occurs(n, text)]
        text += "".join(whole for _, whole in made)
        wired = [
            f'{INDENT}{name} = wired(weights, "{name}", {wiring.columns}, {wiring.size}, '
            f"{wiring.functions!r})"
            for wiring, name in self.wirings.items()
            if _occurs(name, text)
        ]
        return [*wired, *(f"{INDENT}{name} = {whole}" for name, whole in made)]

    def definitions(self) -> list[str]:
        """The text of the functions, and of what makes a wiring."""
        if not self.wirings:
            return []
        values = ("\n".join(_text(f"{name} = ", v)) for v, name in self.functions.items())
        return [WIRED.strip("\n"), *values]

    def constants(self) -> dict[str, Array]:
        """Index arrays for the weights file."""
        return {
            f"constant:{name}.{part}": np.asarray(getattr(wiring, part), np.int64)
            for wiring, name in self.wirings.items()
            for part in ARRAYS
        }


def _occurs(name: str, text: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def _text(head: str, value: object, indent: str = "") -> list[str]:
    """A value as the expression that makes it, broken where it is long."""
    opening, items, closing = _parts(value)
    whole = f"{indent}{head}{opening}{', '.join(_flat(item) for item in items)}{closing}"
    if not items or len(whole) <= WIDTH:
        return [f"{indent}{head}{_flat(value)}"]
    lines = [f"{indent}{head}{opening}"]
    for item in items:
        inner = _text("", item, indent + INDENT)
        lines += [*inner[:-1], f"{inner[-1]},"]
    return [*lines, f"{indent}{closing}"]


def _flat(value: object) -> str:
    opening, items, closing = _parts(value)
    comma = "," if isinstance(value, tuple) and len(items) == 1 else ""
    return f"{opening}{', '.join(map(_flat, items))}{comma}{closing}"


def _parts(value: object) -> tuple[str, list[object], str]:
    """What opens an expression, its parts, what closes it."""
    if isinstance(value, tuple):
        return "(", list(value), ")"
    if is_dataclass(value):
        items = [getattr(value, item.name) for item in fields(value)]
        return f"{type(value).__name__}(", items, ")"
    if isinstance(value, np.ufunc):
        return f"np.{value.__name__}", [], ""
    return str(getattr(value, "__name__", repr(value))), [], ""
