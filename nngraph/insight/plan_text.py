"""The plan of a compiled network for people: order, shapes, costs, and what became what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nngraph.ir import Instr, Node
from nngraph.network import Network
from nngraph.pipeline import PREDICT, TRAIN, printer
from nngraph.plan import Memory, halved_at
from nngraph.records import dataclass
from nngraph.spec import EdgeEntry
from nngraph.spec.nodes import named_function


@dataclass(frozen=True, slots=True)
class NodeLine:
    """One node of the plan; `flops` is forward, per sample; `became` are the names of its calls."""

    id: str
    kind: str
    shape: tuple[int, ...]
    function: str
    parameters: int
    flops: int
    became: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "id": self.id,
            "kind": self.kind,
            "shape": list(self.shape),
            "function": self.function,
            "parameters": self.parameters,
            "flops": self.flops,
            "became": list(self.became),
        }


def node_lines(network: Network) -> tuple[NodeLine, ...]:
    """Every node in the order of computation, its incoming edges counted with it."""
    owners_of = Owners(network)
    flops: dict[str, int] = {}
    became: dict[str, list[str]] = {}
    program = network.predicted(tuple(map(Node, network.output_nodes)))
    for instr in program.body:
        owners = owners_of.all(instr)
        for owner in owners:
            became.setdefault(owner, []).append(instr.op.name)
        if owners and instr.is_work:  # a fused call counts once, for its last node
            last = owners[-1]
            flops[last] = flops.get(last, 0) + sum(instr.op.flops(*instr.types))
    parameters = _parameters(network)
    return tuple(
        NodeLine(
            id_,
            network.document.nodes[id_].node.kind,
            network.lowered.shapes[id_],
            named_function(network.document.nodes[id_].node),
            parameters.get(id_, 0),
            flops.get(id_, 0),
            tuple(dict.fromkeys(became.get(id_, ()))),
        )
        for id_ in network.graph.order
    )


class Owners:
    """The nodes for which an instruction computes: those that it comes from, edges counted with
    the node that they enter; "loss" is the last of all."""

    def __init__(self, network: Network) -> None:
        self._entered = {edge.id: edge.target.node for edge in network.document.edges}
        self._places = {id_: place for place, id_ in enumerate(network.graph.order)}

    def all(self, instr: Instr) -> list[str]:
        """In the order of computation; the last is the one whose value a fused call computes."""
        found = {self._entered.get(origin.id, origin.id) for origin in instr.origins}
        return sorted(found, key=self._position)

    def _position(self, id_: str) -> tuple[int, str]:
        return self._places.get(id_, len(self._places)), id_


def _parameters(network: Network) -> dict[str, int]:
    """Node id -> numbers in its own weights: of its bias and slopes, and of its incoming edges."""
    counts: dict[str, int] = {}
    for weight in network.lowered.weights:
        entry = weight.entry
        node = entry.target.node if isinstance(entry, EdgeEntry) else entry.id
        counts[node] = counts.get(node, 0) + weight.size
    return counts


def memory_facts(memory: Memory) -> dict[str, int]:
    """Bytes of a step by use, and their sum."""
    return {
        "parameters": memory.parameters,
        "gradients": memory.gradients,
        "optimiser": memory.states + memory.update,
        "fixed": memory.fixed,
        "scratch": memory.scratch,
        "total": memory.total,
    }


def stage_facts(network: Network) -> dict[str, int]:
    """How many instructions each stage of the network has."""
    stages = {
        "forward": network.evaluation_stage,
        "gradients": network.gradient_stage,
        "update": network.update_stage,
    }
    return {name: len(s.program.body) for name, s in stages.items() if s is not None}


def training_facts(network: Network) -> dict[str, Any]:
    """How a training step runs: with kernels or without, in which parts, in tiles of which size.

    `parts` are the rows that workers compute apart, `halved` how many products they compute
    together; `tile` is None where no tiles pay; `loop` says that one compiled loop takes whole
    epochs, in batches of the planned size.
    """
    stage = network.gradient_stage
    if stage is None:
        return {}
    return {
        "kernels": any(instr.kernel is not None for instr in stage.program.body),
        "parts": list(stage.plan.shards.rows(network.planned_batch)),
        "halved": halved_at(stage.program, stage.plan.halved, network.planned_batch),
        "tile": stage.plan.tiling.size or None,
        "loop": network.takes_whole_epochs(network.planned_batch),
    }


def programs(network: Network) -> dict[str, str]:
    """The legal programs as text, by stage."""
    return {name: str(stage.program) for name, stage in _stages(network)}


def sources(network: Network) -> dict[str, str]:
    """The generated sources, by stage."""
    return {name: stage.text for name, stage in _stages(network)}


def _stages(network: Network) -> Iterable[tuple[str, Any]]:
    stages = (
        ("forward", network.evaluation_stage),
        ("gradients", network.gradient_stage),
        ("update", network.update_stage),
    )
    return [(name, stage) for name, stage in stages if stage is not None]


def after_pass(network: Network, name: str) -> str:
    """The program of a training step (or of a prediction, without a loss) after each such pass.

    What is shown after the last pass is what runs.

    Errors: UsageError for an unknown name.
    """
    shown: list[str] = []
    if network.training is None:
        network.predicted(network.step_outputs, printer(name, PREDICT, shown.append))
    else:
        network.trained(printer(name, TRAIN, shown.append))
    return "\n\n".join(shown)
