"""What single neurons became in a compiled network, in which form and why."""

from __future__ import annotations

from typing import Any

from nngraph.diagnostics.wording import count
from nngraph.kernels.neuron_scalars import most_samples
from nngraph.lower.lowered import NeuronGroup
from nngraph.network import Network
from nngraph.ops.neurons import NeuronStretch
from nngraph.targets import COMPILED

SHOWN = 8
"""Groups told one by one."""


def neuron_facts(network: Network) -> list[dict[str, Any]]:
    """For each group of neurons: how many, their edges and levels, the form, and why it has it."""
    lowered = network.training or network.lowered
    return [_facts(network, group) for group in lowered.grouped]


def _facts(network: Network, group: NeuronGroup) -> dict[str, Any]:
    form, why = _form(network, group)
    return {
        "first": group.nodes[0],
        "last": group.nodes[-1],
        "neurons": len(group.nodes),
        "edges": group.edges,
        "levels": group.levels,
        "form": form,
        "why": why,
    }


def _form(network: Network, group: NeuronGroup) -> tuple[str, str]:
    if group.form == "product":
        return "one matrix product", "all of them read the same units"
    if group.form == "matrix":
        return "one matrix product", "its edges between single units are complete"
    if network.target is not COMPILED:
        every = "a gather and a product for each level"
        if most := most_samples(len(group.nodes), group.edges, group.runs):
            few = f"{every}, up to {count(most, 'sample')} number by number"
            return few, "a call takes longer than the few neurons of a level"
        return every, "calls for whole levels are the fewest without kernels"
    if group.form == "units":
        return "one compiled loop", "its edges lead to single units"
    return _compiled_form(network)


def _compiled_form(network: Network) -> tuple[str, str]:
    stage = network.gradient_stage or network.evaluation_stage
    stretches = (i for i in stage.program.body if isinstance(i.op, NeuronStretch))
    if all(instr.kernel is not None for instr in stretches):
        return "one compiled loop over all levels", "they are not a few complete layers"
    return "a gather and a product for each level", "no kernel knows one of their functions"


def neuron_lines(facts: list[dict[str, Any]]) -> list[str]:
    """The same for people, a line a group."""
    lines = [_line(group) for group in facts[:SHOWN]]
    if len(facts) > SHOWN:
        lines.append(f"neurons: {count(len(facts) - SHOWN, 'more group')} (--json names all)")
    return lines


def _line(group: dict[str, Any]) -> str:
    names = group["first"]
    if group["neurons"] > 1:
        names += f" .. {group['last']} ({group['neurons']:,})"
    levels = f" in {group['levels']:,} levels" if group["levels"] > 1 else ""
    edges = count(group["edges"], "edge")
    return f"neurons: {names}, {edges}{levels}: {group['form']}, for {group['why']}"
