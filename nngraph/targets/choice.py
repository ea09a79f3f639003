"""What a program is compiled for: NumPy alone, or NumPy with the calls of a target."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal, TypeAlias, cast

from nngraph.errors import UsageError, diagnostic
from nngraph.ir import Instr
from nngraph.kernels.compiled.jit import obstacle
from nngraph.targets.compiled import COMPILED
from nngraph.targets.target import NUMPY, Target

TARGETS: tuple[Target, ...] = (COMPILED,)

VARIABLE = "NNGRAPH_KERNELS"
WORTH = 100_000
"""Floating-point operations a sample, from which a training gains more than numba's import."""

Choice: TypeAlias = Literal["auto", "never", "always"]


def kernel_choice() -> Choice:
    """What the environment variable NNGRAPH_KERNELS says; auto where it says nothing.

    Errors: UsageError for another word.
    """
    word = os.environ.get(VARIABLE, "").strip() or "auto"
    if word not in ("auto", "never", "always"):
        raise UsageError(diagnostic("E002:kernels", variable=VARIABLE, word=word))
    return cast(Choice, word)


def kernels_wanted(flops: int) -> bool:
    """Whether a network that takes so many operations for a sample is compiled with kernels.

    They are chosen where they are installed and the network is large enough. The environment
    variable NNGRAPH_KERNELS says otherwise: never, always, or auto.

    Errors: UsageError for another word, and for always where they cannot be compiled.
    """
    choice = kernel_choice()
    if choice == "never" or (choice == "auto" and flops < WORTH):
        return False
    problem = obstacle()
    if problem is not None and choice == "always":
        raise UsageError(diagnostic("E002:no-kernels", variable=VARIABLE, problem=problem))
    return problem is None


def calls_of(body: Iterable[Instr]) -> str:
    """Whose calls instructions are: NumPy's, and those of the targets that stand in for it."""
    names = {instr.kernel.target for instr in body if instr.kernel is not None}
    called = (NUMPY, *(target for target in TARGETS if target.name in names))
    return " with ".join(target.made_by() for target in called)
