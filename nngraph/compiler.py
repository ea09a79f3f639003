"""The whole story: a document becomes programs, plans and source.

document -> graph -> forward program -> stable fusions -> gradients -> optimised, legal
         -> plan -> source
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from nngraph.codegen import Source, generate, kernels_wanted
from nngraph.errors import CapacityError, Diagnostic, VerifyError, join_words
from nngraph.graph import Graph, build_graph
from nngraph.ir import (
    FLAT,
    ITEM_BYTES,
    Arena,
    Arenas,
    Array,
    Constant,
    DType,
    Part,
    Program,
    State,
    verify,
)
from nngraph.lower import Lowered, Regularisation, differentiate, lower, optimizer_program
from nngraph.passes import (
    COMPILED_PIPELINE,
    FORWARD_PIPELINE,
    PIPELINE,
    Passes,
    eliminate_dead_code,
    knowing,
    run,
)
from nngraph.plan import (
    Memory,
    Plan,
    bytes_by_origin,
    copy_results,
    is_loss,
    make_plan,
    scratch_bytes,
    spread,
    verify_plan,
)
from nngraph.spec import Document
from nngraph.spec.collector import collector_paused
from nngraph.spec.optimizers import Clip

MEMORY_SHARE = 0.8  # of the machine's memory that one network may ask for


@dataclass(frozen=True)
class Stage:
    """A legal program, where everything in it lies, and its source."""

    program: Program
    plan: Plan
    source: Source


def compile_document(document: Document, *, kernels: bool | None = None) -> Compiled:
    """Check a document's graph and meaning and hand back the network, its stages made on demand.

    `kernels` says whether training calls compiled kernels; None: where installed and worth it.
    Errors: SpecError, CapacityError.
    """
    with collector_paused(len(document.source.text)):
        compiled = Compiled(document, build_graph(document), kernels)
        compiled.check_memory(compiled.planned_batch)
    return compiled


@dataclass(frozen=True)
class Compiled:
    """A network. Stages are made when asked for and kept."""

    document: Document
    graph: Graph
    kernels: bool | None = None

    def __post_init__(self) -> None:
        _ = self.lowered, self.training  # all errors of meaning are told now

    # ---- lowering

    @cached_property
    def lowered(self) -> Lowered:
        """The forward program as it predicts (dropout is the identity)."""
        return lower(self.graph, training=False)

    @cached_property
    def training(self) -> Lowered | None:
        """The forward program as it trains; None for a spec without a loss."""
        if not self.document.spec.loss:
            return None
        return lower(self.graph, training=True)

    @property
    def parameters(self) -> int:
        """How many numbers all weights and biases have, trained or fixed (no running means)."""
        weights = self.lowered.weights
        return sum(weight.size for weight in weights if not isinstance(weight.leaf, State))

    @property
    def trainable(self) -> int:
        """How many of them are trained."""
        return self.lowered.trainable_count

    @property
    def output_nodes(self) -> tuple[str, ...]:
        """The nodes whose values a prediction gives: the outputs, and those that have a loss."""
        names = [end.node for end in self.graph.outputs]
        names += [target.node for target in self.lowered.targets]
        return tuple(dict.fromkeys(names))

    @cached_property
    def training_passes(self) -> Passes:
        """The pipeline of training: with compiled kernels or without."""
        wanted = self.kernels
        if wanted is None:
            program = (self.training or self.lowered).program
            wanted = kernels_wanted(program_flops(program, 1))
        return knowing(COMPILED_PIPELINE if wanted else PIPELINE, self.arenas)

    # ---- programs

    def forward_program(self, outputs: Sequence[str]) -> Program:
        """The optimised, legal program of these outputs, as it predicts."""
        return run(_fused(self.lowered, outputs), knowing(PIPELINE, self.arenas))

    def gradient_program(self, *, training: bool = True) -> Program:
        """The optimised, legal program of loss, outputs and all gradients."""
        lowered = self.training if training else self.lowered
        if lowered is None:
            raise VerifyError("a spec without a loss has no gradients")
        forward = _fused(lowered, self.step_outputs)
        program = verify(differentiate(forward, lowered.parameters), "the reverse sweep")
        return run(program, self.training_passes)

    @property
    def step_outputs(self) -> tuple[str, ...]:
        """What a step gives: the loss, each of its terms, and the output nodes."""
        names = [name for name, _ in self.lowered.program.outputs if is_loss(name)]
        return (*names, *self.output_nodes)

    @cached_property
    def _gradient_program(self) -> Program | None:
        return self.gradient_program() if self.training is not None else None

    @cached_property
    def _evaluation_program(self) -> Program:
        return self.forward_program(self.step_outputs)

    @cached_property
    def _update_program(self) -> Program | None:
        program = self._written_update(spread)
        return run(program, self.training_passes) if program is not None else None

    def _written_update(self, spread: Spread) -> Program | None:
        """The optimiser as it is written; `spread` makes its vectors of scales."""
        train = self.document.spec.train
        if train is None:
            return None
        arena, weights = self.arenas.parameters, self.lowered.weights
        trained = [w for w in weights if w.leaf.id in arena.regions]
        clip = train.clip or Clip.model_construct()
        decayed = trained if train.decay or train.l1 else []
        extras = Regularisation(
            train.decay,
            train.l1,
            clip.norm,
            clip.value,
            spread(arena, [(w.leaf.id, w.part, s) for w in decayed if (s := w.decay_scale) != 1]),
            spread(arena, [(w.leaf.id, w.part, s) for w in trained if (s := w.rate_scale) != 1]),
        )
        program = optimizer_program(train.optimizer, self.dtype, extras)
        return verify(program, "writing the optimiser")

    # ---- stages

    @property
    def dtype(self) -> DType:
        """float32 or float64."""
        return self.document.spec.dtype

    @cached_property
    def arenas(self) -> Arenas:
        """Where all weights lie, the same for every stage."""
        return self.lowered.arenas

    def planned(self, program: Program) -> tuple[Program, Plan]:
        """A legal program made ready for its plan, and the plan. Allocates nothing."""
        prepared = copy_results(program, self.arenas)
        return prepared, make_plan(prepared, self.arenas)

    @cached_property
    def _main_plan(self) -> tuple[Program, Plan]:
        """Of the program that needs the most: gradients where there is a loss."""
        return self.planned(self._gradient_program or self._evaluation_program)

    def stage(self, program: Program) -> Stage:
        """Plan a legal program and write its source; both are verified."""
        return self._finished(*self.planned(program))

    def _finished(self, program: Program, plan: Plan) -> Stage:
        with collector_paused(len(self.document.source.text)):
            verify_plan(program, plan, self.arenas.parameters.size)
            return Stage(program, plan, generate(program, plan.tiling))

    @cached_property
    def gradient_stage(self) -> Stage | None:
        """One training step up to the gradients; None for a spec without a loss."""
        return self._finished(*self._main_plan) if self.training is not None else None

    @cached_property
    def evaluation_stage(self) -> Stage:
        """Outputs and loss as the network predicts."""
        if self.training is None:
            return self._finished(*self._main_plan)
        return self.stage(self._evaluation_program)

    @cached_property
    def update_stage(self) -> Stage | None:
        """The optimiser's step over the flat vectors; None for a spec without `train`."""
        program = self._update_program
        return self.stage(program) if program is not None else None

    # ---- memory

    @property
    def planned_batch(self) -> int:
        """The batch size that the file names, 1 where it names none."""
        train = self.document.spec.train
        return train.batch_size if train is not None and isinstance(train.batch_size, int) else 1

    def memory(self, batch: int) -> Memory:
        """What a step on `batch` samples needs, in exact bytes, without allocating any of it."""
        prepared, plan = self._main_plan
        arenas = self.arenas
        axes = {"N": batch, "P": arenas.parameters.size}
        item = ITEM_BYTES[self.dtype]
        flat = arenas.parameters.size * item
        update = self._written_update(_nothing_spread)  # only which vectors there are
        leaves = update.leaves if update is not None else ()
        states = sum(isinstance(s, State | Constant) and s.type.shape == (FLAT,) for s in leaves)
        return Memory(
            parameters=flat,
            gradients=flat if self.training is not None else 0,
            states=states * flat,
            fixed=arenas.fixed.size * item,
            scratch=scratch_bytes(prepared, plan, axes),
            by_origin=bytes_by_origin(prepared, plan, arenas, axes),
        )

    def check_memory(self, batch: int, available: int | None = None) -> Memory:
        """The memory of a step; refused where it asks for more than 80 % of the machine's.

        Errors: CapacityError, which names the three largest nodes.
        """
        memory = self.memory(batch)
        limit = int((available or machine_memory()) * MEMORY_SHARE)
        if memory.total > limit:
            raise CapacityError(self._too_large(memory, limit, batch))
        return memory

    def _too_large(self, memory: Memory, limit: int, batch: int) -> Diagnostic:
        nodes: dict[str, int] = {}
        owner = self._owners()
        for id_, size in memory.by_origin.items():
            node = owner.get(id_, id_)
            nodes[node] = nodes.get(node, 0) + size
        largest = sorted(nodes, key=lambda n: -nodes[n])[:3]
        told = [f"'{n}' with its weights {in_units(nodes[n])}" for n in largest]
        entry = self.document.nodes.get(largest[0]) if largest else None
        return Diagnostic(
            "E601",
            f"the network needs {in_units(memory.total)} for a step on {batch} sample"
            f"{'s' * (batch != 1)}; this machine allows {in_units(limit)}",
            span=entry.span if entry is not None else None,
            label="the largest node",
            help=f"the largest: {join_words(told)}; fewer units or a smaller batch_size would fit",
        )

    def _owners(self) -> dict[str, str]:
        """The node to which each edge, weight and packed leaf counts."""
        owner = {edge.id: edge.target.node for edge in self.document.edges}
        for weight in self.lowered.weights:
            node = owner.get(weight.id, weight.id.partition(".")[0])
            owner.setdefault(weight.id, node)
            owner.setdefault(weight.leaf.id, node)
        return owner


