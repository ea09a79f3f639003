"""What an output of a program is: typed, never parsed from text.

Each role prints as the text form of programs writes it; people and tests ask by that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from nngraph.ir.values import Leaf
from nngraph.records import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """An output: z of a node, N first."""

    id: str

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Loss:
    """An output: the loss, or one of its terms, by number; a scalar."""

    term: int | None = None

    def __str__(self) -> str:
        return "loss" if self.term is None else f"loss_{self.term}"


@dataclass(frozen=True, slots=True)
class Gradient:
    """An output: dL/dleaf, of the type of the leaf."""

    leaf: Leaf

    def __str__(self) -> str:
        return f"gradient:{self.leaf.id}"


@dataclass(frozen=True, slots=True)
class PreActivation:
    """An output: a of a node, N first; what its function is applied to, z where it has none."""

    id: str

    def __str__(self) -> str:
        return f"a:{self.id}"


@dataclass(frozen=True, slots=True)
class Delta:
    """An output: delta of a node, dL/da, of the type of a."""

    id: str

    def __str__(self) -> str:
        return f"delta:{self.id}"


Role: TypeAlias = Node | Loss | Gradient | PreActivation | Delta


def parse_role(text: str, leaves: Iterable[Leaf]) -> Role:
    """The role of a text form, in a program with these leaves: a node's, where it is no other's.

    >>> parse_role("loss", ()), parse_role("y", ())
    (Loss(term=None), Node(id='y'))
    >>> parse_role("delta:y", ())
    Delta(id='y')
    """
    leaves = tuple(leaves)
    others: list[Role] = [*map(Gradient, leaves), Loss(), *map(Loss, range(len(leaves)))]
    _, colon, id_ = text.partition(":")
    if colon:
        others += [role(id_) for role in (PreActivation, Delta) if str(role(id_)) == text]
    return next((role for role in others if str(role) == text), Node(text))
