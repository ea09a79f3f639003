"""What is said of a step that does not fit into memory: how much it needs, and where."""

from __future__ import annotations

from nngraph.errors import Diagnostic, diagnostic, join_words
from nngraph.files.memory import in_units
from nngraph.lower import Lowered
from nngraph.plan.model import Memory
from nngraph.spec import Document

NAMED = 3  # nodes


def too_large(
    memory: Memory, limit: int, batch: int, document: Document, lowered: Lowered
) -> Diagnostic:
    """The refusal of a step on `batch` samples, which names the nodes that need the most."""
    nodes: dict[str, int] = {}
    owner = _owners(document, lowered)
    for id_, size in memory.by_origin.items():
        node = owner.get(id_, id_)
        nodes[node] = nodes.get(node, 0) + size
    largest = sorted(nodes, key=lambda n: -nodes[n])[:NAMED]
    told = [f"'{n}' with its weights {in_units(nodes[n])}" for n in largest]
    entry = document.nodes.get(largest[0]) if largest else None
    return diagnostic(
        "E601",
        entry.span if entry is not None else None,
        needs=in_units(memory.total),
        batch=batch,
        limit=in_units(limit),
        largest=join_words(told),
    )


def _owners(document: Document, lowered: Lowered) -> dict[str, str]:
    """The node to which each edge, weight and packed leaf counts."""
    owner = {edge.id: edge.target.node for edge in document.edges}
    for weight in lowered.weights:
        node = owner.get(weight.id, weight.id.partition(".")[0])
        owner.setdefault(weight.id, node)
        owner.setdefault(weight.leaf.id, node)
    return owner
