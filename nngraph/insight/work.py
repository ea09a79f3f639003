"""What each instruction of a step is, does and moves: for which nodes, operations, bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.insight.plan_text import Owners
from nngraph.ir import FLAT, Gradient, Instr, Program, Value
from nngraph.network import Network
from nngraph.plan import ViewChains
from nngraph.records import dataclass

LOSS = "loss"  # under which what the losses compute is counted; no node can be called so


@dataclass(frozen=True, slots=True)
class Work:
    """One instruction: `owner` is a node or "loss", `flops` and bytes are those of a batch."""

    number: int
    owner: str
    is_forward: bool
    flops: int
    read: int
    written: int


def works_of(network: Network, program: Program, axes: Mapping[str, int]) -> tuple[Work, ...]:
    """The instructions of a legal program that run, on a batch of so many samples.

    Forward is what outputs, losses and new running statistics are computed from; what only
    gradients need is backward. A call fused from several nodes counts for the last of them.
    """
    owners, chains = Owners(network), ViewChains(program)
    forward = _forward(program)
    made_by: dict[Value, str] = {}
    found: list[Work] = []
    for number, instr in enumerate(program.body):
        names = owners.all(instr)
        # a copy into its place comes from no node: it counts for what is copied
        owner = names[-1] if names else next((made_by[a] for a in instr.args if a in made_by), LOSS)
        made_by.update(dict.fromkeys(instr.outs, owner))
        if instr.is_work:
            flops, read, written = cost_of(instr, chains, axes)
            found.append(Work(number, owner, number in forward, flops, read, written))
    return tuple(found)


def cost_of(instr: Instr, chains: ViewChains, axes: Mapping[str, int]) -> tuple[int, int, int]:
    """Floating-point operations, bytes read and bytes written of an instruction.

    Each operand counts once, a view of it never for more than what it looks at.
    """
    per_sample, per_step = instr.op.flops(*instr.types)
    flat = any(FLAT in value.type.shape for value in (*instr.args, *instr.outs))
    flops = per_sample * axes["N"] + per_step * (axes[FLAT] if flat else 1)
    read = sum(_read(value, chains, axes) for value in dict.fromkeys(instr.args))
    return flops, read, sum(out.type.bytes(axes) for out in instr.outs)


def _read(value: Value, chains: ViewChains, axes: Mapping[str, int]) -> int:
    root, _ = chains.root(value)
    return min(value.type.bytes(axes), root.type.bytes(axes))


def _forward(program: Program) -> set[int]:
    """The numbers of the instructions that something else than gradients needs."""
    needed = {value for role, value in program.outputs if not isinstance(role, Gradient)}
    needed |= {value for _, value in program.updates}
    found: set[int] = set()
    for number in reversed(range(len(program.body))):
        instr = program.body[number]
        if needed.intersection(instr.outs):
            needed.update(instr.args)
            found.add(number)
    return found


def groups_of(network: Network) -> tuple[tuple[str, ...], ...]:
    """All nodes in the order of computation, those together that one instruction computes: the
    single neurons of a stretch, which are lowered as one."""
    lowered, owners = network.training or network.lowered, Owners(network)
    first: dict[str, str] = {}
    for instr in lowered.program.body:
        nodes = [id_ for id_ in owners.all(instr) if id_ in network.document.nodes]
        _join(nodes, first)
    groups: dict[str, list[str]] = {}
    for id_ in network.graph.order:
        groups.setdefault(first.get(id_, id_), []).append(id_)
    return tuple(map(tuple, groups.values()))


def _join(nodes: Sequence[str], first: dict[str, str]) -> None:
    """Let these nodes, and those that are with them already, have one first node."""
    if len(nodes) < 2:
        return
    joined = {first.get(id_, id_) for id_ in nodes}
    leader = first.get(nodes[0], nodes[0])
    for id_, old in first.items():
        if old in joined:
            first[id_] = leader
    first.update(dict.fromkeys(nodes, leader))
