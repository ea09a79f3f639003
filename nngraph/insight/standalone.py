"""A network leaves nngraph: one module of plain NumPy, and its weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from nngraph.codegen.readable import standalone_module
from nngraph.network import Network

Array = NDArray[Any]


def standalone(network: Network, weights: Mapping[str, Array]) -> tuple[str, dict[str, Array]]:
    """The text of the module, and the arrays of the file that belongs beside it."""
    lowered = network.lowered
    made = standalone_module(
        network.read(),
        inputs=lowered.inputs,
        targets={t.name: t.leaf for t in lowered.targets if t.leaf is not None},
        weights=lowered.weights,
        outputs=tuple(map(str, network.returned)),
    )
    return made.text, {**weights, **made.constants}
