"""A compiled network: a document with its graph, its programs, and what they need."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np

from nngraph.errors import CapacityError, VerifyError
from nngraph.files.memory import memory_limit
from nngraph.graph import Graph, build_graph
from nngraph.ir import (
    FLAT,
    ITEM_BYTES,
    Arena,
    Arenas,
    Array,
    Constant,
    DType,
    Loss,
    Node,
    PackedPart,
    Param,
    Program,
    Role,
    State,
    verify_program,
)
from nngraph.lower import (
    Lowered,
    Regularisation,
    lower,
    optimizer_program,
)
from nngraph.pipeline import (
    PREDICT,
    READ,
    TRAIN,
    UPDATE,
    Facts,
    Stage,
    Watch,
    drive,
    finish,
)
from nngraph.plan import (
    Memory,
    Plan,
    bytes_by_origin,
    make_plan,
    program_flops,
    scratch_bytes,
    spread_over_arena,
    vectors_held,
)
from nngraph.plan.too_large import too_large
from nngraph.records import dataclass
from nngraph.spec import Document, End
from nngraph.spec.clip import Clip
from nngraph.spec.read import collector_paused
from nngraph.targets import COMPILED, NUMPY, PREDICTING, Target, kernels_wanted

LOOP_OPERATIONS = 20_000
"""Of a step, forward and backward; up to so many, a loop over numbers is quicker than calls."""

OF_THE_UPDATE = ("_update", "update_stage", "_update_memory", "loop_programs", "_loop_work")
WORKERS = 2  # that compute the shards of a batch, unless told otherwise


def compile_document(document: Document, *, kernels: bool | None = None) -> Network:
    """Check a document's graph and meaning and hand back the network, its stages made on demand.

    `kernels` says whether training calls compiled kernels; None: where installed and worth it.
    Errors: SpecError, CapacityError.
    """
    with collector_paused():
        network = Network(document, build_graph(document), kernels)
        network.check_memory(network.planned_batch)
    return network


@dataclass(frozen=True)
class Network:
    """A network. Stages are made when asked for and kept."""

    document: Document
    graph: Graph
    kernels: bool | None = None

    def __post_init__(self) -> None:
        _ = self.lowered, self.training  # all errors of meaning are told now

    def __reduce__(self) -> tuple[Any, ...]:
        """For `pickle`: stages hold compiled code, so the network is compiled again."""
        return partial(compile_document, kernels=self.kernels), (self.document,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Network:
        """Itself: nothing of it changes."""
        return self

    def retrained(self, document: Document) -> Network:
        """The network of a document in which only `train` is another; nothing is compiled again."""
        other = object.__new__(Network)
        kept = {name: made for name, made in vars(self).items() if name not in OF_THE_UPDATE}
        vars(other).update(kept, document=document)
        return other

    # ---- lowering

    @cached_property
    def lowered(self) -> Lowered:
        """The forward program as it predicts (dropout is the identity)."""
        return lower(self.graph, training=False)

    @cached_property
    def training(self) -> Lowered | None:
        """The forward program as it trains, the same one where no node differs; None for a spec
        without a loss."""
        if not self.document.spec.loss:
            return None
        if self.lowered.is_like_training:
            return self.lowered
        return lower(self.graph, training=True)

    @property
    def parameters(self) -> int:
        """How many numbers all weights and biases have, trained or fixed (no running means)."""
        return self.lowered.weights.numbers()

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

    @property
    def returned(self) -> tuple[End, ...]:
        """What a prediction gives by name: the outputs, and nodes that have a loss beside them."""
        ends = list(self.graph.outputs)
        named = {end.node for end in ends}
        ends += [End(t.node) for t in self.lowered.targets if t.node not in named]
        return tuple(dict.fromkeys(ends))

    @cached_property
    def target(self) -> Target:
        """What training calls instead of NumPy: compiled kernels or nothing."""
        wanted = self.kernels
        if wanted is None:
            program = (self.training or self.lowered).program
            wanted = kernels_wanted(sum(program_flops(program)))
        return COMPILED if wanted else NUMPY

    # ---- programs

    def predicted(self, outputs: Sequence[Role], watch: Watch | None = None) -> Program:
        """The legal program of these outputs, as it predicts."""
        target = PREDICTING if self.target is COMPILED else NUMPY
        return drive(self.lowered.program, PREDICT, self._facts(outputs, target=target), watch)

    def trained(self, watch: Watch | None = None) -> Program:
        """The legal program of loss, outputs and all gradients, as it trains.

        Errors: VerifyError for a spec without a loss.
        """
        if self.training is None:
            raise VerifyError("a spec without a loss has no gradients")
        facts = self._facts(self.step_outputs, self.training.parameters, self.target)
        return drive(self.training.program, TRAIN, facts, watch)

    def updated(self, watch: Watch | None = None) -> Program | None:
        """The legal program of the optimiser's step; None for a spec without `train`."""
        program = self._written_update(spread_over_arena)
        if program is None:
            return None
        return drive(program, UPDATE, self._facts((), target=self.target), watch)

    def read(self, watch: Watch | None = None) -> Program:
        """What a person reads: every node, loss and gradients as the network predicts.

        Passes write packed weights out one by one, so the gradients are of what is there then.
        """
        has_loss = bool(self.document.spec.loss)
        outputs: list[Role] = [*map(Node, self.graph.order), Loss()]
        facts = self._facts(outputs, None if has_loss else ())
        return drive(self.lowered.program, READ, facts, watch)

    def _facts(
        self,
        outputs: Sequence[Role],
        parameters: tuple[Param, ...] | None = (),
        target: Target = NUMPY,
    ) -> Facts:
        return Facts(tuple(outputs), parameters, self.arenas, target)

    @property
    def step_outputs(self) -> tuple[Role, ...]:
        """What a step gives: the loss, each of its terms, and the output nodes."""
        losses = [role for role, _ in self.lowered.program.outputs if isinstance(role, Loss)]
        return (*losses, *map(Node, self.output_nodes))

    def _written_update(self, spread: Spread) -> Program | None:
        """The optimiser as it is written, None for one that searches along lines; `spread` makes
        its vectors of scales."""
        train = self.document.spec.train
        if train is None or train.optimizer.searches:
            return None
        arena, weights = self.arenas.parameters, self.lowered.weights
        trained = [w for w in weights.with_options if w.leaf.id in arena.regions]
        clip = train.clip or Clip.model_construct()
        decayed = trained if train.decay or train.l1 else []
        decays = [(w.leaf.id, w.part, s) for w in decayed if (s := w.decay_scale) != 1]
        rates = [(w.leaf.id, w.part, s) for w in trained if (s := w.rate_scale) != 1]
        extras = Regularisation(
            train.decay,
            train.l1,
            clip.norm,
            clip.value,
            spread(arena, decays) if decays else None,
            spread(arena, rates) if rates else None,
        )
        program = optimizer_program(train.optimizer, self.dtype, extras)
        return verify_program(program, "writing the optimiser")

    # ---- stages

    @property
    def dtype(self) -> DType:
        """float32 or float64."""
        return self.document.spec.dtype

    @cached_property
    def arenas(self) -> Arenas:
        """Where all weights lie, the same for every stage."""
        return self.lowered.arenas

    @cached_property
    def _main(self) -> tuple[Program, Plan]:
        """The program that needs the most, and its plan: gradients where there is a loss."""
        program = self.trained() if self.training is not None else self._evaluated()
        return program, make_plan(program, self.arenas)

    def _evaluated(self) -> Program:
        return self.predicted(self.step_outputs)

    def stage(self, program: Program) -> Stage:
        """Plan a legal program and write its source; both are verified."""
        return self._finished(program, make_plan(program, self.arenas))

    def _finished(self, program: Program, plan: Plan) -> Stage:
        with collector_paused():
            return finish(program, plan, self.arenas)

    @cached_property
    def gradient_stage(self) -> Stage | None:
        """One training step up to the gradients; None for a spec without a loss."""
        return self._finished(*self._main) if self.training is not None else None

    @cached_property
    def evaluation_stage(self) -> Stage:
        """Outputs and loss as the network predicts."""
        if self.training is None:
            return self._finished(*self._main)
        return self.stage(self._evaluated())

    @cached_property
    def update_stage(self) -> Stage | None:
        """The optimiser's step over the flat vectors; None for a spec without `train`."""
        return self._finished(*self._update) if self._update is not None else None

    @cached_property
    def _update(self) -> tuple[Program, Plan] | None:
        program = self.updated()
        return None if program is None else (program, make_plan(program, self.arenas))

    @cached_property
    def loop_programs(self) -> tuple[Planned, Planned] | None:
        """The training step and the update in NumPy's calls alone, where training calls kernels and
        these are all known to the loop that takes many steps at a time; else None."""
        if self.training is None or self.target is NUMPY:
            return None
        from nngraph.codegen.tables import fits_a_table

        update = self._written_update(spread_over_arena)
        if update is None:
            return None
        facts = self._facts(self.step_outputs, self.training.parameters)
        programs = drive(self.training.program, TRAIN, facts), drive(update, UPDATE, facts)
        if not all(map(fits_a_table, programs)):
            return None
        step, moved = ((program, make_plan(program, self.arenas)) for program in programs)
        return step, moved

    def takes_whole_epochs(self, batch: int) -> bool:
        """Whether training in batches of so many samples is done by one compiled loop.

        Its loops are plain: from 20,000 operations a step on, products by BLAS save more than the
        calls cost.
        """
        return self._loop_work * batch <= LOOP_OPERATIONS

    @cached_property
    def _loop_work(self) -> float:
        """Operations of a step for each sample; without end for a step that no loop takes."""
        if self.loop_programs is None:
            return math.inf
        (step, _), _ = self.loop_programs
        return sum(program_flops(step))

    # ---- memory

    @property
    def planned_batch(self) -> int:
        """The batch size that the file names, 1 where it names none."""
        train = self.document.spec.train
        return train.batch_size if train is not None and isinstance(train.batch_size, int) else 1

    def memory(self, batch: int) -> Memory:
        """What a step on `batch` samples needs, in exact bytes, without allocating any of it."""
        program, plan = self._main
        arenas = self.arenas
        shards = plan.shards.rows(batch)
        axes = [{"N": rows, "P": arenas.parameters.size} for rows in shards]
        item = ITEM_BYTES[self.dtype]
        flat = arenas.parameters.size * item
        states, update = self._update_memory
        return Memory(
            parameters=flat,
            gradients=flat * vectors_held(len(shards), WORKERS) * (self.training is not None),
            states=states * flat,
            update=update,
            fixed=arenas.fixed.size * item,
            scratch=sum(scratch_bytes(program, plan, each) for each in axes),
            by_origin=bytes_by_origin(program, plan, arenas, {**axes[0], "N": batch}),
        )

    @cached_property
    def _update_memory(self) -> tuple[int, int]:
        """How many flat vectors the optimiser keeps, and the bytes of what it computes between."""
        program = self._written_update(_nothing_spread)  # only which vectors there are
        if program is None:
            train = self.document.spec.train
            return (0, 0) if train is None else train.optimizer.held(self.arenas.parameters.size)
        kept = [s for s in program.leaves if isinstance(s, State | Constant)]
        flat = [leaf for leaf in kept if leaf.type.shape == (FLAT,)]
        if any(isinstance(leaf, Constant) for leaf in flat):  # the real one allocates them
            program = drive(program, UPDATE, self._facts((), target=self.target))
            planned: tuple[Program, Plan] | None = (program, make_plan(program, self.arenas))
        else:
            planned = self._update
        assert planned is not None
        axes = {"N": 1, FLAT: self.arenas.parameters.size}
        return len(flat), scratch_bytes(*planned, axes)

    def check_memory(self, batch: int, available: int | None = None) -> Memory:
        """The memory of a step; refused where it asks for more than 80 % of the machine's.

        Errors: CapacityError, which names the three largest nodes.
        """
        memory = self.memory(batch)
        limit = memory_limit(available)
        if memory.total > limit:
            raise CapacityError(too_large(memory, limit, batch, self.document, self.lowered))
        return memory


Planned: TypeAlias = tuple[Program, Plan]

Spread: TypeAlias = Callable[[Arena, Sequence[tuple[str, PackedPart | None, float]]], Array]


def _nothing_spread(arena: Arena, numbers: Sequence[tuple[str, PackedPart | None, float]]) -> Array:
    """In place of `spread`: that there is a vector, without its memory."""
    return np.ones(1)
