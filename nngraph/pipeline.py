"""The whole story on one page: which passes each program of a network goes through, in order.

    predict  outputs as the network predicts
    train    outputs, loss and gradients as it trains
    update   the optimiser's step over the flat vectors
    read     what a person reads: the standalone module
    export   what another tool gets: outputs alone

Each stage is a tuple of passes, driven once; whoever wants to see, time or print what happens on
the way watches. What a pass must know beside its program, and what must be there for it to find
anything, stands beside it: `With`, `Where`, `Choice`, `Among`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from nngraph.codegen import Mark, Source, generate
from nngraph.errors import UsageError, diagnostic, suggest
from nngraph.ir import Arenas, Op, Param, Program, Role, verify_program
from nngraph.lower import differentiate, differentiate_nodes
from nngraph.ops import (
    BatchNorm,
    FoldChosen,
    FoldRows,
    Fused,
    Gate,
    MaxPool,
    PatchRows,
    PoolFirst,
    Windows,
)
from nngraph.ops.neurons import NeuronDeltas
from nngraph.passes import (
    bias_into_product,
    choose_kernels,
    choose_whole_kernels,
    copy_patches_in_one,
    copy_windows_again,
    eliminate_dead_code,
    expand_into_calls,
    feed_as_read,
    fold_constants,
    fold_what_was_chosen,
    fuse_losses_with_activations,
    fuse_updates,
    gate_in_one,
    gather_cotangents,
    keep_outputs,
    legalise,
    pool_within_convolution,
    remember_maxima,
    share_common_subexpressions,
    simplify,
    spell_out_batch_norms,
    spell_out_neurons,
    spell_out_norms,
    spread_in_one_product,
)
from nngraph.plan import Plan, compute_loss_last, copy_results, first_for_loss, verify_plan
from nngraph.records import dataclass
from nngraph.targets import NUMPY, Target


@dataclass(frozen=True)
class Facts:
    """What passes may ask beside their program."""

    outputs: tuple[Role, ...] = ()
    """The outputs that are wanted."""
    parameters: tuple[Param, ...] | None = ()
    """The leaves for which gradients are wanted; None for all trained ones that the program has."""
    arenas: Arenas | None = None
    """Where weights lie; None for a program without a network."""
    target: Target = NUMPY
    """What is called instead of NumPy."""


@dataclass(frozen=True)
class With:
    """A pass that asks for one of the `Facts`, by its name."""

    function: Callable[..., Program]
    fact: str


@dataclass(frozen=True)
class Where:
    """A pass that writes an op for the sake of its kernel: only where the target has one."""

    function: Callable[[Program], Program]
    op: type[Op]


@dataclass(frozen=True)
class Choice:
    """A pass that chooses kernels: only where the target has any, which it is given."""

    function: Callable[[Program, Target], Program]


@dataclass(frozen=True)
class Among:
    """A pass that changes instructions of this op: only where the program has one."""

    function: Callable[[Program], Program]
    op: type[Op]


Pass: TypeAlias = Callable[[Program], Program] | With | Where | Choice | Among
Passes: TypeAlias = tuple[Pass, ...]
Watch: TypeAlias = Callable[[int, Pass, Program], None]
"""Called after each pass with its number from 1, the pass, and what it made."""

WANTED: Passes = (With(keep_outputs, "outputs"), eliminate_dead_code)

FORWARD: Passes = (
    fuse_losses_with_activations,
    Among(pool_within_convolution, MaxPool),
)
"""On the forward program, before the reverse sweep: the sweep sees the stable forms."""

CLEANED: Passes = (fold_constants, simplify, share_common_subexpressions, eliminate_dead_code)

LEGAL: Passes = (
    *CLEANED,
    Among(gather_cotangents, NeuronDeltas),
    With(bias_into_product, "arenas"),
    Where(remember_maxima, PoolFirst),
    Where(spread_in_one_product, FoldRows),
    Choice(choose_whole_kernels),  # an op with a kernel need not be spelled out
    expand_into_calls,
    *CLEANED,  # what the expansions brought in
    Among(copy_windows_again, Windows),
    Where(copy_patches_in_one, PatchRows),
    Where(remember_maxima, PoolFirst),
    Where(fold_what_was_chosen, FoldChosen),
    Where(gate_in_one, Gate),
    Choice(choose_kernels),
    legalise,
)
"""After it each instruction is one call, view or container."""

PLACED: Passes = (With(copy_results, "arenas"), compute_loss_last)
"""Results that must lie in a given place get values of their own; the loss waits."""

GRADIENTS: Passes = (
    With(differentiate, "parameters"),
    Among(spell_out_batch_norms, BatchNorm),
)

READ_FORWARD: Passes = (
    fuse_losses_with_activations,
    spell_out_neurons,
    spell_out_norms,
    *CLEANED[1:],
)
"""In place of FORWARD where a person will read the program."""

PREDICT: Passes = (*WANTED, *FORWARD, *LEGAL, *PLACED)
TRAIN: Passes = (*WANTED, *FORWARD, *GRADIENTS, *LEGAL, *PLACED)
UPDATE: Passes = (
    *LEGAL,
    feed_as_read,
    Where(fuse_updates, Fused),
    Choice(choose_whole_kernels),
    *PLACED,
)
TRACE: Passes = (*WANTED, *FORWARD, With(differentiate_nodes, "parameters"), *LEGAL, *PLACED)
"""As TRAIN, with a and delta of every node, which are outputs of the program that it is given."""
READ: Passes = (*READ_FORWARD, With(keep_outputs, "outputs"), *GRADIENTS, *CLEANED)
"""What a person would have written, before choices made only for speed."""
EXPORT: Passes = (*WANTED, *CLEANED)
"""What another tool gets: the outputs as the network predicts, in ops that stand for themselves."""


@dataclass(frozen=True)
class Stage:
    """A legal program, where everything in it lies, and its source.

    `loss` is the source of what only the loss needs, where that can wait until it is asked for.
    """

    program: Program
    plan: Plan
    source: Source
    loss: Source | None = None

    @property
    def text(self) -> str:
        """All source."""
        return self.source.text + ("" if self.loss is None else f"\n{self.loss.text}")


def finish(program: Program, plan: Plan, arenas: Arenas) -> Stage:
    """The source of a planned program; plan and source are verified.

    Errors: VerifyError.
    """
    verify_plan(program, plan, arenas.parameters.size)
    end, first = len(program.body), first_for_loss(program)
    step = generate(program, plan, range(first))
    loss = generate(program, plan, range(first, end), "loss") if first < end else None
    return Stage(program, plan, step, loss)


def marked(stage: Stage, mark: Mark) -> Stage:
    """The same calls on the same places, those for the loss too, with a mark after each."""
    return replace(stage, source=generate(stage.program, stage.plan, mark=mark), loss=None)


def drive(
    program: Program, passes: Sequence[Pass], facts: Facts = Facts(), watch: Watch | None = None
) -> Program:
    """Run passes in order, with the verifier after each that changed something.

    Errors: VerifyError naming the pass that broke the program.
    """
    for number, each in enumerate(passes, 1):
        result = _applied(each, program, facts)
        if not _unchanged(program, result):  # what was verified need not be again
            program = verify_program(result, pass_name(each), program.body)
        if watch is not None:
            watch(number, each, program)
    return program


def pass_name(each: Pass) -> str:
    """The name of a pass: that of its function."""
    function = each.function if isinstance(each, With | Where | Choice | Among) else each
    return function.__name__


def _applied(each: Pass, program: Program, facts: Facts) -> Program:
    match each:
        case With():
            return each.function(program, getattr(facts, each.fact))
        case Where():
            return each.function(program) if each.op in facts.target.rows else program
        case Choice():
            return each.function(program, facts.target) if facts.target.rows else program
        case Among():
            there = any(isinstance(instr.op, each.op) for instr in program.body)
            return each.function(program) if there else program
    return each(program)


def _unchanged(before: Program, after: Program) -> bool:
    return (
        len(before.body) == len(after.body)
        and all(map(operator.is_, before.body, after.body))
        and before.leaves == after.leaves
        and before.outputs == after.outputs
        and before.updates == after.updates
    )


def printer(name: str, passes: Sequence[Pass], show: Callable[[str], None]) -> Watch:
    """A watch that shows the program's text each time a pass of this name has run.

    Errors: UsageError for a name that no pass has, with the names and a suggestion.
    """
    names = list(dict.fromkeys(map(pass_name, passes)))
    if name not in names:
        near = suggest(name, names)
        near = f"; {near}" if near else ""
        raise UsageError(diagnostic("E002:pass", name=name, near=near, passes=", ".join(names)))

    def watch(number: int, each: Pass, program: Program) -> None:
        if pass_name(each) == name:
            show(f"# after {name} (pass {number} of {len(passes)})\n{program}")

    return watch
