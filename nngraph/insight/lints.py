"""Everything worth a look in one network."""

from __future__ import annotations

from nngraph.data import DataSet
from nngraph.errors import Diagnostic
from nngraph.insight.chain_lints import chain_lints
from nngraph.insight.data_lints import data_lints
from nngraph.insight.first_weights_lints import first_weights_lints
from nngraph.insight.learning_lints import learning_lints
from nngraph.insight.scaling import scaling_lints
from nngraph.network import Network
from nngraph.spec.silence import unsilenced


def lints_of(network: Network, data: DataSet | None = None) -> tuple[Diagnostic, ...]:
    """The lints of text and meaning, and of data where they were read, each once, in order of
    place, without the silenced ones."""
    found = [*network.document.lints, *network.graph.lints, *scaling_lints(network.document)]
    found += [*learning_lints(network.graph), *chain_lints(network.graph)]
    found += first_weights_lints(network.lowered)
    for lowered in (network.lowered, network.training):
        found += lowered.lints if lowered is not None else ()
    found += data_lints(network, data) if data is not None else ()
    placed = {(d.code, d.message, d.span.start if d.span else -1): d for d in found}
    return tuple(sorted(unsilenced(placed.values()), key=_place))


def _place(lint: Diagnostic) -> int:
    return lint.span.start if lint.span is not None else -1
