"""`dataclass` as in the standard library, but a class pays for its methods when they are used.

The library writes and compiles up to six methods for each class as it is defined: a tenth of a
second for the 300 classes that a command imports, of most of which it makes no instance. Here the
methods are shared, and `__init__`, which has to be quick, is compiled with the first instance.

All else is the library's: `fields`, `replace`, `field`, slots, what frozen and eq mean.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, FrozenInstanceError, fields
from itertools import accumulate, chain
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, frozen=False, eq=True, slots=False):
        """The class with fields, and with the methods of a record."""
        if cls is None:
            return lambda cls: dataclass(cls, frozen=frozen, eq=eq, slots=slots)
        cls.__doc__ = cls.__doc__ or cls.__name__  # or the library writes out a signature
        cls = dataclasses.dataclass(cls, init=False, repr=False, eq=False, slots=slots)
        methods = {"__init__": _first_init(cls, frozen), "__repr__": _show}
        if frozen:
            methods |= {"__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
            methods |= {"__setstate__": _restore} if slots else {}
        if eq:
            methods |= _comparison(cls, frozen)
        own = vars(cls)
        for name, method in methods.items():
            if name not in own or own[name] is None:  # None: a class with __eq__ has no __hash__
                setattr(cls, name, method)
        return cls


def _first_init(cls: type, frozen: bool) -> Callable[..., None]:
    """An `__init__` that puts the compiled one in its place."""

    def first(self: Any, *values: Any, **named: Any) -> None:
        compiled = _compiled_init(cls, frozen)
        if vars(cls)["__init__"] is first:
            cls.__init__ = compiled  # type: ignore[misc]
        compiled(self, *values, **named)

    return first


def _compiled_init(cls: type, frozen: bool) -> Callable[..., None]:
    """`__init__` of a record, with a parameter for each field that is given."""
    space: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters, lines = ["self"], []
    for field in fields(cls):
        name = value = parameter = field.name
        if field.default_factory is not MISSING:
            space[f"_new_{name}"] = field.default_factory
            parameter = f"{name}=_MISSING"
            value = f"_new_{name}() if {name} is _MISSING else {name}"
        elif field.default is not MISSING:
            space[f"_default_{name}"] = field.default
            parameter = f"{name}=_default_{name}"
        if field.init:
            parameters.append(parameter)
        else:
            value = f"_default_{name}"
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines or ["pass"]), space)
    compiled: Callable[..., None] = space["__init__"]
    compiled.__qualname__ = f"{cls.__qualname__}.__init__"
    return compiled


def _comparison(cls: type, frozen: bool) -> dict[str, Any]:
    """`__eq__` and, where nothing changes, `__hash__`: those of the values."""
    names = [field.name for field in fields(cls) if field.compare]
    get = attrgetter(*names) if names else lambda record: ()

    def equal(self: Any, other: object) -> bool:
        return get(self) == get(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: Any) -> int:
        return hash(get(self))

    return {"__eq__": equal, "__hash__": hashed if frozen else None}


@recursive_repr()
def _show(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: Any, name: str, value: Any) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _restore(self: Any, state: tuple[None, dict[str, Any]]) -> None:
    """What `pickle` and `copy` kept of the slots, written as `__init__` writes it."""
    for name, value in state[1].items():
        object.__setattr__(self, name, value)


T = TypeVar("T")


class Made(Sequence[T]):
    """A sequence whose members are made when they are asked for, by `make`."""

    __slots__ = ()

    @abstractmethod
    def make(self, at: int) -> T:
        """The member at a place from 0 on."""

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        """One, or some."""
        places = range(len(self))[at]
        return self.make(places) if isinstance(places, int) else tuple(map(self.make, places))


class Joined(Made[T]):
    """Runs of records as one sequence: tuples, and others that make a record when asked for it."""

    runs: tuple[Any, ...]

    def __init__(self, runs: Iterable[Any]) -> None:
        self.runs = tuple(run for run in runs if len(run))
        self._stops = list(accumulate(map(len, self.runs)))

    def __len__(self) -> int:
        return self._stops[-1] if self._stops else 0

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self.runs)

    def make(self, at: int) -> T:
        """From the run in which it lies."""
        number = bisect_right(self._stops, at)
        found: T = self.runs[number][at - (self._stops[number - 1] if number else 0)]
        return found

    @property
    def alone(self) -> Iterator[T]:
        """Those that are records already."""
        return chain.from_iterable(run for run in self.runs if isinstance(run, tuple))
