"""From raw inputs to values of nodes in their own scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nngraph.train.arrays import scaled_inputs, unscaled
from nngraph.train.feed import Array
from nngraph.train.network import Network


def predict(
    network: Network, inputs: Mapping[str, Array], nodes: Sequence[str] | None = None
) -> dict[str, Array]:
    """Values of nodes [n, *shape] (by default of the outputs) for raw inputs [n, *shape] by id.

    Inputs are scaled as while training; targets that were scaled for training are scaled back on
    the nodes that learnt them. Of an output that names only some units of a node, all come.
    """
    scaled = scaled_inputs(network.normalizers, inputs, network.compiled.dtype)
    return unscaled(network, network.outputs(scaled, nodes))