def _fused(lowered: Lowered, outputs: Sequence[str]) -> Program:
    """The forward program of some outputs, in its stable forms."""
    program = lowered.program
    wanted = set(outputs)
    kept = tuple((name, value) for name, value in program.outputs if name in wanted)
    needed = eliminate_dead_code(replace(program, outputs=kept))
    return run(verify(needed, "lowering"), FORWARD_PIPELINE)


def program_flops(program: Program, batch: int) -> int:
    """Floating-point operations of a program on `batch` samples."""
    total = 0
    for instr in program.body:
        per_sample, per_step = instr.op.flops(*(a.type for a in instr.args))
        total += per_sample * batch + per_step
    return total


Spread: TypeAlias = Callable[[Arena, Sequence[tuple[str, Part | None, float]]], Array | None]


def _nothing_spread(
    arena: Arena, numbers: Sequence[tuple[str, Part | None, float]]
) -> Array | None:
    """In place of `spread`: whether there is a vector, without its memory."""
    return np.ones(1) if numbers else None


def machine_memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def in_units(size: int) -> str:
    """Bytes for people.

    >>> in_units(3 * 2**30)
    '3.0 GiB'
    """
    value, units = float(size), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} bytes" if units[0] == "bytes" else f"{value:.1f} {units[0]}"
