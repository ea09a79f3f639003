"""A network in one line."""

from __future__ import annotations

from nngraph.network import Network


def in_one_line(network: Network, state: str) -> str:
    """Nodes, number of parameters, and how its weights stand, as Python shows an object."""
    count = f"{network.parameters:,} parameter{'s' * (network.parameters != 1)}"
    return f"<nngraph.Model: {_outline(network)}, {count}, {state}>"


def _outline(network: Network) -> str:
    """The nodes in order with their shapes, the middle left out where there are many."""
    shapes, graph = network.lowered.shapes, network.graph
    names = [
        f"{node}[{', '.join(map(str, shapes[node]))}]" if shapes[node] else node
        for node in graph.order
    ]
    is_chain = all(len(edges) <= 1 for edges in graph.incoming.values())
    if len(names) > 6:
        names = [*names[:2], f"... {len(names) - 4} more ...", *names[-2:]]
    return (" -> " if is_chain else ", ").join(names)
