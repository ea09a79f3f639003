"""The order of the passes, and the one function that runs them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TypeAlias

from nngraph.errors import Diagnostic, UsageError, suggest
from nngraph.ir import Arenas, Program, verify
from nngraph.passes.bias_into_product import bias_into_product
from nngraph.passes.choose_kernels import choose_kernels, choose_whole_kernels
from nngraph.passes.copy_patches_in_one import copy_patches_in_one
from nngraph.passes.copy_windows_again import copy_windows_again
from nngraph.passes.eliminate_dead_code import eliminate_dead_code
from nngraph.passes.expand_into_calls import expand_into_calls
from nngraph.passes.fold_constants import fold_constants
from nngraph.passes.fold_what_was_chosen import fold_what_was_chosen
from nngraph.passes.fuse_sigmoid_with_binary_cross_entropy import (
    fuse_sigmoid_with_binary_cross_entropy,
)
from nngraph.passes.fuse_softmax_with_cross_entropy import fuse_softmax_with_cross_entropy
from nngraph.passes.gate_in_one import gate_in_one
from nngraph.passes.legalise import legalise
from nngraph.passes.pool_within_convolution import pool_within_convolution
from nngraph.passes.remember_maxima import remember_maxima
from nngraph.passes.share_common_subexpressions import share_common_subexpressions
from nngraph.passes.simplify import simplify
from nngraph.passes.spell_out_neurons import spell_out_neurons
from nngraph.passes.spread_in_one_product import spread_in_one_product

Pass: TypeAlias = Callable[[Program], Program]
Passes: TypeAlias = tuple[Pass, ...]

STABLE_FORMS: Passes = (
    fuse_softmax_with_cross_entropy,
    fuse_sigmoid_with_binary_cross_entropy,
)

FORWARD_PIPELINE: Passes = (*STABLE_FORMS, pool_within_convolution)
"""Run on the forward program, before the reverse sweep: the sweep sees the stable forms."""

PIPELINE: Passes = (
    fold_constants,
    simplify,
    share_common_subexpressions,
    eliminate_dead_code,
    bias_into_product,
    expand_into_calls,
    fold_constants,  # what the expansions brought in
    simplify,
    share_common_subexpressions,
    eliminate_dead_code,
    copy_windows_again,
    legalise,
)
"""Run on every program; after it each instruction is one call, view or container."""

COMPILED_PIPELINE: Passes = (
    *PIPELINE[: PIPELINE.index(expand_into_calls)],
    remember_maxima,
    spread_in_one_product,
    choose_whole_kernels,  # an op with a kernel need not be spelled out
    *PIPELINE[PIPELINE.index(expand_into_calls) : -1],
    copy_patches_in_one,
    remember_maxima,
    fold_what_was_chosen,
    gate_in_one,
    choose_kernels,
    legalise,
)
"""In place of PIPELINE where compiled kernels are called."""

READABLE_FORWARD_PIPELINE: Passes = (
    *STABLE_FORMS,
    spell_out_neurons,
    simplify,
    share_common_subexpressions,
    eliminate_dead_code,
)
"""In place of FORWARD_PIPELINE where a person will read the program."""

READABLE_PIPELINE: Passes = (
    fold_constants,
    simplify,
    share_common_subexpressions,
    eliminate_dead_code,
)
"""The light part: what a person would have written, before choices made only for speed."""


def knowing(passes: Passes, arenas: Arenas) -> Passes:
    """The passes, those that ask where weights lie told so."""

    def told(program: Program) -> Program:
        return bias_into_product(program, arenas)

    told.__name__ = bias_into_product.__name__
    return tuple(told if each is bias_into_product else each for each in passes)


def run(
    program: Program,
    passes: Sequence[Pass],
    print_after: str | None = None,
    show: Callable[[str], None] = print,
) -> Program:
    """Run passes in order, with the verifier after each that changed something.

    `print_after` names a pass: `show` gets the program's text each time that pass has run.

    Errors: UsageError for an unknown name; VerifyError naming the pass that broke the program.
    """
    if print_after is not None:
        check_name(print_after, passes)
    for number, run_pass in enumerate(passes, 1):
        name = run_pass.__name__
        result = run_pass(program)
        if not _unchanged(program, result):  # what was verified need not be again
            program = verify(result, after=name)
        if name == print_after:
            show(f"# after {name} (pass {number} of {len(passes)})\n{program}")
    return program


def _unchanged(before: Program, after: Program) -> bool:
    return (
        len(before.body) == len(after.body)
        and all(map(operator.is_, before.body, after.body))
        and before.leaves == after.leaves
        and before.outputs == after.outputs
        and before.updates == after.updates
    )


def check_name(name: str, passes: Sequence[Pass]) -> None:
    """Refuse a name that no pass has. Errors: UsageError with the names and a suggestion."""
    names = list(dict.fromkeys(p.__name__ for p in passes))
    if name in names:
        return
    near = suggest(name, names)
    raise UsageError(
        Diagnostic(
            "E002",
            f"no pass is named {name!r}" + (f"; {near}" if near else ""),
            help=f"the passes are, in order: {', '.join(names)}",
        )
    )
